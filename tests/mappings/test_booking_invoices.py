"""Magento invoices: payments of their order's invoice, or documents of their own."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from mappings.booking import book_invoice, book_order
from tests.mappings.sales import (
    RETAIL,
    TEXAS,
    booked,
    context,
    held,
    invoice,
    journal,
    line,
    one,
    order,
    pay,
    rules,
    sell,
    standing,
    waiting,
)

D = Decimal
MUGS = order(line("MUG", "2", "12.50", TEXAS), shipping="7.50", shipping_rate=TEXAS)
HALF = invoice(MUGS, line("MUG", "1", "12.50", TEXAS), shipping="7.50", shipping_tax="0.62")
PER_INVOICE = rules(books='post_on = "invoice"')


def test_a_paid_magento_invoice_pays_its_part_of_the_orders_invoice() -> None:
    payment = pay(HALF, replace(MUGS, paid=D("21.65")))
    assert (payment.kind, payment.key, payment.applies_to) == ("payment", "payment/000000007", "order/000000042")
    assert journal(payment) == [("1255 Checks clearing", "21.65"), ("Accounts Receivable (A/R)", "-21.65")]
    assert payment.txn_date == date(2026, 11, 22)
    assert payment.memo == "Magento order 000000042, Magento invoice 000000007"
    assert payment.reference == "000000007"


def test_payments_of_halves_of_a_cent_are_not_more_than_their_invoice() -> None:
    half, other = (line("CLOTH", "1.5", "3.33", item_id=number) for number in (1, 2))  # 4.995 each, 9.99 in all
    owed = order(half, other)
    stands = standing("invoice")
    sale = one(book_order(owed, stands, RETAIL))
    first = one(book_invoice(invoice(owed, half), owed, stands, RETAIL, [sale]))
    second = invoice(owed, other, number="000000008", entity_id=10)
    last = one(book_invoice(second, owed, stands, RETAIL, [sale, first]))
    assert (sale.total, first.total, last.total) == (D("9.99"), D("5.00"), D("4.99"))
    twice = one(book_invoice(invoice(owed), owed, stands, RETAIL, [sale, first]))
    assert twice.total == D("9.99")  # far more than rounding: QuickBooks refuses it, and somebody looks


def test_the_gateways_transaction_is_the_payments_reference() -> None:
    payment = pay(replace(HALF, transaction_id="8WT84327"), MUGS)
    assert (payment.reference, payment.payment_method) == ("8WT84327", "Check")


def test_payment_and_invoice_have_the_same_customer_whatever_was_paid_since() -> None:
    by = rules('[[customer]]\nid = "paid"\nwhen = { paid = true }\nuse = "summary"\nname = "Paid"\n')
    paid = replace(MUGS, paid=MUGS.totals.grand_total)
    assert pay(invoice(MUGS), paid, by, standing("invoice")).party == sell(MUGS, by).party


def test_an_order_paid_at_once_needs_no_payment() -> None:
    paid = replace(MUGS, paid=MUGS.totals.grand_total)
    assert "sales receipt" in waiting(book_invoice(invoice(paid), paid, context(), RETAIL)).reason


def test_an_order_whose_invoice_stands_is_paid_though_it_would_be_a_receipt_today() -> None:
    paid = replace(MUGS, paid=MUGS.totals.grand_total)
    assert pay(invoice(paid), paid, known=standing("invoice")).total == D("35.18")


def test_a_purchase_order_is_paid_in_quickbooks_alone() -> None:
    on_account = replace(MUGS, payment_method="purchaseorder")
    assert "on account" in waiting(book_invoice(HALF, on_account, context(), RETAIL)).reason


def test_an_uncaptured_invoice_and_one_of_zero_wait() -> None:
    assert "captured" in waiting(book_invoice(replace(HALF, captured=False), MUGS, context(), RETAIL)).reason
    nothing = replace(HALF, totals=replace(HALF.totals, grand_total=D(0)))
    assert "zero" in waiting(book_invoice(nothing, MUGS, context(), RETAIL)).reason


def test_a_payment_waits_with_an_order_that_waits() -> None:
    review = replace(MUGS, state="payment_review")
    assert waiting(book_invoice(HALF, review, context(), RETAIL)).document == "payment/000000007"


def test_an_invoice_whose_order_has_not_been_read_is_held_until_it_is() -> None:
    problem = held(book_invoice(HALF, None, context(), RETAIL))
    assert (problem.code, problem.amount) == ("waiting-for-order", D("21.65"))


def test_a_payment_without_a_rule_or_in_closed_books_or_below_zero_is_held() -> None:
    klarna = replace(MUGS, payment_method="klarna")
    assert held(book_invoice(HALF, klarna, context(), RETAIL)).code == "unknown-payment-method"
    assert held(book_invoice(HALF, MUGS, context(closed=date(2026, 12, 1)), RETAIL)).code == "closed-period"
    below = replace(HALF, totals=replace(HALF.totals, grand_total=D(-1)))
    assert held(book_invoice(below, MUGS, context(), RETAIL)).code == "unbalanced"
    assert held(book_invoice(HALF, replace(MUGS, currency="EUR"), context(), RETAIL)).code == "currency-differs"


# --- a document for each Magento invoice --------------------------------------------------------------


def test_by_rule_each_paid_magento_invoice_is_a_sales_receipt_with_its_own_number_and_day() -> None:
    receipt = pay(HALF, MUGS, PER_INVOICE)
    assert (receipt.kind, receipt.key, receipt.number) == ("sales_receipt", "invoice/000000007", "I000000007")
    assert (receipt.source_id, receipt.txn_date) == (9, date(2026, 11, 22))
    assert journal(receipt) == [
        ("1255 Checks clearing", "21.65"),
        ("4000 Sales", "-12.50"),
        ("4100 Shipping income", "-7.50"),
        ("Sales Tax Payable", "-1.65"),
    ]


def test_by_rule_an_invoice_on_account_or_not_captured_is_a_receivable() -> None:
    on_account = replace(MUGS, payment_method="purchaseorder")
    assert pay(HALF, on_account, PER_INVOICE).kind == "invoice"
    assert pay(replace(HALF, captured=False), MUGS, PER_INVOICE).kind == "invoice"


def test_an_invoice_that_magento_cancelled_is_no_sale_and_is_taken_back_where_it_was_posted() -> None:
    gone = replace(HALF, captured=False, canceled=True)
    assert "cancelled" in waiting(book_invoice(gone, MUGS, context(), PER_INVOICE)).reason
    stands = standing("invoice", HALF.key, dated={HALF.key: date(2026, 11, 22)})
    sale, void = booked(book_invoice(gone, MUGS, stands, PER_INVOICE))
    assert (sale.key, void.key, void.kind, void.applies_to) == (HALF.key, f"{HALF.key}/void", "void", HALF.key)
    [nothing] = booked(book_invoice(gone, MUGS, standing("sales_receipt", HALF.key), PER_INVOICE))
    assert (nothing.key, nothing.kind, nothing.total, nothing.lines) == (HALF.key, "sales_receipt", 0, ())


def test_a_cancelled_invoice_of_a_closed_period_is_credited_in_the_open_one_by_rule() -> None:
    gone, closed = replace(HALF, captured=False, canceled=True), date(2026, 11, 30)
    stands = standing("invoice", HALF.key, dated={HALF.key: date(2026, 11, 22)}, closed=closed)
    assert held(book_invoice(gone, MUGS, stands, PER_INVOICE)).code == "closed-period"
    by = rules(books='post_on = "invoice"\nclosed_period = "first_open_day"')
    sale, memo, applied = booked(book_invoice(gone, MUGS, stands, by))
    assert (memo.key, memo.kind, memo.total) == (f"{HALF.key}/rest", "credit_memo", sale.total)
    assert (memo.txn_date, memo.day, applied.key) == (date(2026, 12, 1), date(2026, 11, 22), f"{memo.key}/applied")


def test_a_payment_that_magento_took_back_is_shown() -> None:
    gone = replace(HALF, captured=False, canceled=True)
    shown = held(book_invoice(gone, MUGS, standing("payment", "payment/000000007"), RETAIL))
    assert (shown.code, shown.document, shown.hold) == ("changed-after-posting", "payment/000000007", False)


def test_what_was_invoiced_was_sold_whatever_became_of_the_rest() -> None:
    assert pay(HALF, replace(MUGS, state="canceled", canceled=D("13.53")), PER_INVOICE).total == D("21.65")


def test_an_order_of_zero_is_booked_once_though_magento_invoices_it() -> None:
    free = order(line("MUG", "1", "9.00", discount="9.00"), payment_method="free")
    assert waiting(book_invoice(invoice(free), free, context(), PER_INVOICE)).document == "invoice/000000007"
    assert sell(free, PER_INVOICE).key == "order/000000042"


def test_rules_may_leave_an_invoice_out_or_hold_it() -> None:
    skip = rules(
        '[[document]]\nid = "no"\nmake = "skip"\nwhen = { "invoice.number" = "000000007" }\n', 'post_on = "invoice"'
    )
    assert waiting(book_invoice(HALF, MUGS, context(), skip)).document == "invoice/000000007"
    klarna = replace(MUGS, payment_method="klarna")
    assert held(book_invoice(HALF, klarna, context(), PER_INVOICE)).document == "invoice/000000007"


def test_an_order_may_wait_for_its_invoices_or_be_left_out_itself() -> None:
    assert waiting(book_order(MUGS, context(), PER_INVOICE)).document == "order/000000042"


def test_the_gateways_transaction_of_the_order_serves_where_the_invoice_has_none() -> None:
    assert pay(HALF, replace(MUGS, transaction_id="T-1"), PER_INVOICE).reference == "T-1"
    assert pay(replace(HALF, transaction_id="T-2"), MUGS, PER_INVOICE).reference == "T-2"
