"""What the mart tells of daily summaries: the documents behind each line. Nothing of it is personal."""

from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy.engine import Connection

from mappings.jsontext import parse
from mappings.summary import LineKey, line_key, read_series
from state import summaries
from state.mart import Row


def tables(conn: Connection) -> Mapping[str, Iterable[Row]]:
    """Rows by table of `mart.sql`, read page by page while they are written."""
    return {
        "summaries": _summaries(conn),
        "summary_lines": _lines(conn),
        "summary_documents": _documents(conn),
        "summary_parts": _parts(conn),
    }


def _summaries(conn: Connection) -> Iterator[Row]:
    for one in summaries.all_summaries(conn):
        of = read_series(one.head)
        head = (of.kind, of.store, of.method, of.currency, of.customer)
        yield one.key, one.number, one.day, *head, one.documents, one.list_hash


def _lines(conn: Connection) -> Iterator[Row]:
    for one in summaries.all_summaries(conn):
        for number, line in enumerate(parse(one.lines), start=1):
            named = (line["role"], line["account"], line["item"], line.get("tax_code", ""), line.get("tax_rate", ""))
            yield one.key, number, *named, line["amount"], line["documents"]


def _documents(conn: Connection) -> Iterator[Row]:
    for one in summaries.members(conn):
        named = (one.document, one.summary or None, one.kind, one.number, one.order_key.partition("/")[2])
        yield *named, one.amount, one.tax, one.currency


def _parts(conn: Connection) -> Iterator[Row]:
    places: dict[str, dict[LineKey, int]] = {}
    for one in summaries.all_summaries(conn):
        places[one.key] = {line_key(line): number for number, line in enumerate(parse(one.lines), start=1)}
    for member in summaries.members(conn):
        if member.summary:
            for line in parse(member.entry)["lines"]:
                yield member.summary, places[member.summary][line_key(line)], member.document, line["amount"]
