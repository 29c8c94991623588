"""A circuit breaker per connection, shared by all processes of a home.

closed --n failures in a row--> open --cool-off over--> half-open: one probe --ok--> closed
                                  ^                                          `--fails--> open
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from state import tables
from state.ledger import ensure

TABLE = tables.breaker
FAILURES = 5
COOL_OFF = timedelta(seconds=60)
PROBE = timedelta(seconds=150)  # above the 120 s that Intuit's own gateway waits for an answer


@dataclass(frozen=True, slots=True)
class Verdict:
    """May a call be made? `wait_seconds` is when to ask again; half-open means that this call is the probe.

    True in a condition when the call is allowed.
    """

    allowed: bool
    state: Literal["closed", "open", "half-open"]
    wait_seconds: float = 0.0

    def __bool__(self) -> bool:
        return self.allowed


def allow(conn: Connection, connection: str, now: datetime, probe: timedelta = PROBE) -> Verdict:
    """Ask before each call. While half-open exactly one process gets the probe; it must `record` its outcome.

    A probe that was never recorded (its process died) is forgotten after `probe`. Whatever the ledger holds, nobody
    waits longer than from now on a breaker stays open or a probe takes.
    """
    state = _locked(conn, connection)
    if state["open_until"] is None:
        return Verdict(True, "closed")
    latest = {"open_until": now + COOL_OFF, "probe_until": now + probe}
    ahead = {name: end for name, end in latest.items() if state[name] is not None and state[name] > end}
    if ahead:  # written by a process whose clock was wrong
        conn.execute(TABLE.update().where(TABLE.c.connection == connection).values(ahead))
    stamps = {name: ahead.get(name, state[name]) for name in latest}
    until = max(stamps["open_until"], stamps["probe_until"] or now)
    if until > now:
        return Verdict(False, "open", (until - now).total_seconds())
    conn.execute(TABLE.update().where(TABLE.c.connection == connection).values(probe_until=now + probe))
    return Verdict(True, "half-open")


def record(
    conn: Connection,
    connection: str,
    ok: bool,
    now: datetime,
    failures: int = FAILURES,
    cool_off: timedelta = COOL_OFF,
) -> None:
    """Tell how a call went: success closes, the failing probe or the n-th failure in a row opens.

    A failure of a call that began before the breaker opened changes nothing.
    """
    state = _locked(conn, connection)
    changes: dict[str, Any] = {"failures": 0, "open_until": None, "probe_until": None}
    if not ok:
        count = state["failures"] + 1
        probing = state["probe_until"] is not None
        waiting = state["open_until"] is not None and not probing
        opens = probing or (count >= failures and not waiting)
        changes = {
            "failures": count,
            "open_until": now + cool_off if opens else state["open_until"],
            "probe_until": None,
        }
    conn.execute(TABLE.update().where(TABLE.c.connection == connection).values(changes))


def standing(conn: Connection, connection: str, now: datetime) -> Verdict:
    """What `allow` would say, without taking the probe: for status and doctor."""
    found = conn.execute(sa.select(TABLE).where(TABLE.c.connection == connection)).mappings().one_or_none()
    if found is None or found["open_until"] is None:
        return Verdict(True, "closed")
    wait = max(0.0, (min(found["open_until"], now + COOL_OFF) - now).total_seconds())
    return Verdict(not wait, "open" if wait else "half-open", wait)


def _locked(conn: Connection, connection: str) -> RowMapping:
    ensure(conn, TABLE, {"connection": connection, "failures": 0})
    statement = sa.select(TABLE).where(TABLE.c.connection == connection).with_for_update()
    return conn.execute(statement).mappings().one()
