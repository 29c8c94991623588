"""Documents in the outbox by the processor's transaction that they carry."""

from collections.abc import Iterable
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from mappings.jsontext import parse
from mappings.model import ZERO
from mappings.settlement_join import Booked
from state import tables
from state.ledger import chunks

BOX = tables.outbox


def booked(conn: Connection, references: Iterable[str]) -> list[Booked]:
    """What is in the books or on its way there under these references; what QuickBooks refused is not."""
    columns = (BOX.c.reference, BOX.c.kind, BOX.c.amount, BOX.c.currency, BOX.c.entry)
    found: list[Booked] = []
    for part in chunks(sorted(set(references) - {""})):
        statement = sa.select(*columns).where(BOX.c.reference.in_(part), BOX.c.status != "rejected")
        for reference, kind, amount, currency, entry in conn.execute(statement.order_by(BOX.c.key)):
            found.append(Booked(reference, kind, _money(entry) if kind == "journal" else amount, currency))
    return found


def _money(entry: str) -> Decimal:
    """What a journal entry moved on the account where money waits, debit positive: its own amount is its debits."""
    return sum((Decimal(line["amount"]) for line in parse(entry)["lines"] if line["role"] == "money"), ZERO)
