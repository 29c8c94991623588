"""The DuckDB file of the staging store: opened for a group of statements, by one process at a time.

Threads of that process may work at the same time: each statement runs on a cursor of its own. Times are UTC.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random

from state.announcing import Wait
from state.staging_sql import statements

LOCKED = "Could not set lock"


class StagingBusy(Exception):
    """Another process holds the staging file and did not let go in time."""


@dataclass(frozen=True, slots=True)
class Staging:
    """The open store. `connection` is for SQL of this package only."""

    connection: duckdb.DuckDBPyConnection

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor of its own, for which names mean the store's tables."""
        with self.connection.cursor() as cursor:
            yield cursor.execute("USE staging")

    def rows(self, statement: str, **values: object) -> list[tuple[Any, ...]]:
        """All rows of a statement, its values bound by name."""
        with self.cursor() as cursor:
            return cursor.execute(statement, values).fetchall()


@contextmanager
def open(path: Path | str, *, wait: float = 30.0, memory: str = "128MB") -> Iterator[Staging]:
    """Open or create the file; wait up to `wait` seconds for another process to let go of it (`StagingBusy`).

    `memory` is what DuckDB may take before it spills to disk beside the file.
    """
    with closing(_connect(Path(path), wait, memory)) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        _lay_out(connection)
        yield Staging(connection)


def _lay_out(connection: duckdb.DuckDBPyConnection) -> None:
    """Create tables and views, unless this version of them is there already."""
    wanted = [*statements("schema").values(), *statements("tables").values()]
    digest = sha256("".join(wanted).encode()).hexdigest()
    connection.execute("CREATE TABLE IF NOT EXISTS layout (digest VARCHAR PRIMARY KEY)")
    if not connection.execute("SELECT 1 FROM layout WHERE digest = $digest", {"digest": digest}).fetchall():
        for statement in wanted:
            connection.execute(statement)
        connection.execute("INSERT INTO layout VALUES ($digest)", {"digest": digest})


def _connect(path: Path, wait: float, memory: str) -> duckdb.DuckDBPyConnection:
    patient = Retrying(
        sleep=Wait("another MageBooks process that uses this company's staging file", wait).block,
        retry=retry_if_exception(lambda error: isinstance(error, duckdb.IOException) and LOCKED in str(error)),
        stop=stop_after_delay(wait),
        wait=wait_random(0.05, 0.2),
        retry_error_callback=_busy,
    )
    return patient(_attach, path, memory)


def _attach(path: Path, memory: str) -> duckdb.DuckDBPyConnection:
    """A connection that has the file as `staging`: attached, because only so its row groups can be small.

    A group is read and written as a whole whenever the file is closed after an insert into it; documents are long.
    """
    connection = duckdb.connect(
        config={
            "memory_limit": memory,
            "threads": 1,  # pages are landed one after the other, while the next ones are read
            "temp_directory": f"{path}.tmp",
            "preserve_insertion_order": False,
            "disabled_optimizers": "common_subplan",  # it writes out the whole plan, pages in it, for each of its steps
        }
    )
    try:
        connection.execute("ATTACH $path AS staging (ROW_GROUP_SIZE 2048)", {"path": str(path)})
        return connection.execute("USE staging")
    except BaseException:
        connection.close()
        raise


def _busy(_: object) -> duckdb.DuckDBPyConnection:
    raise StagingBusy("Another MageBooks process is using this company's staging file; try again when it has finished")
