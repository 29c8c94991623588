"""Looking a document up by the number that QuickBooks shows."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from state import tables
from state.outbox_rows import Row, fetch, select_rows

BOX = tables.outbox


def numbered(conn: Connection, number: str) -> Row | None:
    """The first row whose document has, or asks for, this number in QuickBooks, in any case. Reads the whole outbox."""
    where = sa.or_(*(sa.func.upper(column) == number.upper() for column in (BOX.c.number, BOX.c.posted_number)))
    return next(iter(fetch(conn, select_rows().where(where).order_by(BOX.c.key).limit(1))), None)
