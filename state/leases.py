"""Named leases: one holder at a time across processes, with an expiry and an epoch.

A holder that dies frees the lease by its expiry; one that only slept learns it from `check`, because the next
holder has a higher epoch.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from state import tables
from state.ledger import ensure

TABLE = tables.lease


class LeaseLost(Exception):
    """Somebody else has the lease now, or it was given back."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease as its holder knows it."""

    name: str
    owner: str
    epoch: int
    until: datetime


def acquire(conn: Connection, name: str, owner: str, now: datetime, length: timedelta) -> Lease | None:
    """Take a lease that nobody holds, or whose time is over; None while it is held (by whomever).

    An end further ahead than `length` is of a clock that was wrong: the lease then ends `length` from now.
    """
    ensure(conn, TABLE, {"name": name, "owner": "", "epoch": 0, "until": now})
    found = conn.execute(sa.select(TABLE).where(TABLE.c.name == name).with_for_update()).mappings().one()
    if found["owner"] and found["until"] > now:
        if found["until"] > now + length:
            conn.execute(TABLE.update().where(TABLE.c.name == name).values(until=now + length))
        return None
    lease = Lease(name, owner, found["epoch"] + 1, now + length)
    conn.execute(TABLE.update().where(TABLE.c.name == name).values(owner=owner, epoch=lease.epoch, until=lease.until))
    return lease


def check(conn: Connection, lease: Lease) -> None:
    """Raise LeaseLost unless this very lease is still the last one given, and lock it for this transaction."""
    where = (TABLE.c.name == lease.name, TABLE.c.epoch == lease.epoch, TABLE.c.owner == lease.owner)
    if conn.execute(sa.select(TABLE.c.name).where(*where).with_for_update()).first() is None:
        raise LeaseLost(f"the lease {lease.name!r} has another holder")


def renew(conn: Connection, lease: Lease, now: datetime, length: timedelta) -> Lease:
    """Hold on for longer. Raises LeaseLost."""
    check(conn, lease)
    conn.execute(TABLE.update().where(TABLE.c.name == lease.name).values(until=now + length))
    return Lease(lease.name, lease.owner, lease.epoch, now + length)


def release(conn: Connection, lease: Lease) -> None:
    """Give a lease back; one that was lost meanwhile is left to its new holder."""
    where = (TABLE.c.name == lease.name, TABLE.c.epoch == lease.epoch, TABLE.c.owner == lease.owner)
    conn.execute(TABLE.update().where(*where).values(owner=""))


def holder(conn: Connection, name: str, now: datetime) -> str | None:
    """Who holds a lease now, or None. The lease does not change hands before this transaction ends."""
    where = (TABLE.c.name == name, TABLE.c.until > now, TABLE.c.owner != "")
    return conn.scalars(sa.select(TABLE.c.owner).where(*where).with_for_update()).one_or_none()


def expire(conn: Connection, name: str) -> None:
    """End a lease whose holder is known to be dead, before its time is over."""
    conn.execute(TABLE.update().where(TABLE.c.name == name).values(owner=""))
