"""An order's lines come to the same whatever form its Magento shows their row totals in; what fits no form is held."""

from dataclasses import replace
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.booking import book_order
from mappings.booking_memo import book_credit_memo
from mappings.catalogue import CATALOGUE
from mappings.magento import parse, read_credit_memo, read_order
from mappings.model import CreditMemo, Order, Problem
from tests.mappings.recorded import good, raw
from tests.mappings.rest_rows import FORMS, Stored, order, shown, sold
from tests.mappings.sales import GERMAN, RETAIL, context, rules

ORDERS = {
    "several pieces": [sold("40.00", "3", off="10"), sold("99.95", off="10")],
    "without discount": [sold("19.99", "3"), sold("5.00", "2")],
    "half off five": [sold("40.00", "5", off="50")],
    "given away": [sold("12.50", "2", off="100"), sold("3.00", "7")],
    "cloth": [sold("3.99", "1.37"), sold("18.77", "0.5", off="10")],
    "tax inside": [sold("23.80", "3", "19", off="10", included=True), sold("21.40", "2", "7", included=True)],
    "tax inside, half off": [sold("47.60", "2", "19", off="50", included=True)],
    "tax inside, given away": [
        sold("14.28", "2", "19", off="100", included=True),
        sold("1.99", "3", "7", included=True),
    ],
    "tax before discount": [sold("40.00", "3", off="10", before=True), sold("9.99", "7", off="50", before=True)],
    "tax inside before discount": [sold("23.80", "3", "19", off="50", included=True, before=True)],
    "tax of each piece": [sold("10.55", "3", "19", included=True, each=True), sold("3.33", "9", off="5", each=True)],
    "not taxed": [sold("4.00", "3", "0"), sold("0.00", "2", "0")],
    "fixed product tax": [sold("50.00", "3", off="10", weee="2.50"), sold("9.00")],
}


def grosses(document: dict[str, Any]) -> list[D]:
    return [line.gross for line in good(read_order(document)).lines]


def held(document: dict[str, Any]) -> Problem:
    found = read_order(document)
    assert isinstance(found, Problem), found
    return found


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ORDERS)
def test_every_form_shows_the_same_lines(name: str, form: str) -> None:
    assert grosses(order(ORDERS[name], form)) == [row.row for row in ORDERS[name]]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ORDERS)
def test_without_row_totals_with_tax_the_row_totals_alone_say_it(name: str, form: str) -> None:
    document = order(ORDERS[name], form)
    for item in document["items"]:
        del item["base_row_total_incl_tax"]
    assert grosses(document) == [row.row for row in ORDERS[name]]


def test_a_bundle_whose_row_is_no_multiple_of_its_price_keeps_its_cent() -> None:
    """Recorded on Magento 2.4.8: 2 x 50.81 is 101.62, and the row 101.61."""
    bundle = replace(sold("60.46", "2", "19", included=True), row=D("101.61"), price=D("50.81"), tax=D("19.31"))
    for form in FORMS:
        assert grosses(order([bundle], form)) == [D("101.61")]


def test_rows_wholly_invoiced_say_what_nothing_else_says() -> None:
    row = sold("10.55", "3", "19", included=True)
    fields = {"base_row_total": D("1.00"), "base_row_total_incl_tax": D("1.00"), "base_price": D("1.00")}
    invoiced = {"qty_invoiced": D(3), "base_row_invoiced": row.row, "base_price_incl_tax": D("1.00")}
    assert grosses(order([row], "2.4.7", **fields, **invoiced)) == [row.row]
    assert held(order([row], "2.4.7", **fields, **invoiced | {"qty_invoiced": D(2)})).code == "lines-differ"


@pytest.mark.parametrize("form", FORMS)
def test_a_line_below_zero_that_rest_shows_as_zero_is_known_by_its_price(form: str) -> None:
    rows = [sold("25.00", "1", "0"), sold("-5.00", "1", "0")]
    assert grosses(order(rows, form)) == [D("25.00"), D("-5.00")]
    taxed = [sold("25.00", "2"), sold("-5.00", "3")]
    assert grosses(order(taxed, form)) == [D("50.00"), D("-15.00")]


def test_an_order_with_a_line_below_zero_is_booked_with_that_line() -> None:
    read = good(read_order(order([sold("25.00", "1", "0"), sold("-5.00", "1", "0")], "2.4.7")))
    outcome = book_order(read, context(), RETAIL)
    assert isinstance(outcome, tuple), outcome
    assert outcome[0].total == D("20.00")
    assert [line.amount for line in outcome[0].lines if line.role == "item"] == [D("-25.00"), D("5.00")]


def test_a_row_without_pieces_and_amounts_is_no_line() -> None:
    rows = [sold("25.00"), sold("0.00", "0", "0")]
    assert grosses(order(rows, "2.4.8")) == [D("25.00")]
    priced_but_not_sold = replace(rows[1], price=D("9.00"), price_incl=D("9.00"))
    assert grosses(order([rows[0], priced_but_not_sold], "2.4.8")) == [D("25.00")]
    assert held(order([rows[1]], "2.4.7")).code == "missing-items"
    charged = order(rows, "2.4.7")
    charged["items"][1]["base_row_total_incl_tax"] = D("3.00")
    assert held(charged).field == "items[1].qty_ordered"


def test_an_order_in_another_currency_is_read_from_its_own_row_totals() -> None:
    """A fixed bundle of the newest Magento: its parts show the bundle's price, in the order's currency only."""
    rows = [sold("40.00", "3", off="10"), replace(sold("0.00", "3", "0"), price_incl=D(0))]
    document = order(rows, "2.4.8") | {"order_currency_code": "EUR"}
    bundle, part = document["items"]
    bundle["product_type"], part["parent_item_id"] = "bundle", bundle["item_id"]
    for item in (bundle, part):
        item.update({name.removeprefix("base_"): value for name, value in item.items() if name.startswith("base_")})
    part["price"] = bundle["price"]
    read = good(read_order(document))
    assert read.charged is not None and not isinstance(read.charged, Problem), read.charged
    assert [line.gross for line in read.charged.lines] == [line.gross for line in read.lines] == [D("120.00")]


def test_two_readings_that_add_up_are_told_apart_by_the_price() -> None:
    """Half a yard and one and a half of one price: two prices of a piece add up to what two yards cost. The row totals
    with tax say it, and without them price times quantity does."""
    rows = [sold("8.00", "0.5", "0"), sold("8.00", "1.5", "0")]
    document = order(rows, "2.4.8")
    assert [item["base_row_total"] for item in document["items"]] == [D("8.00"), D("8.00")]
    assert grosses(document) == [D("4.00"), D("12.00")]
    for item in document["items"]:
        del item["base_row_total_incl_tax"]
    assert grosses(document) == [D("4.00"), D("12.00")]


def test_cents_that_rounding_moves_between_rows_stay_where_magento_keeps_them() -> None:
    """Tax inside prices is rounded over the order: a row may be a cent off its price, and the next one too."""
    rows = [
        replace(sold("0.33", "1", "19", included=True), row=D("0.27"), price=D("0.28"), tax=D("0.06")),
        replace(sold("12.50", "1", "19", included=True), row=D("10.51"), price=D("10.50"), tax=D("1.99")),
    ]
    for form in FORMS:
        assert grosses(order(rows, form)) == [D("0.27"), D("10.51")]


@pytest.mark.parametrize("form", FORMS)
def test_what_floating_point_adds_to_an_amount_is_no_part_of_it(form: str) -> None:
    rows = ORDERS["several pieces"]
    noisy = order(rows, form)
    for item in noisy["items"]:
        item["base_row_total"] += D("1.4e-14")
        item["base_row_total_incl_tax"] -= D("2.8e-14")
    assert grosses(noisy) == [D("120.00"), D("99.95")]


def contradictory() -> dict[str, Any]:
    """Three lamps of 40.00 in an order whose header is 7.00 above all that its rows can mean."""
    document = order([sold("40.00", "3", off="10")], "2.4.8")
    for name in ("subtotal", "base_subtotal", "grand_total", "base_grand_total"):
        document[name] += 7
    return document


def test_what_fits_no_reading_is_held_with_what_each_says() -> None:
    problem = held(contradictory())
    nearest = D("127.00") - D("120.99")
    assert (problem.code, problem.field, problem.amount) == ("lines-differ", "base_subtotal", nearest)
    assert problem.reason == (
        "Order 000000052: base_subtotal says the subtotal is 127.0000, and no reading of the rows adds up to it ("
        "row totals with tax, less tax: 120.0000; row totals with tax, less tax and fixed tax: 120.0000; "
        "row totals net of discount: 40.0000; row totals before discount: 28.0000; "
        "row totals that are prices of a piece: 120.0000; "
        "row totals that are prices of a piece with tax: 135.5500; row totals net of discount and tax: 45.1800; "
        "row totals with tax before discount: 108.0000; "
        "prices times quantities: 120.0000; prices with tax times quantities: 120.9900)."
    )


def test_its_advice_looks_for_no_fee_and_works() -> None:
    fix = CATALOGUE["lines-differ"].fix
    assert not any(word in fix.lower() for word in ("extension", "surcharge", "fee"))
    assert fix.startswith("Compare the document's rows with its subtotal in Magento. Where a row is wrong, correct it")
    corrected = contradictory()
    corrected["items"][0] |= {name: corrected["items"][0][name] + 7 for name in ("base_row_total_incl_tax",)}
    assert grosses(corrected) == [D("127.00")]


def test_a_cent_that_the_stored_totals_deny_is_not_put_down_to_rounding() -> None:
    document = order([sold("5.00", "10")], "2.4.8")
    for name in ("subtotal", "base_subtotal", "grand_total", "base_grand_total"):
        document[name] += D("0.05")
    assert held(document).code == "lines-differ"


def test_numbers_beyond_all_prices_are_held_like_any_other() -> None:
    document = order([sold("1.00")], "2.4.8", base_price=D("9e14"), qty_ordered=D("9e14"))
    for name in ("subtotal", "base_subtotal", "grand_total", "base_grand_total"):
        document[name] += 7
    assert held(document).code == "lines-differ"


@st.composite
def shops(draw: st.DrawFn) -> list[Stored]:
    """Rows of one shop: its prices with tax or without, tax before the discount or after, rounded for each piece or
    for the row."""
    settings = {name: draw(st.booleans()) for name in ("included", "before", "each")}
    weee = draw(st.sampled_from(("0", "0", "0.75")))
    rows = draw(st.integers(1, 5))
    return [
        sold(
            str(draw(st.decimals("0.01", "500", places=2))),
            draw(st.sampled_from(("1", "1", "2", "3", "7", "12", "0.5", "1.37"))),
            draw(st.sampled_from(("0", "7", "8.25", "19"))),
            draw(st.sampled_from(("0", "5", "10", "33.33", "50", "99"))),
            **settings,
            weee=weee,
        )
        for _ in range(rows)
    ]


@given(rows=shops(), form=st.sampled_from(FORMS[:4]))
def test_the_row_totals_with_tax_give_every_line_to_the_cent(rows: list[Stored], form: str) -> None:
    assert grosses(order(rows, form)) == [row.row for row in rows]


@given(rows=shops(), form=st.sampled_from(FORMS))
def test_a_line_is_never_off_by_more_than_rounding(rows: list[Stored], form: str) -> None:
    document = order(rows, form)
    for item in document["items"]:
        del item["base_row_total_incl_tax"]
    found = read_order(document)
    if isinstance(found, Problem):
        assert found.code == "lines-differ"
        return
    assert sum(line.gross for line in found.lines) == sum(row.row for row in rows)
    for line, row in zip(found.lines, rows, strict=True):
        assert abs(line.gross - row.row) <= D("0.01") * (row.quantity + 2)


def test_the_form_of_the_newest_magento_is_that_of_2_4_7() -> None:
    assert shown(sold("40.00", "3", off="10"), "2.4.7")["base_row_total"] == D("108.00")
    assert raw("orders", "000000052")["items"][0]["base_row_total"] == D("12.50")


TAKES_BACK = Path(__file__).parents[1] / "cases" / "memo_takes_shipping_discount_back" / "magento.json"


def taken_back(**memo: Any) -> tuple[Order, CreditMemo | Problem]:
    """The order with a discounted shipping, and its memo without shipping."""
    documents = parse(TAKES_BACK.read_text(encoding="utf-8"))
    sold_order = good(read_order(documents["order"]))
    return sold_order, read_credit_memo(documents["creditmemos"][0] | memo, sold_order)


def test_a_memo_may_take_back_no_more_discount_than_shipping_had() -> None:
    _, memo = taken_back()
    assert isinstance(memo, CreditMemo), memo
    assert memo.totals.shipping_discount == D("-0.3092")
    off = {"base_discount_amount": D("-20.00"), "base_grand_total": D("27.60")}
    charged = {"discount_amount": D("-18.27"), "grand_total": D("25.23")}
    _, refused = taken_back(**off, **charged)
    assert isinstance(refused, Problem)
    assert (refused.code, refused.field) == ("unbalanced", "base_discount_amount")


def test_what_it_takes_back_is_a_discount_where_discounts_lower_prices() -> None:
    """There is no line of shipping that it could lower."""
    order_sold, memo = taken_back()
    assert isinstance(memo, CreditMemo)
    by = rules('[[discount]]\nid = "net"\nshow = "reduced_price"\n', name="eu_vat")
    here = context(replace(GERMAN, home_currency="USD"))
    sale = book_order(order_sold, here, by)
    assert isinstance(sale, tuple), sale
    outcome = book_credit_memo(memo, order_sold, list(sale), here, by)
    assert isinstance(outcome, tuple), outcome
    amounts = [(line.role, line.amount) for line in outcome[0].lines]
    assert ("item", D("20.00")) in amounts and ("discount", D("0.31")) in amounts
    assert outcome[0].total == D("24.11")


@pytest.mark.parametrize("form", FORMS)
def test_the_tax_on_a_fixed_product_tax_is_in_the_header_alone(form: str) -> None:
    """Magento adds it to the order's tax and to no row's: 8.25 % of 7.50 is 0.62."""
    rows = [sold("50.00", "3", off="10", weee="2.50"), sold("9.00")]
    found = good(read_order(order(rows, form, more_tax=D("0.62"))))
    assert [line.gross for line in found.lines] == [row.row for row in rows]
    assert (found.totals.fixed_tax, found.totals.fixed_tax_tax) == (D("7.50"), D("0.62"))
    assert held(order(rows, form, more_tax=D("0.70"))).field == "base_tax_amount"
    assert held(order([sold("9.00")], form, more_tax=D("0.62"))).field == "base_tax_amount"


def test_the_tax_on_a_fixed_product_tax_is_booked_with_it() -> None:
    fee = """[[fee]]
id = "weee"
when = { "fee.kind" = "fixed_tax" }
item = "Magento fixed product tax"
account = "2270 Fixed product taxes"
liability = true
"""
    read = good(read_order(order([sold("50.00", "3", off="10", weee="2.50")], "2.4.8", more_tax=D("0.62"))))
    outcome = book_order(read, context(), rules(fee))
    assert isinstance(outcome, tuple), outcome
    sums = {line.account: line.amount for line in outcome[0].lines}
    assert sums["2270 Fixed product taxes"] == D("-7.50")
    assert outcome[0].tax == D("11.76")  # 8.25 % of 135.00 is 11.14
    assert outcome[0].total == D("154.26")
