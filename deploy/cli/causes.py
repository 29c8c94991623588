"""Everything that waits for a person, by cause: open problems, and documents that QuickBooks refused, or may have."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from deploy.cli import words
from deploy.cli.with_held import Waits, belonging
from mappings.catalogue import CATALOGUE
from state import outbox, outbox_waiting, problems
from state.ledger import Connection
from state.outbox import Row
from state.outbox_waiting import Behind
from state.problems import Open
from tasks import waiting_text
from tasks.waiting import Pile, piled

REFUSED = "quickbooks-refused"
FAMILY = ("order", "invoice", "payment", "creditmemo", "shipment")
"""What the keys of documents of an order begin with."""
QUOTED = 3
"""How many of QuickBooks' refusals in different words one cause quotes."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One remedy and its documents. `title` is the catalogue's; `reason` speaks of one of them; `since` is when the
    first appeared; `amounts` are by currency; `hold` is False where documents are in the books already. `behind` is
    what waits for them in the outbox, `with_held` what belongs to the same orders and is not in the outbox at all."""

    code: str
    title: str
    reason: str
    fix: str
    hold: bool
    count: int
    amounts: Mapping[str, Decimal]
    since: datetime
    documents: tuple[str, ...]
    orders: frozenset[str] = frozenset()
    behind: Pile | None = None
    with_held: tuple[Waits, ...] = ()

    def waits(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Sentences about what waits behind these documents, each with the numbers or keys that it is about."""
        if self.behind is not None:
            these = "it" if self.count == 1 else f"these {self.count:,}"
            pile = self.behind.data()
            yield f"{waiting_text.piled(pile | {'orders': len(pile['orders'])})} for {these}:", self.behind.orders
        if self.with_held:
            kinds = Counter(one.kind for one in self.with_held)
            named = " and ".join(words.count(number, kind) for kind, number in sorted(kinds.items()))
            sums = words.amounts(_sums((one.currency, one.amount) for one in self.with_held if one.amount is not None))
            verb = "waits" if len(self.with_held) == 1 else "wait"
            them = "it" if self.count == 1 else "them"
            yield f"{named}{f', {sums},' if sums else ''} {verb} with {them}:", tuple(one.key for one in self.with_held)


def waiting(conn: Connection, staging_path: Path | None = None) -> list[Cause]:
    """All causes: those that hold first, then by the number of documents. What belongs to held orders is looked up in
    the staging file at `staging_path`."""
    opened = problems.open_problems(conn)
    groups: dict[tuple[str, bool, str], list[Open]] = defaultdict(list)
    for one in opened:
        groups[one.problem.code, one.problem.hold, one.problem.fix].append(one)
    told = {one.problem.document for one in opened}
    stopped = [*outbox.rows(conn, status="rejected"), *undecided(conn)]
    refused = [row for row in stopped if row.key not in told]
    found = [*map(_of_problems, groups.values()), *_of_rows(refused)]
    found.sort(key=lambda cause: (not cause.hold, -cause.count, cause.code, cause.reason))
    return list(_with_belonging(conn, staging_path, list(_with_behind(conn, found))))


def _with_behind(conn: Connection, found: Sequence[Cause]) -> Iterator[Cause]:
    """Each cause with what waits for it in the outbox, once; and what waits for records that are not queued."""
    by_root: dict[str, list[Behind]] = defaultdict(list)
    for one in outbox_waiting.behind(conn):
        by_root[one.root].append(one)
    for cause in found:
        rows = [row for key in cause.documents if cause.hold for row in by_root.pop(key, ())]
        yield replace(cause, behind=piled(conn, rows)) if rows else cause
    if by_root:
        yield _missing(tuple(by_root), piled(conn, [row for rows in by_root.values() for row in rows]))


def _with_belonging(conn: Connection, staging_path: Path | None, found: Sequence[Cause]) -> Iterator[Cause]:
    numbers = {number for cause in found if cause.hold for number in cause.orders}
    by_order = belonging(conn, staging_path, numbers)
    for cause in found:
        waits = [one for number in sorted(cause.orders) if cause.hold for one in by_order.pop(number, ())]
        yield replace(cause, with_held=tuple(waits)) if waits else cause


def _missing(roots: tuple[str, ...], behind: Pile) -> Cause:
    return Cause(
        "not-queued",
        "A document needs a record that is not queued",
        f"{roots[0]} is neither queued nor in QuickBooks.",
        "Run magebooks sync: it queues what is missing. If it stays, run magebooks explain with the order's number.",
        True,
        len(roots),
        {},
        behind.since,
        roots,
        behind=behind,
    )


def undecided(conn: Connection) -> list[Row]:
    """Rows whose outcome stays unknown until a person looks."""
    return [row for row in outbox.rows(conn, status="unknown") if row.error_code == outbox.UNDECIDED]


def _of_problems(ones: Sequence[Open]) -> Cause:
    first = ones[0].problem
    amounts = ((one.problem.currency, one.problem.amount) for one in ones if one.problem.amount is not None)
    return Cause(
        first.code,
        CATALOGUE[first.code].title if first.code in CATALOGUE else first.code,
        first.reason,
        first.fix,
        first.hold,
        len(ones),
        _sums(amounts),
        min(one.first_seen for one in ones),
        tuple(one.problem.document for one in ones),
        frozenset(one.number for one in ones if one.problem.document.partition("/")[0] in FAMILY),
    )


def _of_rows(refused: Iterable[Row]) -> list[Cause]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in refused:
        groups[row.error_code].append(row)
    return [_refused(code, rows) for code, rows in sorted(groups.items())]


def _refused(code: str, rows: Sequence[Row]) -> Cause:
    """Rows that were refused for one reason; a code that the catalogue does not know is QuickBooks' own."""
    known = code if code in CATALOGUE else REFUSED
    said = list(dict.fromkeys(row.error_words for row in rows if row.error_words))[:QUOTED]
    return Cause(
        known,
        CATALOGUE[known].title,
        f"QuickBooks said ({code or 'no code'}): {' '.join(said) or 'nothing more'}",
        CATALOGUE[known].fix,
        True,
        len(rows),
        _sums((row.currency, row.amount) for row in rows if row.currency),
        min(row.changed_at for row in rows),
        tuple(row.key for row in rows),
    )


def _sums(amounts: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for currency, amount in amounts:
        sums[currency] = sums.get(currency, Decimal(0)) + amount
    return sums
