"""The ledger's engine: opening, migrating, and the one way to hold a transaction.

SQLite by default (WAL, `synchronous=FULL`, every write transaction starts with BEGIN IMMEDIATE, so two
processes queue up instead of failing half-way); the same schema on PostgreSQL by URL. Owns no business rule.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.engine.url import make_url

HEAD = "0006"
"""The newest revision in `state/migrations`; a ledger at this revision opens without importing Alembic."""

BUSY_MILLISECONDS = 30_000
MIGRATION_LOCK = 0x6D616765  # "mage": an advisory lock of PostgreSQL, so that only one process migrates
CHUNK = 500  # keys in one IN (...), well below SQLite's limit on bound values

T = TypeVar("T")
Ledger = Engine  # what `connect` opens, under the name that the rest of the house uses


__all__ = ["Connection", "Ledger", "LedgerError", "begin", "connect", "reading"]


class LedgerError(Exception):
    """The ledger cannot be used as it is; the message says what to do."""


def connect(url: str) -> Engine:
    """Open the ledger at a SQLAlchemy URL, creating or migrating its schema first.

    Raises LedgerError when the schema was written by a newer version.
    """
    engine = _engine(url)
    try:
        with reading(engine) as conn:
            version = _version(conn)
        if version != HEAD:
            with begin(engine) as conn:
                _migrate(conn)
    except BaseException:
        engine.dispose()
        raise
    return engine


@contextmanager
def begin(engine: Engine) -> Iterator[Connection]:
    """One short write transaction: commit at the end, roll back on any exception. Never hold it across HTTP."""
    with engine.begin() as conn:
        yield conn


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent look at the ledger that neither waits for a writer nor makes one wait."""
    with engine.connect().execution_options(magebooks_reading=True) as conn:
        yield conn


def insert(conn: Connection, table: sa.Table) -> sqlite.Insert:
    """An INSERT that knows ON CONFLICT in the connection's dialect."""
    return _insert(conn.dialect.name, table)


def _insert(dialect: str, table: sa.Table) -> sqlite.Insert:
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql  # slow to import, and most homes have SQLite

        return postgresql.insert(table)  # type: ignore[return-value]  # the same two methods
    return sqlite.insert(table)


def upsert(conn: Connection, table: sa.Table, rows: Sequence[dict[str, Any]], keep: Sequence[str] = ()) -> None:
    """Insert rows, or overwrite those with the same primary key, except the columns named in `keep`."""
    if rows:
        conn.execute(_upsert(conn.dialect.name, table, (*rows[0],), tuple(keep)), list(rows))


@cache
def _upsert(dialect: str, table: sa.Table, names: tuple[str, ...], keep: tuple[str, ...]) -> sa.Insert:
    statement = _insert(dialect, table)
    primary = [column.name for column in table.primary_key]
    changes = {name: statement.excluded[name] for name in names if name not in primary and name not in keep}
    return statement.on_conflict_do_update(index_elements=primary, set_=changes)


def ensure(conn: Connection, table: sa.Table, row: dict[str, Any]) -> None:
    """Insert a row unless its primary key (or another unique value of it) is there already."""
    conn.execute(insert(conn, table).on_conflict_do_nothing(), row)


def chunks(values: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """Cut a long sequence into pieces that fit into one statement."""
    return (values[start : start + size] for start in range(0, len(values), size))


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    # Bound values are whole documents: they must be in no exception's text and in no log.
    if parsed.get_backend_name() != "sqlite":
        return sa.create_engine(parsed, pool_pre_ping=True, hide_parameters=True)
    if parsed.database and parsed.database != ":memory:":
        _create_private(Path(parsed.database))
    engine = sa.create_engine(parsed, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _create_private(path: Path) -> None:
    """Make the file readable by its owner alone, before SQLite would make it by the umask.

    SQLite gives its WAL files the same mode. A file that is there must not even be opened here: closing it would
    drop every lock that this process holds on it, and another process could then remove the WAL under our feet
    (SQLite, "How to corrupt an SQLite database file", 2.2).
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver's own transaction handling starts transactions late and deferred; ours begin at once.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")


def _begin_sqlite(conn: Connection) -> None:
    reads = conn.get_execution_options().get("magebooks_reading", False)
    conn.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _version(conn: Connection) -> str | None:
    if not sa.inspect(conn).has_table("alembic_version"):
        return None
    return conn.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def _migrate(conn: Connection) -> None:
    """Bring the schema to HEAD inside the caller's transaction; a second process waits and finds it done."""
    if conn.dialect.name == "postgresql":
        conn.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATION_LOCK)))
    if _version(conn) == HEAD:
        return
    from alembic import command
    from alembic.util import CommandError

    try:
        command.upgrade(alembic_config(conn), HEAD)
    except CommandError as error:
        raise LedgerError(
            f"the ledger has schema revision {_version(conn)!r}, which this version of MageBooks does not know; "
            "install the version that wrote it, or a newer one"
        ) from error


def alembic_config(conn: Connection) -> Any:
    """Alembic's configuration for the revisions in this package, on an open connection."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = conn
    return config
