"""Credit memos: money back, a receivable lowered, or store credit; each part where it came from."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from mappings.booking import Booked, book_invoice, book_order
from mappings.booking_memo import book_credit_memo
from mappings.context import Context
from mappings.entry import Entry
from mappings.model import CreditMemo, EntryKind, Order
from mappings.rules import Rules
from mappings.waiting_reasons import MEMO_CANCELED, MEMO_OPEN
from tests.mappings.sales import (
    RETAIL,
    TEXAS,
    VAT,
    VAT19,
    booked,
    context,
    german,
    held,
    invoice,
    journal,
    line,
    memo,
    one,
    order,
    rules,
    totals,
    waiting,
)

D = Decimal
STORE_CREDIT = '[[refund]]\nid = "credit"\nto = "store_credit"\nitem = "Magento credit issued"\naccount = "credits"\n'


def mugs(**changes: object) -> Order:
    """Two mugs of 12.50 (tax 2.06) with shipping of 7.50 (tax 0.62): 35.18 in all."""
    return order(line("MUG", "2", "12.50", TEXAS), shipping="7.50", shipping_rate=TEXAS, **changes)  # type: ignore[arg-type]


def back(
    what: CreditMemo, of: Order, by: Rules = RETAIL, known: Context | None = None, more: Sequence[Entry] = ()
) -> Booked:
    """The memo, after its order (and `more`) was booked."""
    known = known or context()
    sold = book_order(of, known, by)
    entries = sold if isinstance(sold, tuple) else ()
    return book_credit_memo(what, of, [*entries, *more], known, by)


def test_a_refund_of_gift_wrapping_alone_gives_it_back() -> None:
    row = '[[fee]]\nid = "wrap"\nitem = "Magento gift wrapping"\naccount = "4150 Gift wrapping income"\n'
    bought = order(line("MUG", "1", "12.50", TEXAS), parts={"gift_wrap": "4.50"}, paid=True)
    header = {name: D(0) for name in ("subtotal", "tax")} | {"gift_wrap": D("4.50"), "grand_total": D("4.50")}
    wrap = replace(memo(bought), lines=(), totals=replace(bought.totals, **header))
    refund = one(back(wrap, bought, rules(row)))
    assert journal(refund) == [("1255 Checks clearing", "-4.50"), ("4150 Gift wrapping income", "4.50")]


def test_a_refund_of_an_order_whose_receipt_stands_though_it_was_cancelled_waits_for_a_person() -> None:
    cancelled = mugs(paid="13.53", canceled=D("21.65"))
    part = memo(cancelled, line("MUG", "1", "12.50", TEXAS))
    problem = held(back(part, cancelled, known=context(standing={"order/000000042": "sales_receipt"})))
    assert (problem.code, problem.document, problem.hold) == ("refund-unclear", part.key, True)


def test_a_whole_refund_mirrors_the_sale() -> None:
    bought = mugs(paid=True)
    sale = one(book_order(bought, context(), RETAIL))
    refund = one(back(memo(bought), bought))
    assert (refund.kind, refund.number, refund.txn_date) == ("refund_receipt", "C000000003", date(2026, 11, 25))
    assert (refund.total, refund.tax, refund.deposit_account) == (D("35.18"), D("2.68"), "1255 Checks clearing")
    assert journal(refund) == [(account, f"{-D(amount):.2f}") for account, amount in journal(sale)]
    assert refund.party == sale.party and refund.applies_to == ""


def test_a_part_goes_back_with_its_own_tax() -> None:
    bought = mugs(paid=True)
    refund = one(back(memo(bought, line("MUG", "1", "12.50", TEXAS)), bought))
    assert journal(refund) == [
        ("1255 Checks clearing", "-13.53"),
        ("4000 Sales", "12.50"),
        ("Sales Tax Payable", "1.03"),
    ]


def test_shipping_alone_can_be_refunded() -> None:
    bought = mugs(paid=True)
    refund = one(back(memo(bought, shipping="7.50", shipping_tax="0.62"), bought))
    assert journal(refund) == [
        ("1255 Checks clearing", "-8.12"),
        ("4100 Shipping income", "7.50"),
        ("Sales Tax Payable", "0.62"),
    ]


def test_what_is_given_beside_the_lines_and_what_is_kept_have_accounts_of_their_own() -> None:
    bought = mugs(paid=True)
    refund = one(back(memo(bought, line("MUG", "1", "12.50", TEXAS), adjustment="5", fee="1.10"), bought))
    assert refund.total == D("17.43")  # 13.53 + 5.00 - 1.10
    assert journal(refund) == [
        ("1255 Checks clearing", "-17.43"),
        ("4000 Sales", "12.50"),
        ("4910 Refund adjustments", "5.00"),
        ("4920 Refund fees", "-1.10"),
        ("Sales Tax Payable", "1.03"),
    ]
    assert [each.tax_code for each in refund.lines if each.role == "adjustment"] == ["NON", "NON"]


def test_a_memo_that_only_adjusts_has_no_goods() -> None:
    bought = mugs(paid=True)
    refund = one(back(memo(bought, adjustment="5"), bought))
    assert journal(refund) == [("1255 Checks clearing", "-5.00"), ("4910 Refund adjustments", "5.00")]


def test_the_transaction_of_the_refund_is_its_reference() -> None:
    bought = mugs(paid=True)
    assert one(back(replace(memo(bought), transaction_id="R-77"), bought)).reference == "R-77"


def test_a_memo_on_an_unpaid_invoice_lowers_it_and_moves_no_money() -> None:
    credit, applied = booked(back(memo(mugs()), mugs()))
    assert (credit.kind, credit.applies_to, credit.deposit_account) == ("credit_memo", "order/000000042", "")
    assert journal(credit)[0] == ("Accounts Receivable (A/R)", "-35.18")
    assert (applied.kind, applied.total) == ("payment", 0)
    assert applied.applies_to == "order/000000042 creditmemo/000000003"


def test_a_memo_on_a_paid_invoice_gives_money_back() -> None:
    bought = replace(mugs(), paid=D("35.18"))
    known = context(standing={"order/000000042": "invoice"})
    payment = booked(book_invoice(invoice(bought), bought, known, RETAIL))
    refund = one(back(memo(bought), bought, known=known, more=payment))
    assert (refund.kind, refund.deposit_account) == ("refund_receipt", "1255 Checks clearing")


def test_a_second_memo_finds_what_the_first_left_open() -> None:
    bought = mugs()
    first = booked(back(memo(bought, line("MUG", "1", "12.50", TEXAS)), bought))
    second = replace(memo(bought, line("MUG", "1", "12.50", TEXAS)), number="000000004")
    assert booked(back(second, bought, more=first))[0].kind == "credit_memo"
    whole = replace(memo(bought), number="000000004")
    credit, _, refund = booked(back(whole, bought, more=first))
    assert (f"{credit.total:.2f}", f"{refund.total:.2f}") == ("21.65", "13.53")


def test_a_memo_over_a_part_that_was_paid_and_a_part_that_is_owed_is_divided() -> None:
    bought = replace(mugs(), paid=D("13.53"))
    half = invoice(bought, line("MUG", "1", "12.50", TEXAS))
    payment = booked(book_invoice(half, bought, context(), RETAIL))
    credit, applied, refund = booked(back(memo(bought), bought, more=payment))
    assert (credit.kind, refund.kind, applied.applies_to) == (
        "credit_memo",
        "refund_receipt",
        "order/000000042 creditmemo/000000003",
    )
    assert (credit.number, refund.number, refund.key) == ("C000000003", "C000000003P", "creditmemo/000000003/paid")
    # 35.18 = goods 25.00 + shipping 7.50 + tax 2.68, of which 21.65 is owed: 25.00 x 21.65 / 35.18 = 15.38 (half up)
    assert journal(credit) == [
        ("Accounts Receivable (A/R)", "-21.65"),
        ("4000 Sales", "15.38"),
        ("4100 Shipping income", "4.62"),
        ("Sales Tax Payable", "1.65"),
    ]
    assert journal(refund) == [
        ("1255 Checks clearing", "-13.53"),
        ("4000 Sales", "9.62"),
        ("4100 Shipping income", "2.88"),
        ("Sales Tax Payable", "1.03"),
    ]
    assert (credit.tax, refund.tax) == (D("1.65"), D("1.03"))
    goods = [next(each for each in one.lines if each.role == "item") for one in (credit, refund)]
    assert sum(each.quantity or 0 for each in goods) == 2


def test_a_divided_memo_that_stands_stays_divided_as_it_was() -> None:
    bought = replace(mugs(), paid=D("13.53"))
    key = "creditmemo/000000003"
    stands = {key: "credit_memo", f"{key}/applied": "payment", f"{key}/paid": "refund_receipt"}
    known = context(standing=stands, amounts={key: D("20.00")})
    credit, _, refund = booked(back(memo(bought), bought, known=known))
    assert (f"{credit.total:.2f}", f"{refund.total:.2f}") == ("20.00", "15.18")


def test_what_is_open_on_an_invoice_that_stands_is_what_quickbooks_says() -> None:
    bought, sold = mugs(), frozenset({"order/000000042"})
    waits = held(back(memo(bought), bought, known=context(posted=sold)))
    assert (waits.code, waits.hold) == ("waiting-for-balance", True)
    for opened, kinds in (("35.18", ["credit_memo", "payment"]), ("0", ["refund_receipt"])):
        known = context(posted=sold, balances={"order/000000042": D(opened)})
        assert [each.kind for each in booked(back(memo(bought), bought, known=known))] == kinds


def test_what_was_captured_goes_back_as_money_whatever_is_owed_for_the_rest_of_the_order() -> None:
    bought, half = replace(mugs(), paid=D("13.53")), line("MUG", "1", "12.50", TEXAS)
    payment = booked(book_invoice(invoice(bought, half), bought, context(), RETAIL))
    refund = one(back(memo(bought, half), bought, more=payment))
    assert (refund.kind, journal(refund)[0]) == ("refund_receipt", ("1255 Checks clearing", "-13.53"))


@pytest.mark.parametrize(("posted", "opened"), [({"payment/000000007"}, "21.65"), (set(), "35.18")])
def test_quickbooks_own_balance_knows_the_payments_that_stand_and_no_others(posted: set[str], opened: str) -> None:
    bought = replace(mugs(), paid=D("13.53"))
    half = invoice(bought, line("MUG", "1", "12.50", TEXAS))
    payment = booked(book_invoice(half, bought, context(), RETAIL))
    known = context(posted=frozenset({bought.key, *posted}), balances={bought.key: D(opened)})
    credit, _, refund = booked(back(memo(bought), bought, known=known, more=payment))
    assert (credit.total, refund.total) == (D("21.65"), D("13.53"))


def test_a_purchase_order_stays_a_receivable_whatever_magento_says_is_paid() -> None:
    bought = mugs(paid=True, payment_method="purchaseorder")
    assert booked(back(memo(bought), bought))[0].kind == "credit_memo"


@pytest.mark.parametrize(
    ("standing", "kind"),
    [
        ({"creditmemo/000000003/applied": "payment"}, "credit_memo"),
        ({"creditmemo/000000003": "refund_receipt"}, "refund_receipt"),
    ],
)
def test_what_stands_in_quickbooks_stays_what_it_is(standing: dict[str, EntryKind], kind: str) -> None:
    known = context(standing={"order/000000042": "invoice", **standing})
    assert booked(back(memo(mugs()), mugs(), known=known))[0].kind == kind


def test_by_rule_the_customer_gets_store_credit_and_no_money() -> None:
    bought = mugs(paid=True)
    refund = one(back(memo(bought), bought, rules(STORE_CREDIT)))
    assert (refund.total, refund.deposit_account, refund.payment_method) == (0, "1255 Checks clearing", "")
    assert journal(refund) == [
        ("4000 Sales", "25.00"),
        ("4100 Shipping income", "7.50"),
        ("2310 Store credit liability", "-35.18"),
        ("Sales Tax Payable", "2.68"),
    ]


def test_a_refund_of_zero_names_an_account_because_quickbooks_online_asks_for_one() -> None:
    free = order(line("MUG", "1", "12.50"), paid=True, parts={"gift_cards": "12.50"}, payment_method="free")
    assert one(back(memo(free), free)).deposit_account == "1259 Zero total clearing"
    other = replace(free, payment_method="martian")
    problem = held(back(memo(other), other))
    assert (problem.code, problem.document) == ("unknown-payment-method", "creditmemo/000000003")
    assert one(back(memo(other), other, rules(name="us_desktop"))).deposit_account == ""


def test_by_rule_refunds_leave_from_another_account() -> None:
    by = rules('[[refund]]\nid = "bank"\nto = "payment"\naccount = "1000 Checking"\n')
    bought = mugs(paid=True)
    assert one(back(memo(bought), bought, by)).deposit_account == "1000 Checking"


def test_what_a_gift_card_paid_goes_back_to_the_gift_card() -> None:
    bought = order(line("MUG", "1", "30.00"), paid=True, parts={"gift_cards": "10"})
    refund = one(back(memo(bought), bought))
    assert journal(refund) == [
        ("1255 Checks clearing", "-20.00"),
        ("4000 Sales", "30.00"),
        ("2300 Gift card liability", "-10.00"),
    ]


def test_vat_goes_back_by_its_code_with_its_base() -> None:
    bought = german(line("TASSE", "2", "10.00", VAT19), paid=True)
    known = context()
    known = replace(known, books=replace(known.books, country="DE", home_currency="EUR", automated_sales_tax=False))
    refund = one(back(memo(bought, line("TASSE", "1", "10.00", VAT19)), bought, VAT, known))
    [tax] = [each for each in refund.lines if each.role == "tax"]
    assert (refund.total, tax.amount, tax.tax_code) == (D("11.90"), D("1.90"), tax.tax_code)


def test_a_refund_into_closed_books_is_held_or_moved() -> None:
    bought, closed = mugs(paid=True), context(closed=date(2026, 11, 30), standing={"order/000000042": "sales_receipt"})
    assert held(back(memo(bought), bought, known=closed)).code == "closed-period"
    moved = rules(books='closed_period = "first_open_day"')
    assert one(back(memo(bought), bought, moved, closed)).txn_date == date(2026, 12, 1)


@pytest.mark.parametrize(("canceled", "reason"), [(False, MEMO_OPEN), (True, MEMO_CANCELED)])
def test_a_memo_of_which_no_money_moved_waits_or_is_nothing(canceled: bool, reason: str) -> None:
    unmoved = replace(memo(mugs()), refunded=False, canceled=canceled)
    for bought in (mugs(paid=True), mugs(), None):
        sold = booked(book_order(bought, context(), RETAIL)) if bought else ()
        assert waiting(book_credit_memo(unmoved, bought, sold, context(), RETAIL)).reason == reason


@pytest.mark.parametrize("canceled", [False, True])
def test_what_was_posted_of_a_memo_that_moved_no_money_should_be_nothing(canceled: bool) -> None:
    bought, key = mugs(paid=True), "creditmemo/000000003"
    unmoved = replace(memo(bought), refunded=False, canceled=canceled)
    nothing = one(back(unmoved, bought, known=context(standing={key: "refund_receipt"})))
    assert (nothing.key, nothing.kind, nothing.total, nothing.lines) == (key, "refund_receipt", 0, ())


def test_a_refund_and_a_credit_come_after_the_sale_that_they_give_back() -> None:
    bought = mugs(paid=True)
    assert one(back(memo(bought), bought)).after == "order/000000042"
    assert {each.after for each in booked(back(memo(mugs()), mugs()))} == {"order/000000042"}


def test_a_refund_of_two_receipts_comes_after_both() -> None:
    by = rules(books='post_on = "invoice"')
    bought = mugs(paid=True)
    half = invoice(bought, line("MUG", "1", "12.50", TEXAS))
    sold = [one(book_invoice(replace(half, number=f"00000000{n}"), bought, context(), by)) for n in (8, 9)]
    refund = one(book_credit_memo(memo(bought), bought, sold, context(), by))
    assert refund.after == "invoice/000000008 invoice/000000009"


def test_a_memo_waits_for_its_order_and_for_what_is_not_in_the_books() -> None:
    assert held(book_credit_memo(memo(mugs()), None, [], context(), RETAIL)).code == "waiting-for-order"
    assert "not in the books" in waiting(book_credit_memo(memo(mugs()), mugs(), [], context(), RETAIL)).reason
    nothing = replace(memo(mugs()), lines=(), totals=totals(()), shipping_taxes=())
    assert "nothing" in waiting(back(nothing, mugs(paid=True))).reason


def test_a_memo_of_an_invoice_that_is_not_in_the_books_gives_back_no_other() -> None:
    by = rules(books='post_on = "invoice"')
    bought = mugs(paid="13.53")
    sold = booked(book_invoice(invoice(bought, line("MUG", "1", "12.50", TEXAS)), bought, context(), by))
    part = memo(bought, line("MUG", "1", "12.50", TEXAS), invoice_id=77)
    assert "not in the books" in waiting(book_credit_memo(part, bought, sold, context(), by)).reason
    assert one(book_credit_memo(replace(part, invoice_id=9), bought, sold, context(), by)).total == D("13.53")


def test_a_refund_without_a_rule_for_its_payment_method_is_held() -> None:
    bought = replace(mugs(paid=True), payment_method="martian")
    by = rules('[[document]]\nid = "all"\nmake = "invoice"\n')
    problem = held(back(memo(bought), bought, by, context(standing={"creditmemo/000000003": "refund_receipt"})))
    assert problem.code == "unknown-payment-method"


def test_with_documents_by_invoice_a_memo_goes_to_its_own() -> None:
    by = rules(books='post_on = "invoice"')
    bought = mugs(paid="0")
    half = replace(invoice(bought, line("MUG", "1", "12.50", TEXAS)), captured=False)
    owed = [replace(half, entity_id=number, number=f"00000000{number}") for number in (8, 9)]
    entries = [one(book_invoice(each, bought, context(), by)) for each in owed]
    part = memo(bought, line("MUG", "1", "12.50", TEXAS))
    credit, _ = booked(book_credit_memo(replace(part, invoice_id=9), bought, entries, context(), by))
    assert credit.applies_to == "invoice/000000009"
    assert held(book_credit_memo(part, bought, entries, context(), by)).code == "refund-unclear"
