"""What `magebooks status` says about the Web Connector: when it came, how often, to which file, what waits for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from deploy.cli import words

if TYPE_CHECKING:
    from state.ledger import Connection

MISSED = 2
"""So many missed updates are told: one may have been a pause."""


def gather(conn: Connection, now: datetime, queued: int) -> dict[str, Any] | None:
    """The connector's part of `status --json`; None for a home that has nothing to do with QuickBooks Desktop. `queued`
    is how many documents it may fetch: those that wait for others are not among them."""
    from state import connector

    known = connector.known(conn)
    if known is None:
        return None
    last = next(iter(connector.recent(conn, 1)), None)
    return {
        "last_seen": known.seen_at.isoformat() if known.seen_at else None,
        "interval_seconds": round(known.interval.total_seconds()),
        "missed_updates": known.missed(now),
        "company": known.company,
        "company_file": known.company_file,
        "product": known.product,
        "queued": queued,
        "session_open": bool(last and last.open and now - last.last_at < connector.QUIET),
    }


def silent(known: Mapping[str, Any] | None) -> bool:
    """Whether somebody should look after the connector: it has missed two updates."""
    return known is not None and known["missed_updates"] >= MISSED


def lines(data: Mapping[str, Any], now: datetime) -> Iterator[tuple[str, str]]:
    """What a person reads."""
    known = data["connector"]
    yield "Company file", _file(known)
    yield "Web Connector", _seen(known, now)
    waits = words.count(known["queued"], "document waits", "documents wait")
    yield "Queue", f"{waits} for the next update" if known["queued"] else "nothing waits"


def _file(known: Mapping[str, Any]) -> str:
    if not known["company"]:
        return "not known yet: it is at the first update"
    return f"{known['company']} ({known['company_file'] or 'whichever is open'})"


def _seen(known: Mapping[str, Any], now: datetime) -> str:
    if known["last_seen"] is None:
        return "never came: magebooks qwc tells how to install it"
    told = f"last seen {words.when(datetime.fromisoformat(known['last_seen']), now)}, every {_minutes(known)}"
    if known["session_open"]:
        return f"{told}; at work now"
    if silent(known):
        missed = words.count(known["missed_updates"], "update")
        return (
            f"{told}; {missed} missed. Is its computer on, somebody logged in, the Web Connector running with "
            "Auto-Run, and no window open in QuickBooks?"
        )
    return told


def _minutes(known: Mapping[str, Any]) -> str:
    return words.count(max(1, round(known["interval_seconds"] / 60)), "minute")
