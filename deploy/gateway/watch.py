"""Somebody is told when the Web Connector stays away: two missed updates raise the alert hook, once.

The hook is an address (`MAGEBOOKS_ALERT_URL`) that gets a short JSON message by POST: what is wrong and what to do,
no names and no amounts.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Final

import httpx

from mappings.keys import digest
from state import connector, ledger
from state.ledger import Ledger
from state.settings import Settings
from tasks.waiting import figures

EVERY: Final = timedelta(minutes=1)
MISSED: Final = 2
FIX: Final = (
    "Look at the Web Connector's computer: is it on, is somebody logged in, does the Web Connector run with Auto-Run "
    "on, and is no window open in QuickBooks? Then press Update Selected."
)
_log = logging.getLogger("magebooks.connector")


@contextmanager
def watching(settings: Settings, engine: Ledger, every: timedelta = EVERY) -> Iterator[None]:
    """Look every minute, in a thread beside whatever runs inside this block."""
    stop = threading.Event()
    thread = threading.Thread(target=_watch, args=(settings, engine, every, stop), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=every.total_seconds())


def _watch(settings: Settings, engine: Ledger, every: timedelta, stop: threading.Event) -> None:
    while not stop.wait(every.total_seconds()):
        try:
            look(settings, engine)
        except Exception as error:  # noqa: BLE001 - a ledger that is busy now is there in a minute
            _log.warning("The Web Connector could not be looked after: %s", type(error).__name__)


def look(settings: Settings, engine: Ledger, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> bool:
    """Tell of a connector that has missed two updates, unless it was told already; whether it was told now."""
    now = clock()
    with ledger.reading(engine) as conn:
        known, waiting = connector.known(conn), int(figures(conn, now)["on_its_way"])
    if known is not None and known.missed(now) < 0:
        with ledger.begin(engine) as conn:
            connector.in_time(conn, now)
    if known is None or known.missed(now) < MISSED or known.alerted_at is not None:
        return False
    _log.warning("The Web Connector has missed %d updates; %d documents wait for it.", known.missed(now), waiting)
    if settings.magebooks_alert_url and not _tell(settings, known, now, waiting):
        return False  # tried again in a minute
    with ledger.begin(engine) as conn:
        connector.alerted(conn, now)
    return True


def _tell(settings: Settings, known: connector.Connector, now: datetime, waiting: int) -> bool:
    message = {
        "code": "connector-silent",
        "message": f"The QuickBooks Web Connector has missed {known.missed(now)} updates.",
        "fix": FIX,
        "waiting": waiting,
        "last_seen": known.seen_at.isoformat() if known.seen_at else None,
        "company": digest(settings.ledger_url),
    }
    try:
        return httpx.post(settings.magebooks_alert_url, json=message, timeout=10).is_success
    except httpx.HTTPError as error:
        _log.warning("The alert could not be delivered: %s", type(error).__name__)
        return False
