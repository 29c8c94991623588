"""The outbox: exactly once lives here, and nowhere else.

    ready --claim--> sent --answer ok--> posted (final)
      ^               |`--answer no--> rejected --retry, or other content put--> ready
      |               `--no answer--> unknown --the same id and bytes again, or inquiry--> posted | rejected | ready
      |               `--answer in doubt--> unknown --inquiry alone--> posted | ready
      `----------------- to be tried again -----'

A row's key names the economic document (`order/000000042`). Callers use this module only.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from state import tables
from state.ledger import chunks
from state.outbox_claims import (
    Batch,
    BytesDiffer,
    Claim,
    StaleClaim,
    claim,
    claimable_at,
    due,
    forget_bodies,
    guard,
    intend,
    load,
    refuse,
    renew,
    request_id,
    take_over,
    unsent,
    without,
)
from state.outbox_doubts import UNDECIDED, held_by_another, is_known, look_up_first, to_look_up, undecided
from state.outbox_queue import Put, discard, put, retry
from state.outbox_rows import FIXED, NewRow, Row, Status, fetch, select_rows
from state.outbox_settle import Outcome, settle

__all__ = [
    "FIXED",
    "UNDECIDED",
    "Batch",
    "BytesDiffer",
    "Claim",
    "NewRow",
    "OfOrders",
    "Outcome",
    "Put",
    "Row",
    "StaleClaim",
    "Status",
    "claim",
    "claimable",
    "counts",
    "discard",
    "due",
    "forget_bodies",
    "get",
    "guard",
    "held_by_another",
    "in_the_books",
    "intend",
    "invoices",
    "is_known",
    "kinds",
    "load",
    "look_up_first",
    "next_of",
    "next_ready",
    "of_orders",
    "put",
    "refuse",
    "renew",
    "request_id",
    "retry",
    "rows",
    "settle",
    "standing",
    "standing_entries",
    "take_over",
    "to_look_up",
    "undecided",
    "unsent",
    "without",
]

BOX = tables.outbox


def get(conn: Connection, key: str) -> Row | None:
    """One row, or None."""
    return next(iter(fetch(conn, select_rows().where(BOX.c.key == key))), None)


def rows(
    conn: Connection,
    status: Status | Sequence[Status] | None = None,
    order_key: str | None = None,
    run: str | None = None,
    limit: int | None = None,
) -> list[Row]:
    """Rows in a state (or one of several), of one order, of one run; in the order of delivery."""
    statement = select_rows().order_by(BOX.c.rank, BOX.c.key).limit(limit)
    if status is not None:
        statement = statement.where(BOX.c.status.in_([status] if isinstance(status, str) else list(status)))
    if order_key is not None:
        statement = statement.where(BOX.c.order_key == order_key)
    if run is not None:
        statement = statement.where(BOX.c.run == run)
    return fetch(conn, statement)


def counts(conn: Connection, run: str | None = None) -> dict[str, int]:
    """How many rows are in each state that occurs, in all or in one run."""
    statement = sa.select(BOX.c.status, sa.func.count()).group_by(BOX.c.status)
    if run is not None:
        statement = statement.where(BOX.c.run == run)
    return {status: number for status, number in conn.execute(statement)}


def standing(conn: Connection, keys: Iterable[str]) -> dict[str, str]:
    """The kind of each of these rows that can no longer be replaced (sent, unknown or posted)."""
    found: dict[str, str] = {}
    for part in chunks(sorted(set(keys))):
        statement = sa.select(BOX.c.key, BOX.c.kind).where(BOX.c.key.in_(part), BOX.c.status.in_(FIXED))
        found.update({key: kind for key, kind in conn.execute(statement)})
    return found


class OfOrders(NamedTuple):
    """The rows of some orders. `standing` is the kind, by key, of those that are in QuickBooks, or may be, or wait
    under the rules of now, `amounts` their totals; `dated` the days of those that are in QuickBooks, or may be;
    `overtaken` are the keys of those that wait under other rules."""

    standing: dict[str, str]
    dated: dict[str, date]
    overtaken: set[str]
    amounts: dict[str, Decimal]


def of_orders(conn: Connection, order_keys: Iterable[str], rules_hash: str) -> OfOrders:
    """Every row that belongs to these orders, where rules with this hash are those of now."""
    found = OfOrders({}, {}, set(), {})
    columns = (BOX.c.key, BOX.c.kind, BOX.c.status, BOX.c.rules_hash, BOX.c.txn_date, BOX.c.amount)
    for part in chunks(sorted(set(order_keys))):
        rows = conn.execute(sa.select(*columns).where(BOX.c.order_key.in_(part)))
        for key, kind, status, made_by, day, amount in rows:
            if status in FIXED and day is not None:
                found.dated[key] = day
            if status in FIXED or made_by == rules_hash:
                found.standing[key], found.amounts[key] = kind, amount
            else:
                found.overtaken.add(key)
    return found


def in_the_books(conn: Connection, order_keys: Iterable[str]) -> dict[str, set[str]]:
    """The keys of the documents of those of these orders that have any, by themselves or in summaries, and all of them
    in QuickBooks, or may be."""
    found: dict[str, set[str]] = {}
    waiting: set[str] = set()
    member = tables.summary_member
    for part in chunks(sorted(set(order_keys))):
        own = sa.select(BOX.c.order_key, BOX.c.key, BOX.c.status).where(BOX.c.order_key.in_(part))
        together = (
            sa.select(member.c.order_key, member.c.document, sa.func.coalesce(BOX.c.status, ""))
            .select_from(member.outerjoin(BOX, BOX.c.key == member.c.summary))
            .where(member.c.order_key.in_(part))
        )
        for order_key, key, status in conn.execute(sa.union_all(own, together)):
            found.setdefault(order_key, set()).add(key)
            if status not in FIXED:
                waiting.add(order_key)
    return {order_key: keys for order_key, keys in found.items() if order_key not in waiting}


def invoices(conn: Connection, order_keys: Iterable[str]) -> dict[str, str]:
    """QuickBooks' ids of the invoices of these orders that stand, with the key of the document that was posted first:
    the revisions of one are one invoice with it."""
    found: dict[str, str] = {}
    for part in chunks(sorted(set(order_keys))):
        where = (BOX.c.order_key.in_(part), BOX.c.kind == "invoice", BOX.c.status == "posted")
        for key, qb_id in conn.execute(sa.select(BOX.c.key, BOX.c.qb_id).where(*where).order_by(BOX.c.key)):
            found[qb_id] = "/".join(key.split("/")[:2])
    return found


def standing_entries(conn: Connection, order_keys: Iterable[str]) -> dict[str, str]:
    """The entry (JSON) of every row of these orders that can no longer be replaced, by key."""
    found: dict[str, str] = {}
    for part in chunks(sorted(set(order_keys))):
        statement = sa.select(BOX.c.key, BOX.c.entry).where(BOX.c.order_key.in_(part), BOX.c.status.in_(FIXED))
        found.update({key: entry for key, entry in conn.execute(statement)})
    return found


def kinds(conn: Connection, keys: Iterable[str]) -> dict[str, str]:
    """The kind of each of these rows that exists, in whatever state."""
    found: dict[str, str] = {}
    for part in chunks(sorted(set(keys))):
        statement = sa.select(BOX.c.key, BOX.c.kind).where(BOX.c.key.in_(part))
        found.update({key: kind for key, kind in conn.execute(statement)})
    return found


def claimable(conn: Connection, now: datetime) -> int:
    """How many rows could be claimed now."""
    return conn.scalar(sa.select(sa.func.count()).where(*claimable_at(now))) or 0


def next_of(conn: Connection, operation: str, size: int, now: datetime) -> list[Row]:
    """The first rows of an operation that could be claimed now: a claim of `size` rows takes no others of it."""
    where = (*claimable_at(now), BOX.c.operation == operation)
    return fetch(conn, select_rows().where(*where).order_by(BOX.c.rank, BOX.c.key).limit(size))


def next_ready(conn: Connection, now: datetime) -> datetime | None:
    """When the next row may be claimed that waits for no other one, `now` at the earliest; None when there is no such
    row."""
    if claimable(conn, now):
        return now
    earliest = sa.select(sa.func.min(BOX.c.not_before)).where(BOX.c.status == "ready", BOX.c.blockers == 0)
    found: datetime | None = conn.scalar(earliest)
    return found
