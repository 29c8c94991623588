"""Exact rate limits shared by all processes of a home: a sliding log of grants per name.

Never more than `limit` grants lie in any window of `window_seconds`, because grant number n is given only when
grant number n - limit has left the window. (A token bucket would allow nearly twice the limit in one window.)
Intuit counts per company: 500 requests a minute, 40 batches a minute (Intuit, limits and throttles page).
"""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from state import tables
from state.ledger import ensure

STATE = tables.limit
GRANT = tables.grant
PRUNE_EVERY = 100


def reserve(
    conn: Connection, name: str, limit: int, window_seconds: float, now: datetime, margin_seconds: float = 0.25
) -> float:
    """Seconds to wait before asking again; 0 means go, and the slot is taken.

    Take `now` inside the transaction. `margin_seconds` lengthens the window, for calls that leave a moment
    after their grant and for clocks that differ a little.
    """
    state = _locked(conn, name)
    if state["paused_until"] is not None and state["paused_until"] > now:
        return _seconds(state["paused_until"] - now)
    # A process with a slower clock must not write a grant into the past of another one.
    at = max(now, state["last_at"] or now)
    window = timedelta(seconds=window_seconds + margin_seconds)
    number = state["granted"] + 1
    before = sa.select(GRANT.c.at).where(GRANT.c.name == name, GRANT.c.n == number - limit)
    earlier = conn.scalars(before).one_or_none()
    if earlier is not None and earlier + window > at:
        return _seconds(earlier + window - now)
    conn.execute(GRANT.insert().values(name=name, n=number, at=at))
    conn.execute(STATE.update().where(STATE.c.name == name).values(granted=number, last_at=at))
    if number % PRUNE_EVERY == 0:
        conn.execute(GRANT.delete().where(GRANT.c.name == name, GRANT.c.at <= at - window))
    return 0.0


def pause(conn: Connection, name: str, until: datetime) -> None:
    """Let nobody go before a time (Intuit asks to stop for 60 seconds after 429); a later pause stays."""
    state = _locked(conn, name)
    if state["paused_until"] is None or state["paused_until"] < until:
        conn.execute(STATE.update().where(STATE.c.name == name).values(paused_until=until))


def _locked(conn: Connection, name: str) -> RowMapping:
    ensure(conn, STATE, {"name": name, "granted": 0})
    return conn.execute(sa.select(STATE).where(STATE.c.name == name).with_for_update()).mappings().one()


def _seconds(wait: timedelta) -> float:
    return wait.total_seconds()
