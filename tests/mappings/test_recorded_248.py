"""Every order, invoice and credit memo recorded on Magento 2.4.8 is read and booked to the cent, in each display
setting of its sales prices, and with the classes of a newer release."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from mappings import qbo
from mappings.booking import book_invoice, book_order
from mappings.booking_memo import book_credit_memo
from mappings.checks import off_balance
from mappings.context import Context
from mappings.entry import Entry
from mappings.magento import parse, read_credit_memo, read_invoice, read_order
from mappings.magento_forms import learn_form
from mappings.model import CreditMemo, Invoice, Order
from mappings.rules import Rules
from tests.mappings import recorded
from tests.mappings.sales import GERMAN, STORES, US, cents, rules

FOLDER = Path(__file__).parents[3] / "shared" / "recordings" / "magento-2.4.8"
FILES = sorted(FOLDER.glob("*/*.json"))
pytestmark = pytest.mark.skipif(not FILES, reason="the recordings of 2.4.8 are not here")
NAMES = [f"{file.parent.name}/{file.stem}" for file in FILES]


@pytest.fixture(params=FILES, ids=NAMES)
def documents(request: pytest.FixtureRequest) -> dict[str, Any]:
    """A recorded order with its invoices and credit memos."""
    file: Path = request.param
    return parse(file.read_text(encoding="utf-8"))


def order_of(documents: dict[str, Any]) -> Order:
    return recorded.good(read_order(documents["order"]))


def invoice_of(raw: dict[str, Any], order: Order) -> Invoice:
    found = read_invoice(raw, order)
    assert isinstance(found, Invoice), found
    return found


def memo_of(raw: dict[str, Any], order: Order) -> CreditMemo:
    found = read_credit_memo(raw, order)
    assert isinstance(found, CreditMemo), found
    return found


def books_of(order: Order, **books: str) -> tuple[Context, Rules]:
    """The company that the order's shop belongs to: a German one books German VAT by its own template."""
    german = order.number.startswith("2")
    company = replace(GERMAN, home_currency=order.currency) if german else US
    return Context(company, STORES, {0: "NOT LOGGED IN", 1: "General"}), rules(
        name="eu_vat" if german else "us_retail", **books
    )


def must_balance(booked: Any, total: Decimal, by: Rules, context: Context) -> list[Entry]:
    assert isinstance(booked, tuple), booked
    assert booked[0].total == cents(total)
    for entry in booked:
        assert off_balance(entry.lines) == 0
        payload = qbo.write(entry, by, context.books)
        if "Line" in payload and entry.kind != "payment":
            tax = payload.get("TxnTaxDetail", {}).get("TotalTax", Decimal(0))
            assert sum((line["Amount"] for line in payload["Line"]), tax) == entry.total
    return list(booked)


def test_an_order_is_booked_to_the_cent(documents: dict[str, Any]) -> None:
    order = order_of(documents)
    context, by = books_of(order)
    must_balance(book_order(order, context, by), order.totals.grand_total, by, context)


def test_the_lines_of_an_order_are_those_of_its_invoices(documents: dict[str, Any]) -> None:
    """Invoice rows are gross in every version, and fully invoiced rows come to what the order's row is."""
    order = order_of(documents)
    billed: dict[int, Decimal] = {}
    pieces: dict[int, Decimal] = {}
    for raw in documents["invoices"]:
        for line in invoice_of(raw, order).lines:
            billed[line.item_id] = billed.get(line.item_id, Decimal(0)) + line.gross
            pieces[line.item_id] = pieces.get(line.item_id, Decimal(0)) + line.quantity
    whole = [line for line in order.lines if pieces.get(line.item_id) == line.quantity]
    assert [line.gross for line in whole] == [billed[line.item_id] for line in whole]
    assert whole or order.paid < order.totals.grand_total


def test_the_charged_currency_is_read_as_well(documents: dict[str, Any]) -> None:
    order = order_of(documents)
    if order.order_currency != order.currency:
        assert isinstance(order.charged, Order), order.charged
        assert sum(line.gross for line in order.charged.lines) == order.charged.totals.subtotal


@pytest.mark.parametrize("post_on", ["order", "invoice"])
def test_an_invoice_is_a_payment_or_a_document_to_the_cent(documents: dict[str, Any], post_on: str) -> None:
    order = order_of(documents)
    context, by = books_of(order, books=f'post_on = "{post_on}"')
    entries: list[Entry] = []
    for raw in documents["invoices"]:
        invoice = invoice_of(raw, order)
        booked = book_invoice(invoice, order, context, by, entries)
        if post_on == "invoice":
            entries += must_balance(booked, invoice.totals.grand_total, by, context)


def test_a_memo_gives_back_what_magento_says(documents: dict[str, Any]) -> None:
    order = order_of(documents)
    context, by = books_of(order)
    sale = book_order(order, context, by)
    assert isinstance(sale, tuple)
    for raw in documents["creditmemos"]:
        memo = memo_of(raw | {"state": Decimal(2)}, order)  # whatever its state, its amounts are read
        must_balance(book_credit_memo(memo, order, list(sale), context, by), memo.totals.grand_total, by, context)


@pytest.mark.parametrize(
    ("folder", "form"),
    [
        ("display1_excl", "unit-price rows (Magento 2.4.8)"),
        ("display2_incl", "unit-price rows with tax (Magento 2.4.8, sales prices displayed with tax)"),
        ("newest_classes_display1", "rows net of discount (Magento 2.4.7, or later than 2.4.8)"),
    ],
)
def test_the_form_of_the_shop_is_learned(folder: str, form: str) -> None:
    orders = [parse(file.read_text(encoding="utf-8"))["order"] for file in FILES if file.parent.name == folder]
    forms = learn_form(orders)
    assert (forms.form, forms.add_up) == (form, len(orders))
