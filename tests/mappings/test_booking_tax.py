"""Tax: QuickBooks' automated sales tax, tax codes by rate, and tax of other countries on its own account."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from mappings.booking import book_order
from mappings.booking_tax import spread
from mappings.entry import Entry
from mappings.model import AppliedTax
from tests.mappings.sales import (
    BERLIN,
    GERMAN,
    TEXAS,
    US,
    VAT,
    VAT7,
    VAT19,
    applied,
    context,
    german,
    held,
    journal,
    line,
    order,
    rules,
    sell,
    totals,
)

D = Decimal
GERMANY = context(GERMAN)


def rates(entry: Entry) -> list[tuple[str, str, str]]:
    """Rate, base and tax of each tax line."""
    return [(each.tax_rate, f"{each.taxable:.2f}", f"{-each.amount:.2f}") for each in entry.lines if each.tax_rate]


# --- United States ------------------------------------------------------------------------------------


def test_taxed_lines_are_tax_and_others_non() -> None:
    made = order(line("MUG", "1", "10.00", TEXAS), line("BOOK", "1", "10.00"), shipping="5")
    assert [each.tax_code for each in sell(made).lines if each.item or each.sku] == ["TAX", "NON", "NON"]


def test_a_line_that_a_discount_makes_free_is_still_a_taxable_sale() -> None:
    free = line("MUG", "1", "10.00", TEXAS, discount="10.00")
    assert sell(order(replace(free, taxes=()), line("CUP", "1", "4.00", TEXAS))).lines[1].tax_code == "TAX"


def test_tax_of_another_country_is_a_liability_of_its_own_and_never_quickbooks_tax_total() -> None:
    # D12: 100.00 and 19 % = 19.00, shipped to Germany by an American company
    receipt = sell(order(line("MUG", "1", "100.00", VAT19), shipping_address=BERLIN, paid=True))
    assert receipt.tax == 0
    assert journal(receipt) == [
        ("1255 Checks clearing", "119.00"),
        ("4000 Sales", "-100.00"),
        ("2250 Foreign VAT payable", "-19.00"),
    ]
    vat = receipt.lines[-1]
    assert (vat.item, vat.tax_code, vat.because.list, vat.because.row) == ("Magento VAT DE", "NON", "tax", "germany")


def test_tax_of_a_country_without_a_rule_is_held() -> None:
    ireland = replace(BERLIN, country="IE")
    problem = held(book_order(order(line("MUG", "1", "9.00", VAT19), shipping_address=ireland), context(), rules()))
    assert problem.code == "foreign-tax" and "IE" in problem.reason and "19 %" in problem.reason


def test_what_another_country_taxes_at_zero_needs_no_rule() -> None:
    zero = line("MUG", "1", "9.00", ("IE-EXPORT", "0"))
    receipt = sell(order(zero, shipping_address=replace(BERLIN, country="IE"), paid=True))
    assert [(each.role, each.tax_code) for each in receipt.lines] == [("money", ""), ("item", "NON")]


def test_even_a_rule_with_a_code_does_not_file_foreign_tax_with_an_american_agency() -> None:
    by = rules('[[tax]]\nid = "irish"\nwhen = { "ship.country" = "IE" }\ncode = "VAT"\n')
    ireland = replace(BERLIN, country="IE")
    outcome = book_order(order(line("MUG", "1", "9.00", VAT19), shipping_address=ireland), context(), by)
    assert held(outcome).code == "foreign-tax"


def test_a_home_tax_with_an_item_of_its_own_leaves_the_rest_to_quickbooks() -> None:
    by = rules('[[tax]]\nid = "bag fee"\nwhen = { "tax.code" = "BAG" }\nitem = "Bag fee"\naccount = "2260 Bag fees"\n')
    both = (applied(TEXAS, D("0.83")), AppliedTax("BAG", "Bag fee", D(1), D("0.10")))
    made = order(line("BAG", "1", "10.00", taxes=both, tax=D("0.93"), tax_percent=D("9.25")))
    invoice = sell(made, by)
    assert invoice.tax == D("0.83")
    assert journal(invoice)[1:] == [
        ("4000 Sales", "-10.00"),
        ("2260 Bag fees", "-0.10"),
        ("Sales Tax Payable", "-0.83"),
    ]
    assert invoice.lines[1].tax_code == "TAX"


def test_shipping_with_a_tax_but_no_stated_rate_is_taxed() -> None:
    made = order(line("MUG", "1", "10.00"), shipping="5")
    made = replace(made, totals=totals(made.lines, D(5), D("0.41")))
    assert [each.tax_code for each in sell(made).lines if each.role == "shipping"] == ["TAX"]


def test_the_headers_tax_is_the_one_that_quickbooks_keeps() -> None:
    # Magento rounds tax on the whole, so the lines may be a cent apart: the header is what the buyer paid.
    made = order(line("MUG", "1", "10.00", TEXAS), line("CUP", "1", "10.00", TEXAS))
    one_less = replace(made.totals, tax=D("1.65"), grand_total=D("21.65"))
    assert journal(sell(replace(made, totals=one_less)))[-1] == ("Sales Tax Payable", "-1.65")


# --- tax codes ----------------------------------------------------------------------------------------


def test_each_rate_states_its_base_and_its_tax() -> None:
    # 100.00 at 19 % = 19.00, 50.00 at 7 % = 3.50, shipping 10.00 at 19 % = 1.90
    made = german(
        line("MUG", "1", "100.00", VAT19), line("BOOK", "1", "50.00", VAT7), shipping="10", shipping_rate=VAT19
    )
    invoice = sell(made, VAT, GERMANY)
    assert rates(invoice) == [("VAT 19%", "110.00", "20.90"), ("VAT 7%", "50.00", "3.50")]
    assert [each.tax_code for each in invoice.lines[1:4]] == ["19% Standard", "7% Reduced", "19% Standard"]
    assert invoice.tax == D("24.40")


def test_a_discount_lowers_the_base_of_the_rate_it_was_given_on_without_the_hidden_tax() -> None:
    # D4. Prices with tax: 119.00 less 10 % of 119.00 = 11.90, of which 1.90 is tax that nobody owes any more.
    mug = line("MUG", "1", "100.00", VAT19, discount="11.90", compensation=D("1.90"))
    mug = replace(mug, tax=D("17.10"), taxes=(applied(VAT19, D("17.10")),))
    invoice = sell(german(mug, line("BOOK", "1", "50.00", VAT7)), VAT, GERMANY)
    assert journal(invoice) == [
        ("Accounts Receivable (A/R)", "160.60"),
        ("4000 Sales", "-100.00"),
        ("4000 Sales", "-50.00"),
        ("4900 Discounts given", "10.00"),
        ("VAT Control", "-17.10"),
        ("VAT Control", "-3.50"),
    ]
    assert rates(invoice) == [("VAT 19%", "90.00", "17.10"), ("VAT 7%", "50.00", "3.50")]


def test_a_discount_on_two_rates_is_two_lines() -> None:
    made = german(line("MUG", "1", "100.00", VAT19, discount="10"), line("BOOK", "1", "50.00", VAT7, discount="5"))
    invoice = sell(made, VAT, GERMANY)
    discounts = [(each.tax_code, each.amount) for each in invoice.lines if each.role == "discount"]
    assert discounts == [("19% Standard", D("10.00")), ("7% Reduced", D("5.00"))]
    assert rates(invoice) == [("VAT 19%", "90.00", "17.10"), ("VAT 7%", "45.00", "3.15")]


def test_a_cent_of_shipping_compensation_without_any_discount_stays_in_the_books() -> None:
    # Seen on Magento 2.4.7 in a tax-inclusive store: the cent belongs to the net shipping.
    made = german(
        line("MUG", "1", "100.00", VAT19),
        shipping="5.00",
        shipping_rate=VAT19,
        parts={"shipping_compensation": "0.01"},
    )
    invoice = sell(made, VAT, GERMANY)
    assert invoice.total == D("124.96")
    assert rates(invoice) == [("VAT 19%", "105.01", "19.95")]


def test_a_line_without_tax_bears_the_code_that_the_rules_give_to_no_tax() -> None:
    invoice = sell(german(line("STAMP", "1", "1.00")), VAT, GERMANY)
    assert invoice.lines[1].tax_code == "0% Zero rated"
    assert rates(invoice) == [("VAT 0%", "1.00", "0.00")]


def test_a_rate_without_a_rule_is_held_naming_rate_country_and_fix() -> None:
    problem = held(book_order(german(line("MUG", "1", "9.00", ("DE-16", "16"))), GERMANY, VAT))
    assert problem.code == "unmapped-tax"
    assert "16 %" in problem.reason and "DE" in problem.reason
    assert '"tax.rate" = 16' in problem.fix and '"ship.country" = "DE"' in problem.fix


def test_no_tax_without_a_rule_is_held_too() -> None:
    by = VAT.model_copy(update={"tax": VAT.tax[:2]})
    for made in (
        german(line("MUG", "1", "9.00")),
        german(line("MUG", "1", "9.00", VAT19), shipping="1"),
        german(line("MUG", "1", "9.00", VAT19), parts={"gift_cards": "1"}),
    ):
        problem = held(book_order(made, GERMANY, by))
        assert problem.code == "unmapped-tax" and "without tax" in problem.reason


def test_a_rounding_line_needs_a_code_as_well() -> None:
    by = VAT.model_copy(update={"tax": VAT.tax[:2]})
    cloth = line("CLOTH", "1.5", "3.335", VAT19)
    assert held(book_order(german(cloth, cloth, cloth), GERMANY, by)).code == "unmapped-tax"
    rounding = sell(german(cloth, cloth, cloth), VAT, GERMANY).lines
    assert [each.tax_code for each in rounding if each.role == "rounding"] == ["0% Zero rated"]


def test_a_tax_whose_rate_magento_does_not_state_is_held() -> None:
    made = german(line("MUG", "1", "9.00", VAT19), shipping="5")
    made = replace(made, totals=totals(made.lines, D(5), D("0.95")))
    problem = held(book_order(made, GERMANY, VAT))
    assert problem.code == "unmapped-tax" and "0.95" in problem.reason


def test_a_line_known_by_its_percent_alone_finds_its_rule() -> None:
    made = german(line("MUG", "1", "100.00", VAT19, taxes=()))
    assert rates(sell(made, VAT, GERMANY)) == [("VAT 19%", "100.00", "19.00")]


QUEBEC = """[[tax]]
id = "gst"
when = { "tax.code" = "CA-GST" }
code = "GST/QST QC - 9.975"
rate = "GST 5%"
[[tax]]
id = "qst"
when = { "tax.code" = "CA-QC-QST" }
code = "CODE"
rate = "QST 9.975%"
"""


def quebec_line() -> tuple[AppliedTax, AppliedTax]:
    return AppliedTax("CA-GST", "GST", D(5), D("5.00")), AppliedTax("CA-QC-QST", "QST", D("9.975"), D("9.98"))


def test_two_rates_on_one_line_share_one_code_and_state_the_same_base() -> None:
    by = rules(QUEBEC.replace("CODE", "GST/QST QC - 9.975"), name="eu_vat")
    made = german(line("MUG", "1", "100.00", taxes=quebec_line(), tax=D("14.98"), tax_percent=D("14.975")))
    invoice = sell(made, by, GERMANY)
    assert rates(invoice) == [("GST 5%", "100.00", "5.00"), ("QST 9.975%", "100.00", "9.98")]
    assert invoice.lines[1].tax_code == "GST/QST QC - 9.975"


def test_two_rates_with_two_codes_on_one_line_are_held() -> None:
    by = rules(QUEBEC.replace("CODE", "QST"), name="eu_vat")
    made = german(line("MUG", "1", "100.00", taxes=quebec_line(), tax=D("14.98")))
    problem = held(book_order(made, GERMANY, by))
    assert problem.code == "unmapped-tax" and "takes one" in problem.reason


OSS = '[[tax]]\nid = "oss"\nwhen = { "tax.code" = "FR-20" }\nitem = "OSS France"\naccount = "2255 OSS"\n'


def test_with_tax_codes_too_a_tax_may_be_a_liability_of_its_own() -> None:
    by = rules(OSS, name="eu_vat")
    invoice = sell(german(line("MUG", "1", "100.00", ("FR-20", "20"))), by, GERMANY)
    assert invoice.tax == 0
    assert journal(invoice)[1:3] == [("4000 Sales", "-100.00"), ("2255 OSS", "-20.00")]
    assert [each.tax_code for each in invoice.lines[1:3]] == ["0% Zero rated", "0% Zero rated"]
    # QuickBooks adds up the lines that bear a code, the liability among them: the stated base must be the same.
    assert rates(invoice) == [("VAT 0%", "120.00", "0.00")]


def test_such_a_tax_needs_the_code_of_no_tax() -> None:
    by = rules(OSS, name="eu_vat")
    by = by.model_copy(update={"tax": by.tax[:1]})
    assert held(book_order(german(line("MUG", "1", "9.00", ("FR-20", "20"))), GERMANY, by)).code == "unmapped-tax"


def test_a_rate_without_a_name_states_no_base_but_keeps_its_tax() -> None:
    by = rules('[[tax]]\nid = "bare"\nwhen = { "tax.code" = "DE-19" }\ncode = "19"\n', name="eu_vat")
    assert journal(sell(german(line("MUG", "1", "10.00", VAT19)), by, GERMANY))[-1] == ("VAT Control", "-1.90")


def test_a_us_company_with_tax_codes_treats_every_country_by_its_code() -> None:
    by = rules(books='sales_tax = "codes"', name="eu_vat")
    abroad = order(line("MUG", "1", "100.00", VAT19), shipping_address=BERLIN)
    assert sell(abroad, by, context(US, closed=date(2026, 1, 1))).tax == D("19.00")


# --- cents --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("exact", "target", "settled"),
    [
        (("1.004", "1.004", "1.004"), "3.01", ("1.01", "1.00", "1.00")),
        (("1.006", "1.006", "1.006"), "3.02", ("1.00", "1.01", "1.01")),
        (("1.00", "2.00"), "3.00", ("1.00", "2.00")),
        (("5.00", "1.00", "0"), "6.04", ("5.03", "1.01", "0.00")),
        (("5.00", "1.00"), "9.00", ("5.00", "1.00")),  # more than the tolerance: no rounding, so left alone
    ],
)
def test_cents_go_to_the_largest_remainder(exact: tuple[str, ...], target: str, settled: tuple[str, ...]) -> None:
    found = spread(dict(enumerate(map(D, exact))), D(target), D("0.05"))
    assert tuple(f"{amount:.2f}" for amount in found.values()) == settled


def test_a_tax_that_the_lines_do_not_reach_is_held() -> None:
    made = german(line("MUG", "1", "100.00", VAT19))
    made = replace(made, lines=(replace(made.lines[0], taxes=(applied(VAT19, D("17.00")),)),))
    assert held(book_order(made, GERMANY, VAT)).code == "rounding-too-large"
