"""Sums over the outbox: what a run posted, by document type and currency."""

from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from mappings.jsontext import parse
from state import tables
from state.outbox_rows import Row, fetch, select_rows

BOX = tables.outbox
SIGNS = {"sales_receipt": 1, "invoice": 1, "credit_memo": -1, "refund_receipt": -1}
"""The kinds that carry a sale or take one back; a payment only moves one."""
VOID = "void"
JOURNAL = "journal"
LISTS = (
    *("customer", "item", "customer_update", "item_update", "customer_field", "item_field"),
    *("account", "payment_method", "term", "class"),
)
"""What is created for documents, and is none itself."""


def posted_in(conn: Connection, run: str) -> int:
    """How many accounting documents this run brought into the books (customers, items and other lists not counted)."""
    return sum(posted_by_kind(conn, run).values())


def posted_by_kind(conn: Connection, run: str) -> dict[str, int]:
    """The same by kind: `sales_receipt`, `invoice`, `payment`, ..."""
    where = (BOX.c.key.in_(_posted_by(run)), BOX.c.kind.not_in(LISTS))
    statement = sa.select(BOX.c.kind, sa.func.count()).where(*where).group_by(BOX.c.kind).order_by(BOX.c.kind)
    return {kind: count for kind, count in conn.execute(statement)}


def by_currency(conn: Connection, run: str) -> dict[str, dict[str, str]]:
    """Store against books for what a run posted, net: sales, less credit memos, less invoices that it voided.

    `store` sums what the shop says, `books` what QuickBooks answered.
    """
    sums: dict[str, list[Decimal]] = {}
    kinds = (*SIGNS, VOID, JOURNAL)
    for row in fetch(conn, select_rows().where(BOX.c.key.in_(_posted_by(run)), BOX.c.kind.in_(kinds))):
        if row.kind == VOID:
            sign, found = -1, fetch(conn, select_rows().where(BOX.c.key.in_(row.depends)))[0]
        else:
            sign, found = SIGNS.get(row.kind, 1), row
        amount = _sold(row) if row.kind == JOURNAL else found.amount
        pair = sums.setdefault(found.currency, [Decimal(0), Decimal(0)])
        pair[0] += sign * amount
        pair[1] += sign * (amount + (found.posted_total or Decimal(0)) - found.amount)
    return {
        currency: {"store": f"{store:.2f}", "books": f"{books:.2f}", "difference": f"{store - books:.2f}"}
        for currency, (store, books) in sorted(sums.items())
    }


def _sold(row: Row) -> Decimal:
    """What a journal entry in place of sales or refunds brought or took: its own amount is its debits. Those of payouts
    are no sales."""
    lines = () if row.key.startswith("settlement/") else parse(row.entry)["lines"]
    return sum((line["amount"] for line in lines if line["role"] == "money"), Decimal(0))


def _posted_by(run: str) -> "sa.Select[tuple[str]]":
    """The keys that a run settled as posted; the audit trail knows, whoever queued them."""
    trail = tables.audit
    return sa.select(trail.c.key).where(trail.c.run == run, trail.c.action == "answer", trail.c.outcome == "posted")
