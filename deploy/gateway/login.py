"""The door: is this the Web Connector that knows the password, and how often may one guess?

Guesses are slowed in two ways, both without memory of who was locked out for long: an address waits after its fifth
wrong guess, twice as long each time and never more than a minute; and all addresses together have so many wrong
guesses a minute. Attempts during a wait are neither looked at nor counted, so an attack ends with its last guess
plus a minute at most. Addresses that knew the password lately are not touched by what others do.
"""

import hashlib
import hmac
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Literal, TypeVar

V = TypeVar("V")
Verdict = Literal["in", "wrong", "wait"]

FREE_GUESSES = 5
LONGEST_WAIT = 60.0
GUESSES_OF_ALL = 60
"""Wrong guesses of all addresses together in LONGEST_WAIT seconds."""
_MOST_ADDRESSES = 4096
_FORGOTTEN = 3600.0


@dataclass(slots=True)
class _Record:
    wrong: int = 0
    until: float = 0.0


class Door:
    """Judges attempts to log in. Thread-safe. With an empty user name or password nobody gets in."""

    def __init__(self, username: str, password: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._username = _digest(username)
        self._password = _digest(password)
        self._closed = not username or not password
        self._clock = clock
        self._lock = threading.Lock()
        self._records: OrderedDict[str, _Record] = OrderedDict()
        self._known: OrderedDict[str, None] = OrderedDict()
        self._window = 0.0
        self._wrong_of_all = 0

    def judge(self, username: str, password: str, address: str) -> Verdict:
        """ "in", "wrong", or "wait": not looked at, because of too many wrong guesses before."""
        source = source_of(address)
        # Hashing first hides lengths as well; both are always compared.
        user = hmac.compare_digest(self._username, _digest(username))
        right = hmac.compare_digest(self._password, _digest(password)) and user and not self._closed
        with self._lock:
            now = self._clock()
            if self._waiting(source, now):
                return "wait"
            if right:
                self._welcome(source)
                return "in"
            self._refuse(source, now)
            return "wrong"

    def _waiting(self, source: str, now: float) -> bool:
        record = self._records.get(source)
        if record is not None and now < record.until:
            return True
        if now >= self._window + LONGEST_WAIT:
            self._window, self._wrong_of_all = now, 0
        return self._wrong_of_all >= GUESSES_OF_ALL and source not in self._known

    def _welcome(self, source: str) -> None:
        self._records.pop(source, None)
        _remember(self._known, source, None)

    def _refuse(self, source: str, now: float) -> None:
        self._wrong_of_all += 1
        record = self._records.get(source) or _Record()
        if now > record.until + _FORGOTTEN:
            record.wrong = 0
        record.wrong += 1
        beyond = record.wrong - FREE_GUESSES
        record.until = now + min(2.0 ** min(beyond, 6), LONGEST_WAIT) if beyond >= 0 else now
        _remember(self._records, source, record)


def source_of(address: str) -> str:
    """What one attacker has in plenty counts as one: an IPv6 network of 64 bits; anything that is no address at all."""
    try:
        known = ip_address(address)
    except ValueError:
        return ""
    if not isinstance(known, IPv6Address):
        return str(known)
    return str(known.ipv4_mapped or ip_network((known, 64), strict=False))


def _remember(kept: OrderedDict[str, V], key: str, value: V) -> None:
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > _MOST_ADDRESSES:
        kept.popitem(last=False)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
