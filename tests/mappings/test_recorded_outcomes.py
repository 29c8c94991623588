"""Which recorded orders are not booked, each with its reason, and that all others balance to the cent: in base
currency, and in the currency that the buyer was shown."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import cache

import pytest

from mappings.booking import Booked, book_invoice, book_order
from mappings.checks import off_balance
from mappings.context import Context
from mappings.desktop_tax import Fitted, fit
from mappings.magento import read_invoice, read_order
from mappings.model import Invoice, Order, Problem, Waiting
from mappings.rules import Rules
from tests.mappings import desktop, recorded
from tests.mappings.sales import STORES, US, cents, rules

NUMBERS = sorted(recorded.texts("orders"))
AMERICAN = [number for number in NUMBERS if not number.startswith("2")]
GROUPS = {0: "NOT LOGGED IN", 1: "General"}
WAITING = {
    "000000021": 'It waits by the document rule "review state".',  # on hold
    "000000022": "Cancelled before anything was paid or posted.",
    "000000044": "Cancelled before anything was paid or posted.",
    "000000047": 'It waits by the document rule "review state".',  # payment review
    "000000048": 'It waits by the document rule "review state".',  # suspected fraud
    "000000049": 'It waits by the document rule "review state".',  # pending payment
    "000000059": "Cancelled before anything was paid or posted.",  # replaced by an edited order
}
TO_IRELAND = "2000000005"  # 23 % VAT, which neither template has a row for
WITHOUT_TAX = {"000000017", "000000058"}  # to Oregon and to London
IRELAND = {
    "us_retail": """[[tax]]
id = "ireland"
when = { "ship.country" = "IE", "tax.rate" = { above = 0 } }
item = "Magento VAT IE"
account = "foreign"
""",
    "eu_vat": """[[tax]]
id = "ireland"
when = { "ship.country" = "IE", "tax.rate" = 23 }
code = "23% IE OSS"
rate = "VAT 23% IE OSS"
""",
}


@cache
def order(number: str, shown: bool = False) -> Order:
    """A recorded order, or the same in the currency that the buyer was shown."""
    raw = recorded.raw("orders", number)
    return recorded.good(read_order(recorded.as_shown(raw) if shown else raw))


def shop(of: Order, country: str = "US") -> Context:
    """Books in the currency and country of this order's shop."""
    books = replace(US, country=country, home_currency=of.currency)
    return Context(books, STORES, GROUPS)


def outcome(number: str, by: Rules, country: str = "US", shown: bool = False) -> Booked:
    found = order(number, shown)
    return book_order(found, shop(found, country), by)


def must_balance(booked: Booked, charged: Order | Invoice) -> None:
    """One entry over what Magento charged, every line in whole cents, with rounding for odd quantities alone."""
    assert isinstance(booked, tuple), booked
    assert booked[0].total == cents(charged.totals.grand_total)
    for entry in booked:
        assert off_balance(entry.lines) == 0
        assert all(line.amount == cents(line.amount) for line in entry.lines)
        rounded = any(line.role == "rounding" for line in entry.lines)
        assert not rounded or any(line.quantity % 1 for line in charged.lines)


def test_a_german_order_of_65_dollars_79_was_shown_as_60_euros_11() -> None:
    in_base, as_shown = order("2000000001"), order("2000000001", shown=True)
    assert (in_base.currency, in_base.totals.grand_total) == ("USD", Decimal("65.79"))
    assert (as_shown.currency, as_shown.totals.grand_total) == ("EUR", Decimal("60.11"))


@pytest.mark.parametrize("shown", [False, True])
def test_by_the_american_template_all_orders_are_booked_but_those_named_here(shown: bool) -> None:
    by = rules()
    for number in NUMBERS:
        found = outcome(number, by, shown=shown)
        if number in WAITING:
            assert isinstance(found, Waiting) and found.reason == WAITING[number]
        elif number == TO_IRELAND:
            assert isinstance(found, Problem) and (found.code, found.hold) == ("foreign-tax", True)
        else:
            must_balance(found, order(number, shown))


@pytest.mark.parametrize("shown", [False, True])
def test_by_the_european_template_orders_with_american_or_irish_rates_are_held(shown: bool) -> None:
    by = rules(name="eu_vat")
    for number in NUMBERS:
        found = outcome(number, by, "DE", shown)
        if number in WAITING:
            assert isinstance(found, Waiting) and found.reason == WAITING[number]
        elif number == TO_IRELAND or number in set(AMERICAN) - WITHOUT_TAX:
            assert isinstance(found, Problem) and (found.code, found.hold) == ("unmapped-tax", True)
        else:
            must_balance(found, order(number, shown))


@pytest.mark.parametrize(("template", "country"), [("us_retail", "US"), ("eu_vat", "DE")])
def test_a_row_for_ireland_books_the_one_that_was_held(template: str, country: str) -> None:
    found = outcome(TO_IRELAND, rules(IRELAND[template], name=template), country)
    must_balance(found, order(TO_IRELAND))


def test_on_desktop_one_tax_stands_on_a_line_of_its_own_because_its_rate_has_changed_since() -> None:
    """The order to New York was taxed 8.375 %, while the company's group for the city charges 8.875 %."""
    looked_at = []
    for number in AMERICAN:
        found = order(number)
        booked = book_order(found, replace(shop(found), books=desktop.SHOP), desktop.RULES)
        for entry in booked if isinstance(booked, tuple) else ():
            fitted = fit(entry, desktop.RULES, desktop.SHOP)
            assert isinstance(fitted, Fitted)
            assert fitted.entry.total == entry.total
            assert off_balance(fitted.entry.lines) == 0
            looked_at += [(number, each.code) for each in fitted.problems]
    assert looked_at == [("000000020", "tax-own-line")]


def invoices(shown: bool) -> Iterator[tuple[Invoice, Order]]:
    """The recorded Magento invoices with their orders."""
    for number in recorded.texts("invoices"):
        raw = recorded.raw("invoices", number)
        of = order(recorded.order_by_entity(int(raw["order_id"])).number, shown)
        found = read_invoice(recorded.as_shown(raw) if shown else raw, of)
        assert isinstance(found, Invoice), found
        yield found, of


@pytest.mark.parametrize("shown", [False, True])
@pytest.mark.parametrize("post_on", ["order", "invoice"])
def test_every_invoice_is_a_payment_or_a_document_that_balances(post_on: str, shown: bool) -> None:
    by = rules(books=f'post_on = "{post_on}"')
    for invoice, of in invoices(shown):
        known = shop(of) if post_on == "invoice" else replace(shop(of), standing={of.key: "invoice"})
        must_balance(book_invoice(invoice, of, known, by), invoice)
