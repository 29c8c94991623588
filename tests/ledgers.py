"""Ledgers for tests: SQLite's is migrated once in a process and copied for each test, as PostgreSQL's is."""

import tempfile
from functools import cache
from pathlib import Path

from state import ledger


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
