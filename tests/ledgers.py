"""Ledgers for tests: SQLite's is migrated once in a process and copied for each test, as PostgreSQL's is."""

import shutil
import sqlite3
import tempfile
from contextlib import closing
from functools import cache
from pathlib import Path

from state import ledger
from state.ledger import Ledger

LEDGER = "ledger.sqlite"


def lay_ledger(path: Path) -> str:
    """Put an empty, migrated ledger at `path`; returns its URL."""
    path.touch(0o600)
    path.write_bytes(_migrated())
    return f"sqlite:///{path}"


@cache
def _migrated() -> bytes:
    """The ledger's file as `connect` makes it; SQLite folds its WAL into the file when the last connection closes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.sqlite"
        ledger.connect(f"sqlite:///{path}").dispose()
        assert [one.name for one in path.parent.iterdir()] == [path.name]
        return path.read_bytes()


def back_up(home: Path, into: Path) -> Path:
    """A backup of a whole home, its ledger as `sqlite3 .backup` makes it."""
    shutil.copytree(home, into, ignore=shutil.ignore_patterns(f"{LEDGER}*"))
    with closing(sqlite3.connect(home / LEDGER)) as now, closing(sqlite3.connect(into / LEDGER)) as then:
        now.backup(then)
    return into


def restore_ledger(engine: Ledger, home: Path, backup: Path) -> None:
    """Put the ledger of a backup in the place of a home's present one."""
    engine.dispose()
    for path in home.glob(f"{LEDGER}*"):
        path.unlink()
    shutil.copy2(backup / LEDGER, home / LEDGER)
