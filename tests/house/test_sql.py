"""Every SQL statement of the staging store is understood by the DuckDB that is installed."""

from pathlib import Path

import duckdb
import pytest

from state import staging
from state.staging_fields import structure
from state.staging_sql import FOLDER, statements

VALUES = {"pages": ['{"items": []}'], "fields": structure("order")}  # without a value these have no shape to plan with
FILES = sorted(path.stem for path in FOLDER.glob("*.sql"))


@pytest.mark.parametrize("name", FILES)
def test_every_statement_is_understood(name: str, tmp_path: Path) -> None:
    """Planned without being carried out; what creates tables and views is carried out, as the mart needs it in turn."""
    texts = statements(name).values() or [(FOLDER / f"{name}.sql").read_text()]
    with staging.open(tmp_path / "staging.duckdb") as store, store.cursor() as cursor:
        cursor.execute("ATTACH ':memory:' AS mart")
        for statement in (each for text in texts for each in duckdb.extract_statements(text)):
            creates = statement.type is duckdb.StatementType.CREATE
            values = {name: VALUES.get(name) for name in statement.named_parameters}
            cursor.execute(statement.query if creates else f"EXPLAIN {statement.query}", values)


@pytest.mark.parametrize("name", FILES)
def test_statements_of_one_file_have_different_names(name: str) -> None:
    assert (FOLDER / f"{name}.sql").read_text().count("-- name: ") == len(statements(name))
