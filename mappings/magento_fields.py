"""Fields of a Magento REST document: checked values out of untrusted JSON, with the path of what is wrong.

Each reader takes many fields at once: one look at their types when all is well, and field by field only to say what
is wrong. Null stands for missing everywhere. Numbers are `Decimal` (or int), as `mappings.magento.parse` makes them.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any, Final, ParamSpec, Self, TypeVar

from mappings.model import ZERO

Document = Mapping[str, Any]
P = ParamSpec("P")
T = TypeVar("T")

LARGEST_AMOUNT: Final = Decimal(10) ** 15
LARGEST_ID: Final = Decimal(2**63 - 1)
NOTHING: Final[Document] = MappingProxyType({})
_DECIMAL: Final = frozenset((Decimal,))
_TEXT: Final = frozenset((str,))
_TEXT_OR_NULL: Final = frozenset((str, type(None)))
_OBJECT: Final = frozenset((dict,))


class Unreadable(Exception):
    """What is wrong with a document and where; the readers turn it into a `Problem`, so it never leaves them."""

    def __init__(self, field: str, reason: str, code: str = "malformed-record", amount: Decimal | None = None) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason
        self.code = code
        self.amount = amount

    def inside(self, path: str) -> Self:
        """The same fault, seen from the document that holds `path`."""
        return type(self)(f"{path}.{self.field}", self.reason, self.code, self.amount)


def within(path: str, read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call `read`; a fault inside gets `path` in front of its field."""
    try:
        return read(*args, **kwargs)
    except Unreadable as fault:
        raise fault.inside(path) from None


def amounts(document: Document, names: Sequence[str], required: int = 0) -> tuple[Decimal, ...]:
    """The numbers called `names`; the first `required` of them must be there, others are zero when missing.

    Raises `Unreadable` for text, booleans, NaN and what no shop can charge (10^15 and more).
    """
    values: tuple[Any, ...] = tuple(map(document.get, names))
    if _DECIMAL.issuperset(map(type, values)):
        try:
            if min(values) > -LARGEST_AMOUNT and max(values) < LARGEST_AMOUNT:
                return values
        except InvalidOperation:
            pass  # NaN does not compare: the slow way below names the field
    return tuple([_amount(names[index], value, index < required) for index, value in enumerate(values)])


def _amount(name: str, value: object, required: bool) -> Decimal:
    if value is None:
        if required:
            raise Unreadable(name, "is missing")
        return ZERO
    if type(value) is int:
        value = Decimal(value)
    if not isinstance(value, Decimal) or value.is_nan():
        raise Unreadable(name, "is not a number")
    if not -LARGEST_AMOUNT < value < LARGEST_AMOUNT:
        raise Unreadable(name, "is too large for an amount")
    return value


def texts(document: Document, names: Sequence[str]) -> tuple[str, ...]:
    """The texts called `names`, empty when missing. Raises `Unreadable` for anything that is not text."""
    values: tuple[Any, ...] = tuple(map(document.get, names))
    if _TEXT.issuperset(map(type, values)):
        return values
    if _TEXT_OR_NULL.issuperset(map(type, values)):
        return tuple([value or "" for value in values])
    return tuple(map(_text, names, values))


def _text(name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    raise Unreadable(name, "is not text")


def text(document: Document, name: str) -> str:
    """One text, empty when missing."""
    value = document.get(name)
    return value if type(value) is str else _text(name, value)


def needed(document: Document, name: str) -> str:
    """One text that must not be empty."""
    value = text(document, name)
    if not value:
        raise Unreadable(name, "is missing")
    return value


def whole(document: Document, name: str) -> int | None:
    """A whole number from 0 to 2^63-1 (an id, a flag), None when missing."""
    value = document.get(name)
    # The same quantum as 0: written without a fraction, as ids are. Infinity and NaN never have it.
    if type(value) is Decimal and value.same_quantum(ZERO) and ZERO <= value <= LARGEST_ID:
        return int(value)
    return None if value is None else _whole(name, value)


def _whole(name: str, value: object) -> int:
    if type(value) is int:
        value = Decimal(value)
    if isinstance(value, Decimal) and value.is_finite():
        if not ZERO <= value <= LARGEST_ID:
            raise Unreadable(name, "is out of range")
        if (number := int(value)) == value:
            return number
    raise Unreadable(name, "is not a whole number")


def identifier(document: Document, name: str) -> int:
    """An id that must be there."""
    value = whole(document, name)
    if not value:
        raise Unreadable(name, "is missing")
    return value


def moment(document: Document, name: str) -> datetime:
    """A time as Magento writes it: `YYYY-MM-DD HH:MM:SS`, always UTC whatever the store's zone."""
    value = needed(document, name)
    # Years outside of a shop's life would overflow when moved to the store's time zone.
    if len(value) == 19 and "1990" <= value < "2200":
        try:
            return datetime.fromisoformat(value + "+00:00")
        except ValueError:
            pass
    raise Unreadable(name, "is not a date and time (YYYY-MM-DD HH:MM:SS)")


def currency(document: Document, name: str) -> str:
    """A currency code of three capital letters."""
    value = needed(document, name)
    if len(value) == 3 and value.isascii() and value.isalpha() and value.isupper():
        return value
    raise Unreadable(name, "is not a currency code")


def section(document: Document, name: str) -> Document:
    """An object inside the document; empty when missing (PHP writes an empty object as `[]`)."""
    value = document.get(name)
    if type(value) is dict:
        return value
    if value is None or value == []:
        return NOTHING
    raise Unreadable(name, "is not an object")


def rows(document: Document, name: str) -> list[dict[str, Any]]:
    """A list of objects inside the document; empty when missing."""
    value = document.get(name)
    if value is None:
        return []
    if type(value) is not list:
        raise Unreadable(name, "is not a list")
    if not _OBJECT.issuperset(map(type, value)):
        index = next(index for index, row in enumerate(value) if type(row) is not dict)
        raise Unreadable(f"{name}[{index}]", "is not an object")
    return value
