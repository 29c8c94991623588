"""Gift wrapping and fixed product taxes: read from Magento's own fields, on accounts of their own."""

from decimal import Decimal
from typing import Any

import pytest

from mappings.booking import book_order
from mappings.magento import read_order
from mappings.model import Order, Problem
from tests.mappings import recorded
from tests.mappings.sales import RETAIL, TEXAS, context, held, journal, line, order, rules, sell

D = Decimal
ROWS = """
[[fee]]
id = "wrap"
when = { "fee.kind" = "gift_wrap" }
item = "Magento gift wrapping"
account = "4150 Gift wrapping income"
[[fee]]
id = "weee"
when = { "fee.kind" = "fixed_tax" }
item = "Magento fixed product tax"
account = "2270 Fixed product taxes"
liability = true
"""
WRAPPED = {"gw_base_price": "3.00", "gw_price": "3.00", "gw_card_base_price": "1.50", "gw_card_price": "1.50"}


def raw(more: str, tax: str = "0") -> dict[str, Any]:
    """A recorded order that came to more, and to more tax."""
    found = recorded.raw("orders", "000000001")
    for name in ("grand_total", "base_grand_total"):
        found[name] += D(more) + D(tax)
    for name in ("tax_amount", "base_tax_amount"):
        found[name] += D(tax)
    return found


def read(document: dict[str, Any]) -> Order:
    found = read_order(document)
    assert isinstance(found, Order), found
    return found


def test_gift_wrapping_of_the_order_its_items_and_a_card_is_read_from_texts() -> None:
    document = raw("4.50", "0.37")
    document["extension_attributes"] |= WRAPPED | {"gw_base_tax_amount": "0.37", "gw_tax_amount": "0.37"}
    totals = read(document).totals
    assert (totals.gift_wrap, totals.gift_wrap_tax, totals.fixed_tax) == (D("4.50"), D("0.37"), 0)


@pytest.mark.parametrize("inside", [False, True])
def test_a_fixed_product_tax_is_found_beside_the_subtotal_and_inside_it(inside: bool) -> None:
    document = raw("2.00")
    document["items"][0] |= {"base_weee_tax_applied_row_amnt": D(2), "weee_tax_applied_row_amount": D(2)}
    plain = read(recorded.raw("orders", "000000001")).totals
    if inside:
        document["subtotal"] += 2
        document["base_subtotal"] += 2
    totals = read(document).totals
    assert (totals.fixed_tax, totals.subtotal) == (2, plain.subtotal)


def test_a_fee_that_is_no_number_is_named() -> None:
    document = raw("4.50")
    document["extension_attributes"] |= WRAPPED | {"gw_price": "three"}
    found = read_order(document)
    assert isinstance(found, Problem)
    assert "gw_price" in found.reason


def test_what_no_field_explains_still_holds_the_order() -> None:
    found = read_order(raw("4.50"))
    assert isinstance(found, Problem)
    assert found.code == "unbalanced"


def test_fees_are_lines_on_their_own_accounts_and_only_wrapping_is_taxed() -> None:
    parts = {"gift_wrap": "4.50", "gift_wrap_tax": "0.37", "fixed_tax": "2.00", "tax": "1.20"}
    sold = order(line("MUG", "1", "10.00", TEXAS), parts=parts, paid=True)  # 0.83 + 0.37 = 1.20
    receipt = sell(sold, rules(ROWS))
    assert journal(receipt) == [
        ("1255 Checks clearing", "17.70"),
        ("4000 Sales", "-10.00"),
        ("4150 Gift wrapping income", "-4.50"),
        ("2270 Fixed product taxes", "-2.00"),
        ("Sales Tax Payable", "-1.20"),
    ]
    assert [each.tax_code for each in receipt.lines if each.role == "fee"] == ["TAX", "NON"]


def test_a_fee_without_a_rule_holds_its_order() -> None:
    sold = order(line("MUG", "1", "10.00"), parts={"fixed_tax": "2.00"}, paid=True)
    problem = held(book_order(sold, context(), RETAIL))
    assert (problem.code, "2.00" in problem.reason) == ("unmapped-fee", True)


HANDLING = {
    "custom_fee_code": "app::handling",
    "custom_fee_label": "Handling",
    "custom_fee_amount": D("4.95"),
    "base_custom_fee_amount": D("4.95"),
}
BY_LABEL = """
[[fee]]
id = "handling"
when = { "fee.kind" = "custom_fee", "fee.label" = "handling" }
item = "Magento handling"
account = "4160 Handling income"
"""


def test_a_custom_fee_is_a_line_of_its_own_by_its_label() -> None:
    document = raw("4.95")
    document["extension_attributes"]["custom_fees"] = [HANDLING]
    sold = read(document)
    [fee] = sold.totals.custom_fees
    assert (fee.code, fee.label, fee.amount, fee.invoice_id) == ("app::handling", "Handling", D("4.95"), None)
    booked = book_order(sold, context(), rules(BY_LABEL))
    assert isinstance(booked, tuple)
    [line] = [line for line in booked[0].lines if line.role == "fee"]
    assert (line.account, -line.amount, line.tax_code, line.description) == (
        "4160 Handling income",
        D("4.95"),
        "NON",
        "Handling",
    )
    other = rules(BY_LABEL.replace('"handling" }', '"Insurance" }'))
    problem = book_order(sold, context(), other)
    assert isinstance(problem, Problem)
    assert (problem.code, problem.field) == (
        "unmapped-fee",
        "extension_attributes.custom_fees[].base_custom_fee_amount",
    )


def test_a_custom_fee_below_zero_takes_from_the_order() -> None:
    document = raw("-2.00")
    given = {"custom_fee_amount": D(-2), "base_custom_fee_amount": "-2.0000"}
    document["extension_attributes"]["custom_fees"] = [HANDLING | given]
    booked = book_order(read(document), context(), rules(BY_LABEL))
    assert isinstance(booked, tuple)
    assert [line.amount for line in booked[0].lines if line.role == "fee"] == [D("2.00")]


def test_a_custom_fee_that_is_no_number_is_named() -> None:
    document = raw("4.95")
    document["extension_attributes"]["custom_fees"] = [HANDLING | {"base_custom_fee_amount": "much"}]
    problem = read_order(document)
    assert isinstance(problem, Problem)
    assert problem.field == "extension_attributes.custom_fees[0].base_custom_fee_amount"


def test_a_fee_that_no_field_tells_holds_the_order_with_what_is_missing() -> None:
    problem = read_order(raw("4.95"))
    assert isinstance(problem, Problem)
    assert (problem.code, problem.amount) == ("unbalanced", D("4.95"))
    assert "fee or surcharge" in problem.fix
