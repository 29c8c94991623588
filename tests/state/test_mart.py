"""The published mart: complete, without personal data, replaced in one step under readers' eyes."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from state import mart, staging
from state.mart import Booked
from state.staging import Kind
from tests.state.test_staging import page, recorded

POSTED = Booked(
    "order/000000002", "sales_receipt", "000000002", date(2026, 11, 20), Decimal("1428.40"), "USD", "posted", "145"
)
HELD = Booked("order/000000003", "held", "000000003", None, Decimal("36.7629"), "USD", "held", "")
KINDS: tuple[Kind, ...] = ("order", "invoice", "customer", "product")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home whose folder's name needs care, with everything recorded landed."""
    folder = tmp_path / "it's a shop"
    folder.mkdir()
    with staging.open(folder / "staging.duckdb") as store:
        for kind in KINDS:
            staging.land(store, kind, page(recorded(kind)), "run")
    return folder


def publish(home: Path, *rows: Booked) -> None:
    mart.publish(home / "staging.duckdb", home / "books.duckdb", iter(rows))


def ask(home: Path, question: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(home / "books.duckdb"), read_only=True) as connection:
        return connection.execute(question).fetchall()


def test_sql_joins_the_shop_with_the_books(home: Path) -> None:
    publish(home, POSTED, HELD)
    joined = "FROM orders o JOIN documents d USING (number) ORDER BY number"
    found = ask(home, f"SELECT number, o.grand_total - d.amount, d.status, d.qb_id {joined}")
    assert found == [("000000002", Decimal(0), "posted", "145"), ("000000003", Decimal(0), "held", "")]
    ((lines, orders),) = ask(home, "SELECT count(*), count(DISTINCT order_id) FROM order_lines")
    assert (lines, orders) == (sum(len(one["items"]) for one in recorded("order")), len(recorded("order")))


def test_amounts_are_decimals_and_times_have_a_type(home: Path) -> None:
    publish(home)
    types = {kind for (kind,) in ask(home, "SELECT DISTINCT data_type FROM duckdb_columns() WHERE NOT internal")}
    assert types == {"BIGINT", "BOOLEAN", "DATE", "DECIMAL(18,4)", "INTEGER", "TIMESTAMP", "VARCHAR"}


def test_no_personal_data_is_published(home: Path) -> None:
    publish(home, POSTED)
    content = (home / "books.duckdb").read_bytes()
    for order in recorded("order"):
        for personal in (order["customer_email"], order["billing_address"]["telephone"]):
            assert len(personal) < 6 or personal.encode() not in content
    assert b"Analytical Way" not in content
    tables = ask(home, "SELECT table_name FROM duckdb_tables() ORDER BY 1")
    of_shop = ["customers", "documents", "invoices", "order_lines", "orders", "products"]
    of_summaries = ["summaries", "summary_documents", "summary_lines", "summary_parts"]
    assert [name for (name,) in tables] == of_shop + of_summaries


def test_a_reader_keeps_its_copy_and_the_next_sees_the_new_one(home: Path) -> None:
    publish(home, POSTED)
    with duckdb.connect(str(home / "books.duckdb"), read_only=True) as reader:
        publish(home, POSTED, HELD)
        assert reader.execute("SELECT count(*) FROM documents").fetchall() == [(1,)]
    assert ask(home, "SELECT count(*) FROM documents") == [(2,)]
    assert sorted(path.name for path in home.iterdir()) == ["books.duckdb", "staging.duckdb"]


def test_a_failure_leaves_the_old_mart_and_no_rubbish(home: Path) -> None:
    publish(home, POSTED)
    with pytest.raises(duckdb.ConstraintException):
        publish(home, POSTED, POSTED)
    assert ask(home, "SELECT key FROM documents") == [("order/000000002",)]
    assert sorted(path.name for path in home.iterdir()) == ["books.duckdb", "staging.duckdb"]


def test_an_empty_staging_makes_an_empty_mart(tmp_path: Path) -> None:
    publish(tmp_path)
    assert ask(tmp_path, "SELECT (SELECT count(*) FROM orders) + (SELECT count(*) FROM documents)") == [(0,)]
