"""The tax that QuickBooks Desktop will compute, and what becomes of entries whose tax is another."""

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.checks import off_balance
from mappings.desktop_tax import Fitted, fit, predict
from mappings.entry import Entry
from mappings.model import AppliedTax, Problem
from mappings.rules import Rules
from tests.mappings.desktop import EUROPE, RULES, SHOP, VAT_SHOP, fitted, refused, written
from tests.mappings.sales import (
    AUSTIN,
    TEXAS,
    VAT7,
    VAT19,
    context,
    german,
    invoice,
    line,
    order,
    pay,
    rules,
    sell,
)
from tests.mappings.test_qbxml_write import cancelled_rest, paid, sold

D = Decimal
OWN = ("tax", "Magento sales tax")


def by(books: str) -> Rules:
    return rules(books=books, name="us_desktop")


def lines_of(entry: Entry) -> list[tuple[str, str, str, str]]:
    """The document's lines: role, item or SKU, amount as the document shows it, and code."""
    sign = 1 if entry.kind == "credit_memo" else -1
    return [(each.role, each.item or each.sku, f"{each.amount * sign:.2f}", each.tax_code) for each in entry.lines
            if each.item or each.sku]  # fmt: skip


def off_by(cents: int, entry: Entry | None = None) -> Entry:
    """An entry whose tax is so many cents more than QuickBooks would compute; its goods are that much cheaper."""
    entry = sold(line("MUG", "1", "100.00", TEXAS), line("BOOK", "1", "50.00")) if entry is None else entry
    moved = D(cents) / 100
    made = []
    for each in entry.lines:
        if each.role == "tax":
            each = replace(each, amount=each.amount - moved)
        elif each.sku == "BOOK":
            each = replace(each, amount=each.amount + moved)
        made.append(each)
    return replace(entry, tax=entry.tax + moved, lines=tuple(made))


# --- prediction ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base", "percents", "tax"),
    [
        ("100.00", ["8.25"], "8.25"),
        ("0.06", ["8.25"], "0.00"),
        ("6.00", ["8.25"], "0.50"),  # 0.495
        ("-6.00", ["8.25"], "-0.50"),
        ("100.00", [], "0.00"),
        ("20.10", ["4", "4.875"], "1.78"),  # 1.783875; apart 0.804 and 0.979875
        ("10.10", ["4", "4.875"], None),  # 0.896375; apart 0.404 and 0.492375
    ],
)
def test_tax_is_rounded_half_up_and_a_group_must_come_out_alike_both_ways(
    base: str, percents: list[str], tax: str | None
) -> None:
    assert predict(D(base), map(D, percents)) == (None if tax is None else D(tax))


# --- the United States --------------------------------------------------------------------------------


def test_what_quickbooks_computes_to_the_cent_is_left_alone() -> None:
    entry = sold()
    made = fitted(entry)
    assert made == Fitted(entry) and made.entry.tax == D("2.68")


def test_two_rates_of_magento_are_one_group_of_quickbooks() -> None:
    place = replace(AUSTIN, city="New York", region="New York", region_code="NY", postcode="10001")
    taxes = (
        AppliedTax("US-NY-STATE-4", "", D(4), D("4.00")),
        AppliedTax("US-NY-CITY-4.875", "", D("4.875"), D("4.88")),
    )
    goods = line("MUG", "1", "100.00", tax=D("8.88"), tax_percent=D("8.875"), taxes=taxes)
    entry = sold(goods, billing=place, shipping_address=place)
    assert {each.tax_rate for each in entry.lines if each.role == "tax"} == {"New York City"}
    assert fitted(entry) == Fitted(entry)
    assert written(entry).findtext("ItemSalesTaxRef/ListID") == "@tax_rate:New York City"


@pytest.mark.parametrize("cents", [1, -1, 5, -5])
def test_cents_within_the_cap_go_to_rounding_and_the_total_stays(cents: int) -> None:
    entry = off_by(cents)
    made = fitted(entry)
    assert made.problems == ()
    assert (made.entry.tax, made.entry.total) == (D("8.25"), entry.total)
    assert lines_of(made.entry)[-1] == ("rounding", "Magento rounding", f"{D(cents) / 100:.2f}", "NON")
    assert made.entry.lines[-1].account == "6990 Rounding"
    assert off_balance(made.entry.lines) == 0


def test_a_credit_memo_is_fitted_the_other_way_round() -> None:
    memo = cancelled_rest()[1]
    assert memo.tax == D("0.82")  # QuickBooks computes 0.83 on 10.00
    made = fitted(memo).entry
    assert made.tax == D("0.83") and made.total == memo.total == D("10.82")
    assert lines_of(made)[-1] == ("rounding", "Magento rounding", "-0.01", "NON")
    assert off_balance(made.lines) == 0


def test_beyond_the_cap_the_tax_is_a_line_of_its_own_that_somebody_looks_at() -> None:
    entry = off_by(6)
    made = fitted(entry)
    assert lines_of(made.entry) == [
        ("item", "MUG", "100.00", "NON"),
        ("item", "BOOK", "49.94", "NON"),
        (*OWN, "8.31", "NON"),
    ]
    assert (made.entry.tax, made.entry.total) == (D(0), entry.total)
    assert off_balance(made.entry.lines) == 0
    (look,) = made.problems
    assert (look.code, look.hold, look.amount) == ("tax-own-line", False, D("8.31"))
    assert look.reason == "Magento's tax is 8.31. QuickBooks would compute 8.25 by 'Texas 8.25' on 100.00."
    found = written(entry)
    assert found.find("ItemSalesTaxRef") is None and found.findtext("InvoiceLineAdd[3]/Amount") == "8.31"


def test_computed_holds_what_quickbooks_would_not_compute() -> None:
    held = refused(off_by(6), by('tax_method = "computed"'))
    assert (held.code, held.amount) == ("tax-not-computable", D("158.25"))
    assert fit(off_by(5), by('tax_method = "computed"'), SHOP) == fitted(off_by(5))


def test_own_line_makes_every_tax_a_line_and_nobody_has_to_look() -> None:
    made = fitted(sold(), by('tax_method = "own_line"'))
    assert made.problems == () and made.entry.tax == 0
    assert lines_of(made.entry)[-1] == (*OWN, "2.68", "NON")
    assert {each[3] for each in lines_of(made.entry)} == {"NON"}
    assert made.entry.lines[-1].account == "2260 Sales tax on own lines"


def test_a_cap_of_nothing_lets_no_cent_through() -> None:
    assert fitted(off_by(1), by("tax_cap_cents = 0")).problems[0].code == "tax-own-line"


def test_without_tax_no_line_is_taxable_or_quickbooks_would_charge_the_customers_own_rate() -> None:
    free = line("MUG", "1", "10.00", taxes=(AppliedTax("US-TX-8.25", "", D("8.25"), D(0)),))
    entry = paid(free)
    assert lines_of(entry) == [("item", "MUG", "10.00", "TAX")]
    assert lines_of(fitted(entry).entry) == [("item", "MUG", "10.00", "NON")]


def nowhere(**changes: Any) -> Entry:
    """A sale to a place that no row names."""
    place = replace(AUSTIN, region_code="OR", region="Oregon")
    return sold(line("MUG", "1", "100.00", TEXAS), billing=place, shipping_address=place, **changes)


def test_a_rate_that_no_row_names_becomes_a_line_of_its_own() -> None:
    made = fitted(nowhere())
    assert lines_of(made.entry)[-1] == (*OWN, "8.25", "NON")
    assert "No [[tax]] row names a sales tax item" in made.problems[0].reason
    assert refused(nowhere(), by('tax_method = "computed"')).code == "tax-not-computable"


def test_a_sales_tax_item_that_quickbooks_lacks_holds_the_document() -> None:
    held = refused(sold(), books=replace(SHOP, tax_rates={}))
    assert held.code == "unknown-tax-code" and "'Texas 8.25'" in held.reason


def test_names_of_sales_tax_items_are_the_same_in_any_case() -> None:
    assert fitted(sold(), books=replace(SHOP, tax_rates={("tax_rate", "texas 8.25"): (D("8.25"),)})).problems == ()


def test_two_sales_tax_items_on_one_document_are_one_too_many() -> None:
    entry = sold()
    other = replace(
        next(each for each in entry.lines if each.role == "tax"), amount=D("-1"), tax_rate="California 8.25"
    )
    made = fitted(replace(entry, lines=(*entry.lines, other), tax=entry.tax + 1, total=entry.total + 1))
    assert "the rows name California 8.25 and Texas 8.25" in made.problems[0].reason
    assert lines_of(made.entry)[-2:] == [(*OWN, "2.68", "NON"), (*OWN, "1.00", "NON")]
    assert [line.description for line in made.entry.lines[-2:]] == ["Sales tax Texas 8.25", "Sales tax California 8.25"]


def test_a_group_that_can_be_rounded_in_two_ways_is_not_guessed() -> None:
    base = next(D(n) / 100 for n in range(1000, 2000) if predict(D(n) / 100, [D("4"), D("4.875")]) is None)
    entry = sold(line("MUG", "1", str(base), TEXAS))
    lines = tuple(replace(each, tax_rate="New York City") if each.role == "tax" else each for each in entry.lines)
    assert "can be rounded in two ways" in fitted(replace(entry, lines=lines)).problems[0].reason


def test_sales_tax_switched_off_in_quickbooks_leaves_a_line_of_its_own() -> None:
    made = fitted(sold(), books=replace(SHOP, sales_tax_on=False))
    assert "switched off" in made.problems[0].reason and lines_of(made.entry)[-1] == (*OWN, "2.68", "NON")


def test_foreign_vat_stays_a_line_on_its_liability_account() -> None:
    entry = sell(order(line("MUG", "1", "100", VAT19), shipping_address=replace(AUSTIN, country="DE")), RULES,
                 context(SHOP))  # fmt: skip
    assert fitted(entry) == Fitted(entry)
    assert lines_of(entry)[-1] == ("tax", "Magento VAT DE", "19.00", "NON")


def test_payments_and_voids_have_no_tax() -> None:
    made = order(line("MUG", "1", "9.00", TEXAS))
    payment = pay(invoice(made), made, RULES, context(SHOP))
    assert fit(payment, RULES, SHOP) == Fitted(payment)


# --- elsewhere ----------------------------------------------------------------------------------------


def vat(*lines: Any) -> Entry:
    return sell(german(*lines), EUROPE, context(VAT_SHOP))


def test_each_tax_code_charges_its_own_lines() -> None:
    entry = vat(line("MUG", "1", "100.00", VAT19), line("BOOK", "1", "50.00", VAT7))
    assert fitted(entry, EUROPE, VAT_SHOP) == Fitted(entry)
    found = written(entry, EUROPE, VAT_SHOP)
    assert [each.text for each in found.iterfind("InvoiceLineAdd/SalesTaxCodeRef/ListID")] == [
        "@tax_code:S",
        "@tax_code:R",
    ]
    assert found.find("ItemSalesTaxRef") is None and found.find("CustomerSalesTaxCodeRef") is None


def test_with_codes_too_cents_go_to_rounding_under_a_code_that_charges_nothing() -> None:
    entry = vat(*(line(f"MUG{n}", "1", "0.03", VAT19) for n in range(4)), line("BOOK", "1", "5.00"))
    assert entry.tax == D("0.04")  # a cent for each line; QuickBooks computes 0.02 on 0.12
    made = fitted(entry, EUROPE, VAT_SHOP).entry
    assert (made.tax, made.total) == (D("0.02"), entry.total)
    assert lines_of(made)[-1] == ("rounding", "Magento rounding", "0.02", "Z")
    assert off_balance(made.lines) == 0


def test_with_codes_more_than_the_cap_is_held() -> None:
    entry = vat(line("MUG", "1", "100.00", VAT19))
    held = refused(entry, EUROPE, replace(VAT_SHOP, tax_rates=VAT_SHOP.tax_rates | {("tax_code", "s"): (D(20),)}))
    assert held.code == "tax-not-computable" and "would compute 20.00" in held.reason


def test_a_code_made_of_two_rates_must_come_out_alike_both_ways() -> None:
    entry = vat(line("MUG", "1", "10.30", VAT19))
    books = replace(VAT_SHOP, tax_rates=VAT_SHOP.tax_rates | {("tax_code", "s"): (D("4"), D("4.875"))})
    assert predict(D("10.30"), [D("4"), D("4.875")]) is not None
    assert refused(entry, EUROPE, books).code == "tax-not-computable"
    odd = next(D(n) / 100 for n in range(1000, 2000) if predict(D(n) / 100, [D("4"), D("4.875")]) is None)
    assert "two ways" in refused(vat(line("MUG", "1", str(odd), VAT19)), EUROPE, books).reason


def test_a_code_whose_rate_is_unknown_holds_the_document() -> None:
    assert refused(vat(line("MUG", "1", "9", VAT19)), EUROPE, SHOP).code == "unknown-tax-code"


def test_with_codes_and_sales_tax_switched_off_only_a_sale_without_tax_passes() -> None:
    off = replace(VAT_SHOP, sales_tax_on=False)
    assert refused(vat(line("MUG", "1", "9", VAT19)), EUROPE, off).code == "tax-not-computable"
    free = vat(line("MUG", "1", "9"))
    assert fit(free, EUROPE, off) == Fitted(free)


def test_tax_that_quickbooks_charges_and_magento_did_not_is_rounding_too() -> None:
    entry = vat(line("PIN", "1", "0.03", ("DE-19", "19"), tax=D(0)))
    made = fitted(entry, EUROPE, VAT_SHOP).entry
    assert made.tax == D("0.01") and made.total == entry.total == D("0.03")
    assert off_balance(made.lines) == 0
    bare = replace(entry, lines=tuple(each for each in entry.lines if each.role != "tax"))
    made = fitted(bare, EUROPE, VAT_SHOP).entry
    assert made.tax == D("0.01") and off_balance(made.lines) == 0
    assert [(each.account, each.amount) for each in made.lines if each.role == "tax"] == [
        (EUROPE.account("sales_tax"), D("-0.01"))
    ]


# --- laws ---------------------------------------------------------------------------------------------

PRICES = st.decimals(D("0.01"), D(500), places=2)
RATES = st.sampled_from([TEXAS, ("US-OR", "3"), None])
METHODS = st.sampled_from(["first_fit", "own_line", "computed"])


@given(st.lists(st.tuples(PRICES, RATES), min_size=1, max_size=6), METHODS, st.booleans())
def test_law_what_passes_balances_keeps_its_total_and_is_what_quickbooks_computes(
    goods: list[tuple[Decimal, tuple[str, str] | None]], method: str, is_paid: bool
) -> None:
    lines = [line(f"SKU{n}", "1", str(price), rate) for n, (price, rate) in enumerate(goods)]
    chosen = by(f'tax_method = "{method}"')
    entry = sell(order(*lines, paid=is_paid), chosen, context(SHOP))
    made = fit(entry, chosen, SHOP)
    if isinstance(made, Problem):
        assert method == "computed" and made.hold
        return
    shown = [each for each in made.entry.lines if each.item or each.sku]
    base = -sum((each.amount for each in shown if each.tax_code == "TAX"), D(0))
    named = any(each.tax_rate for each in made.entry.lines)
    charged = (base * D("8.25") / 100).quantize(D("0.01"), ROUND_HALF_UP) if named and base else D(0)
    assert made.entry.tax == charged
    assert made.entry.total == entry.total == -sum((each.amount for each in shown), D(0)) + charged
    assert off_balance(made.entry.lines) == 0
    assert all(each.code == "tax-own-line" and not each.hold for each in made.problems)
