"""What holds for the chain of every order's documents, from Magento's JSON to the entries: each adds up to what Magento
charged, and together they come to what was captured less what was given back, and what is still owed."""

from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings

from mappings import qbo
from mappings.booking import Booked, book_invoice, book_order
from mappings.booking_memo import book_credit_memo
from mappings.checks import off_balance
from mappings.context import Context
from mappings.entry import Entry
from mappings.magento import read_credit_memo, read_invoice, read_order
from mappings.model import CENT, CreditMemo, EntryKind, Invoice, Order, Waiting
from mappings.rules import Rules
from tests.mappings.generated import History, histories
from tests.mappings.sales import RETAIL, STORES, US, ZERO, cents, rules

TESTED = settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
PER_INVOICE = rules(books='post_on = "invoice"')
RECEIVABLE = RETAIL.account("receivable")


def shop(standing: dict[str, EntryKind] | None = None) -> Context:
    return Context(US, STORES, {}, standing=standing or {})


def read(raw: dict[str, Any]) -> Order:
    found = read_order(raw)
    assert isinstance(found, Order), found
    return found


def invoices_of(history: History, order: Order) -> list[Invoice]:
    found = [read_invoice(raw, order) for raw in history.invoices]
    assert all(isinstance(each, Invoice) for each in found), found
    return [each for each in found if isinstance(each, Invoice)]


def give_back(history: History, order: Order, posted: list[Entry], known: Context, by: Rules = RETAIL) -> list[Entry]:
    """The entries of the credit memos, each after all that came before it; each is of what Magento gave back."""
    given: list[Entry] = []
    for raw in history.memos:
        memo = read_credit_memo(raw, order)
        assert isinstance(memo, CreditMemo), memo
        made = entries(book_credit_memo(memo, order, [*posted, *given], known, by))
        # Rounded payments of a fractional order may leave a cent owed: it is credited apart from the money.
        assert sum(entry.total for entry in made if entry.kind != "payment") == cents(memo.totals.grand_total)
        given += made
    return given


def entries(booked: Booked) -> tuple[Entry, ...]:
    """The entries, none when there is nothing to book; every one balances and is written to its total."""
    if isinstance(booked, Waiting):
        return ()
    assert isinstance(booked, tuple), booked.reason
    for entry in booked:
        assert off_balance(entry.lines) == 0
        assert all(line.amount == cents(line.amount) for line in entry.lines)
        if entry.kind not in ("void", "payment"):
            payload = qbo.write(entry, RETAIL, US)
            lines: Decimal = sum((line["Amount"] for line in payload["Line"]), ZERO)
            assert lines + payload["TxnTaxDetail"]["TotalTax"] == entry.total
    return booked


def on(account: str, posted: list[Entry]) -> Decimal:
    """The balance of an account."""
    return sum((line.amount for entry in posted for line in entry.lines if line.account == account), ZERO)


def received(posted: list[Entry]) -> Decimal:
    """All that lies on clearing accounts."""
    return sum((line.amount for entry in posted for line in entry.lines if line.role == "money"), ZERO)


def whole_order_came_back(history: History, order: Order) -> bool:
    """All was captured and all of it given back, every article, neither more nor less."""
    whole = order.refunded == order.paid == order.totals.grand_total > 0
    pieces = all(item["qty_refunded"] == item["qty_ordered"] for item in history.now["items"])
    return whole and pieces and not any(raw["adjustment"] for raw in history.memos)


def check_chain(history: History) -> None:
    """Order by order: what was booked when it was placed stays what it is, and its invoices pay it."""
    order = read(history.placed)
    [first] = entries(book_order(order, shop(), RETAIL))
    assert first.total == cents(history.placed["base_grand_total"])
    now = read(history.now)
    known = shop({order.key: first.kind})
    posted = list(entries(book_order(now, known, RETAIL)))
    assert posted[0].total == first.total
    for invoice in invoices_of(history, now):
        posted += entries(book_invoice(invoice, now, known, RETAIL))
    given = give_back(history, now, posted, known)
    posted += given
    documents = 1 + len(history.invoices) + 1 + len(history.memos)
    slack = CENT * documents if history.fractional else ZERO
    assert abs(received(posted) - (now.paid - now.refunded)) <= slack + (CENT if now.paid % CENT else ZERO)
    still_owed = now.totals.grand_total - now.paid - now.canceled
    assert abs(on(RECEIVABLE, posted) - still_owed) <= slack
    assert history.fractional or not any(line.role == "rounding" for entry in posted for line in entry.lines)
    if now.state == "canceled" or (whole_order_came_back(history, now) and not history.fractional):
        assert all(on(line.account, posted) == 0 for entry in posted for line in entry.lines)


def check_documents(history: History) -> None:
    """Invoice by invoice: each is a document over what Magento charged with it, and all the money is theirs."""
    order = read(history.now)
    posted: list[Entry] = []
    for invoice in invoices_of(history, order):
        made = entries(book_invoice(invoice, order, shop(), PER_INVOICE))
        assert [each.total for each in made] == (
            [cents(invoice.totals.grand_total)] if order.totals.grand_total else []
        )
        posted += made
    if posted:
        posted += give_back(history, order, posted, shop(), PER_INVOICE)
    slack = CENT * (len(history.invoices) + len(history.memos)) if history.fractional else ZERO
    assert abs(received(posted) - (order.paid - order.refunded)) <= slack


@TESTED
@given(histories(abroad=False))
def test_an_american_orders_documents_chain_to_what_was_captured(history: History) -> None:
    check_chain(history)


@TESTED
@given(histories(abroad=True))
def test_a_german_orders_documents_chain_to_what_was_captured(history: History) -> None:
    check_chain(history)


@TESTED
@given(histories(abroad=False))
def test_an_american_orders_invoices_come_to_what_was_captured(history: History) -> None:
    check_documents(history)


@TESTED
@given(histories(abroad=True))
def test_a_german_orders_invoices_come_to_what_was_captured(history: History) -> None:
    check_documents(history)
