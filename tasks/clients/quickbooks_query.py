"""QuickBooks' query language: quoting, conditions, pages.

Facts (Intuit, "Data queries" page): no joins, no OR; `AND`, `IN`, `LIKE` with `%`; `ORDERBY`, `STARTPOSITION` from 1,
`MAXRESULTS` up to 1000; entity names are case-sensitive; inactive list objects only come when `Active` is asked for.
An apostrophe is escaped by a backslash, and the whole statement is percent-encoded once, as UTF-8.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote as percent

PAGE = 1000  # most rows one query may answer
NAMES_PER_QUERY = 50  # Intuit names no limit of an IN list; this stays far below any URL's

ACTIVE_OR_NOT = "Active IN (true, false)"


def quote(text: str) -> str:
    """A text as a query literal: `O'Keefe` becomes `'O\\'Keefe'`.

    The curly apostrophe (U+2019) is left as it is: it is no quote, and replacing it would look for another name.

    >>> quote("50% O'Keefe")
    "'50% O\\\\'Keefe'"
    """
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def literal(value: str | bool | int | date | datetime) -> str:
    """A value as a query literal; times are written in UTC. Raises ValueError for a time without zone."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return f"'{timestamp(value)}'"
    return f"'{value.isoformat()}'" if isinstance(value, date) else quote(str(value))


def timestamp(moment: datetime) -> str:
    """A moment as Intuit writes it, in UTC to the second. Raises ValueError for a time without zone."""
    if moment.tzinfo is None:
        raise ValueError("A time without zone has no place in a QuickBooks query")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def one_of(field: str, values: Iterable[str]) -> str:
    """The condition `field IN ('a', 'b')`. Raises ValueError for no values: QuickBooks refuses an empty list."""
    quoted = ", ".join(quote(value) for value in values)
    if not quoted:
        raise ValueError(f"No values to look for in {field}")
    return f"{field} IN ({quoted})"


def chunks(values: Sequence[str], size: int = NAMES_PER_QUERY) -> Iterator[Sequence[str]]:
    """The values in portions that fit one IN list."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def select(entity: str, where: str = "", *, start: int = 1, page: int = PAGE) -> str:
    """One page of an entity, ordered by Id, so that rows added meanwhile come last and move none.

    >>> select("Item", "Active = true", page=10)
    'SELECT * FROM Item WHERE Active = true ORDERBY Id STARTPOSITION 1 MAXRESULTS 10'
    """
    condition = f" WHERE {where}" if where else ""
    return f"SELECT * FROM {entity}{condition} ORDERBY Id STARTPOSITION {start} MAXRESULTS {page}"  # noqa: S608  (not SQL)


def count(entity: str, where: str = "") -> str:
    """The statement that counts rows."""
    return f"SELECT COUNT(*) FROM {entity}" + (f" WHERE {where}" if where else "")  # noqa: S608


def encoded(statement: str) -> str:
    """The statement as the value of `query=`: encoded once, nothing left that a URL reads otherwise."""
    return percent(statement, safe="")


def rows(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """The objects of a `QueryResponse`; an empty one has no list at all."""
    for value in answer.values():
        if isinstance(value, list):
            return value
    return []
