"""From booked documents to daily summaries: a day that is over is summed up and queued, in one transaction for each
series of it.

A day is over when the shop has been read to its end (`covered`): nothing of it can be missing but what Magento changes
later, and that goes into a further summary of the same day.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Set
from datetime import UTC, date, datetime

from prefect import task

from mappings import linking, summary
from mappings.context import Books
from mappings.entry import Entry
from mappings.jsontext import dumps
from mappings.keys import Symbol
from mappings.linking import Linked
from mappings.model import Problem
from mappings.rules import Rules
from mappings.summary import Series, Sum
from state import ledger, outbox, problems, references, staging, summaries
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
        heads = summaries.complete(conn, since, until)
        known = references.symbols(conn, SYMBOLS)
    counts: Counter[str] = Counter()
    for number, head in enumerate(heads, start=1):
        counts += _queue(here, summary.read_series(head), known)
        progress.report("Summed up", number, len(heads), "summaries")
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


def _queue(here: Session, series: Series, known: Set[Symbol]) -> Counter[str]:
    """Sum up what waits of a series and queue it, or hold it with its reason."""
    now, rules = datetime.now(UTC), here.rules
    with ledger.begin(here.ledger) as conn:
        summaries.one_writer(conn)
        books, summed = read_books(conn), Sum()
        for document, kept in summaries.entries(conn, series.key):
            summed.add(document, kept)
        if not summed.documents:
            return Counter()  # another run has been here
        key, sequence = summaries.next_key(conn, series.key), summaries.next_sequence(conn, series.day)
        made = _make(series, summed, (key, sequence), books, rules, known)
        if isinstance(made, Problem):
            problems.replace(conn, key, [made], here.run, now)
            return Counter(held=1)
        entry, linked = made
        rows = document_rows(linked, rules, here.run)
        created, adjusted = creation_rows(conn, linked.creations, here.rules, here.run)
        outbox.put(conn, [*created, *rows], now)
        summaries.close(conn, _summed(entry, series, summed, sequence), now)
        problems.replace_many(conn, {key: linked.problems}, here.run, now, keep=FROM_THE_BOOKS)
    return Counter(queued=len(rows), adjusted=adjusted + sum(bool(one.adjusted) for one in linked.requests))


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
