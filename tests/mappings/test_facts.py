"""Facts: the closed dictionary, and what an order says."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from mappings.facts import (
    FACTS,
    credit_facts,
    fee_facts,
    known_fact,
    line_facts,
    local,
    nearest_fact,
    order_facts,
    settlement_facts,
    summary_facts,
    tax_facts,
)
from mappings.facts_list import CREDITS, STATES, FactType
from mappings.kits import Kit
from mappings.model import AppliedTax
from mappings.shipment import Shipment
from tests.mappings.rules_sample import CONTEXT, INVOICE, MEMO, MUG, ON_ACCOUNT, TEXAS, TOTALS, order

PYTHON_TYPES: dict[FactType, tuple[type, ...]] = {
    "text": (str,),
    "number": (Decimal, int),
    "yes/no": (bool,),
    "date": (str,),
    "choice": (str,),
}


SHIPMENT = Shipment(8, "000000008", 42, datetime(2026, 11, 23, tzinfo=UTC), {})


def everything() -> dict[str, Any]:
    document = order_facts(order(), CONTEXT, ON_ACCOUNT, INVOICE, memo=MEMO, shipment=SHIPMENT)
    return {
        **line_facts(document, replace(MUG, kit=Kit("dynamic", 7, "SET", "My set", Decimal(1))), CONTEXT),
        **tax_facts(document, TEXAS),
        **credit_facts(document, "reward", MUG.tax),
        **fee_facts(document, "gift_wrap", MUG.tax),
        **settlement_facts("paypal", "USD"),
        **summary_facts(date(2026, 11, 21), 3),
    }


def test_the_builders_make_exactly_the_documented_facts() -> None:
    made = {name for name in everything() if not name.startswith("product.")}
    assert made == {fact.name for fact in FACTS} - {"product.<attribute>", "customer.attribute.<attribute>"}


def test_every_fact_has_the_type_it_documents() -> None:
    for name, value in everything().items():
        fact = known_fact(name)
        assert fact is not None
        assert isinstance(value, PYTHON_TYPES[fact.type]), name
        assert fact.type == "yes/no" or not isinstance(value, bool), name


def test_every_fact_is_documented_with_label_example_and_source() -> None:
    assert len({fact.name for fact in FACTS}) == len(FACTS)
    for fact in FACTS:
        assert fact.label and fact.example and fact.source, fact.name
        assert bool(fact.choices) == (fact.type == "choice"), fact.name


def test_choices_are_magentos_states_and_our_kinds_of_credit() -> None:
    assert known_fact("order.state").choices == STATES  # type: ignore[union-attr]
    assert known_fact("credit.kind").choices == CREDITS  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("changes", "paid", "captured", "on_account"),
    [
        ({}, True, True, False),
        ({"paid": Decimal("113.39")}, False, False, False),
        ({"payment_method": "purchaseorder"}, False, True, True),
        ({"payment_method": "purchaseorder", "paid": Decimal(0)}, False, False, True),
    ],
    ids=["paid", "one cent is missing", "Magento calls a purchase order paid", "purchase order"],
)
def test_paid_is_what_is_captured_and_not_on_account(
    changes: dict[str, Any], paid: bool, captured: bool, on_account: bool
) -> None:
    facts = order_facts(order(**changes), CONTEXT, ON_ACCOUNT)
    assert (facts["paid"], facts["captured"], facts["on_account"]) == (paid, captured, on_account)


def test_an_order_over_nothing_is_paid_whoever_pays_it() -> None:
    nothing = TOTALS.__class__(*([Decimal(0)] * len(TOTALS.__slots__)))
    for method in ("free", "purchaseorder"):
        assert order_facts(order(totals=nothing, paid=Decimal(0), payment_method=method), CONTEXT, ON_ACCOUNT)["paid"]


def test_with_an_invoice_paid_speaks_of_that_invoice() -> None:
    partly = order(paid=Decimal("59.20"))
    facts = order_facts(partly, CONTEXT, ON_ACCOUNT, INVOICE)
    assert facts["paid"] is True
    assert (facts["invoice.number"], facts["invoice.total"]) == ("000000007", Decimal("59.20"))
    assert order_facts(partly, CONTEXT, ON_ACCOUNT)["paid"] is False
    assert order_facts(partly, CONTEXT, ON_ACCOUNT)["invoice.number"] is None


def test_dates_are_days_in_the_stores_time_zone_or_the_one_of_the_rules() -> None:
    assert order_facts(order(), CONTEXT, ())["order.date"] == "2026-11-20"
    assert order_facts(order(), CONTEXT, (), timezone="Europe/Berlin")["order.date"] == "2026-11-21"


def test_a_time_zone_that_nobody_knows_counts_as_utc() -> None:
    moment = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
    assert local(moment, "Mars/Olympus") == local(moment, "../etc") == local(moment, "") == "2026-11-21"


def test_an_unknown_store_and_group_are_missing_facts() -> None:
    facts = order_facts(order(store_id=99), CONTEXT, ())
    assert facts["store"] is facts["store.name"] is facts["website"] is None
    assert facts["order.date"] == "2026-11-21"


def test_a_download_has_the_buyers_country_as_shipping_country() -> None:
    assert order_facts(order(), CONTEXT, ())["ship.country"] == "DE"
    assert order_facts(order(shipping_address=None), CONTEXT, ())["ship.country"] == "US"


def test_an_edited_order_and_a_cancelled_rest_are_seen() -> None:
    assert order_facts(order(parent_number="000000041"), CONTEXT, ())["order.edited"] is True
    assert order_facts(order(), CONTEXT, ())["order.edited"] is False
    assert order_facts(order(canceled=Decimal(3)), CONTEXT, ())["order.canceled"] is True
    assert order_facts(order(state="canceled"), CONTEXT, ())["order.canceled"] is True


def test_a_line_knows_the_document_and_the_products_attributes() -> None:
    document = order_facts(order(), CONTEXT, ())
    facts = line_facts(document, MUG, CONTEXT)
    assert (facts["line.sku"], facts["product.brand"], facts["customer.group"]) == ("MUG-BLUE", "Acme", "Wholesale")
    assert "line.sku" not in document


def test_a_line_without_a_known_product_has_no_product_facts() -> None:
    facts = line_facts({}, MUG, CONTEXT.__class__(CONTEXT.books, {}, {}))
    assert not [name for name in facts if name.startswith("product.")]


def test_no_tax_is_a_rate_of_zero_without_a_name() -> None:
    assert tax_facts({}, None) == {"tax.code": "", "tax.title": "", "tax.rate": Decimal(0)}
    assert tax_facts({}, AppliedTax("DE-19", "MwSt", Decimal(19), Decimal(1)))["tax.rate"] == Decimal(19)


def test_product_attributes_are_the_one_open_family() -> None:
    assert known_fact("product.tax_class_id") is not None
    assert known_fact("product.") is known_fact("product.a b") is known_fact("anything.else") is None
    assert known_fact("product.brand").group == "product"  # type: ignore[union-attr]


def test_a_misspelled_fact_finds_the_right_one() -> None:
    assert nearest_fact("payment.metod") == "payment.method"
    assert nearest_fact("payed") == "paid"
    assert nearest_fact("article.sku") == "line.sku"
    assert nearest_fact("zzzzzz") == ""
