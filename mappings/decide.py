"""First match wins: which row of a list decides a document, and why the rows above it did not.

Decisions are compared by the values they carry, never by row ids: a renamed row changes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, Protocol, TypeVar

from mappings.conditions import Condition
from mappings.entry import Because
from mappings.facts import Facts, known_fact
from mappings.rules import FieldRow, Rules
from mappings.values import as_text

HIDDEN: Final = "(personal)"
WHOLE: Final = ("document", "customer", "payment", "shipping", "discount", "class", "review")
"""The lists that decide once for a document; item, tax and credit decide line by line."""


class Ruling(Protocol):
    """What `decide` needs to know of a row."""

    @property
    def id(self) -> str: ...
    @property
    def when(self) -> tuple[Condition, ...]: ...
    @property
    def off(self) -> bool: ...
    @property
    def values(self) -> Mapping[str, object]: ...


RowT = TypeVar("RowT", bound=Ruling, covariant=True)


@dataclass(frozen=True, slots=True)
class Passed:
    """A row that was passed over: its first condition that failed, and what the document said instead."""

    row_id: str
    condition: str
    found: str


@dataclass(frozen=True, slots=True)
class Decision(Generic[RowT]):
    """The winning row, or None where no row matched. Two decisions are equal if they decide the same values."""

    row: RowT | None = field(compare=False)
    _rows: Sequence[RowT] = field(repr=False, compare=False)
    _facts: Facts = field(repr=False, compare=False)

    @property
    def values(self) -> Mapping[str, object] | None:
        """What the winning row decides, without its id, conditions and note."""
        return None if self.row is None else self.row.values

    @property
    def passed(self) -> tuple[Passed, ...]:
        """The rows in use above the winner, worked out when asked for. Personal facts are not quoted."""
        passed = []
        for row in self._rows:
            if row is self.row:
                break
            if not row.off:
                passed.append(_why_not(row, self._facts))
        return tuple(passed)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Decision) and self.values == other.values

    __hash__ = None  # type: ignore[assignment]


def decide(facts: Facts, rows: Sequence[RowT]) -> Decision[RowT]:
    """The first row in use whose conditions all hold for `facts`."""
    get = facts.get
    for row in rows:
        if row.off:
            continue
        for condition in row.when:
            if not condition.test(get(condition.fact)):
                break
        else:
            return Decision(row, rows, facts)
    return Decision(None, rows, facts)


def decide_fields(facts: Facts, rows: Sequence[FieldRow]) -> tuple[FieldRow, ...]:
    """The rows of the `field` list that apply: for each QuickBooks field, the first that matches."""
    chosen: dict[str, FieldRow] = {}
    for row in rows:
        if row.to not in chosen and not row.off and all(each.test(facts.get(each.fact)) for each in row.when):
            chosen[row.to] = row
    return tuple(chosen.values())


@dataclass(frozen=True, slots=True)
class Decisions:
    """All that is decided once for a document: a decision for each list of `WHOLE`, and the fields to fill."""

    by_list: Mapping[str, Decision[Ruling]]
    fields: tuple[FieldRow, ...]

    def because(self) -> tuple[Because, ...]:
        """The winning rows, in the order of the lists; lists without a winner are left out."""
        winners = [Because(name, each.row.id) for name, each in self.by_list.items() if each.row is not None]
        return (*winners, *(Because("field", row.id) for row in self.fields))


def decide_document(facts: Facts, rules: Rules) -> Decisions:
    """Decide every list that speaks about a document as a whole."""
    return Decisions(
        {name: decide(facts, rules.rows(name)) for name in WHOLE},
        decide_fields(facts, rules.field),
    )


def _why_not(row: Ruling, facts: Facts) -> Passed:
    failed = next(condition for condition in row.when if not condition.test(facts.get(condition.fact)))
    known = known_fact(failed.fact)
    found = HIDDEN if known is not None and known.personal else as_text(facts.get(failed.fact))
    return Passed(row.id, failed.words, found)
