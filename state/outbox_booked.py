"""Documents in the outbox by the processor's transaction that they carry."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from mappings.jsontext import parse
from mappings.model import ZERO
from mappings.settlement_join import Booked
from state import tables
from state.ledger import chunks

BOX = tables.outbox
MEMBER = tables.summary_member


def booked(conn: Connection, references: Iterable[str]) -> list[Booked]:
    """What is in the books or on its way there under these references; what QuickBooks refused is not."""
    found: list[Booked] = []
    for part in chunks(sorted(set(references) - {""})):
        statement = sa.select(*_columns(BOX)).where(BOX.c.reference.in_(part), BOX.c.status != "rejected")
        for rows in (statement.order_by(BOX.c.key), _in_summaries(part)):
            for reference, kind, amount, currency, entry in conn.execute(rows):
                found.append(Booked(reference, kind, _money(entry) if kind == "journal" else amount, currency))
    return found


def _in_summaries(references: Sequence[str]) -> "sa.Select[Any]":
    summary = sa.select(BOX.c.key).where(BOX.c.key == MEMBER.c.summary, BOX.c.status == "rejected")
    where = (MEMBER.c.reference.in_(references), ~summary.exists())
    return sa.select(*_columns(MEMBER)).where(*where).order_by(MEMBER.c.document)


def _columns(table: sa.Table) -> list["sa.Column[Any]"]:
    return [table.c[name] for name in ("reference", "kind", "amount", "currency", "entry")]


def _money(entry: str) -> Decimal:
    """What a journal entry moved on the account where money waits, debit positive: its own amount is its debits."""
    return sum((Decimal(line["amount"]) for line in parse(entry)["lines"] if line["role"] == "money"), ZERO)
