"""The gross of lines whose net shows zero, rates that Magento links to nothing, credits of Adobe Commerce."""

from decimal import Decimal as D
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.sandbox.seeds import make_orders
from deploy.sandbox.seeds_wire import wire
from mappings.magento import parse, read_order
from mappings.magento_taxes import settle, split
from mappings.model import Amounts, AppliedTax, Line, Order, Problem
from tests.mappings.recorded import good, raw


def one_line(**fields: D) -> dict[str, Any]:
    """Order 000000052 (one mug of 12.50) as an order without tax and shipping, with some fields of its line changed."""
    document = raw("orders", "000000052")
    for prefix in ("", "base_"):
        document.update({f"{prefix}{name}": D(0) for name in ("tax_amount", "shipping_amount", "shipping_tax_amount")})
        document.update({f"{prefix}subtotal": D("12.5"), f"{prefix}grand_total": D("12.5")})
    document["extension_attributes"]["item_applied_taxes"] = []
    document["items"][0].update({"base_tax_amount": D(0), **fields})
    return document


def discounted(subtotal: str, discount: str, compensation: str, **fields: D) -> dict[str, Any]:
    """That order with a discount above its net row: REST shows a row_total of zero."""
    document = one_line(
        base_row_total=D(0),
        base_discount_amount=D(discount),
        base_discount_tax_compensation_amount=D(compensation),
        **fields,
    )
    for prefix in ("", "base_"):
        document[f"{prefix}subtotal"] = D(subtotal)
        document[f"{prefix}discount_amount"] = -D(discount)
        document[f"{prefix}discount_tax_compensation_amount"] = D(compensation)
        document[f"{prefix}grand_total"] = D(subtotal) - D(discount) + D(compensation)
    return document


def test_a_discount_above_the_net_row_leaves_price_times_quantity_as_gross() -> None:
    # Seen in a tax-inclusive store: row_total 0, discount 14.28 (on the gross price), true row 12.00.
    found = good(read_order(discounted("12.00", "14.28", "2.28", base_price=D(12))))
    assert (found.lines[0].gross, found.lines[0].discount) == (D("12.00"), D("14.28"))


def test_a_cent_that_the_rounded_unit_price_hides_is_proven_by_the_subtotal() -> None:
    document = discounted("31.64", "37.65", "6.01", base_price=D("10.55"), qty_ordered=D(3))
    assert good(read_order(document)).lines[0].gross == D("31.64")


def test_a_gross_that_rounding_cannot_explain_is_held() -> None:
    found = read_order(discounted("31.60", "37.65", "6.01", base_price=D("10.55"), qty_ordered=D(3)))
    assert isinstance(found, Problem)
    assert (found.code, found.field, found.amount) == ("lines-differ", "base_subtotal", D("-0.04"))


def test_a_row_given_away_comes_to_its_discount_less_the_tax_in_it() -> None:
    found = good(read_order(discounted("31.60", "37.65", "6.05", base_price=D("10.55"), qty_ordered=D(3))))
    assert found.lines[0].gross == D("31.60")


def test_what_was_invoiced_tells_the_gross_once_the_whole_row_is_invoiced() -> None:
    document = discounted(
        "31.64",
        "37.65",
        "6.01",
        base_price=D("10.00"),
        qty_ordered=D(3),
        qty_invoiced=D(3),
        base_row_invoiced=D("31.64"),
    )
    assert good(read_order(document)).lines[0].gross == D("31.64")


def test_two_rows_whose_discount_exceeds_the_net_are_read_from_the_price_on_the_shelf() -> None:
    # 2 x 12.50 at 19 % is 25.00 with 3.99 tax inside: a row of 21.01 net, though the unit price shows 10.50.
    fields = {"base_price": D("10.50"), "base_price_incl_tax": D("12.50"), "qty_ordered": D(2)}
    document = discounted("42.02", "50.00", "7.98", **fields)
    (item,) = document["items"]
    item.update(base_discount_amount=D("25.00"), base_discount_tax_compensation_amount=D("3.99"))
    document["items"].append({**item, "item_id": D(999_999)})
    assert [line.gross for line in good(read_order(document)).lines] == [D("21.01"), D("21.01")]


def test_a_row_given_away_may_have_taken_over_what_the_tax_of_the_row_before_was_rounded_by() -> None:
    # 0.1 kg of 0.50 at 19 % is 0.05 with 0.00798 tax inside, which the row before had rounded up already: 0.05 net.
    fields = {"base_price": D("0.42"), "base_price_incl_tax": D("0.50"), "qty_ordered": D("0.1")}
    document = discounted("0.10", "0.10", "0.00", **fields)
    (item,) = document["items"]
    item.update(base_discount_amount=D("0.05"))
    document["items"].append({**item, "item_id": D(999_999)})
    assert [line.gross for line in good(read_order(document)).lines] == [D("0.05"), D("0.05")]


@pytest.mark.parametrize("seed", [1, 3])
def test_orders_of_a_tax_inclusive_store_are_read_to_the_cent_whatever_their_discount(seed: int) -> None:
    made = make_orders(800, seed, "eu_vat")
    sound = [one for one in made.orders if one["increment_id"] not in made.held]
    assert any(not one["base_grand_total"] for one in sound)
    for order in [good(read_order(parse(wire(one)))) for one in sound]:
        assert order.totals.subtotal == sum(line.gross for line in order.lines)


def test_two_uncertain_rows_are_never_guessed() -> None:
    document = discounted("63.28", "75.30", "12.10", base_price=D("10.55"), qty_ordered=D(3))
    (item,) = document["items"]
    item.update(base_discount_amount=D("37.65"), base_discount_tax_compensation_amount=D("6.05"))
    document["items"].append({**item, "item_id": D(999_999)})
    found = read_order(document)
    assert isinstance(found, Problem)
    assert (found.code, found.amount) == ("lines-differ", D("-0.02"))


def test_a_fractional_quantity_given_away_keeps_four_decimals() -> None:
    document = discounted("20.2125", "21.88", "1.6675", base_price=D("7.35"), qty_ordered=D("2.75"))
    assert good(read_order(document)).lines[0].gross == D("20.2125")


def rest_cancelled(**fields: D | None) -> Line:
    """The hoodies of order 000000040, three ordered and two invoiced, once the third is cancelled."""
    document = raw("orders", "000000040")
    for item in document["items"]:
        item.update({"qty_canceled": D(1)} | fields)
    (line,) = good(read_order(document)).lines
    return line


def test_a_line_whose_rest_was_cancelled_tells_what_its_invoices_took() -> None:
    assert rest_cancelled().invoiced == Amounts(gross=D(102), discount=D(0), tax=D("8.41"), compensation=D(0))
    assert good(read_order(raw("orders", "000000040"))).lines[0].invoiced is None


def test_invoices_that_do_not_account_for_a_line_tell_nothing_of_its_rest() -> None:
    assert rest_cancelled(base_tax_invoiced=None).invoiced is None
    assert rest_cancelled(qty_invoiced=D(1)).invoiced is None  # one was shipped and is neither invoiced nor cancelled


def test_a_part_whose_parent_is_not_there_is_a_line_of_its_own() -> None:
    assert len(good(read_order(one_line(parent_item_id=D(4711)))).lines) == 1


def test_gift_cards_store_credit_and_reward_points_pay_part_of_the_total() -> None:
    document = one_line()
    document["extension_attributes"].update(
        gift_cards_amount=D("3"),
        base_gift_cards_amount=D("3"),
        customer_balance_amount=D("2.25"),
        base_customer_balance_amount=D("2.25"),
        reward_currency_amount=D("1.25"),
        base_reward_currency_amount=D("1.25"),
    )
    document["grand_total"] = document["base_grand_total"] = D("6.00")
    totals = good(read_order(document)).totals
    assert (totals.gift_cards, totals.store_credit, totals.reward) == (D("3"), D("2.25"), D("1.25"))
    assert totals.grand_total == D("6.00")


def taxed(applied: list[dict[str, Any]], **extension: Any) -> Order:
    """The one-line order with 1.03 of tax at 8.25 % on its line, its rates told in the given way."""
    document = one_line(base_tax_amount=D("1.03"))
    for prefix in ("", "base_"):
        document[f"{prefix}tax_amount"] = D("1.03")
        document[f"{prefix}grand_total"] = D("13.53")
    document["items"][0]["extension_attributes"] = {"itemized_taxes": []}
    document["extension_attributes"] |= {"item_applied_taxes": applied, "applied_taxes": [], **extension}
    return good(read_order(document))


def rate(code: str, percent: str, amount: str) -> dict[str, Any]:
    return {"code": code, "title": code, "percent": D(percent), "base_amount": D(amount)}


def test_without_a_link_the_rate_of_the_same_percent_is_the_lines_rate() -> None:
    rates = [rate("DE-VAT-7", "7", "1.45"), rate("US-TX-8.25", "8.25", "1.65")]
    found = taxed([], applied_taxes=rates)
    assert found.lines[0].taxes == (AppliedTax("US-TX-8.25", "US-TX-8.25", D("8.25"), D("1.03")),)


def test_without_a_link_two_taxes_share_the_lines_tax_in_proportion() -> None:
    found = taxed([{"type": "product", "applied_taxes": [rate("GST", "5", "3.00"), rate("QST", "9.975", "6.00")]}])
    assert [(tax.code, tax.amount) for tax in found.lines[0].taxes] == [("GST", D("0.34")), ("QST", D("0.69"))]


def test_without_any_rate_a_tax_is_known_by_its_percent() -> None:
    assert taxed([]).lines[0].taxes == (AppliedTax("", "", D("8.25"), D("1.03")),)


def test_a_line_without_extension_attributes_still_has_its_rate() -> None:
    document = raw("orders", "000000059-1")
    del document["items"][0]["extension_attributes"]
    assert [tax.code for tax in good(read_order(document)).lines[0].taxes] == ["US-TX-8.25"]


def test_rates_off_by_more_than_rounding_are_not_believed() -> None:
    document = one_line(base_tax_amount=D("1.03"))
    item_id = document["items"][0]["item_id"]
    linked = {"type": "product", "item_id": item_id, "applied_taxes": [rate("US-TX-8.25", "8.25", "9.00")]}
    assert taxed([linked]).lines[0].taxes[0].code == ""


def test_rates_off_by_a_cent_are_brought_to_the_lines_tax() -> None:
    taxes = (AppliedTax("GST", "GST", D(5), D("3.00")), AppliedTax("QST", "QST", D("9.975"), D("6.29")))
    assert [tax.amount for tax in settle(taxes, D("9.28"))] == [D("3.00"), D("6.28")]


def test_the_itemized_taxes_of_a_line_stand_in_for_the_orders_list() -> None:
    document = raw("orders", "000000052")
    document["extension_attributes"].update(item_applied_taxes=None, applied_taxes=None)
    found = good(read_order(document))
    assert found.lines[0].taxes == (AppliedTax("US-TX-8.25", "US-TX-8.25", D("8.25"), D("1.03")),)
    assert found.shipping_taxes == (AppliedTax("US-TX-8.25", "US-TX-8.25", D("8.25"), D("0.62")),)


def test_shipping_bears_the_orders_only_rate_when_its_own_is_not_told() -> None:
    document = raw("orders", "000000052")
    extension = document["extension_attributes"]
    del extension["additional_itemized_taxes"]
    extension["item_applied_taxes"] = [row for row in extension["item_applied_taxes"] if row["type"] == "product"]
    assert [tax.code for tax in good(read_order(document)).shipping_taxes] == ["US-TX-8.25"]
    extension.update(item_applied_taxes=[], applied_taxes=[])
    assert [(tax.code, tax.amount) for tax in good(read_order(document)).shipping_taxes] == [("", D("0.62"))]


def test_rows_of_other_kinds_in_the_list_of_taxes_are_not_the_lines() -> None:
    document = raw("orders", "000000052")
    before = good(read_order(document))
    document["extension_attributes"]["item_applied_taxes"].append({"type": "weee", "applied_taxes": []})
    assert good(read_order(document)) == before


@given(
    amounts=st.lists(st.decimals(0, 10**6, places=2), min_size=2, max_size=4),
    tax=st.decimals(-(10**6), 10**6, places=4),
)
def test_a_split_always_adds_up_and_no_share_is_a_unit_off(amounts: list[D], tax: D) -> None:
    shares = split(tuple(AppliedTax("", "", D(1), amount) for amount in amounts), tax)
    assert sum(share.amount for share in shares) == tax
    if total := sum(amounts):
        assert all(
            abs(share.amount - tax * part / total) <= D("0.01") for share, part in zip(shares, amounts, strict=True)
        )


@pytest.mark.parametrize(("tax", "expected"), [("0.01", ["0.01", "0.00"]), ("0", ["0", "0"])])
def test_taxes_of_nothing_give_their_cent_to_the_first(tax: str, expected: list[str]) -> None:
    taxes = (AppliedTax("A", "A", D(5), D(0)), AppliedTax("B", "B", D(7), D(0)))
    assert [share.amount for share in split(taxes, D(tax))] == [D(amount) for amount in expected]
