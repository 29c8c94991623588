"""Whether one condition holds wherever another does: what makes a row unreachable. Says yes only when it is sure."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from mappings.conditions import Condition, Operand

_RANGES = ("above", "below", "from")
_SEARCHES = ("starts", "contains")


def covers(wide: Sequence[Condition], narrow: Sequence[Condition]) -> bool:
    """Whether a row with the conditions `wide` catches every document that one with `narrow` does."""
    return all(any(implies(one, other) for one in narrow) for other in wide)


def implies(one: Condition, other: Condition) -> bool:
    """Whether `other` is known to hold for every value for which `one` holds."""
    if one.fact != other.fact:
        return False
    if one.operator == "is":
        return all(map(other.test, one.wanted))
    if one.operator == "empty" and one.wanted == (True,):
        return other.test(None) and other.test("")
    if other.operator == "not":
        return not any(map(one.test, other.wanted))
    if other.operator == "empty":
        return other.wanted == (False,) and not one.test(None) and not one.test("")
    if one.operator in _SEARCHES and other.operator in _SEARCHES:
        return _finds(one, other)
    return one.operator in _RANGES and other.operator in _RANGES and _lies_in(_range(one), _range(other))


def _finds(one: Condition, other: Condition) -> bool:
    """A text that starts with (or holds) one of ours starts with (or holds) one of the other's."""
    ours, theirs = [str(text) for text in one.wanted], [str(text) for text in other.wanted]
    if other.operator == "starts":
        return one.operator == "starts" and all(text.startswith(tuple(theirs)) for text in ours)
    return all(any(their in text for their in theirs) for text in ours)


class _Range(NamedTuple):
    """Numbers or days; None where there is no limit. An open end leaves the limit itself out."""

    low: Operand | None
    high: Operand | None
    open: bool


def _range(condition: Condition) -> _Range:
    if condition.operator == "above":
        return _Range(condition.wanted[0], None, True)
    if condition.operator == "below":
        return _Range(None, condition.wanted[0], True)
    return _Range(condition.wanted[0], condition.wanted[1], False)


def _lies_in(inner: _Range, outer: _Range) -> bool:
    strict = outer.open and not inner.open
    low = outer.low is None or (inner.low is not None and _before(outer.low, inner.low, strict))
    high = outer.high is None or (inner.high is not None and _before(inner.high, outer.high, strict))
    return low and high


def _before(one: Operand, other: Operand, strict: bool) -> bool:
    """Whether `one` comes before `other` (or is the same, unless `strict`); both are numbers or both days."""
    if isinstance(one, Decimal) and isinstance(other, Decimal):
        return one < other or (one == other and not strict)
    return str(one) < str(other) or (one == other and not strict)
