"""A document that cannot be read becomes a problem that names the field; no document ever raises."""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from decimal import Decimal as D
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mappings.magento import parse, read_credit_memo, read_invoice, read_order
from mappings.model import CreditMemo, Invoice, Order, Problem
from tests.mappings.recorded import order_by_entity, raw, texts

Change = Callable[[dict[str, Any]], object]
MISSING = object()
READERS: Mapping[str, Callable[[dict[str, Any]], object]] = {
    "orders": read_order,
    "invoices": read_invoice,
    "creditmemos": read_credit_memo,
}


def at(path: str, value: object) -> Change:
    """Put `value` at a dotted path (`items.1.base_price`), or take the field away."""
    *way, last = path.split(".")

    def change(document: Any) -> None:
        for step in way:
            document = document[int(step)] if isinstance(document, list) else document[step]
        key = int(last) if isinstance(document, list) else last
        if value is MISSING:
            del document[key]
        else:
            document[key] = value

    return change


def problem_of(kind: str, number: str, change: Change) -> Problem:
    document = raw(kind, number)
    change(document)
    found = READERS[kind](document)
    assert isinstance(found, Problem), found
    return found


@pytest.mark.parametrize(
    ("path", "value", "code", "field"),
    [
        ("items.2.base_price", "12.99", "malformed-record", "items[2].base_price"),
        ("items.2.base_price", True, "malformed-record", "items[2].base_price"),
        ("items.2.base_price", None, "malformed-record", "items[2].base_price"),
        ("items.2.base_price", D("NaN"), "malformed-record", "items[2].base_price"),
        ("items.2.base_price", D("1e400"), "malformed-record", "items[2].base_price"),
        ("items.2.base_price", 12.99, "malformed-record", "items[2].base_price"),
        ("items.2.base_row_total", MISSING, "malformed-record", "items[2].base_row_total"),
        ("items.2.qty_ordered", D(0), "malformed-record", "items[2].qty_ordered"),
        ("items.2.qty_ordered", D(-1), "malformed-record", "items[2].qty_ordered"),
        ("items.2.item_id", MISSING, "malformed-record", "items[2].item_id"),
        ("items.2.item_id", D("1.5"), "malformed-record", "items[2].item_id"),
        ("items.2.item_id", D("1e30"), "malformed-record", "items[2].item_id"),
        ("items.2.parent_item_id", "27", "malformed-record", "items[2].parent_item_id"),
        ("items.2.sku", D(7), "malformed-record", "items[2].sku"),
        ("items.2", "TEE-PLAIN", "malformed-record", "items[2]"),
        ("items", {}, "malformed-record", "items"),
        ("items", [], "missing-items", "items"),
        ("items", None, "missing-items", "items"),
        ("items", MISSING, "missing-items", "items"),
        ("state", "shipped", "unknown-state", "state"),
        ("state", MISSING, "unknown-state", "state"),
        ("state", ["new"], "unknown-state", "state"),
        ("increment_id", MISSING, "malformed-record", "increment_id"),
        ("increment_id", D(15), "malformed-record", "increment_id"),
        ("entity_id", None, "malformed-record", "entity_id"),
        ("entity_id", "100000001", "malformed-record", "entity_id"),
        ("customer_id", "1", "malformed-record", "customer_id"),
        ("created_at", "yesterday", "malformed-record", "created_at"),
        ("created_at", "2026-13-21 01:36:56", "malformed-record", "created_at"),
        ("created_at", "0000-00-00 00:00:00", "malformed-record", "created_at"),
        ("created_at", "9999-12-31 23:59:59", "malformed-record", "created_at"),
        ("updated_at", MISSING, "malformed-record", "updated_at"),
        ("base_currency_code", "$", "malformed-record", "base_currency_code"),
        ("order_currency_code", MISSING, "malformed-record", "order_currency_code"),
        ("base_grand_total", MISSING, "malformed-record", "base_grand_total"),
        ("base_total_paid", "122.80", "malformed-record", "base_total_paid"),
        ("base_tax_amount", D("9.37"), "unbalanced", "base_grand_total"),
        ("grand_total", D("122.7998"), "unbalanced", "grand_total"),
        ("items.1.base_row_total", "25.98", "malformed-record", "items[1].base_row_total"),
        ("items.1.base_row_total_incl_tax", "28.12", "malformed-record", "items[1].base_row_total_incl_tax"),
        (
            "items.1.base_weee_tax_applied_row_amnt",
            "0.50",
            "malformed-record",
            "items[1].base_weee_tax_applied_row_amnt",
        ),
        ("items.1.base_tax_amount", D("2.15"), "unbalanced", "base_tax_amount"),
        ("base_shipping_discount_amount", D("1"), "unbalanced", "base_discount_amount"),
        ("payment", "checkmo", "malformed-record", "payment"),
        ("payment.method", D(1), "malformed-record", "payment.method"),
        ("billing_address.city", {}, "malformed-record", "billing_address.city"),
        ("extension_attributes", "none", "malformed-record", "extension_attributes"),
        (
            "extension_attributes.item_applied_taxes.0.applied_taxes.0.base_amount",
            "0.62",
            "malformed-record",
            "extension_attributes.item_applied_taxes[0].applied_taxes[0].base_amount",
        ),
        (
            "extension_attributes.shipping_assignments.0.shipping.address.postcode",
            D(78701),
            "malformed-record",
            "extension_attributes.shipping_assignments[0].shipping.address.postcode",
        ),
    ],
)
def test_a_bad_field_of_an_order_is_named(path: str, value: object, code: str, field: str) -> None:
    found = problem_of("orders", "000000015", at(path, value))
    assert (found.code, found.field) == (code, field)
    assert found.hold
    assert found.document == ("order/id-15" if path == "increment_id" else "order/000000015")
    assert field in found.reason


@pytest.mark.parametrize(
    ("path", "value", "code", "field"),
    [
        ("order_id", MISSING, "malformed-record", "order_id"),
        ("state", D(4), "unknown-state", "state"),
        ("state", MISSING, "unknown-state", "state"),
        ("items", [], "missing-items", "items"),
        ("items.0.qty", D(-2), "malformed-record", "items[0].qty"),
        ("items.0.base_row_total", "25", "malformed-record", "items[0].base_row_total"),
        ("items.0.base_row_total", None, "lines-differ", "base_subtotal"),
        ("base_subtotal", MISSING, "malformed-record", "base_subtotal"),
    ],
)
def test_a_bad_field_of_an_invoice_is_named(path: str, value: object, code: str, field: str) -> None:
    found = problem_of("invoices", "000000016", at(path, value))
    assert (found.code, found.field, found.document) == (code, field, "invoice/000000016")


def test_an_invoice_read_with_another_order_is_refused() -> None:
    found = read_invoice(raw("invoices", "000000016"), order_by_entity(15))
    assert isinstance(found, Problem)
    assert (found.code, found.field) == ("malformed-record", "order_id")


@pytest.mark.parametrize("value", [D(0), D(4), MISSING, None, "2", True])
def test_a_credit_memo_whose_state_says_nothing_is_held(value: object) -> None:
    found = problem_of("creditmemos", "2000000001", at("state", value))
    assert (found.field, found.document, found.hold) == ("state", "creditmemo/2000000001", True)
    assert found.code == ("malformed-record" if isinstance(value, str | bool) else "unknown-state")


def test_a_credit_memo_that_does_not_add_up_is_held() -> None:
    found = problem_of("creditmemos", "2000000001", at("base_adjustment_positive", D("2.01")))
    assert (found.code, found.field, found.amount) == ("unbalanced", "base_grand_total", D("-0.01"))


def test_an_unbalanced_order_names_both_amounts_and_their_difference() -> None:
    found = problem_of("orders", "000000015", at("base_grand_total", D("125.80")))
    assert (found.amount, found.currency) == (D("3.00"), "USD")
    assert "125.8000" in found.reason
    assert "122.8000" in found.reason
    assert "3.0000" in found.reason


def test_a_number_no_computer_can_hold_is_named_like_any_other() -> None:
    text = texts("orders")["000000015"].replace('"base_price":12.99', '"base_price":1e9999999999999999999', 1)
    found = read_order(parse(text))
    assert isinstance(found, Problem)
    assert (found.code, found.field) == ("malformed-record", "items[1].base_price")


def test_a_number_of_5000_digits_is_too_large_and_nothing_breaks() -> None:
    text = texts("orders")["000000015"].replace('"base_price":12.99', f'"base_price":{"9" * 5000}', 1)
    found = read_order(parse(text))
    assert isinstance(found, Problem)
    assert found.reason == "Order 000000015: items[1].base_price is too large for an amount."


def test_an_order_without_any_number_is_shown_as_unknown() -> None:
    found = read_order({})
    assert isinstance(found, Problem)
    assert (found.document, found.field, found.currency) == ("order/unknown", "increment_id", "")
    assert found.reason == "Order unknown: increment_id is missing."


def test_whole_python_numbers_are_as_good_as_decimals() -> None:
    document = raw("orders", "000000015")
    document["entity_id"], document["base_discount_amount"] = 15, 0
    assert isinstance(read_order(document), Order)


def test_nulls_of_optional_fields_are_as_good_as_missing() -> None:
    document = raw("orders", "000000015")
    bare = deepcopy(document)
    for field in ("base_shipping_discount_amount", "base_total_refunded", "coupon_code", "base_to_order_rate"):
        document[field] = None
        bare.pop(field, None)
    assert isinstance(read_order(document), Order)
    assert read_order(document) == read_order(bare)


def test_an_order_without_addresses_still_reads() -> None:
    document = raw("orders", "000000015")
    document["billing_address"] = None
    document["extension_attributes"]["shipping_assignments"] = []
    found = read_order(document)
    assert isinstance(found, Order)
    assert (found.billing.city, found.shipping_address) == ("", None)


def test_an_order_of_a_deleted_store_view_belongs_to_none() -> None:
    document = raw("orders", "000000015")
    document["store_id"] = None
    found = read_order(document)
    assert isinstance(found, Order)
    assert found.store_id == 0


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.text(max_size=5),
    st.integers(),
    st.decimals(allow_nan=True, allow_infinity=True),
    st.sampled_from([D("1e400"), D("-1e400"), D("1e-400"), D("sNaN"), D("1E+999999"), D(10) ** 5000, 1.5, b"x"]),
    st.lists(st.none() | st.integers() | st.dictionaries(st.text(max_size=3), st.none()), max_size=3),
    st.dictionaries(st.text(max_size=5), st.none() | st.integers(), max_size=3),
)


def places(document: object) -> list[tuple[Any, Any]]:
    """Every (container, key) in a document."""
    keys: Sequence[Any]
    if isinstance(document, dict):
        keys = list(document)
    elif isinstance(document, list):
        keys = range(len(document))
    else:
        return []
    return [(document, key) for key in keys] + [place for key in keys for place in places(document[key])]


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("orders", "000000038"),
        ("orders", "000000018"),
        ("orders", "2000000004"),
        ("orders", "000000059-1"),
        ("invoices", "2000000001"),
        ("creditmemos", "2000000001"),
    ],
)
def test_no_damage_to_a_document_ever_raises(kind: str, number: str, data: st.DataObject) -> None:
    document = raw(kind, number)
    for _ in range(data.draw(st.integers(1, 4))):
        container, key = data.draw(st.sampled_from(places(document)))
        if data.draw(st.booleans()):
            container[key] = data.draw(JUNK)
        else:
            del container[key]
        if not document:
            break
    found = READERS[kind](document)
    assert isinstance(found, Order | Invoice | CreditMemo | Problem)
    if kind == "invoices":
        assert isinstance(read_invoice(document, order_by_entity(17)), Invoice | Problem)
