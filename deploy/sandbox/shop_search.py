"""Magento's `searchCriteria`: parsed from the query string and run over documents, quirks included.

Groups are ANDed, filters in a group ORed; unknown conditions mean eq; a sort order without direction is DESC;
text is compared without case and accents; times are compared as strings, offsets ignored. Observed on 2.4.7.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import parse_qsl

Document = Mapping[str, Any]
_PART = re.compile(r"[^\[\]]+")
_CAMEL = re.compile(r"(?<=[a-z])([A-Z])")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_NUMBER = re.compile(r"\s*-?\d+(\.\d+)?")


class BadSearch(ValueError):
    """The search is refused; `status` and `body` are Magento's answer."""

    def __init__(self, status: int, message: str, parameters: Any = None) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"message": message} | ({} if parameters is None else {"parameters": parameters})


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition on one column."""

    field: str
    value: str
    condition: str


@dataclass(slots=True)
class Search:
    """A parsed search. `page_size` None means all rows; `fields` is Magento's projection, or empty."""

    groups: list[list[Filter]] = field(default_factory=list)
    sorts: list[tuple[str, str]] = field(default_factory=list)
    page_size: int | None = None
    page: int | None = None
    fields: str = ""
    echo: dict[str, Any] = field(default_factory=dict)


def parse(query: str) -> Search:
    """Reads a query string. BadSearch when `searchCriteria` is missing or malformed."""
    tree: dict[str, Any] = {}
    found = False
    search = Search()
    for name, value in parse_qsl(query, keep_blank_values=True):
        parts = [_CAMEL.sub(r"_\1", part).lower() for part in _PART.findall(name)]
        if parts[:1] == ["search_criteria"]:
            found = True
            _put(tree, parts[1:], value)
        elif parts == ["fields"]:
            search.fields = value
    if not found:
        raise BadSearch(400, '"%fieldName" is required. Enter and try again.', {"fieldName": "searchCriteria"})
    search.groups = [
        [_filter(one) for one in _ordered(group.get("filters", {}))]
        for group in _ordered(tree.get("filter_groups", {}))
    ]
    search.sorts = [_sort(one) for one in _ordered(tree.get("sort_orders", {}))]
    search.page_size = _integer(tree, "page_size", "pageSize") or None
    search.page = _integer(tree, "current_page", "currentPage")
    search.echo = _echo(search, tree)
    return search


def run(
    search: Search, rows: Sequence[Document], columns: frozenset[str], unknown: Callable[[str], BadSearch]
) -> tuple[list[Document], int]:
    """The page of rows that the search wants, and how many rows match in all. BadSearch for an unknown column."""
    named = [f.field for group in search.groups for f in group] + [name for name, _ in search.sorts]
    for name in named:
        if name not in columns:
            raise unknown(name)
    found = list(rows)
    for group in search.groups:
        tests = [_test(one) for one in group]
        found = [row for row in found if any(test(row) for test in tests)]
    for name, direction in reversed(search.sorts):
        found.sort(key=_key(name), reverse=direction == "DESC")
    if search.page_size is None:
        return found, len(found)
    start = (max(search.page or 1, 1) - 1) * search.page_size
    return found[start : start + search.page_size], len(found)


def _put(tree: dict[str, Any], parts: list[str], value: str) -> None:
    for part in parts[:-1]:
        tree = tree.setdefault(part, {})
    if parts:
        tree[parts[-1]] = value


def _ordered(tree: Any) -> list[Any]:
    if not isinstance(tree, dict):
        return []
    return list(tree.values()) if all(isinstance(v, dict) for v in tree.values()) else [tree]


def _filter(tree: Mapping[str, str]) -> Filter:
    condition = tree.get("condition_type", "eq")
    if condition == "is":
        raise internal_error("is")
    return Filter(tree.get("field", ""), tree.get("value", ""), condition)


def _sort(tree: Mapping[str, str]) -> tuple[str, str]:
    direction = tree.get("direction", "DESC").upper()
    if direction not in ("ASC", "DESC"):
        message = "The sort order has to be specified as %1 for ascending order or %2 for descending order."
        raise BadSearch(400, message, ["ASC", "DESC"])
    return tree.get("field", ""), direction


def _integer(tree: Mapping[str, Any], name: str, shown: str) -> int | None:
    text = tree.get(name)
    if text is None:
        return None
    if not re.fullmatch(r"-?\d+", text):
        raise BadSearch(
            400,
            f'Error occurred during "{shown}" processing. The "{text}" value\'s type is invalid. '
            'The "int" type was expected. Verify and try again.',
        )
    return int(text)


def internal_error(about: str) -> BadSearch:
    """Magento's answer to whatever it did not expect, such as an unknown column of orders."""
    report = f"webapi-{sum(about.encode()) % 0xFFFFFF:06x}0000000"
    return BadSearch(500, f"Internal Error. Details are available in Magento log file. Report ID: {report}")


def invalid_attribute(about: str) -> BadSearch:
    """Magento's answer to an unknown attribute of products and customers."""
    return BadSearch(400, 'The "%1" attribute name is invalid. Reset the name and try again.', [about])


def _echo(search: Search, tree: Mapping[str, Any]) -> dict[str, Any]:
    groups = [
        {"filters": [{"field": f.field, "value": f.value, "condition_type": f.condition} for f in group]}
        for group in search.groups
    ]
    echo: dict[str, Any] = {"filter_groups": groups}
    if search.sorts:
        echo["sort_orders"] = [{"field": name, "direction": direction} for name, direction in search.sorts]
    if "page_size" in tree:
        echo["page_size"] = int(tree["page_size"])
    if search.page is not None:
        echo["current_page"] = search.page
    return echo


def _plain(text: str) -> str:
    if text.isascii():
        return text.lower()
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


def _number(text: str) -> Decimal:
    match = _NUMBER.match(text)
    try:
        return Decimal(match.group().strip()) if match else Decimal(0)
    except InvalidOperation:
        return Decimal(0)


def _time(text: str) -> str:
    return text.replace("T", " ")[:19]


def _key(name: str) -> Callable[[Document], Any]:
    def key(row: Document) -> tuple[bool, Any]:
        value = row.get(name)
        return (value is not None, _plain(value) if isinstance(value, str) else value)

    return key


def _test(one: Filter) -> Callable[[Document], bool]:
    name, condition = one.field, one.condition
    if condition == "null":
        return lambda row: row.get(name) is None
    if condition == "notnull":
        return lambda row: row.get(name) is not None
    if name.endswith("_at"):
        return _time_test(one)
    if condition in ("in", "nin", "finset"):
        words = [_plain(word.strip()) for word in one.value.split(",")]
        numbers = {_number(word) for word in words}
        return lambda row: _member(row.get(name), words, numbers) is (condition != "nin")
    if condition == "like":
        pattern = re.compile(_like(_plain(one.value)), re.DOTALL)
        return lambda row: row.get(name) is not None and pattern.fullmatch(_plain(str(row[name]))) is not None
    word, number, compare = _plain(one.value), _number(one.value), _COMPARE.get(condition, _COMPARE["eq"])

    def test(row: Document) -> bool:
        value = row.get(name)
        if value is None:
            return False
        return compare(_plain(value), word) if isinstance(value, str) else compare(value, number)

    return test


def _time_test(one: Filter) -> Callable[[Document], bool]:
    if not _DATE.match(one.value):
        return lambda row: True  # MySQL reads anything else as no time at all: every row matches
    wanted, compare = _time(one.value), _COMPARE.get(one.condition, _COMPARE["eq"])
    return lambda row: compare(row[one.field], wanted)


def _member(value: Any, words: list[str], numbers: set[Decimal]) -> bool | None:
    if value is None:
        return None
    return _plain(value) in words if isinstance(value, str) else value in numbers


def _like(pattern: str) -> str:
    return "".join({"%": ".*", "_": "."}.get(char) or re.escape(char) for char in pattern)


_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: a == b,
    "neq": lambda a, b: a != b,
    "gt": lambda a, b: a > b,
    "gteq": lambda a, b: a >= b,
    "moreq": lambda a, b: a >= b,
    "from": lambda a, b: a >= b,
    "lt": lambda a, b: a < b,
    "lteq": lambda a, b: a <= b,
    "to": lambda a, b: a <= b,
}
