"""Staging: the DuckDB file with every Magento document as the shop last said it, reduced to the fields in use.

One process at a time holds the file, for a group of statements, never across a call over the network. Threads of that
process may work at the same time: each call uses a cursor of its own. Documents are JSON text; times are UTC.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random

from state.staging_fields import Kind, structure
from state.staging_sql import statements

LOCKED = "Could not set lock"


class StagingBusy(Exception):
    """Another process holds the staging file and did not let go in time."""


class BadPage(Exception):
    """An answer that is no page of documents: nothing of it was kept. The words hold nothing of its content."""


@dataclass(frozen=True, slots=True)
class Staging:
    """The open store. `connection` is for SQL of this package only."""

    connection: duckdb.DuckDBPyConnection


@dataclass(frozen=True, slots=True)
class Landed:
    """What a page held: `count` documents, the highest id (0 when empty), Magento's `total_count` (the count where
    it gave none), and how many documents were new or changed."""

    count: int
    last_id: int
    total_count: int
    changed: int


@dataclass(frozen=True, slots=True)
class Raw:
    """A landed document. `number` is its increment id, SKU or code; `seq` grows with each change; `payload` is JSON."""

    kind: str
    id: int
    number: str
    seq: int
    payload: str


@contextmanager
def open(path: Path | str, *, wait: float = 30.0, memory: str = "160MB") -> Iterator[Staging]:
    """Open or create the file; wait up to `wait` seconds for another process to let go of it (`StagingBusy`).

    `memory` is what DuckDB may take before it spills to disk beside the file.
    """
    with closing(_connect(Path(path), wait, memory)) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for name in ("schema", "tables"):
            for statement in statements(name).values():
                connection.execute(statement)
        yield Staging(connection)


def land(store: Staging, kind: Kind, page: bytes | str, run: str) -> Landed:
    """Keep a search answer (or a JSON list) in one statement and transaction: all of it, or nothing.

    Only the fields of `state.staging_fields` are stored. Landing a page again changes nothing. Raises `BadPage` for
    HTML, cut JSON, an answer without documents' ids or without items.
    """
    try:
        text = page if isinstance(page, str) else page.decode()
        if text.startswith("["):
            text = f'{{"items":{text},"total_count":0}}'
        values = {"page": text, "fields": structure(kind), "kind": kind, "run": run}
        with store.connection.cursor() as cursor:
            ((count, last_id, changed, total),) = cursor.execute(statements("documents")["land"], values).fetchall()
    except (UnicodeDecodeError, duckdb.InvalidInputException, duckdb.ConversionException, duckdb.ConstraintException):
        raise BadPage(f"Magento sent a page of {kind}s that cannot be read; nothing of it was kept") from None
    if total is None and not count:
        raise BadPage(f"Magento sent an answer without a list of {kind}s; nothing of it was kept")
    return Landed(count, last_id, total or count, changed)


def pages(store: Staging, kind: Kind, after_seq: int, size: int) -> Iterator[list[Raw]]:
    """Documents that landed or changed after `after_seq`, oldest change first, `size` at a time, never all at once.

    What changes while this is read is left for the next reading.
    """
    seqs = [seq for (seq,) in _rows(store, "seqs", kind=kind, after_seq=after_seq)]
    for start in range(0, len(seqs), size):
        part = seqs[start : start + size]
        if raws := [Raw(*row) for row in _rows(store, "slice", kind=kind, low=part[0], high=part[-1])]:
            yield raws


def by_ids(store: Staging, kind: Kind, ids: Sequence[int]) -> list[Raw]:
    """The landed documents with these entity ids, by id; missing ones are left out."""
    return [Raw(*row) for row in _rows(store, "by_ids", kind=kind, wanted=list(ids))]


def by_numbers(store: Staging, kind: Kind, numbers: Sequence[str]) -> list[Raw]:
    """The landed documents with these increment ids (SKUs, codes), exactly as written."""
    return [Raw(*row) for row in _rows(store, "by_numbers", kind=kind, wanted=list(numbers))]


def missing_orders(store: Staging) -> list[int]:
    """Entity ids of orders that landed invoices or credit memos name, but that have not landed themselves."""
    return [order_id for (order_id,) in _rows(store, "missing_orders")]


def last_seq(store: Staging, kind: Kind) -> int:
    """The highest sequence number of a kind; 0 when none has landed."""
    ((seq,),) = _rows(store, "last_seq", kind=kind)
    return int(seq)


def counts(store: Staging) -> dict[str, int]:
    """How many documents of each kind have landed."""
    return dict(_rows(store, "counts"))


def _rows(store: Staging, name: str, **values: object) -> list[tuple[Any, ...]]:
    with store.connection.cursor() as cursor:
        return cursor.execute(statements("documents")[name], values).fetchall()


def _connect(path: Path, wait: float, memory: str) -> duckdb.DuckDBPyConnection:
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory,
        "threads": 2,
        "preserve_insertion_order": False,
    }
    patient = Retrying(
        retry=retry_if_exception(lambda error: isinstance(error, duckdb.IOException) and LOCKED in str(error)),
        stop=stop_after_delay(wait),
        wait=wait_random(0.05, 0.2),
        retry_error_callback=_busy,
    )
    return patient(duckdb.connect, str(path), config=settings)


def _busy(_: object) -> duckdb.DuckDBPyConnection:
    raise StagingBusy("Another MageBooks process is using this company's staging file; try again when it has finished")
