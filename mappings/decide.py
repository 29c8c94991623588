"""First match wins: which row of a list decides a document, and why the rows above it did not.

Decisions are compared by the values they carry, never by row ids: a renamed row changes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Final, Generic, Protocol, TypeVar

from mappings.conditions import Condition
from mappings.facts import Facts, FactValue, is_personal
from mappings.records import record
from mappings.rules import FieldRow, Rules
from mappings.rules_findings import short
from mappings.rules_rows import Listing
from mappings.values import as_text

HIDDEN: Final = "(personal)"


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


@record(frozen=True, slots=True)
class Passed:
    """A row that was passed over: its first condition that failed, and what the document said instead."""

    row_id: str
    condition: Condition
    found: str

    @property
    def words(self) -> str:
        """`b2b (customer.group is General)`: the row, and what the document says where it failed."""
        return f"{self.row_id} ({self.condition.fact} {f'is {self.found}' if self.found else 'is empty'})"


@record(frozen=True, slots=True, eq=False)
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
        return trace(self._facts, self._rows, self.row)

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


def trace(facts: Facts, rows: Sequence[Ruling], winner: Ruling | None) -> tuple[Passed, ...]:
    """Why each row in use above `winner` (all of them where there is none) did not decide.

    `facts` may be the kept ones, which lack what is personal: that is named only where nothing else failed. A row
    all of whose conditions hold is left out: these facts do not tell why it was passed over.
    """
    passed = []
    for row in rows:
        if row is winner:
            break
        if not row.off:
            failed = _failed(row, facts)
            passed += [Passed(row.id, condition, _found(condition.fact, facts)) for condition in failed[:1]]
    return tuple(passed)


def kept_facts(facts: Facts, rules: Rules) -> tuple[tuple[str, FactValue], ...]:
    """What `rules` ask of a whole document, without what is personal: enough to trace its decisions later."""
    return tuple((name, facts.get(name)) for name in rules.asked)


def kept_line_facts(facts: Facts, rules: Rules) -> tuple[tuple[str, FactValue], ...]:
    """What `rules` ask of one line, its product or one credit."""
    return tuple((name, facts.get(name)) for name in rules.asked_of_lines)


def kept_tax_facts(facts: Facts, rules: Rules) -> tuple[tuple[str, FactValue], ...]:
    """What `rules` ask of one tax."""
    return tuple((name, facts.get(name)) for name in rules.asked_of_taxes)


def decide_fields(facts: Facts, rows: Sequence[FieldRow], listing: Listing | None = None) -> tuple[FieldRow, ...]:
    """The rows of the `field` list that apply to a document, or to a customer or item: for each QuickBooks field, the
    first that matches."""
    chosen: dict[str, FieldRow] = {}
    for row in rows:
        about = row.listing
        if (
            (about and about[0]) == listing
            and row.to not in chosen
            and not row.off
            and all(each.test(facts.get(each.fact)) for each in row.when)
        ):
            chosen[row.to] = row
    return tuple(chosen.values())


def _failed(row: Ruling, facts: Facts) -> list[Condition]:
    """The conditions that do not hold, in the row's order; those on personal facts that were not kept come last."""
    failed = [each for each in row.when if each.fact in facts or not is_personal(each.fact)]
    failed = [each for each in failed if not each.test(facts.get(each.fact))]
    return failed + [each for each in row.when if each.fact not in facts and is_personal(each.fact)]


def _found(name: str, facts: Facts) -> str:
    return HIDDEN if is_personal(name) else short(as_text(facts.get(name)))
