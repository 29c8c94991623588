"""Exact rate limits shared by all processes of a home: a sliding log of grants per name.

Never more than `limit` grants lie in any window of `window_seconds`, because grant number n is given only when
grant number n - limit has left the window. (A token bucket would allow nearly twice the limit in one window.)
Nobody waits longer than a window or a pause can be, whatever the clock of another process once was.
Intuit counts per company: 500 requests a minute, 40 batches a minute (Intuit, limits and throttles page).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from state import tables
from state.ledger import ensure

STATE = tables.limit
GRANT = tables.grant
PRUNE_EVERY = 100
LEAST_MARGIN = 0.25
LONGEST_PAUSE = timedelta(hours=1)


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
    states = {window.name: _in_time(conn, window, now) for window in sorted(windows)}
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


def paused(conn: Connection, name: str, now: datetime) -> float:
    """Seconds that a pause has left, at most an hour; 0 without one. Take `now` inside the transaction."""
    state = _in_time(conn, Window(name, 0, 0), now)
    return max(0.0, _seconds((state["paused_until"] or now) - now))


def paused_until(conn: Connection, names: Sequence[str], now: datetime) -> datetime | None:
    """When the last pause of these limits ends, at most an hour from now, or None: for status, which changes nothing.
    A limit may have several windows: their names begin with its own."""
    ours = sa.or_(*(sa.or_(STATE.c.name == name, STATE.c.name.startswith(f"{name}, ")) for name in names))
    until = conn.scalar(sa.select(sa.func.max(STATE.c.paused_until)).where(ours, STATE.c.paused_until > now))
    return None if until is None else min(until, now + LONGEST_PAUSE)


def _in_time(conn: Connection, window: Window, now: datetime) -> Mapping[str, Any]:
    """The state of a limit without stamps of a clock that was wrong: a last grant further ahead of now than its window
    is long counts as given now, a pause is as much shorter, and it is over in an hour at the latest."""
    state = dict(_locked(conn, window.name))
    last, until = state["last_at"], state["paused_until"]
    ahead = last - now if last is not None and last > now + _length(window) else timedelta(0)
    if ahead:
        conn.execute(GRANT.update().where(GRANT.c.name == window.name, GRANT.c.at > now).values(at=now))
        state["last_at"] = now
    if until is not None and (ahead or until > now + LONGEST_PAUSE):
        state["paused_until"] = min(until - ahead, now + LONGEST_PAUSE)
    changed = {name: state[name] for name in ("last_at", "paused_until")}
    if changed != {"last_at": last, "paused_until": until}:
        conn.execute(STATE.update().where(STATE.c.name == window.name).values(changed))
    return state


def _locked(conn: Connection, name: str) -> RowMapping:
    ensure(conn, STATE, {"name": name, "granted": 0})
    return conn.execute(sa.select(STATE).where(STATE.c.name == name).with_for_update()).mappings().one()


def _wait(conn: Connection, window: Window, state: Mapping[str, Any], now: datetime) -> float:
    """Seconds until the window has a free slot."""
    if state["paused_until"] is not None and state["paused_until"] > now:
        return _seconds(state["paused_until"] - now)
    before = sa.select(GRANT.c.at).where(GRANT.c.name == window.name, GRANT.c.n == state["granted"] + 1 - window.limit)
    earlier = conn.scalars(before).one_or_none()
    if earlier is None or earlier + _length(window) <= _at(state, now):
        return 0.0
    return _seconds(earlier + _length(window) - now)


def _grant(conn: Connection, window: Window, state: Mapping[str, Any], now: datetime) -> None:
    number, at = state["granted"] + 1, _at(state, now)
    conn.execute(GRANT.insert().values(name=window.name, n=number, at=at))
    conn.execute(STATE.update().where(STATE.c.name == window.name).values(granted=number, last_at=at))
    if number % PRUNE_EVERY == 0:
        conn.execute(GRANT.delete().where(GRANT.c.name == window.name, GRANT.c.at <= at - _length(window)))


def _at(state: Mapping[str, Any], now: datetime) -> datetime:
    """A process with a slower clock must not write a grant into the past of another one."""
    return max(now, state["last_at"] or now)


def _length(window: Window) -> timedelta:
    """A little longer than asked, for calls that arrive some time after their grant and for clocks that differ: one
    second for a minute."""
    return timedelta(seconds=window.seconds + max(LEAST_MARGIN, window.seconds / 60))


def _seconds(wait: timedelta) -> float:
    return wait.total_seconds()
