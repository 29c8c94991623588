"""Landing documents: once, whole or not at all, newest wins, and read back in the order of change."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from deploy.sandbox.seeds_wire import wire
from mappings import magento
from mappings.model import Amounts, Order, Problem
from state import staging
from state.staging import Raw, Staging
from state.staging_fields import KINDS, Kind
from state.staging_sql import FOLDER, statements
from tests.mappings.rest_rows import FORMS, sold
from tests.mappings.rest_rows import order as rest_order

RECORDED = Path(__file__).parents[1] / "recordings" / "magento"
FILES: dict[Kind, str] = {
    "order": "orders",
    "invoice": "invoices",
    "creditmemo": "creditmemos",
    "shipment": "shipments",
    "customer": "customers",
    "product": "products",
    "store": "storeConfigs",
    "store_view": "storeViews",
    "group": "customerGroups",
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Staging]:
    with staging.open(tmp_path / "staging.duckdb") as opened:
        yield opened


def recorded(kind: Kind) -> list[dict[str, Any]]:
    documents = json.loads((RECORDED / f"{FILES[kind]}.json").read_text())
    return documents["items"] if isinstance(documents, dict) else documents


def page(documents: list[Any], total: int | None = None) -> bytes:
    return json.dumps({"items": documents, "total_count": len(documents) if total is None else total}).encode()


def order(entity_id: int, updated_at: str = "2026-11-21 01:00:00", **fields: Any) -> dict[str, Any]:
    return {"entity_id": entity_id, "increment_id": f"{entity_id:09d}", "updated_at": updated_at, **fields}


def kept(store: Staging, kind: Kind, entity_id: int) -> dict[str, Any]:
    (raw,) = staging.by_ids(store, kind, [entity_id])
    document: dict[str, Any] = json.loads(raw.payload)
    return document


def read(store: Staging, kind: Kind, after: int = 0) -> list[list[Raw]]:
    """All of a kind after a sequence number, in slices of ten."""
    return [staging.between(store, kind, low, high) for low, high in staging.slices(store, kind, after, 10)]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_lands_whole_and_landing_it_again_changes_nothing(store: Staging, kind: Kind) -> None:
    documents = recorded(kind)
    assert staging.land(store, kind, page(documents, 1000), "run-1") == len(documents)
    assert staging.land(store, kind, page(documents, 1000), "run-2") == 0
    assert staging.counts(store) == {kind: len(documents)}
    assert {raw.seq for part in read(store, kind) for raw in part} == set(range(1, len(documents) + 1))


@pytest.mark.parametrize("blank", [b"\n", b"\xef\xbb\xbf", b"\r\n\xef\xbb\xbf \n"])
def test_white_space_and_a_byte_order_mark_around_a_page_or_list_do_not_matter(store: Staging, blank: bytes) -> None:
    assert staging.land(store, "order", blank + b'{"items":[{"entity_id":7}],"total_count":1}' + blank, "run") == 1
    assert staging.land(store, "store", blank + b'[{"id":1,"code":"main"}]' + blank, "run") == 1
    assert staging.land(store, "store_view", (blank + b'[{"id":1,"code":"main"}]').decode(), "run") == 1


def test_readers_find_the_same_in_a_landed_document_as_in_the_original(store: Staging) -> None:
    documents = recorded("order")
    staging.land(store, "order", page(documents), "run")
    for document in documents:
        (raw,) = staging.by_ids(store, "order", [document["entity_id"]])
        found = magento.read_order(magento.parse(raw.payload))
        assert isinstance(found, Order)
        assert found == magento.read_order(magento.parse(json.dumps(document)))


def test_what_invoices_took_of_a_line_is_known_of_a_landed_order_whose_rest_was_cancelled(store: Staging) -> None:
    [document] = [one for one in recorded("order") if one["increment_id"] == "000000040"]
    for item in document["items"]:
        item["qty_canceled"] = 1  # of three, of which two are invoiced
    staging.land(store, "order", page([document]), "run")
    (raw,) = staging.by_ids(store, "order", [document["entity_id"]])
    found = magento.read_order(magento.parse(raw.payload))
    assert isinstance(found, Order)
    assert [line.invoiced for line in found.lines] == [Amounts(Decimal(102), Decimal(0), Decimal("8.41"), Decimal(0))]


def test_readers_find_the_same_in_landed_invoices_and_products(store: Staging) -> None:
    for document in recorded("invoice"):
        staging.land(store, "invoice", page([document]), "run")
        (raw,) = staging.by_ids(store, "invoice", [document["entity_id"]])
        assert magento.read_invoice(magento.parse(raw.payload)) == magento.read_invoice(
            magento.parse(json.dumps(document))
        )
    for document in recorded("product"):
        staging.land(store, "product", page([document]), "run")
        (raw,) = staging.by_numbers(store, "product", [document["sku"]])
        assert magento.read_product(magento.parse(raw.payload)) == magento.read_product(document)


def test_a_list_lands_like_a_search_answer(store: Staging) -> None:
    assert staging.land(store, "store", json.dumps(recorded("store")), "run") == 2


def test_a_changed_document_gets_a_new_place_in_the_sequence(store: Staging) -> None:
    staging.land(store, "order", page([order(1), order(2), order(3)]), "run")
    staging.land(store, "order", page([order(1, status="complete"), order(2)]), "run")
    assert [raw.id for part in read(store, "order") for raw in part] == [2, 3, 1]
    assert [raw.id for part in read(store, "order", 3) for raw in part] == [1]
    assert kept(store, "order", 1)["status"] == "complete"


def test_an_older_copy_never_replaces_a_newer_one(store: Staging) -> None:
    staging.land(store, "order", page([order(1, "2026-11-21 02:00:00", status="complete")]), "run")
    late = page([order(1, "2026-11-21 01:00:00", status="pending")])
    assert staging.land(store, "order", late, "run") == 0
    assert kept(store, "order", 1)["status"] == "complete"


def test_a_change_within_the_same_second_is_taken(store: Staging) -> None:
    staging.land(store, "order", page([order(1, status="pending")]), "run")
    assert staging.land(store, "order", page([order(1, status="processing")]), "run") == 1


def test_numbers_that_differ_per_kind_do_not_meet(store: Staging) -> None:
    staging.land(store, "order", page([order(1)]), "run")
    staging.land(store, "invoice", page([order(1, order_id=1)]), "run")
    assert staging.counts(store) == {"invoice": 1, "order": 1}


@pytest.mark.parametrize(
    "bad",
    [
        b"<!doctype html><title>Down</title>",
        b"",
        b'{"items":[{"entity_id":1,"increment_id":"000000001"},{"entity_id":2',
        b'{"items":[{"increment_id":"000000001"}],"total_count":1}',
        b'{"items":[{"entity_id":"one"}],"total_count":1}',
        b'{"items":[{"entity_id":1},{"entity_id":1}],"total_count":2}',
        b'{"items":[7],"total_count":1}',
        b'{"message":"secret@home.example"}',
        b'"text"',
        b"\xff\xfe",
        b"[{}]",
    ],
)
def test_a_page_that_cannot_be_read_lands_nothing_and_says_nothing_of_its_content(store: Staging, bad: bytes) -> None:
    staging.land(store, "order", page([order(5)]), "run")
    with pytest.raises(staging.BadPage, match="nothing of it was kept") as caught:
        staging.land(store, "order", bad, "run")
    assert "home.example" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert staging.counts(store) == {"order": 1}


def test_null_instead_of_a_list_is_an_empty_page(store: Staging) -> None:
    assert staging.land(store, "order", b'{"items":null,"total_count":0}', "run") == 0


def test_a_bad_page_does_not_lose_its_neighbours(store: Staging) -> None:
    with pytest.raises(staging.BadPage):
        staging.land_all(store, "order", [page([order(1)]), b"<html>", page([order(2)])], "run")
    assert staging.counts(store) == {"order": 2}


def test_pages_landed_together_all_land(store: Staging) -> None:
    pages = [page([order(number) for number in range(start, start + 20)]) for start in range(1, 401, 20)]
    assert staging.land_all(store, "order", pages, "run") == 400
    assert staging.newest(store) == 400


def test_pages_landed_together_may_hold_the_same_order_and_the_newest_copy_stays(store: Staging) -> None:
    newer = order(1, "2026-11-21 02:00:00", status="complete")
    staging.land_all(store, "order", [page([newer]), page([order(1, status="pending"), order(2)])], "run")
    assert staging.counts(store) == {"order": 2}
    assert kept(store, "order", 1)["status"] == "complete"


def test_a_page_too_heavy_for_the_usual_memory_gets_more(tmp_path: Path) -> None:
    longest = max(recorded("order"), key=lambda one: len(json.dumps(one)))
    heavy = page([longest | {"entity_id": number} for number in range(1, 101)])
    with staging.open(tmp_path / "staging.duckdb", memory="24MB") as store:
        assert staging.land(store, "order", heavy, "run") == 100


def test_a_price_of_a_wrong_type_survives_for_the_reader_to_complain(store: Staging) -> None:
    document = recorded("order")[0]
    document["items"][0]["base_price"] = "twelve"
    staging.land(store, "order", page([document]), "run")
    (raw,) = staging.by_ids(store, "order", [document["entity_id"]])
    problem = magento.read_order(magento.parse(raw.payload))
    assert isinstance(problem, Problem)
    assert problem.field == "items[0].base_price"
    ((price,),) = store.connection.execute("SELECT price FROM order_lines WHERE price IS NULL").fetchall()
    assert price is None


@pytest.mark.parametrize("form", FORMS)
def test_what_is_kept_of_a_row_is_enough_to_read_it_in_every_form(store: Staging, form: str) -> None:
    rows = [sold("40.00", "3", off="10", weee="2.50"), sold("99.95", off="10")]
    document = rest_order(rows, form)
    staging.land(store, "order", _search_answer(document), "run")
    (raw,) = staging.by_ids(store, "order", [int(document["entity_id"])])
    found = magento.read_order(magento.parse(raw.payload))
    assert isinstance(found, Order), found
    assert [line.gross for line in found.lines] == [row.row for row in rows]
    if form != "gross":
        net = store.connection.execute("SELECT net_row_total FROM order_lines ORDER BY item_id").fetchall()
        assert [amount for (amount,) in net] == [row.row - row.discount for row in rows]


def _search_answer(document: dict[str, Any]) -> bytes:
    return b'{"items":[' + wire(document) + b'],"total_count":1}'


def test_amounts_as_large_as_magentos_columns_keep_every_digit(store: Staging) -> None:
    text = b'{"items":[{"entity_id":1,"increment_id":"1","base_grand_total":123456789012.3456,"base_subtotal":0.0001}]}'
    staging.land(store, "order", text, "run")
    found = store.connection.execute("SELECT grand_total, subtotal FROM orders").fetchall()
    assert found == [(Decimal("123456789012.3456"), Decimal("0.0001"))]
    (raw,) = staging.by_ids(store, "order", [1])
    assert magento.parse(raw.payload)["base_grand_total"] == Decimal("123456789012.3456")


def test_changes_are_read_in_slices_that_miss_nothing(store: Staging) -> None:
    staging.land(store, "order", page([order(number) for number in range(1, 26)]), "run")
    staging.land(store, "invoice", page([order(1, order_id=1)]), "run")
    assert [len(part) for part in read(store, "order")] == [10, 10, 5]
    _, *later = staging.slices(store, "order", 0, 10)
    staging.land(store, "order", page([order(number, status="new") for number in range(11, 26)]), "run")
    assert [staging.between(store, "order", low, high) for low, high in later] == [[], []]
    assert [raw.id for part in read(store, "order", 26) for raw in part] == list(range(11, 26))


def test_orders_that_only_their_invoices_know_are_missing(store: Staging) -> None:
    staging.land(store, "order", page([order(1)]), "run")
    staging.land(store, "invoice", page([order(1, order_id=1), order(2, order_id=9)]), "run")
    staging.land(store, "creditmemo", page([order(1, order_id=8), order(2)]), "run")
    assert staging.missing_orders(store) == [8, 9]


def test_credit_memos_are_open_until_they_land_in_another_state(store: Staging) -> None:
    memos = [order(number, order_id=1, state=state) for number, state in ((1, 1), (2, 2), (3, 3), (4, 1), (5, "1x"))]
    staging.land(store, "creditmemo", page(memos), "run")
    staging.land(store, "invoice", page([order(9, order_id=1, state=1)]), "run")
    assert staging.open_memos(store) == [1, 4]
    staging.land(store, "creditmemo", page([order(1, order_id=1, state=2)]), "run")
    assert staging.open_memos(store) == [4]


def test_an_empty_store_answers_all_questions(store: Staging) -> None:
    assert staging.newest(store) == 0
    assert staging.missing_orders(store) == staging.open_memos(store) == []
    assert staging.slices(store, "order", 0, 10) == []
    assert staging.by_ids(store, "order", []) == []
    assert staging.shop(store) == staging.Shop({}, {})


def test_every_statement_compiles(store: Staging) -> None:
    store.connection.execute("ATTACH ':memory:' AS mart")
    for path in FOLDER.glob("*.sql"):
        for name, statement in statements(path.stem).items():
            assert statement.rstrip().endswith(";"), name
            if "\nCREATE " in f"\n{statement}":
                store.connection.execute(statement)  # DuckDB prepares no definitions
            elif name != "land":  # nor MERGE, which every other test here runs
                store.connection.execute(f"PREPARE checked AS {statement}")
                store.connection.execute("DEALLOCATE checked")


def test_the_file_is_made_once_and_its_views_follow_the_version(tmp_path: Path) -> None:
    path = tmp_path / "staging.duckdb"
    for _ in range(2):
        with staging.open(path) as store:
            staging.land(store, "order", page([order(1)]), "run")
    with staging.open(path) as store:
        store.connection.execute("DELETE FROM layout")
        store.connection.execute("DROP VIEW orders")
    with staging.open(path) as store:
        assert store.connection.execute("SELECT count(*) FROM orders").fetchall() == [(1,)]


HOLD = """
import sys, time
import duckdb
connection = duckdb.connect(sys.argv[1])
connection.execute("CREATE TABLE IF NOT EXISTS held (n INTEGER)")
print("held", flush=True)
time.sleep(float(sys.argv[2]))
"""


def hold(path: Path, seconds: float) -> "subprocess.Popen[str]":
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(path), str(seconds)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_another_process_is_waited_for(tmp_path: Path) -> None:
    with hold(tmp_path / "staging.duckdb", 0.5) as process, staging.open(tmp_path / "staging.duckdb") as store:
        assert staging.newest(store) == 0
        assert process.wait(5) == 0


def test_a_process_that_does_not_let_go_is_told_of(tmp_path: Path) -> None:
    process = hold(tmp_path / "staging.duckdb", 30)
    try:
        with (
            pytest.raises(staging.StagingBusy, match="Another MageBooks process"),
            staging.open(tmp_path / "staging.duckdb", wait=0.3),
        ):
            pass
    finally:
        process.kill()
        process.communicate()


def test_a_file_that_is_not_a_store_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "staging.duckdb"
    path.write_text("not a database")
    with pytest.raises(duckdb.IOException), staging.open(path):
        pass


LAND = """
import json, sys
from state import staging
def page(start):
    items = [{"entity_id": n, "increment_id": str(n), "status": "x" * 2000} for n in range(start, start + 50)]
    return json.dumps({"items": items, "total_count": 50})
with staging.open(sys.argv[1]) as store:
    for start in range(1, 1_000_000, 50):
        staging.land(store, "order", page(start), "run")
        print(start + 49, flush=True)
"""


def test_what_was_landed_before_a_kill_is_there_and_nothing_by_halves(tmp_path: Path) -> None:
    path = tmp_path / "staging.duckdb"
    for landed_pages in (3, 11):
        process = subprocess.Popen([sys.executable, "-c", LAND, str(path)], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        last = [int(process.stdout.readline()) for _ in range(landed_pages)][-1]
        process.kill()
        process.communicate()
        with staging.open(path) as store:
            ((count, highest),) = store.connection.execute("SELECT count(*), max(id) FROM document").fetchall()
        assert count == highest
        assert count % 50 == 0
        assert count >= last


def test_threads_may_read_while_another_lands(store: Staging) -> None:
    def land() -> None:
        for number in range(1, 30):
            staging.land(store, "order", page([order(number)]), "run")

    thread = threading.Thread(target=land)
    thread.start()
    while thread.is_alive():
        assert staging.newest(store) >= 0
    thread.join()
    assert staging.newest(store) == 29
