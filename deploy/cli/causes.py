"""Everything that waits for a person, by cause: open problems, and documents that QuickBooks refused, or may have."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from mappings.catalogue import CATALOGUE
from state import outbox, problems
from state.ledger import Connection
from state.outbox import Row
from state.problems import Open

REFUSED = "quickbooks-refused"
QUOTED = 3
"""How many of QuickBooks' refusals in different words one cause quotes."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One remedy and its documents. `title` is the catalogue's; `reason` speaks of one of them; `since` is when the
    first appeared; `amounts` are by currency; `hold` is False where documents are in the books already."""

    code: str
    title: str
    reason: str
    fix: str
    hold: bool
    count: int
    amounts: Mapping[str, Decimal]
    since: datetime
    documents: tuple[str, ...]


def waiting(conn: Connection) -> list[Cause]:
    """All causes: those that hold first, then by the number of documents."""
    opened = problems.open_problems(conn)
    groups: dict[tuple[str, bool, str], list[Open]] = defaultdict(list)
    for one in opened:
        groups[one.problem.code, one.problem.hold, one.problem.fix].append(one)
    told = {one.problem.document for one in opened}
    stopped = [*outbox.rows(conn, status="rejected"), *undecided(conn)]
    refused = [row for row in stopped if row.key not in told]
    found = [*map(_of_problems, groups.values()), *_of_rows(refused)]
    return sorted(found, key=lambda cause: (not cause.hold, -cause.count, cause.code, cause.reason))


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
