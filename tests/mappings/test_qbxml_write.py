"""The documents that QuickBooks Desktop gets. Every request was found right by Intuit's schemas, 13.0 and 16.0."""

import time
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mappings import qbxml
from mappings.booking import book_order
from mappings.booking_memo import book_credit_memo
from mappings.checks import off_balance
from mappings.dialect import DESKTOP
from mappings.entry import Entry
from tests.mappings.desktop import RULES, SHOP, element, fitted, names, text, written
from tests.mappings.qbxml_schema import valid
from tests.mappings.sales import (
    AUSTIN,
    TEXAS,
    booked,
    context,
    invoice,
    line,
    memo,
    order,
    pay,
    rules,
    sell,
    standing,
)

D = Decimal


def sold(*lines: Any, **changes: Any) -> Entry:
    """An order of two mugs with shipping, or of these lines, booked by the rules for Desktop."""
    goods = lines or (line("MUG", "2", "12.50", TEXAS),)
    shipping = {} if lines else {"shipping": "7.50", "shipping_rate": TEXAS}
    return sell(order(*goods, **{**shipping, **changes}), RULES, context(SHOP))


def paid(*lines: Any, **changes: Any) -> Entry:
    return sold(*lines, paid=True, **changes)


def cancelled_rest() -> tuple[Entry, ...]:
    made = order(line("MUG", "2", "10.00", TEXAS, quantity_canceled=D(1)))
    made = replace(made, paid=D("10.83"), canceled=D("10.82"), tax_canceled=D("0.82"))
    return booked(book_order(made, context(SHOP), RULES))


# --- documents ----------------------------------------------------------------------------------------


def test_a_sales_receipt_says_where_the_money_is_and_which_rate_is_charged() -> None:
    found = written(paid(transaction_id="8WT84327"))
    assert names(found) == [
        "CustomerRef",
        "TxnDate",
        "RefNumber",
        "BillAddress",
        "ShipAddress",
        "CheckNumber",
        "PaymentMethodRef",
        "ItemSalesTaxRef",
        "Memo",
        "IsToBePrinted",
        "IsToBeEmailed",
        "CustomerSalesTaxCodeRef",
        "DepositToAccountRef",
        "SalesReceiptLineAdd",
        "SalesReceiptLineAdd",
    ]
    assert text(found, "DepositToAccountRef/ListID") == "@account:1255 Checks clearing"
    assert text(found, "PaymentMethodRef/ListID") == "@payment_method:Check"
    assert text(found, "CheckNumber") == "8WT84327"
    assert text(found, "ItemSalesTaxRef/ListID") == "@tax_rate:Texas 8.25"
    assert text(found, "RefNumber") == "000000042" and text(found, "TxnDate") == "2026-11-20"
    assert text(found, "IsToBePrinted") == text(found, "IsToBeEmailed") == "false"


def test_a_customer_whom_quickbooks_lists_as_exempt_is_taxed_where_the_shop_charged_tax() -> None:
    assert text(written(paid()), "CustomerSalesTaxCodeRef/ListID") == "@tax_code:Tax"
    assert text(written(paid(line("BOOK", "1", "9.00"))), "CustomerSalesTaxCodeRef/ListID") is None


def test_goods_are_found_by_sku_and_our_own_items_by_name() -> None:
    goods, shipping = written(paid()).iterfind("SalesReceiptLineAdd")
    assert text(goods, "ItemRef/ListID") == "@sku:mug"
    assert text(shipping, "ItemRef/ListID") == "@item:Magento shipping"
    assert names(goods) == ["ItemRef", "Desc", "Quantity", "Rate", "SalesTaxCodeRef"]
    assert names(shipping) == ["ItemRef", "Desc", "Amount", "SalesTaxCodeRef"]
    assert text(goods, "SalesTaxCodeRef/ListID") == "@tax_code:Tax"


def test_no_sku_finds_an_item_of_ours() -> None:
    found = written(paid(line("magento shipping", "1", "9"), line("MAGENTO GIFT CARD", "1", "9")))
    assert [text(each, "ItemRef/ListID") for each in found.iterfind("SalesReceiptLineAdd")] == [
        "@sku:magento shipping (sku)",
        "@sku:magento gift card (sku)",
    ]


def test_codes_for_taxed_and_untaxed_lines_are_called_as_the_company_calls_them() -> None:
    entry = fitted(paid(line("MUG", "1", "10", TEXAS), line("BOOK", "1", "9"))).entry
    books = replace(SHOP, taxable_code="STX", untaxed_code="EXM")
    found = element(qbxml.write(entry, RULES, books))
    codes = [text(each, "SalesTaxCodeRef/ListID") for each in found.iterfind("SalesReceiptLineAdd")]
    assert codes == ["@tax_code:STX", "@tax_code:EXM"]


def test_a_company_without_sales_tax_gets_no_codes() -> None:
    books = replace(SHOP, sales_tax_on=False)
    found = written(paid(), books=books)
    assert found.find("ItemSalesTaxRef") is None and not list(found.iter("SalesTaxCodeRef"))
    assert [text(each, "Amount") or "goods" for each in found.iterfind("SalesReceiptLineAdd")] == [
        "goods",
        "7.50",
        "2.68",
    ]


def test_an_invoice_has_its_receivable_terms_and_due_date_and_no_deposit() -> None:
    found = written(sold())
    assert names(found)[:3] == ["CustomerRef", "ARAccountRef", "TxnDate"]
    assert text(found, "ARAccountRef/ListID") == "@account:Accounts Receivable"
    assert (text(found, "TermsRef/ListID"), text(found, "DueDate")) == ("@term:Net 30", "2026-12-20")
    assert found.find("DepositToAccountRef") is None and found.find("CheckNumber") is None


def test_a_payment_pays_the_invoice_of_its_order() -> None:
    made = order(line("MUG", "1", "9.00"))
    found = written(pay(invoice(made), made, RULES, context(SHOP)))
    assert text(found, "TotalAmount") == text(found, "AppliedToTxnAdd/PaymentAmount") == "9.00"
    assert text(found, "AppliedToTxnAdd/TxnID") == "@txn:order/000000042"
    assert text(found, "RefNumber") == "000000007"
    assert text(found, "DepositToAccountRef/ListID") == "@account:1255 Checks clearing"
    assert found.find("AppliedToTxnAdd/SetCredit") is None


def test_a_transaction_id_keeps_the_twenty_characters_that_a_payment_takes_and_stands_whole_in_the_memo() -> None:
    made = order(line("MUG", "1", "9.00"))
    found = written(pay(replace(invoice(made), transaction_id="pi_" + "1234567890" * 3), made, RULES, context(SHOP)))
    assert text(found, "RefNumber") == "12345678901234567890"
    assert "transaction pi_1234567890" in (text(found, "Memo") or "")


def test_a_credit_memo_is_positive_and_a_payment_of_zero_sets_it_against_the_invoice() -> None:
    sale, memo, applied = cancelled_rest()
    found = written(memo)
    assert text(found, "CreditMemoLineAdd/Rate") == "10" and text(found, "RefNumber") == "000000042-R"
    paying = written(applied)
    assert text(paying, "TotalAmount") == text(paying, "AppliedToTxnAdd/PaymentAmount") == "0.00"
    assert text(paying, "AppliedToTxnAdd/TxnID") == f"@txn:{sale.key}"
    assert text(paying, "AppliedToTxnAdd/SetCredit/CreditTxnID") == f"@txn:{memo.key}"
    assert text(paying, "AppliedToTxnAdd/SetCredit/AppliedAmount") == f"{memo.total:.2f}"


def test_a_void_names_the_invoice_alone() -> None:
    gone = order(line("MUG", "1", "9.00"), state="canceled", canceled=D(9))
    _, void = booked(book_order(gone, standing("invoice"), RULES))
    assert valid(qbxml.write(void, RULES, SHOP).text) == (
        "<TxnVoidRq><TxnVoidType>Invoice</TxnVoidType><TxnID>@txn:order/000000042</TxnID></TxnVoidRq>"
    )


def test_a_refund_gives_money_back_for_a_credit_memo() -> None:
    bought = order(line("MUG", "2", "12.50", TEXAS), paid=True)
    sale = booked(book_order(bought, context(SHOP), RULES))
    [receipt] = booked(book_credit_memo(memo(bought), bought, sale, context(SHOP), RULES))
    back, refund = DESKTOP.documents(receipt, RULES)
    credit = written(back)
    assert text(credit, "RefNumber") == "C000000003" and text(credit, "CreditMemoLineAdd/Rate") == "12.5"
    found = written(refund)
    assert text(found, "RefundAppliedToTxnAdd/TxnID") == "@txn:creditmemo/000000003"
    assert text(found, "RefundAppliedToTxnAdd/RefundAmount") == "27.06"
    assert text(found, "RefundFromAccountRef/ListID") == "@account:1255 Checks clearing"
    assert off_balance(back.lines) == off_balance(refund.lines) == 0


def test_a_refund_of_nothing_is_a_credit_memo_alone() -> None:
    bought = order(line("MUG", "1", "10.00"), paid=True, parts={"gift_cards": "10"})
    sale = booked(book_order(bought, context(SHOP), RULES))
    [receipt] = booked(book_credit_memo(memo(bought), bought, sale, context(SHOP), RULES))
    [back] = DESKTOP.documents(receipt, RULES)
    assert (back.kind, back.total) == ("credit_memo", 0)


def test_a_payment_is_deleted_because_it_cannot_be_voided() -> None:
    assert valid(qbxml.txn_del("ReceivePayment", "payment/7").text) == (
        "<TxnDelRq><TxnDelType>ReceivePayment</TxnDelType><TxnID>@txn:payment/7</TxnID></TxnDelRq>"
    )


def test_a_class_and_the_field_called_other_are_written_where_rules_fill_them() -> None:
    by = rules(
        '[[class]]\nid = "web"\nclass = "Web"\n'
        '[[field]]\nid = "po"\nfrom = "{order.po_number}"\nto = "CustomField.Other"\n'
        '[[field]]\nid = "c"\nfrom = "{coupon}"\nto = "PrivateNote"\n',
        name="us_desktop",
    )
    entry = sell(order(line("MUG", "1", "9.00"), po_number="@item:X", coupon="TEN"), by, context(SHOP))
    request = qbxml.write(entry, by, SHOP)
    found = element(request)
    assert text(found, "ClassRef/ListID") == "@class:Web" and text(found, "Other") == "@item:X"
    assert text(found, "Memo") == "Magento order 000000042 TEN"
    assert ("item", "X") not in request.symbols  # what a buyer typed is never taken for a symbol of ours


def test_a_receipt_of_zero_needs_no_account() -> None:
    entry = replace(paid(line("BOOK", "1", "0")), deposit_account="", payment_method="")
    found = written(entry)
    assert found.find("DepositToAccountRef") is None
    assert text(found, "SalesReceiptLineAdd/Rate") == "0"


# --- quantities and prices ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quantity", "price", "gross", "rate", "amount"),
    [
        ("3", "10.55", "31.65", "10.55", None),
        ("3", "10.55", "31.64", None, "31.64"),  # a tax-inclusive store: 31.64 / 3 has no end
        ("4", "10.55", "42.18", "10.545", None),  # the exact quotient, where there is one
        ("0.333", "18.77", "6.2504", "18.77", None),
        ("1000", "0.005", "5.00", "0.005", None),
        ("2", "0", "0", "0", None),
        ("3", "1.333333", "4.00", None, "4.00"),  # six decimals are one too many (status 3045)
        ("1E+2", "1.50", "150", "1.5", None),
        ("0", "1.50", "1.50", None, "1.50"),
        ("1.0000001", "5", "5.00", None, "5.00"),
    ],
)
def test_rate_times_quantity_is_the_amount_or_the_amount_stands_instead(
    quantity: str, price: str, gross: str, rate: str | None, amount: str | None
) -> None:
    found = written(sold(line("MUG", quantity, price, gross=D(gross))))[-1]
    assert (text(found, "Rate"), text(found, "Amount")) == (rate, amount)
    if rate is not None:
        assert (D(rate) * D(text(found, "Quantity") or "")).quantize(D("0.01")) == D(gross).quantize(D("0.01"))


# --- what does not fit --------------------------------------------------------------------------------


def test_what_was_shortened_stands_whole_in_the_memo_and_is_told_by_its_field() -> None:
    place = replace(AUSTIN, city="Llanfairpwllgwyngyllgogerychwyrndrobwll", postcode="78701-1234-5678-9")
    request = qbxml.write(replace(sold(), billing=place), RULES, SHOP)
    found = element(request)
    assert len(text(found, "BillAddress/City") or "") == 31
    memo = text(found, "Memo") or ""
    assert f"City: {place.city}" in memo and f"PostalCode: {place.postcode}" in memo
    assert [(each.field, each.how, each.length) for each in request.adjusted] == [
        ("BillAddress/City", "shortened", 39),
        ("BillAddress/PostalCode", "shortened", 17),
    ]


def test_characters_that_desktop_has_not_are_spelled_and_told() -> None:
    request = qbxml.write(replace(sold(), billing=replace(AUSTIN, city="Łódź")), RULES, SHOP)
    assert text(element(request), "BillAddress/City") == "Lódz"
    assert [(each.field, each.how) for each in request.adjusted] == [("BillAddress/City", "transliterated")]
    assert "Łódź" not in str(request.adjusted)


WORDS = st.text(max_size=120)
PLACES = st.builds(
    lambda words, street: replace(AUSTIN, first_name=words[0], company=words[1], street=tuple(street), city=words[2],
                                  region_code=words[3], postcode=words[4], country=words[5]),
    st.lists(WORDS, min_size=6, max_size=6),
    st.lists(WORDS, max_size=7),
)  # fmt: skip


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(PLACES, WORDS, WORDS, st.text(max_size=5000), st.text(min_size=1, max_size=80))
def test_law_whatever_people_typed_is_a_request_that_quickbooks_can_read(
    place: Any, reference: str, other: str, memo: str, sku: str
) -> None:
    entry = paid(line(sku, "1", "9.00", name=memo))
    entry = replace(entry, billing=place, reference=reference, memo=memo, fields=(("CustomField.Other", other),))
    for kind in ("sales_receipt", "payment"):
        text = valid(qbxml.write(replace(entry, kind=kind, applies_to="order/1"), RULES, SHOP).text)
        assert text.encode("cp1252")
    party = replace(entry.party, first_name=reference, company=other, telephone=memo, billing=place, name=memo)
    assert valid(qbxml.customer_add(party, qbxml.display_name(party)).text).encode("cp1252")


def test_a_receipt_is_written_in_well_under_a_millisecond() -> None:
    entry, best = fitted(paid()).entry, 1.0
    for _ in range(20):
        start = time.perf_counter()
        qbxml.write(entry, RULES, SHOP)
        best = min(best, time.perf_counter() - start)
    assert best < 0.001
