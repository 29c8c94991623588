"""Who may read the shop: an integration's access token as bearer, or OAuth 1.0a signed with HMAC-SHA256.

The signature is verified as Magento does it, which is not quite the standard: parameters are sorted in natural
order (so ten is after two) and a `+` in the query is a plus, not a space. Both are traps for ordinary clients.
"""

import hashlib
import hmac
import re
import threading
import time
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

_FIELD = re.compile(r'\s*([A-Za-z_]+)="([^"]*)"')
_REQUIRED = (
    "oauth_consumer_key",
    "oauth_nonce",
    "oauth_signature",
    "oauth_signature_method",
    "oauth_timestamp",
    "oauth_token",
)


@dataclass(frozen=True, slots=True)
class Keys:
    """An integration's credentials."""

    consumer_key: str = "sandboxconsumerkey00000000000001"
    consumer_secret: str = "sandboxconsumersecret00000000001"
    token: str = "sandboxaccesstoken00000000000001"
    token_secret: str = "sandboxtokensecret00000000000001"


class Denied(Exception):
    """The request is refused; `status` and `body` are Magento's answer."""

    def __init__(self, status: int, message: str, parameters: Any = None) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"message": message} | ({} if parameters is None else {"parameters": parameters})


class Guard:
    """Checks each request's Authorization header; remembers the nonces it has seen."""

    def __init__(self, keys: Keys, *, bearer_enabled: bool = True) -> None:
        self.keys = keys
        self.bearer_enabled = bearer_enabled
        self.revoked = False
        self._nonces: set[str] = set()
        self._lock = threading.Lock()

    def check(self, method: str, url: str, query: str, header: str, resource: str) -> None:
        """`url` without query; `resource` is the right that is asked for. Raises Denied."""
        scheme, _, rest = header.partition(" ")
        if scheme.lower() == "oauth":
            return self._oauth(method, url, query, dict(_FIELD.findall(rest)))
        token = rest.strip() if scheme.lower() == "bearer" else ""
        right = hmac.compare_digest(token.encode(), self.keys.token.encode())
        if not right or not self.bearer_enabled or self.revoked:
            message = "The consumer isn't authorized to access %resources."
            raise Denied(401, message, {"resources": resource})
        return None

    def _oauth(self, method: str, url: str, query: str, fields: Mapping[str, str]) -> None:
        given = {name: unquote(value) for name, value in fields.items()}
        for name in _REQUIRED:
            if not given.get(name):
                raise Denied(400, '"%fieldName" is required. Enter and try again.', {"fieldName": name})
        if given["oauth_signature_method"] != "HMAC-SHA256":
            raise Denied(400, "Signature method %1 is not supported", [given["oauth_signature_method"]])
        if len(given["oauth_consumer_key"]) != 32:
            raise Denied(401, "Consumer key is not the correct length")
        if given["oauth_consumer_key"] != self.keys.consumer_key:
            raise Denied(401, "A consumer having the specified key does not exist")
        self._use_nonce(given)
        if len(given["oauth_token"]) != 32:
            raise Denied(400, "The token length is invalid. Check the length and try again.")
        if given["oauth_token"] != self.keys.token:
            raise Denied(401, "Specified token does not exist")
        if self.revoked:
            raise Denied(401, "Access token has been revoked")
        wanted = signature(method, url, query, given, self.keys)
        if wanted is None or not hmac.compare_digest(wanted, given["oauth_signature"]):
            raise Denied(401, "The signature is invalid. Verify and try again.")

    def _use_nonce(self, given: Mapping[str, str]) -> None:
        stamp = given["oauth_timestamp"]
        if not stamp.isdigit() or int(stamp) == 0 or int(stamp) > time.time() + 600:
            raise Denied(401, "An error occurred validating the nonce")
        with self._lock:
            if given["oauth_nonce"] in self._nonces:
                raise Denied(401, "The nonce is already being used by the consumer with ID %1", ["1"])
            self._nonces.add(given["oauth_nonce"])


def signature(method: str, url: str, query: str, given: Mapping[str, str], keys: Keys) -> str | None:
    """The signature that the request should carry; None when the query cannot be signed at all."""
    pairs = {name: value for name, value in given.items() if name not in ("oauth_signature", "realm")}
    for part in query.split("&") if query else ():
        name, equals, value = part.partition("=")
        if not equals or "=" in value or unquote(name) in pairs:
            return None
        pairs[unquote(name)] = unquote(value)
    text = "&".join(f"{_escape(name)}={_escape(pairs[name])}" for name in sorted(pairs, key=_natural))
    base = "&".join((method.upper(), _escape(url), _escape(text)))
    secret = f"{_escape(keys.consumer_secret)}&{_escape(keys.token_secret)}"
    return b64encode(hmac.new(secret.encode(), base.encode(), hashlib.sha256).digest()).decode()


def _escape(text: str) -> str:
    return quote(text, safe="~")


def _natural(name: str) -> list[tuple[int, int, str]]:
    parts = re.split(r"(\d+)", name)
    return [(1, int(part), "") if part.isdigit() else (2, 0, part) for part in parts]
