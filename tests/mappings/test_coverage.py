"""What rules make of a shop's history: rows by what they decided, and what none of them covers."""

from dataclasses import replace
from decimal import Decimal

from mappings.context import Books
from mappings.coverage import Coverage, Gap, RowName, cover, cover_payout
from mappings.model import Invoice, Order
from mappings.rules import Rules
from tests.mappings.sales import (
    GERMAN,
    RETAIL,
    TEXAS,
    US,
    VAT,
    context,
    german,
    invoice,
    line,
    memo,
    order,
    rules,
    totals,
)

PAID = order(line("MUG", "2", "12.50", TEXAS), paid=True)
OWED = order(line("MUG", "1", "10"))


def covered(by: Rules, *sold: tuple[Order, list[Invoice]], books: Books = US) -> Coverage:
    found = Coverage()
    for each, invoices in sold:
        cover(each, invoices, context(books), by, found)
    return found


def test_each_row_counts_the_documents_that_it_decided() -> None:
    found = covered(RETAIL, (PAID, [invoice(PAID)]), (PAID, []), (OWED, []))
    assert found.documents == 3  # the invoice of a paid order says nothing of its own
    assert found.caught[RowName("document", "paid")] == 2
    assert found.caught[RowName("document", "anything else")] == 1
    assert found.caught[RowName("payment", "check or money order")] == 2
    assert found.caught[RowName("customer", "anything else")] == 3
    assert RowName("payment", "paypal") in found.unused(RETAIL)
    assert RowName("document", "paid") not in found.unused(RETAIL)
    assert RowName("shipping", "abroad") not in found.unused(RETAIL)  # it is off
    assert found.gaps == {}


def test_rows_of_payouts_and_refunds_are_not_called_unused() -> None:
    found = covered(RETAIL, (PAID, []))
    assert {row.list for row in found.unused(RETAIL)}.isdisjoint({"settlement", "refund"})
    assert RETAIL.settlement


BACK = """
[[refund]]
id = "goods unwanted"
when = { "refund.fee" = { above = 0 } }
to = "payment"
account = "1251 Cards clearing"

[[refund]]
id = "never"
when = { "refund.total" = { above = 9999 } }
to = "payment"
"""


def test_credit_memos_count_for_the_rows_that_decide_refunds() -> None:
    by, found = rules(BACK), Coverage()
    cover(PAID, [], context(), by, found, [memo(PAID), memo(PAID, line("MUG", "1", "12.50", TEXAS), fee="1")])
    assert found.documents == 3
    assert found.caught[RowName("refund", "goods unwanted")] == 1
    assert RowName("refund", "never") in found.unused(by)
    assert RowName("payment", "check or money order") not in found.unused(by)
    assert found.gaps == {}


def test_a_refund_without_a_clearing_account_is_a_gap_and_one_of_nothing_says_nothing() -> None:
    found = Coverage()
    none = rules('[[document]]\nid = "owed"\nmake = "invoice"\n')
    lost = replace(PAID, payment_method="klarna_kp")
    cover(lost, [invoice(lost)], context(), none, found, [memo(lost)])
    assert list(found.gaps) == [Gap("payment", "payment.method is klarna_kp", True)]
    nothing = replace(memo(PAID), lines=(), totals=totals(()), shipping_taxes=())
    before = Coverage()
    cover(PAID, [], context(), RETAIL, before, [nothing])
    assert (before.documents, before.later) == (1, set())


def test_payouts_count_for_their_rows_by_processor_and_currency() -> None:
    found = Coverage()
    cover_payout("paypal", "USD", RETAIL, found)
    cover_payout("klarna", "SEK", RETAIL, found)
    assert found.caught == {RowName("settlement", "paypal"): 1}
    assert list(found.gaps) == [Gap("settlement", "settlement.processor is klarna, settlement.currency is SEK", True)]
    assert "settlement" in found.tried
    assert {row.row for row in found.unused(RETAIL) if row.list == "settlement"} == {"cards"}


def test_a_fee_that_no_row_covers_is_named() -> None:
    wrapped = order(line("MUG", "1", "10"), parts={"gift_wrap": "4.50"}, paid=True)
    assert covered(RETAIL, (wrapped, [])).gaps == {Gap("fee", "fee.kind is gift_wrap", True): 1}


def test_an_order_that_waits_by_rule_is_counted_for_the_row_that_says_so() -> None:
    found = covered(RETAIL, (replace(OWED, state="pending_payment"), []))
    assert (found.documents, found.caught) == (1, {RowName("document", "review state"): 1})


def test_a_payment_of_an_invoice_is_a_document_of_its_own() -> None:
    partly = replace(OWED, paid=Decimal(5))
    found = covered(RETAIL, (partly, [invoice(partly)]))
    assert found.documents == 2
    assert found.caught[RowName("payment", "check or money order")] == 1
    assert found.gaps == {}
    assert covered(RETAIL, (OWED, [invoice(OWED, captured=False)])).documents == 1


def test_posting_on_invoices_counts_invoices_and_not_their_orders() -> None:
    found = covered(rules(books='post_on = "invoice"'), (PAID, [invoice(PAID)]))
    assert (found.documents, found.caught[RowName("document", "paid")]) == (1, 1)


def test_a_payment_method_without_a_rule_is_a_gap_that_holds() -> None:
    found = covered(RETAIL, (replace(PAID, payment_method="klarna_kp"), []), (replace(PAID, payment_method=""), []))
    assert found.gaps == {
        Gap("payment", "payment.method is klarna_kp", True): 1,
        Gap("payment", "payment.method is (none)", True): 1,
    }


def test_a_tax_without_a_rule_is_a_gap_by_rate_and_country() -> None:
    swedish = german(line("MUG", "1", "10", ("SE-25", "25")), paid=True)
    found = covered(VAT, (swedish, []), books=GERMAN)
    assert list(found.gaps) == [Gap("tax", "tax.rate is 25, ship.country is DE", True)]
    only = rules('[[tax]]\nid = "off"\noff = true\ncode = "y"\n', name="eu_vat")
    untaxed = covered(only, (german(line("MUG", "1", "10"), paid=True), []), books=GERMAN)
    assert list(untaxed.gaps) == [Gap("tax", "no tax, ship.country is DE", True)]


def test_a_credit_without_a_rule_is_a_gap() -> None:
    none = rules('[[credit]]\nid = "off"\noff = true\nitem = "x"\naccount = "2300 Gifts"\n')
    gift = order(line("MUG", "1", "10"), paid=True, parts={"gift_cards": "4"})
    assert list(covered(none, (gift, [])).gaps) == [Gap("credit", "credit.kind is gift_card", True)]


def test_a_list_that_sorts_documents_says_which_it_leaves_out_without_holding_them() -> None:
    by = rules('[[class]]\nid = "de"\nwhen = { store = "de", "customer.email" = "a@b.example" }\nclass = "Germany"\n')
    assert covered(by, (PAID, []), (PAID, [])).gaps == {Gap("class", "store is default", False): 2}
    by = rules('[[class]]\nid = "large"\nwhen = { "order.total" = { above = 1000 } }\nclass = "Large"\n')
    assert list(covered(by, (PAID, [])).gaps) == [Gap("class", "anything else", False)]


def test_an_order_under_review_counts_for_its_review_row_and_is_followed_as_if_released() -> None:
    by = rules('[[review]]\nid = "all"\nreason = "look"\n')
    found = covered(by, (PAID, []))
    assert found.caught[RowName("review", "all")] == 1
    assert found.caught[RowName("payment", "check or money order")] == 1


def test_what_stands_in_the_books_and_closed_periods_say_nothing_about_the_rules() -> None:
    found = Coverage()
    here = context(standing={PAID.key: "invoice"}, closed=PAID.created_at.date())
    cover(PAID, [], here, RETAIL, found)
    assert found.caught[RowName("document", "paid")] == 1
    assert found.gaps == {}
