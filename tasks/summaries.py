"""From booked documents to daily summaries: a day that is over is summed up and queued, in one transaction for each
series of it.

A day is over when the shop has been read to its end (`covered`): nothing of it can be missing but what Magento changes
later, and that goes into a further summary of the same day.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Set
from dataclasses import replace
from datetime import UTC, date, datetime

from prefect import task

from mappings import linking, summary
from mappings.context import Books
from mappings.entry import Entry
from mappings.jsontext import dumps, parse
from mappings.keys import Symbol
from mappings.linking import Linked
from mappings.model import EntryKind, Problem
from mappings.rules import Rules
from mappings.summary import Series, Sum
from state import ledger, outbox, problems, references, staging, summaries, summary_sales
from state.outbox import NewRow
from state.staging import Kind
from state.summaries import Member, Summed
from tasks import connections, progress
from tasks.company import read_books
from tasks.connections import Session
from tasks.magento import OVERLAP, zone
from tasks.mapping import FROM_THE_BOOKS, SYMBOLS
from tasks.retrying import POLICY
from tasks.rows import creation_rows, document_rows
from tasks.windows import Window

SUMMED: frozenset[Kind] = frozenset({"order", "invoice", "creditmemo"})
"""What a day's summaries are made of: all of it must have been read before the day is over."""

SALES: EntryKind = "sales_receipt"
SERIES = 3  # parts of a series' key; a fourth counts its summaries
LINES = ("role", "account", "item", "sku", "tax_code", "tax_rate", "because")


@task(name="queue summaries", **POLICY)
async def queue_summaries(window: Window, begun: datetime) -> dict[str, int]:
    """Queue the summaries of all days that are over; returns counts by outcome. `window` is what this run read of the
    shop, all kinds of documents, and `begun` when it began.

    Idempotent: who is in a summary is committed with its outbox row, so a repeat finds nothing left to sum up.
    """
    here = connections.current()
    since, until = covered(here, window, begun)
    _let_go(here)
    with ledger.reading(here.ledger) as conn:
        numbered = list(_numbered(conn, map(summary.read_series, summaries.complete(conn, since, until))))
        known = references.symbols(conn, SYMBOLS)
    counts: Counter[str] = Counter()
    # Sales first: refunds wait for the summaries of their sales.
    for number, (series, sequence) in enumerate(sorted(numbered, key=lambda one: one[0].kind != SALES), start=1):
        counts += _queue(here, series, sequence, known)
        progress.report("Summed up", number, len(numbered), "summaries")
    return dict(counts)


def _let_go(here: Session) -> None:
    """A summary that is held for its closed month is over when all its documents have left it."""
    with ledger.begin(here.ledger) as conn:
        held = [one.problem.document for one in problems.open_problems(conn, hold=True)]
        for key in (each for each in held if each.startswith("summary/")):
            if next(summaries.entries(conn, "/".join(key.split("/")[:SERIES])), None) is None:
                problems.clear(conn, key)


def covered(here: Session, window: Window, begun: datetime) -> tuple[datetime | None, datetime]:
    """The instants between which a run has read everything (None: from the beginning on). A document can become visible
    some minutes after its stamp."""
    settled = begun - OVERLAP
    if not window.is_range:
        return None, settled
    with staging.open(here.settings.staging_path) as store:
        since, until = window.bounds(zone(staging.shop(store), here.rules))
    return since, min(until or settled, settled)


def sum_up(
    conn: ledger.Connection, members: Iterable[Member], rules: Rules, known: Set[Symbol]
) -> Iterator[NewRow | Problem]:
    """The summaries that these members would become, or why one would be held. Nothing is written."""
    heads: dict[str, Series] = {}
    sums: dict[str, Sum] = {}
    for member in sorted(members, key=lambda one: one.document):
        heads.setdefault(member.series, summary.read_series(member.head))
        sums.setdefault(member.series, Sum()).add(member.document, member.entry)
    days: Counter[date] = Counter()
    books = read_books(conn)
    for key, series in sorted(heads.items()):
        named = summaries.next_key(conn, key), summaries.next_sequence(conn, series.day) + days[series.day]
        days[series.day] += 1
        made = _make(series, sums[key], named, books, rules, known)
        yield from [made] if isinstance(made, Problem) else document_rows(made[1], rules, "")


def _numbered(conn: ledger.Connection, of_days: Iterable[Series]) -> Iterator[tuple[Series, int]]:
    """The series, each with the number that its summary gets within its day."""
    taken: Counter[date] = Counter()
    for series in of_days:
        taken[series.day] = summaries.next_sequence(conn, series.day, taken[series.day] + 1)
        yield series, taken[series.day]


def _queue(here: Session, series: Series, first: int, known: Set[Symbol]) -> Counter[str]:
    """Sum up what waits of a series and queue it, or hold it with its reason; `first` is its number within its day,
    unless another run has taken that."""
    now, rules = datetime.now(UTC), here.rules
    with ledger.begin(here.ledger) as conn:
        summaries.one_writer(conn)
        books, summed = read_books(conn), Sum()
        sales, waiting = _sales_of(conn, series.key)
        for document, kept in summaries.entries(conn, series.key):
            if document not in waiting:
                summed.add(document, kept)
        if not summed.documents:
            return Counter()  # another run has been here
        key, sequence = summaries.next_key(conn, series.key), summaries.next_sequence(conn, series.day, first)
        made = _make(series, summed, (key, sequence), books, rules, known)
        if isinstance(made, Problem):
            problems.replace(conn, key, [made], here.run, now)
            return Counter(held=1)
        entry, linked = made
        rows = document_rows(linked, rules, here.run)
        rows[0] = replace(rows[0], depends=(*rows[0].depends, *sales))
        created, adjusted = creation_rows(conn, linked.creations, here.rules, here.run)
        outbox.put(conn, [*created, *rows], now)
        summaries.close(conn, _summed(entry, series, summed, sequence), now, but=waiting)
        problems.replace_many(conn, {key: linked.problems}, here.run, now, keep=FROM_THE_BOOKS)
    return Counter(queued=len(rows), adjusted=adjusted + sum(bool(one.adjusted) for one in linked.requests))


def _sales_of(conn: ledger.Connection, series: str) -> tuple[list[str], set[str]]:
    """The keys of the documents in the outbox that must be posted before the refunds of a series, and the refunds that
    go on waiting, because their sale has no document there yet."""
    follows = {key: parse(entry).get("after", "").split() for key, entry in summary_sales.followers(conn, series)}
    places = summary_sales.places(conn, [sale for sales in follows.values() for sale in sales])
    waiting = {key for key, sales in follows.items() if not all(sale in places for sale in sales)}
    needed = {places[sale] for key, sales in follows.items() if key not in waiting for sale in sales}
    return sorted(needed), waiting


def _make(
    series: Series, summed: Sum, named: tuple[str, int], books: Books, rules: Rules, known: Set[Symbol]
) -> tuple[Entry, Linked] | Problem:
    """The summary's entry and what it needs; `named` are its key and its number within the day."""
    entry = summary.make_summary(series, summed, *named, books, rules)
    if isinstance(entry, Problem):
        return entry
    linked = linking.link((entry,), rules, books, known)
    return linked if isinstance(linked, Problem) else (entry, linked)


def _summed(entry: Entry, series: Series, summed: Sum, sequence: int) -> Summed:
    lines = [
        {name: line.first[name] for name in LINES if name in line.first}
        | {"amount": line.amount, "documents": line.documents}
        for _, line in summed.in_order()
    ]
    return Summed(
        key=entry.key,
        series=series.key,
        day=series.day,
        sequence=sequence,
        number=entry.number,
        head=series.text,
        lines=dumps(lines),
        list_hash=summed.list_hash,
        documents=summed.documents,
    )
