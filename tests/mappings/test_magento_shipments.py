"""What shipments, as Magento sends them, took of the order's priced lines."""

from decimal import Decimal
from typing import Any

import pytest

from mappings.magento import read_order, read_shipment
from mappings.model import Order, Problem
from mappings.shipment import Shipment
from tests.mappings.recorded import raw as recorded
from tests.mappings.recorded import texts

D = Decimal
ORDERS = {order["entity_id"]: order for order in (recorded("orders", number) for number in texts("orders"))}
SHIPMENTS = {number: recorded("shipments", number) for number in texts("shipments")}


def read(raw: dict[str, Any], ordered: dict[str, Any] | None = None) -> Shipment | Problem:
    ordered = ordered or ORDERS[raw["order_id"]]
    order = read_order(ordered)
    assert isinstance(order, Order), order
    return read_shipment(raw, order, ordered)


def quantities(raw: dict[str, Any], ordered: dict[str, Any] | None = None) -> dict[int, Decimal]:
    made = read(raw, ordered)
    assert isinstance(made, Shipment), made
    return dict(made.quantities)


@pytest.mark.parametrize("number", sorted(SHIPMENTS))
def test_every_recorded_shipment_takes_what_was_ordered_and_no_more(number: str) -> None:
    raw = SHIPMENTS[number]
    order = read_order(ORDERS[raw["order_id"]])
    assert isinstance(order, Order)
    ordered = {line.item_id: line.quantity for line in order.lines}
    found = quantities(raw)
    assert found and all(ZERO < pieces <= ordered[line] for line, pieces in found.items())


ZERO = D(0)


def test_a_configurable_is_packed_as_its_parent_and_cloth_by_the_yard() -> None:
    assert quantities(SHIPMENTS["000000007"]) == {114: D(1)}
    assert quantities(SHIPMENTS["000000019"]) == {190: D("1.25")}


def test_a_bundle_priced_by_its_parts_and_packed_together_is_all_its_parts() -> None:
    assert quantities(SHIPMENTS["000000002"]) == {28: D(2), 29: D(4)}


def test_a_bundle_priced_as_a_whole_and_packed_in_parts_is_whole_when_all_parts_are_there() -> None:
    bundle = ORDERS[16]  # one bundle of one tee and two mugs, priced together
    first = {"entity_id": D(99), "increment_id": "000000099", "order_id": D(16), "created_at": "2026-11-23 10:00:00"}
    parts = [{"order_item_id": D(31), "qty": D(1)}, {"order_item_id": D(32), "qty": D(2)}]
    assert quantities(first | {"items": parts}, bundle) == {30: D(1)}
    assert quantities(first | {"items": parts[:1]}, bundle)[30].quantize(D("0.0001")) == D("0.3333")
    assert quantities(first | {"items": [{"order_item_id": D(30), "qty": D(1)}]}, bundle) == {30: D(1)}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"items": [{"order_item_id": "x", "qty": D(1)}]}, "items[0].order_item_id"),
        ({"items": [{"order_item_id": D(2)}]}, "items[0].qty"),
        ({"created_at": "soon"}, "created_at"),
    ],
)
def test_a_damaged_shipment_is_a_problem_that_names_its_field(changes: dict[str, Any], field: str) -> None:
    problem = read(SHIPMENTS["000000001"] | changes)
    assert isinstance(problem, Problem)
    assert (problem.document, problem.field) == ("shipment/000000001", field)
    assert problem.reason.startswith("Shipment 000000001: ")
