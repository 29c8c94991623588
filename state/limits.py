"""Exact rate limits shared by all processes of a home: a sliding log of grants per name.

Never more than `limit` grants lie in any window of `window_seconds`, because grant number n is given only when
grant number n - limit has left the window. (A token bucket would allow nearly twice the limit in one window.)
Intuit counts per company: 500 requests a minute, 40 batches a minute (Intuit, limits and throttles page).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from state import tables
from state.ledger import ensure

STATE = tables.limit
GRANT = tables.grant
PRUNE_EVERY = 100
LEAST_MARGIN = 0.25


class Window(NamedTuple):
    """At most `limit` grants of a name in `seconds`."""

    name: str
    limit: int
    seconds: float


def reserve(conn: Connection, windows: Sequence[Window], now: datetime) -> float:
    """Seconds to wait before asking again; 0 means go, and a slot of every window is taken: of all or of none, because
    a slot that is taken before another one is waited for would be counted long before its call leaves.

    Take `now` inside the transaction.
    """
    states = {window.name: _locked(conn, window.name) for window in sorted(windows)}
    wait = max(_wait(conn, window, states[window.name], now) for window in windows)
    if not wait:
        for window in windows:
            _grant(conn, window, states[window.name], now)
    return wait


def pause(conn: Connection, name: str, until: datetime) -> None:
    """Let nobody go before a time (Intuit asks to stop for 60 seconds after 429); a later pause stays."""
    state = _locked(conn, name)
    if state["paused_until"] is None or state["paused_until"] < until:
        conn.execute(STATE.update().where(STATE.c.name == name).values(paused_until=until))


def _locked(conn: Connection, name: str) -> RowMapping:
    ensure(conn, STATE, {"name": name, "granted": 0})
    return conn.execute(sa.select(STATE).where(STATE.c.name == name).with_for_update()).mappings().one()


def _wait(conn: Connection, window: Window, state: RowMapping, now: datetime) -> float:
    """Seconds until the window has a free slot."""
    if state["paused_until"] is not None and state["paused_until"] > now:
        return _seconds(state["paused_until"] - now)
    before = sa.select(GRANT.c.at).where(GRANT.c.name == window.name, GRANT.c.n == state["granted"] + 1 - window.limit)
    earlier = conn.scalars(before).one_or_none()
    if earlier is None or earlier + _length(window) <= _at(state, now):
        return 0.0
    return _seconds(earlier + _length(window) - now)


def _grant(conn: Connection, window: Window, state: RowMapping, now: datetime) -> None:
    number, at = state["granted"] + 1, _at(state, now)
    conn.execute(GRANT.insert().values(name=window.name, n=number, at=at))
    conn.execute(STATE.update().where(STATE.c.name == window.name).values(granted=number, last_at=at))
    if number % PRUNE_EVERY == 0:
        conn.execute(GRANT.delete().where(GRANT.c.name == window.name, GRANT.c.at <= at - _length(window)))


def _at(state: RowMapping, now: datetime) -> datetime:
    """A process with a slower clock must not write a grant into the past of another one."""
    return max(now, state["last_at"] or now)


def _length(window: Window) -> timedelta:
    """A little longer than asked, for calls that arrive some time after their grant and for clocks that differ: one
    second for a minute."""
    return timedelta(seconds=window.seconds + max(LEAST_MARGIN, window.seconds / 60))


def _seconds(wait: timedelta) -> float:
    return wait.total_seconds()
