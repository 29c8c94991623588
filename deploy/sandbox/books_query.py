"""QuickBooks' query language, as much of it as Intuit documents: no OR, no joins, no projection.

`SELECT * FROM Customer WHERE DisplayName IN ('A', 'B') AND Active IN (true, false) ORDERBY Id STARTPOSITION 1
MAXRESULTS 1000`. Entity names are case-sensitive; inactive objects are left out unless `Active` is asked for.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from deploy.sandbox.books_fault import Fault
from deploy.sandbox.books_properties import PROPERTIES

_TOKEN = re.compile(r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*')|(?P<word>[\w.\-+:*]+)|(?P<sign><=|>=|<|>|=|,|\(|\)))")
_UNFILTERABLE = {"Payment": {"DocNumber"}}
MOST = 1000
ENTITIES = frozenset(PROPERTIES) & frozenset(
    (
        *("SalesReceipt", "Invoice", "CreditMemo", "RefundReceipt", "Payment", "Deposit", "JournalEntry"),
        *("Customer", "Vendor", "Employee"),
        *("Item", "Account", "PaymentMethod", "Class", "Department", "Term", "TaxCode", "TaxRate"),
    )
) | {"CompanyInfo", "Preferences", "TaxAgency"}


@dataclass(frozen=True, slots=True)
class Condition:
    """`field operator values`: one value, or the list of an IN."""

    field: str
    operator: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed statement."""

    entity: str
    count: bool
    conditions: tuple[Condition, ...]
    order: tuple[tuple[str, bool], ...]
    start: int
    limit: int


class _Reader:
    """Walks the tokens of a statement; every surprise is a syntax fault (4000)."""

    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        at = 0
        text = text.rstrip()
        while at < len(text):
            match = _TOKEN.match(text, at)
            if not match:
                raise _syntax(f"Encountered {text[at : at + 12]!r} at column {at + 1}")
            kind = match.lastgroup or ""
            self.tokens.append((kind, match.group(kind)))
            at = match.end()
        self.at = 0

    def peek(self) -> str:
        return self.tokens[self.at][1].upper() if self.at < len(self.tokens) else ""

    def take(self, *wanted: str) -> str:
        if self.at >= len(self.tokens):
            raise _syntax("Encountered the end of the query")
        text = self.tokens[self.at][1]
        if wanted and text.upper() not in wanted:
            raise _syntax(f"Encountered {text!r}, expected {' or '.join(wanted)}")
        self.at += 1
        return text

    def literal(self) -> str:
        kind = self.tokens[self.at][0] if self.at < len(self.tokens) else ""
        text = self.take()
        if kind == "text":
            return re.sub(r"\\(.)", r"\1", text[1:-1])
        if kind != "word":
            raise _syntax(f"Encountered {text!r}, expected a value")
        return text

    def number(self) -> int:
        text = self.take()
        if not text.isdigit():
            raise _syntax(f"Encountered {text!r}, expected a number")
        return int(text)


def _syntax(detail: str) -> Fault:
    return Fault("4000", f"QueryParserError: {detail}")


def parse(statement: str) -> Query:
    """Reads a statement. Raises Fault 4000 (syntax) or 4001 (what cannot be asked)."""
    reader = _Reader(statement)
    reader.take("SELECT")
    count = reader.take("*", "COUNT").upper() == "COUNT"
    if count:
        reader.take("(")
        reader.take("*")
        reader.take(")")
    reader.take("FROM")
    entity = reader.take()
    if entity not in ENTITIES:
        raise Fault("4001", f"QueryValidationError: Invalid context declaration: {entity}")
    conditions = _conditions(reader, entity) if reader.peek() == "WHERE" else ()
    order = _order(reader, entity) if reader.peek() in ("ORDERBY", "ORDER") else ()
    start, limit = 1, 100
    while reader.peek() in ("STARTPOSITION", "MAXRESULTS"):
        if reader.take().upper() == "STARTPOSITION":
            start = reader.number()
        else:
            limit = reader.number()
    if reader.at < len(reader.tokens):
        raise _syntax(f"Encountered {reader.take()!r}")
    if limit > MOST or start < 1:
        raise Fault("4001", f"QueryValidationError: value {limit if limit > MOST else start} is out of range")
    return Query(entity, count, conditions, order, start, limit)


def _conditions(reader: _Reader, entity: str) -> tuple[Condition, ...]:
    conditions = []
    while reader.peek() in ("WHERE", "AND"):
        reader.take()
        field = _field(reader.take(), entity)
        operator = reader.take("=", "<", ">", "<=", ">=", "IN", "LIKE").upper()
        if operator != "IN":
            conditions.append(Condition(field, operator, (reader.literal(),)))
            continue
        reader.take("(")
        values = [reader.literal()]
        while reader.peek() == ",":
            reader.take()
            values.append(reader.literal())
        reader.take(")")
        conditions.append(Condition(field, "IN", tuple(values)))
    return tuple(conditions)


def _field(name: str, entity: str) -> str:
    first = name.split(".")[0]
    if first not in PROPERTIES.get(entity, {first}) or name in _UNFILTERABLE.get(entity, ()):
        raise Fault("4001", f"QueryValidationError: property {name} not found for Entity {entity}")
    return name


def _order(reader: _Reader, entity: str) -> tuple[tuple[str, bool], ...]:
    if reader.take().upper() == "ORDER":
        reader.take("BY")
    order = []
    while True:
        name = _field(reader.take(), entity)
        descending = reader.peek() == "DESC"
        if reader.peek() in ("ASC", "DESC"):
            reader.take()
        order.append((name, descending))
        if reader.peek() != ",":
            return tuple(order)
        reader.take()


def run(query: Query, objects: Iterable[Mapping[str, Any]]) -> tuple[list[Mapping[str, Any]], int]:
    """The page of objects, and how many match in all."""
    tests = list(query.conditions)
    if not any(one.field == "Active" for one in tests):
        objects = (one for one in objects if one.get("Active", True))
    found = [one for one in objects if all(_holds(test, one) for test in tests)]
    for name, descending in reversed(query.order):
        found.sort(key=lambda one: _sort_key(value_at(one, name)), reverse=descending)
    return found[query.start - 1 : query.start - 1 + query.limit], len(found)


def value_at(one: Mapping[str, Any], path: str) -> Any:
    """The value at `MetaData.LastUpdatedTime`; references and e-mail addresses answer their plain value."""
    value: Any = one
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    if isinstance(value, Mapping):
        return value.get("value", value.get("Address", value.get("FreeFormNumber")))
    return value


def _sort_key(value: Any) -> tuple[int, Any, str]:
    text = _text(value)
    return (0, Decimal(text), "") if text.isdigit() else (1, Decimal(0), text)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _holds(test: Condition, one: Mapping[str, Any]) -> bool:
    value = value_at(one, test.field)
    if value is None:
        return False
    text = _text(value).casefold()
    if test.operator == "IN":
        return text in {wanted.casefold() for wanted in test.values}
    wanted = test.values[0].casefold()
    if test.operator == "LIKE":
        pattern = ".*".join(re.escape(part) for part in wanted.split("%"))
        return re.fullmatch(pattern, text, re.DOTALL) is not None
    return _compare(test.operator, text, wanted)


def _compare(operator: str, text: str, wanted: str) -> bool:
    left: Any = text
    right: Any = wanted
    try:
        left, right = Decimal(text), Decimal(wanted)
    except InvalidOperation:
        left, right = text.replace("+00:00", "z"), wanted.replace("+00:00", "z")
    return bool(
        {"=": left == right, "<": left < right, ">": left > right, "<=": left <= right}.get(operator, left >= right)
    )
