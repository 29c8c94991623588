"""Whose books this ledger keeps, and how often it has handed documents out.

The count and the ledger's own id are repeated by witnesses outside the ledger (`state.witness`): a ledger that was
restored from a backup is behind them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from state import tables
from state.ledger import ensure, upsert
from state.outbox_rows import NewRow

TABLE = tables.identity
BATCH = tables.batch
SHOP_MARKS: Final = ("order", "invoice", "creditmemo", "shipment", "customer", "product")
"""The watermarks of what is read from the shop (`tasks.magento`)."""
LEDGER, COUNT, NOTICE = "ledger", "count", "restored"
MARGIN: Final = timedelta(days=1)
"""A document's day is the store's own, and clocks differ."""


@dataclass(frozen=True, slots=True)
class Standing:
    """`ledger` is the ledger's random id; `count` says how often it has handed documents out, 0 for never."""

    ledger: str
    count: int


@dataclass(frozen=True, slots=True)
class Notice:
    """The ledger was found to be restored (or was never seen on this machine), at `since`; `reason` says which."""

    reason: str
    since: datetime


def get(conn: Connection, name: str) -> str | None:
    """A fact about this ledger, or None."""
    return conn.scalar(sa.select(TABLE.c.value).where(TABLE.c.name == name))


def keep(conn: Connection, name: str, value: str, now: datetime) -> None:
    """Keep a fact about this ledger in place of the one before."""
    upsert(conn, TABLE, [{"name": name, "value": value, "since": now}])


def standing(conn: Connection, now: datetime) -> Standing:
    """The ledger's id and count, made at the first call; nobody else raises the count until this transaction ends."""
    known = dict(conn.execute(sa.select(TABLE.c.name, TABLE.c.value).with_for_update()).tuples().all())
    if not {LEDGER, COUNT} <= known.keys():
        # A ledger of an earlier version has an outbox, and no count yet.
        used = conn.scalar(sa.select(BATCH.c.id).where(BATCH.c.sent_at.is_not(None)).limit(1)) is not None
        ensure(conn, TABLE, {"name": LEDGER, "value": uuid4().hex, "since": now})
        ensure(conn, TABLE, {"name": COUNT, "value": str(int(used)), "since": now})
        known = dict(conn.execute(sa.select(TABLE.c.name, TABLE.c.value).with_for_update()).tuples().all())
    return Standing(known[LEDGER], int(known[COUNT]))


def handed_out(conn: Connection, now: datetime) -> None:
    """Raise the count, in the transaction that stores what will be sent."""
    keep(conn, COUNT, str(standing(conn, now).count + 1), now)


def noticed(conn: Connection, reason: str, above: int, now: datetime) -> None:
    """Note that the ledger was restored, and count from above what its witnesses have seen."""
    keep(conn, COUNT, str(max(standing(conn, now).count, above) + 1), now)
    keep(conn, NOTICE, reason, now)


def notice(conn: Connection) -> Notice | None:
    """The last time that the ledger was found to be restored, or None."""
    found = conn.execute(sa.select(TABLE.c.value, TABLE.c.since).where(TABLE.c.name == NOTICE)).one_or_none()
    return None if found is None else Notice(*found)


def clamp(conn: Connection, now: datetime) -> None:
    """A notice from the future was stamped by a fast clock: it was at this moment, at the latest."""
    conn.execute(TABLE.update().where(TABLE.c.name == NOTICE, TABLE.c.since > now).values(since=now))


def posted_before(conn: Connection, rows: Iterable[NewRow], now: datetime) -> list[str]:
    """The keys of those of these new rows whose document may have been posted before the ledger was restored: those
    of its days, and what has no day (customers, items) while the ledger catches up."""
    found = notice(conn)
    if found is None:
        return []
    until = (found.since + MARGIN).date()
    return [row.key for row in rows if (row.txn_date or now.date()) <= until]


def has_read_shop(conn: Connection) -> bool:
    """Whether anything of a shop was read into this ledger."""
    marks, queued, held = tables.watermark, tables.outbox, tables.problem
    looks = (
        sa.select(marks.c.name).where(marks.c.name.in_(SHOP_MARKS)),
        sa.select(queued.c.key).where(queued.c.source_id != 0),
        sa.select(held.c.document),
    )
    return any(conn.execute(look.limit(1)).first() is not None for look in looks)
