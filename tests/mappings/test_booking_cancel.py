"""Cancelled orders and cancelled rests: nothing is deleted, nothing is booked twice, closed books stay closed."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from mappings.booking import book_order
from mappings.model import Amounts, Order
from tests.mappings.sales import (
    GERMAN,
    RETAIL,
    TEXAS,
    VAT,
    VAT19,
    applied,
    booked,
    context,
    german,
    held,
    journal,
    line,
    order,
    rules,
    sell,
    standing,
    waiting,
)

D = Decimal


def cancelled_order() -> Order:
    made = order(line("MUG", "2", "12.50", TEXAS, quantity_canceled=D(2)), shipping="7.50", shipping_rate=TEXAS)
    whole = made.totals
    return replace(
        made,
        state="canceled",
        canceled=whole.grand_total,
        tax_canceled=whole.tax,
        shipping_canceled=whole.shipping,
    )


def partly_cancelled() -> Order:
    """One of two mugs invoiced with all shipping: 12.50 + 1.03 tax + 7.50 + 0.62; the other, 13.53, cancelled."""
    made = order(line("MUG", "2", "12.50", TEXAS, quantity_canceled=D(1)), shipping="7.50", shipping_rate=TEXAS)
    return replace(made, state="processing", paid=D("21.65"), canceled=D("13.53"), tax_canceled=D("1.03"))


def test_an_order_cancelled_before_anything_was_posted_is_no_event() -> None:
    assert "Cancelled" in waiting(book_order(cancelled_order(), context(), RETAIL)).reason


def test_a_cancelled_order_voids_its_invoice_and_leaves_it_as_it_was() -> None:
    gone = cancelled_order()
    before = sell(replace(gone, state="new", canceled=D(0)))
    invoice, void = booked(book_order(gone, standing("invoice"), RETAIL))
    assert invoice == before
    assert (void.kind, void.key, void.applies_to) == ("void", "order/000000042/void", "order/000000042")
    assert (void.total, void.tax, void.number) == (0, 0, invoice.number)
    assert [each.amount for each in void.lines] == [-each.amount for each in invoice.lines]


def test_an_order_replaced_by_an_edited_one_is_a_cancelled_one() -> None:
    replaced = replace(order(line("MUG", "1", "9.00")), child_number="000000042-1")
    assert waiting(book_order(replaced, context(), RETAIL))
    assert [each.kind for each in booked(book_order(replaced, standing("invoice"), RETAIL))] == ["invoice", "void"]


def test_a_void_that_would_change_closed_books_is_held() -> None:
    problem = held(book_order(cancelled_order(), standing("invoice", closed=date(2026, 11, 30)), RETAIL))
    assert (problem.code, problem.document) == ("closed-period", "order/000000042/void")


def test_by_rule_closed_books_get_a_credit_memo_in_the_open_period_instead() -> None:
    by = rules(books='closed_period = "first_open_day"')
    invoice, memo, applied = booked(book_order(cancelled_order(), standing("invoice", closed=date(2026, 11, 30)), by))
    assert invoice.txn_date == date(2026, 11, 20)
    assert (memo.kind, memo.txn_date, memo.total) == ("credit_memo", date(2026, 12, 1), invoice.total)
    assert applied.txn_date == date(2026, 12, 1)


def test_a_void_that_stands_is_not_held_when_the_books_are_closed_later() -> None:
    stands = context(closed=date(2026, 11, 30), standing={"order/000000042": "invoice", "order/000000042/void": "void"})
    assert len(booked(book_order(cancelled_order(), stands, RETAIL))) == 2


def test_a_rest_cancelled_after_a_partial_invoice_is_a_credit_memo_applied_to_the_invoice() -> None:
    invoice, memo, applied = booked(book_order(partly_cancelled(), context(), RETAIL))
    assert invoice.total == D("35.18")
    assert (memo.key, memo.number, memo.applies_to) == ("order/000000042/rest", "000000042-R", "order/000000042")
    assert journal(memo) == [
        ("Accounts Receivable (A/R)", "-13.53"),
        ("4000 Sales", "12.50"),
        ("Sales Tax Payable", "1.03"),
    ]
    assert memo.lines[1].quantity == 1
    assert (applied.kind, applied.total, applied.key) == ("payment", 0, "order/000000042/rest/applied")
    assert applied.applies_to == "order/000000042 order/000000042/rest"
    assert journal(applied) == [("Accounts Receivable (A/R)", "13.53"), ("Accounts Receivable (A/R)", "-13.53")]


def test_what_is_paid_and_what_is_credited_settle_the_invoice_to_the_cent() -> None:
    rest = partly_cancelled()
    invoice, memo, _ = booked(book_order(rest, context(), RETAIL))
    assert invoice.total == rest.paid + memo.total


def test_a_cancelled_rest_takes_its_share_of_the_discount() -> None:
    # 4 x 10.00 less 8.00; 3 cancelled: 30.00 - 6.00, no tax
    made = order(line("MUG", "4", "10.00", discount="8.00", quantity_canceled=D(3)))
    rest = replace(made, state="processing", paid=D("8.00"), canceled=D("24.00"))
    _, memo, _ = booked(book_order(rest, context(), RETAIL))
    assert journal(memo)[1:] == [("4000 Sales", "30.00"), ("4900 Discounts given", "-6.00")]


def test_pieces_that_were_invoiced_one_by_one_leave_what_their_rounding_left() -> None:
    # 4 x 1.47 with 19 % inside is 4.94 net and 0.94 tax; Magento rounded each of three pieces up to 1.24 and 0.24.
    four = line("PEN", "4", "1.24", gross=D("4.94"), tax=D("0.94"), taxes=(applied(VAT19, D("0.94")),))
    pieces = replace(four, quantity_canceled=D(1), invoiced=Amounts(D("3.72"), D(0), D("0.72"), D(0)))
    rest = replace(german(pieces), paid=D("4.44"), canceled=D("1.44"), tax_canceled=D("0.22"))
    _, memo, _ = booked(book_order(rest, context(GERMAN), VAT))
    assert journal(memo) == [
        ("Accounts Receivable (A/R)", "-1.44"),
        ("4000 Sales", "1.22"),
        ("VAT Control", "0.22"),
    ]


def test_a_cancelled_rest_with_all_of_its_shipping_gives_back_shipping_and_its_tax() -> None:
    made = order(
        line("BOOK", "1", "20.00"),
        line("MUG", "1", "10.00", TEXAS, quantity_canceled=D(1)),
        shipping="8.00",
        shipping_rate=TEXAS,
    )
    rest = replace(made, paid=D("20.00"), canceled=D("19.49"), tax_canceled=D("1.49"), shipping_canceled=D("8.00"))
    _, memo, _ = booked(book_order(rest, context(), RETAIL))
    assert journal(memo)[1:] == [
        ("4000 Sales", "10.00"),
        ("4100 Shipping income", "8.00"),
        ("Sales Tax Payable", "1.49"),
    ]


def test_a_rest_that_its_lines_do_not_explain_is_held() -> None:
    problem = held(book_order(replace(partly_cancelled(), canceled=D("15.00")), context(), RETAIL))
    assert (problem.code, problem.document) == ("unmatched-rest", "order/000000042/rest")


def test_in_place_of_a_receipt_stands_nothing_once_magento_has_given_its_money_up() -> None:
    [nothing] = booked(book_order(cancelled_order(), standing("sales_receipt"), RETAIL))
    assert (nothing.key, nothing.kind, nothing.total, nothing.lines) == ("order/000000042", "sales_receipt", 0, ())


def test_a_cancellation_after_a_sales_receipt_needs_a_person_while_money_is_there() -> None:
    problem = held(book_order(replace(cancelled_order(), paid=D("10.00")), standing("sales_receipt"), RETAIL))
    assert (problem.code, problem.hold) == ("changed-after-posting", False)
    by = rules('[[document]]\nid = "cod"\nmake = "sales_receipt"\nwhen = { "payment.method" = "checkmo" }\n')
    fresh = held(book_order(partly_cancelled(), context(), by))
    assert (fresh.code, fresh.hold, fresh.amount) == ("changed-after-posting", True, D("13.53"))


def test_an_order_cancelled_although_it_was_paid_needs_a_person() -> None:
    odd = replace(cancelled_order(), paid=D("10.00"))
    problem = held(book_order(odd, standing("invoice"), RETAIL))
    assert problem.code == "edited-order" and "10.00" in problem.reason
    for paid in (odd, replace(odd, paid=odd.totals.grand_total)):
        fresh = held(book_order(paid, context(), RETAIL))
        assert (fresh.code, fresh.hold, fresh.amount) == ("edited-order", True, paid.paid)


def test_a_rest_in_closed_books_waits_and_so_does_one_with_a_number_too_long() -> None:
    stands = standing("invoice", closed=date(2026, 11, 30))
    assert held(book_order(partly_cancelled(), stands, RETAIL)).code == "closed-period"
    long = rules(books='number = "Magento-web{order.number}"')
    problem = held(book_order(replace(partly_cancelled(), number="123456789"), context(), long))
    assert (problem.code, problem.document) == ("number-too-long", "order/123456789/rest")


def test_the_rest_of_an_edited_order_has_a_number_that_desktop_takes() -> None:
    edited = replace(partly_cancelled(), number="100000001-1")
    numbers = [entry.number for entry in booked(book_order(edited, context(), rules(name="us_desktop")))]
    assert numbers == ["100000001-1", "1000001-1-R", ""]
