"""Documents in the outbox by the processor's transaction that they carry."""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from mappings.settlement_join import Booked
from state import tables
from state.ledger import chunks

BOX = tables.outbox


def booked(conn: Connection, references: Iterable[str]) -> list[Booked]:
    """What is in the books or on its way there under these references; what QuickBooks refused is not."""
    columns = (BOX.c.reference, BOX.c.kind, BOX.c.amount, BOX.c.currency)
    found: list[Booked] = []
    for part in chunks(sorted(set(references) - {""})):
        statement = sa.select(*columns).where(BOX.c.reference.in_(part), BOX.c.status != "rejected")
        found += [Booked(*row) for row in conn.execute(statement.order_by(BOX.c.key))]
    return found
