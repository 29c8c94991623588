"""The copy of the books for SQL: replaced as a whole at the end of a run that changed something."""

import asyncio
from collections.abc import Iterator

from prefect import task

from state import ledger, mart, mart_summaries, outbox, problems
from state.mart import Booked
from state.totals import LISTS
from tasks import connections
from tasks.connections import Session
from tasks.retrying import POLICY


@task(name="publish books.duckdb", **POLICY)
async def publish_books() -> int:
    """Put a fresh `books.duckdb` in place of the old one; returns how many documents it tells of.

    A repeat makes the same file again. Readers keep the copy that they have open.
    """
    here = connections.current()
    return await asyncio.to_thread(_publish, here)


def _publish(here: Session) -> int:
    with ledger.reading(here.ledger) as conn:
        rows, summaries = list(_booked(conn)), mart_summaries.tables(conn)
        mart.publish(here.settings.staging_path, here.settings.books_path, rows, summaries)
    return len(rows)


def _booked(conn: ledger.Connection) -> Iterator[Booked]:
    """Every document of the outbox, and every held one that has no row there."""
    queued = set()
    for row in outbox.rows(conn):
        queued.add(row.key)
        if row.kind not in LISTS:
            amount = row.amount if row.posted_total is None else row.posted_total
            yield Booked(row.key, row.kind, row.number, row.txn_date, amount, row.currency, row.status, row.qb_id or "")
    held = {one.problem.document: one for one in problems.open_problems(conn, hold=True)}
    for key, one in held.items():
        if key not in queued:
            yield Booked(key, "held", one.number, None, one.problem.amount, one.problem.currency, "held", "")
