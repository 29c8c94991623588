"""Where the sales are of which a daily summary gives back a part: no refund is in the books without its sale. And where
any document is: by itself, or in a summary."""

from collections.abc import Iterable, Iterator

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from state import outbox, tables
from state.ledger import chunks

SUMMARY = tables.summary
MEMBER = tables.summary_member
DEPENDENCY = tables.outbox_dependency


def followers(conn: Connection, series: str) -> Iterator[tuple[str, str]]:
    """Key and entry of the documents of a series that are in no summary yet and follow others: refunds, and what takes
    one back."""
    refunds = sa.or_(MEMBER.c.kind == "refund_receipt", MEMBER.c.document.like("creditmemo/%"))
    statement = sa.select(MEMBER.c.document, MEMBER.c.entry).where(MEMBER.c.summary == "", MEMBER.c.series == series)
    yield from conn.execute(statement.where(refunds).order_by(MEMBER.c.document)).tuples()


def places(conn: Connection, documents: Iterable[str]) -> dict[str, str]:
    """The key of the outbox row that stands for each of these documents: its own or its summary's. Without those that
    have none, and those whose summary is still to be made."""
    found: dict[str, str] = {}
    for part in chunks(sorted(set(documents))):
        found |= {key: key for key in outbox.kinds(conn, part)}
        where = (MEMBER.c.document.in_(part), MEMBER.c.summary != "")
        rows = conn.execute(sa.select(MEMBER.c.document, MEMBER.c.summary).where(*where))
        found |= {document: summary for document, summary in rows}
    return found


def following(conn: Connection, summary: str) -> list[str]:
    """The summaries that wait for this one."""
    statement = sa.select(DEPENDENCY.c.key).join(SUMMARY, SUMMARY.c.key == DEPENDENCY.c.key)
    return list(conn.scalars(statement.where(DEPENDENCY.c.needs == summary).order_by(DEPENDENCY.c.key)))
