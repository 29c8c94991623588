"""The made-up orders cannot be told from recorded ones by their shape, and their money adds up."""

import json
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from deploy.sandbox.seeds import Seeds, make_orders
from deploy.sandbox.seeds_wire import wire
from deploy.sandbox.shop_catalogue import customers

SHAPES = json.loads(Path(__file__).with_name("shapes.json").read_text())
JUNK = {"x_forwarded_for"}  # sent by shops behind a proxy; the recorded one had none
PRIVATE = ("cc_last4", "additional_information", "remote_ip", "x_forwarded_for", "protect_code")


@cache
def seeds(template: str) -> Seeds:
    return make_orders(700, seed=3, template=template)


def walk(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            where = f"{path}.{name}" if path else name
            yield where, inner
            yield from walk(inner, where)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner, f"{path}[]")


def json_type(value: Any) -> str:
    kinds: dict[type, str] = {dict: "object", list: "list", bool: "boolean", str: "string", type(None): "null"}
    return kinds.get(type(value), "number")


def sound(template: str, kind: str) -> list[dict[str, Any]]:
    made = seeds(template)
    documents: list[dict[str, Any]] = customers(template) if kind == "customers" else getattr(made, kind)
    whole = [one for one in documents if kind != "orders" or one["increment_id"] not in made.held]
    return [json.loads(wire(one)) for one in whole]


@pytest.mark.parametrize("template", ["us_retail", "eu_vat"])
@pytest.mark.parametrize("kind", ["orders", "invoices", "creditmemos", "customers"])
def test_every_field_has_a_recorded_name_and_type(template: str, kind: str) -> None:
    shapes = SHAPES[kind]
    for document in sound(template, kind):
        for path, value in walk(document):
            if "parent_item." in path or "shipping_assignments[].items[]" in path or path in JUNK:
                continue
            assert path in shapes, path
            assert json_type(value) in shapes[path]["types"], path


@pytest.mark.parametrize("kind", ["orders", "invoices", "creditmemos"])
def test_what_magento_always_sends_is_always_there(kind: str) -> None:
    always = {path for path, shape in SHAPES[kind].items() if shape["always"] and "." not in path}
    always_on_items = {path[8:] for path, shape in SHAPES[kind].items() if shape["always"] and path[:8] == "items[]."}
    for document in sound("us_retail", kind):
        assert always <= set(document)
        for item in document["items"]:
            assert {name for name in always_on_items if "." not in name and "[" not in name} <= set(item)


@pytest.mark.parametrize("template", ["us_retail", "eu_vat"])
@pytest.mark.parametrize("prefix", ["base_", ""])
def test_the_grand_total_is_the_sum_of_its_parts(template: str, prefix: str) -> None:
    made = seeds(template)
    short = f"{prefix}shipping_discount_tax_compensation_{'amnt' if prefix else 'amount'}"
    parts = ("subtotal", "discount_amount", "shipping_amount", "tax_amount", "discount_tax_compensation_amount")
    for document in [*made.orders, *made.invoices, *made.creditmemos]:
        if made.held.get(document["increment_id"]) == "unbalanced" and "quote_id" in document:
            continue
        total = sum((document.get(prefix + name, Decimal(0)) for name in parts), document.get(short, Decimal(0)))
        assert total + document.get(f"{prefix}adjustment", 0) == document[f"{prefix}grand_total"]
        assert document[f"{prefix}grand_total"] >= 0


def test_invoices_of_one_order_add_up_to_what_was_paid() -> None:
    made = seeds("us_retail")
    paid: dict[int, Decimal] = {}
    for invoice in made.invoices:
        paid[invoice["order_id"]] = paid.get(invoice["order_id"], Decimal(0)) + invoice["base_grand_total"]
    for order in made.orders:
        if made.held.get(order["increment_id"]) != "unbalanced":
            assert order.get("base_total_paid", Decimal(0)) == paid.get(order["entity_id"], Decimal(0))


def test_lines_and_shipping_add_up_to_the_header() -> None:
    made = seeds("eu_vat")
    for order in made.orders:
        if order["increment_id"] in made.held:
            continue
        priced = [item for item in order["items"] if item["_role"] in ("line", "parent", "priced child")]
        discount = sum(item["discount_amount"] for item in priced) + order["shipping_discount_amount"]
        assert discount == -order["discount_amount"]
        assert sum(item["tax_amount"] for item in priced) + order["shipping_tax_amount"] == order["tax_amount"]
        applied = order["extension_attributes"]["applied_taxes"]
        assert sum(tax["amount"] for tax in applied) == order["tax_amount"]


def test_the_same_seed_makes_the_same_shop_and_another_seed_another() -> None:
    first, again, other = (make_orders(60, seed=seed) for seed in (1, 1, 2))
    assert [wire(one) for one in first.orders] == [wire(one) for one in again.orders]
    assert [wire(one) for one in first.orders] != [wire(one) for one in other.orders]


@pytest.mark.parametrize("n", [1, 7, 40, 150, 500])
def test_exactly_the_wanted_number_of_orders_is_made(n: int) -> None:
    assert len(make_orders(n, seed=4).orders) == n


def test_about_two_in_a_hundred_orders_are_broken_in_every_way() -> None:
    made = make_orders(500, seed=1)
    assert 5 <= len(made.held) <= 15
    assert set(made.held.values()) == {
        "unknown-payment-method",
        "malformed-record",
        "missing-items",
        "unbalanced",
        "unknown-state",
    }


def test_every_kind_of_line_and_state_occurs() -> None:
    orders = make_orders(500, seed=1).orders
    types = {item["product_type"] for order in orders for item in order["items"]}
    assert types >= {"simple", "configurable", "bundle", "grouped", "virtual", "downloadable"}
    assert {order["state"] for order in orders} >= {
        *("new", "processing", "complete", "closed", "canceled", "holded", "payment_review", "pending_payment"),
    }
    assert any("relation_child_real_id" in order for order in orders)
    assert any(order["base_grand_total"] != order["grand_total"] for order in orders)
    assert any(order["grand_total"] == 0 for order in orders)


def test_what_must_never_be_stored_is_really_sent() -> None:
    text = b"".join(wire(order) for order in make_orders(60, seed=1).orders).decode()
    assert all(f'"{name}":' in text for name in PRIVATE)
    assert '"cc_last4":"1111"' in text
