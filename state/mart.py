"""The mart: `books.duckdb`, which accountants and notebooks may open at any time, because nobody ever writes into it.

It is made anew beside its place and then put there in one step; readers keep the file they have open. It holds the
canonical tables and what became of each document, and no personal data: no names, e-mail, addresses, phone numbers.
"""

import os
from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import duckdb

from state import staging
from state.staging_sql import statements

Row = tuple[Any, ...]
NOTHING: Final[Mapping[str, Iterable[Row]]] = MappingProxyType({})


class Booked(NamedTuple):
    """A document as the ledger knows it: outbox key, kind of entry, document number, date, amount in `currency`
    (None for a document that cannot be read),
    status (`posted`, `rejected`, `held`, ...) and QuickBooks' id (empty while it has none)."""

    key: str
    kind: str
    number: str
    txn_date: date | None
    amount: Decimal | None
    currency: str
    status: str
    qb_id: str


def publish(
    staging_path: Path, books_path: Path, rows: Iterable[Booked], more: Mapping[str, Iterable[Row]] = NOTHING
) -> None:
    """Replace the mart by what staging and ledger hold now. `more` are rows of the ledger's other tables, by name.

    Raises `staging.StagingBusy` when another process keeps the staging file. A crash leaves the old mart in place.
    """
    fresh = books_path.with_name(f".{books_path.name}.{os.getpid()}")
    try:
        with staging.open(staging_path) as store:
            _fill(store, fresh)
        _add(fresh, {"documents": rows, **more})
        fresh.replace(books_path)
    finally:
        for left in (fresh, fresh.with_name(f"{fresh.name}.wal")):
            left.unlink(missing_ok=True)


def _fill(store: staging.Staging, fresh: Path) -> None:
    """Copy the canonical tables, from the connection that holds staging: one file cannot be opened twice."""
    fresh.unlink(missing_ok=True)
    with store.cursor() as cursor:
        cursor.execute("ATTACH $path AS mart", {"path": str(fresh)})
        for statement in statements("mart").values():
            cursor.execute(statement)
        cursor.execute("DETACH mart")


def _add(fresh: Path, tables: Mapping[str, Iterable[Row]]) -> None:
    with closing(duckdb.connect(str(fresh))) as connection:
        for name, rows in tables.items():
            with connection.appender(name) as appender:
                appender.append_rows(rows)
