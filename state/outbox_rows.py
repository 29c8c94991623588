"""What an outbox row looks like to the rest of the house."""

from collections.abc import Collection
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from mappings.model import ZERO
from mappings.records import record
from state import tables

Status = Literal["ready", "sent", "unknown", "posted", "rejected"]

FIXED: tuple[Status, ...] = ("sent", "unknown", "posted")
"""States in which a row can no longer be replaced: QuickBooks has it, or may have it."""


@record(frozen=True, slots=True)
class NewRow:
    """A document to queue. `payload` is the final QuickBooks JSON with @symbols, `entry` the entry behind it.

    `rank` is the order of delivery: 0 customers and items, 1 documents, 2 payments, voids, credit memos.
    `amount` and `tax` are what QuickBooks shall show, in `currency`. `source_id` is Magento's entity id;
    `depends` are the keys that must be posted first; `order_key` is the order it belongs to;
    `reference` the payment's transaction, as it is stored in QuickBooks.
    """

    key: str
    kind: str
    entity: str
    operation: str
    rank: int
    payload: str
    entry: str
    rules_hash: str
    run: str
    amount: Decimal = ZERO
    tax: Decimal = ZERO
    currency: str = ""
    txn_date: date | None = None
    number: str = ""
    source_id: int = 0
    order_key: str = ""
    depends: tuple[str, ...] = ()
    reference: str = ""


@record(frozen=True, slots=True)
class Row:
    """A row as it is in the ledger. `error_code` and `error_words` are QuickBooks' last refusal; `look_up_first` says
    that QuickBooks may have the document already, so it is looked up before it is sent."""

    key: str
    kind: str
    entity: str
    operation: str
    rank: int
    payload: str
    payload_hash: str
    entry: str
    rules_hash: str
    amount: Decimal
    tax: Decimal
    currency: str
    txn_date: date | None
    number: str
    source_id: int
    order_key: str
    depends: tuple[str, ...]
    blockers: int
    status: Status
    attempt: int
    not_before: datetime
    batch_id: str | None
    run: str
    qb_id: str | None
    sync_token: str | None
    posted_number: str | None
    posted_total: Decimal | None
    posted_tax: Decimal | None
    posted_at: datetime | None
    created_at: datetime
    changed_at: datetime
    error_code: str
    error_words: str
    reference: str = ""
    look_up_first: bool = False


def again(row: Row) -> NewRow:
    """The same row, to be queued again."""
    return NewRow(**{field.name: getattr(row, field.name) for field in fields(NewRow)})


BOX = tables.outbox
DEPENDENCY = tables.outbox_dependency
_NEEDED = BOX.alias("needed")
_UNPOSTED = (
    sa.select(sa.func.count())
    .select_from(DEPENDENCY.outerjoin(_NEEDED, _NEEDED.c.key == DEPENDENCY.c.needs))
    .where(DEPENDENCY.c.key == BOX.c.key, sa.func.coalesce(_NEEDED.c.status, "") != "posted")
    .correlate(BOX)
    .scalar_subquery()
)
COLUMNS = tuple(tables.outbox.c[field.name] for field in fields(Row))


def select_rows() -> "sa.Select[Any]":
    """SELECT of exactly the columns of `Row`, in its order."""
    return sa.select(*COLUMNS)


def fetch(conn: Connection, statement: "sa.Select[Any]") -> list[Row]:
    """Run a statement made from `select_rows`."""
    return [Row(*found) for found in conn.execute(statement)]


def one_writer(conn: Connection) -> None:
    """Let only one process at a time change who waits for whom.

    SQLite's write transactions follow each other anyway. In PostgreSQL this lock keeps a row that is being queued
    from missing that its dependency is posted at the same moment; a claim does not need it.
    """
    if conn.dialect.name == "postgresql":
        conn.exec_driver_sql("LOCK TABLE outbox_dependency IN SHARE ROW EXCLUSIVE MODE")


def count_blockers(conn: Connection, keys: "Collection[str] | sa.Select[tuple[str]]") -> None:
    """Count anew how many dependencies of these rows are not posted; the claim takes rows that have none.

    `keys` are a few hundred at most, or a SELECT of any number of them (a summary customer has all orders).
    """
    conn.execute(BOX.update().where(BOX.c.key.in_(keys)).values(blockers=_UNPOSTED))
