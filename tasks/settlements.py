"""From processors' files to the outbox: read, book, compare with the books and queue, all in one transaction."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from prefect import task

from mappings import linking, settlement_join
from mappings.catalogue import problem
from mappings.closing import Stands
from mappings.context import Books
from mappings.entry import Entry
from mappings.keys import Symbol
from mappings.linking import Linked
from mappings.model import Problem, Waiting
from mappings.rules import Rules
from mappings.settlement import Settlement
from mappings.settlement_booking import book_settlement
from mappings.settlement_readers import read_settlements
from state import ledger, outbox, problems, references
from state.outbox import NewRow, Row
from state.outbox_booked import booked
from tasks import connections
from tasks.company import read_books
from tasks.connections import Session
from tasks.mapping import FROM_THE_BOOKS
from tasks.retrying import POLICY
from tasks.rows import document_rows

Outcome = tuple[Entry, ...] | Problem | Waiting


def read_files(files: Iterable[str]) -> list[Settlement]:
    """Everything that the files tell. Raises SettlementError for the first that cannot be read, so that either all
    of them are booked or none."""
    return [one for file in files for one in read_settlements(Path(file).read_bytes(), Path(file).name)]


@task(name="queue settlements", **POLICY)
async def queue_settlements(files: list[str]) -> dict[str, int]:
    """Queue the deposit or journal entry of every payout in the files; returns counts by outcome.

    Idempotent: a payout has one key, in whatever file it comes, and one that is in the books is left alone.
    """
    here = connections.current()
    settlements = read_files(files)
    with ledger.begin(here.ledger) as conn:
        return dict(_queue(conn, here, settlements, datetime.now(UTC)))


def _queue(conn: ledger.Connection, here: Session, settlements: Sequence[Settlement], now: datetime) -> Counter[str]:
    standing = {
        one.key: row for one in settlements if (row := outbox.get(conn, one.key)) and row.status in outbox.FIXED
    }
    outcomes = _outcomes(settlements, standing, read_books(conn), here.rules)
    known = {(kind, key) for kind in ("account", "currency") for key in references.known(conn, kind)}
    rows, found, adjusted = _linked(outcomes, standing, known, read_books(conn), here)
    put = outbox.put(conn, rows, now)
    for key in put.changed:
        reason = "This payout is in the books, and the file or the rules now say something else."
        found[key] = [problem("changed-after-posting", key, "payout", reason, hold=False)]
    for one in settlements:
        if one.key in {row.key for row in rows}:
            stored = settlement_join.references(one, here.rules.books.target)
            found[one.key] += settlement_join.compare(one, booked(conn, stored), here.rules.books.target)
    held = [key for key, shown in found.items() if any(each.hold for each in shown)]
    outbox.discard(conn, held)
    numbers = {one.key: one.payout_id for one in settlements}
    problems.replace_many(conn, found, here.run, now, numbers, keep=FROM_THE_BOOKS)
    waiting = sum(isinstance(each, Waiting) for each in outcomes.values())
    return Counter(
        queued=put.queued,
        replaced=put.replaced,
        unchanged=put.unchanged,
        held=len(held),
        skipped=waiting,
        adjusted=adjusted,
    )


def _outcomes(
    settlements: Iterable[Settlement], standing: Mapping[str, Row], books: Books, rules: Rules
) -> dict[str, Outcome]:
    """What becomes of each payout, by key. A file that holds a part of a payout takes nothing away from one that is
    whole, in another file or in the books."""
    outcomes: dict[str, Outcome] = {}
    for one in settlements:
        outcome = book_settlement(one, books, rules, _stands(standing.get(one.key)))
        if isinstance(outcome, tuple) or not (one.key in standing or isinstance(outcomes.get(one.key), tuple)):
            outcomes[one.key] = outcome
    return outcomes


def _linked(
    outcomes: Mapping[str, Outcome], standing: Mapping[str, Row], known: set[Symbol], books: Books, here: Session
) -> tuple[list[NewRow], dict[str, list[Problem]], int]:
    """Rows to queue, problems by payout, and how many rows had text that was changed to fit."""
    rows: list[NewRow] = []
    found: dict[str, list[Problem]] = {}
    adjusted = 0
    for key, outcome in outcomes.items():
        if isinstance(outcome, Problem):
            found[key] = [outcome]
        if not isinstance(outcome, tuple):
            continue
        linked = linking.link(outcome, here.rules, books, known)
        found[key] = [linked] if isinstance(linked, Problem) else list(linked.problems)
        if isinstance(linked, Linked):
            rows += document_rows(linked, here.rules, here.run)
            adjusted += sum(bool(request.adjusted) for request in linked.requests)
    return rows, found, adjusted


def _stands(row: Row | None) -> Stands | None:
    """A payout that is in the books stays what it is there."""
    if row is None or row.txn_date is None:
        return None
    return Stands("journal" if row.kind == "journal" else "deposit", row.txn_date)
