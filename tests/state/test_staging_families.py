"""An order comes with all that belongs to it, whatever of it changed; and the shop with its views and products."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from state import staging
from state.staging import Kind, Staging
from state.staging_families import Family, families, touched
from tests.state.test_staging import order, page, recorded


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Staging]:
    with staging.open(tmp_path / "staging.duckdb") as opened:
        for kind in ("order", "invoice", "creditmemo"):
            land(opened, kind, *(order(n, order_id=n, status="new") for n in range(1, 5)))
        yield opened


def land(store: Staging, kind: Kind, *documents: object) -> None:
    staging.land(store, kind, page(list(documents)), "run")


def found(store: Staging, after: int, *numbers: str) -> list[Family]:
    return families(store, touched(store, after, numbers))


def keys(store: Staging, after: int, *numbers: str) -> list[str]:
    return [family.key for family in found(store, after, *numbers)]


def test_families_come_by_order(store: Staging) -> None:
    assert touched(store, 0, ()) == [1, 2, 3, 4]
    assert keys(store, 0) == [f"order/00000000{n}" for n in range(1, 5)]


def test_orders_between_those_that_are_asked_for_stay_away(store: Staging) -> None:
    assert [family.order_id for family in families(store, [4, 1])] == [1, 4]


def test_a_change_to_any_member_brings_the_whole_family(store: Staging) -> None:
    newest = staging.newest(store)
    assert keys(store, newest) == []
    land(store, "creditmemo", order(2, order_id=2, grand_total=5))
    (family,) = found(store, newest)
    assert family.order is not None
    assert json.loads(family.order)["entity_id"] == family.order_id == 2
    assert [json.loads(raw.payload)["entity_id"] for raw in family.invoices] == [2]
    assert [json.loads(raw.payload)["grand_total"] for raw in family.creditmemos] == [5]


def test_a_family_is_found_by_the_number_of_any_member(store: Staging) -> None:
    assert keys(store, staging.newest(store), "000000003", "nowhere") == ["order/000000003"]


def test_several_invoices_of_one_order_come_by_id(store: Staging) -> None:
    land(store, "invoice", order(9, order_id=1), order(7, order_id=1))
    family = found(store, 0, "000000001")[0]
    assert [json.loads(raw.payload)["entity_id"] for raw in family.invoices] == [1, 7, 9]


def test_an_invoice_without_its_order_has_a_key_of_its_own(store: Staging) -> None:
    newest = staging.newest(store)
    land(store, "invoice", order(9, order_id=77))
    (family,) = found(store, newest)
    assert (family.key, family.number, family.order) == ("order/id-77", "", None)
    assert len(family.invoices) == 1


def test_store_views_groups_and_products_are_read(store: Staging) -> None:
    for kind in ("store", "store_view", "group", "product"):
        land(store, kind, *recorded(kind))
    shop = staging.shop(store)
    assert {view.id: (view.code, view.name, view.timezone) for view in shop.stores.values()} == {
        1: ("default", "Default Store View", "America/New_York"),
        2: ("de", "Deutsch", "Europe/Berlin"),
    }
    assert shop.groups[0] == "NOT LOGGED IN"


def test_products_are_found_by_the_sku_on_the_line(store: Staging) -> None:
    mug = next(one for one in recorded("product") if one["sku"] == "MUG-BLUE")
    land(store, "product", mug)
    engraved = {"sku": "MUG-BLUE-ENGRAVED", "product_id": mug["id"]}
    land(store, "order", order(8, items=[engraved, {"sku": "GONE", "product_id": 999}, {"product_id": mug["id"]}]))
    (family,) = found(store, staging.newest(store), "000000008")
    assert {sku: product.sku for sku, product in staging.products(store, [family]).items()} == {
        "MUG-BLUE-ENGRAVED": "MUG-BLUE"
    }
    assert staging.products(store, []) == {}


def test_a_configurables_line_is_found_as_its_variant(store: Staging) -> None:
    variant = {"id": 11, "sku": "HOODIE-BLUE", "type_id": "simple"}
    land(store, "product", {"id": 90, "sku": "HOODIE", "type_id": "configurable"}, variant)
    lines = [{"sku": "HOODIE-BLUE", "product_id": 90}, {"sku": "HOODIE-BLUE", "product_id": 11}]
    land(store, "order", order(8, items=lines))
    (family,) = found(store, staging.newest(store), "000000008")
    assert staging.products(store, [family])["HOODIE-BLUE"].type == "simple"
