"""Tax, payments, credits, refunds and voids in the sandbox's company file: every amount ends where it belongs."""

from datetime import date
from decimal import Decimal

import pytest

from deploy.sandbox.desktop import CompanyFile

from .test_desktop import Reply, ask, line, made, ref, sale

RECEIVABLE, CARDS = "Accounts Receivable", "1251 Cards clearing"
VENDOR = "Acme Supplies"


@pytest.fixture
def company() -> CompanyFile:
    return CompanyFile()


def taxed(company: CompanyFile, tax_item: str, *lines: tuple[str, object]) -> tuple[str | None, str | None]:
    """Tax and percent of a sales receipt of these lines."""
    head = sale(SalesReceiptLineAdd=None, ItemSalesTaxRef=ref(tax_item))
    reply = ask(company, "SalesReceiptAdd", [*head, *lines])
    return reply.text("SalesReceiptRet/SalesTaxTotal"), reply.text("SalesReceiptRet/SalesTaxPercentage")


def test_tax_is_rounded_half_up_on_the_whole_not_by_line(company: CompanyFile) -> None:
    assert taxed(company, "Texas 8.25", line("SalesReceipt", "0.06"), line("SalesReceipt", "0.06")) == ("0.01", "8.25")
    assert taxed(company, "Texas 8.25", line("SalesReceipt", "2.00")) == ("0.17", "8.25")


def test_each_part_of_a_group_is_rounded_apart(company: CompanyFile) -> None:
    # 4 % of 10.12 is 0.4048, 4.875 % is 0.49335: 0.40 + 0.49, where 8.875 % on the whole would be 0.90
    assert taxed(company, "New York City", line("SalesReceipt", "10.12")) == ("0.89", "8.875")


def test_only_lines_with_a_taxable_code_are_taxed_and_discounts_lower_the_base(company: CompanyFile) -> None:
    lines = (
        line("SalesReceipt", "100.00"),
        line("SalesReceipt", "50.00", "Non"),
        line("SalesReceipt", "20.00", "Tax", "Magento discount"),
    )
    assert taxed(company, "Texas 8.25", *lines) == ("6.60", "8.25")
    assert company.documents("SalesReceipt")[0]["TotalAmt"] == Decimal("136.60")


def test_a_discount_lowers_whatever_its_sign(company: CompanyFile) -> None:
    for amount in ("5.00", "-5.00"):
        less = line("SalesReceipt", amount, "Non", "Magento discount")
        head = sale(SalesReceiptLineAdd=None)
        reply = ask(company, "SalesReceiptAdd", [*head, line("SalesReceipt", code="Non"), less])
        assert reply.text("SalesReceiptRet/TotalAmount") == "15.00"
    assert company.trial_balance()["4900 Discounts given"] == Decimal("10.00")


def test_without_a_tax_item_the_customers_own_counts(company: CompanyFile) -> None:
    new = [("Name", "Ann"), ("ItemSalesTaxRef", ref("New York City"))]
    assert ask(company, "CustomerAdd", new).status == 0
    reply = ask(company, "SalesReceiptAdd", sale(CustomerRef=ref("Ann"), ItemSalesTaxRef=None))
    assert reply.text("SalesReceiptRet/ItemSalesTaxRef/FullName") == "New York City"
    assert ask(company, "SalesReceiptAdd", sale(ItemSalesTaxRef=None)).text("SalesReceiptRet/SalesTaxTotal") == "1.65"


def test_an_exempt_customer_pays_no_tax(company: CompanyFile) -> None:
    assert ask(company, "CustomerAdd", [("Name", "Church"), ("SalesTaxCodeRef", ref("Non"))]).status == 0
    reply = ask(company, "SalesReceiptAdd", sale(CustomerRef=ref("Church")))
    assert reply.text("SalesReceiptRet/SalesTaxTotal") == "0.00"


def test_quantity_times_rate_is_the_amount_half_up(company: CompanyFile) -> None:
    detail = [("ItemRef", ref("Magento sales")), ("Quantity", "3"), ("Rate", "0.335"), ("SalesTaxCodeRef", ref("Non"))]
    reply = ask(company, "SalesReceiptAdd", sale(SalesReceiptLineAdd=detail))
    assert reply.text("SalesReceiptRet/SalesReceiptLineRet/Amount") == "1.01"


def test_a_line_may_name_another_income_account(company: CompanyFile) -> None:
    detail = [*line("SalesReceipt", code="Non")[1], ("OverrideItemAccountRef", ref("4110 Shipping abroad"))]
    assert ask(company, "SalesReceiptAdd", sale(SalesReceiptLineAdd=detail)).status == 0
    assert company.trial_balance() == {"4110 Shipping abroad": Decimal("-20.00"), CARDS: Decimal("20.00")}


def pay(company: CompanyFile, invoice: str, amount: str, **changes: object) -> Reply:
    applied = [("TxnID", invoice), ("PaymentAmount", amount)]
    fields = {
        "CustomerRef": ref("Sam Smith"),
        "TxnDate": "2026-11-21",
        "RefNumber": "R1",
        "TotalAmount": amount,
        "PaymentMethodRef": ref("Credit Card"),
        "DepositToAccountRef": ref(CARDS),
        "AppliedToTxnAdd": applied,
        **changes,
    }
    return ask(company, "ReceivePaymentAdd", [(name, value) for name, value in fields.items() if value is not None])


def shown(company: CompanyFile, id: str, *names: str) -> list[str | None]:
    """Fields of an invoice as a query shows them."""
    reply = ask(company, "InvoiceQuery", [("TxnID", id)])
    return [reply.text(f"InvoiceRet/{name}") for name in names]


STATE = ("Subtotal", "SalesTaxTotal", "AppliedAmount", "BalanceRemaining", "IsPaid")


def test_payments_lower_an_invoices_balance_until_it_is_paid(company: CompanyFile) -> None:
    invoice = made(company, "Invoice")
    assert shown(company, invoice, *STATE) == ["20.00", "1.65", "0.00", "21.65", "false"]
    assert pay(company, invoice, "20.00").text("ReceivePaymentRet/AppliedToTxnRet/BalanceRemaining") == "1.65"
    assert shown(company, invoice, *STATE) == ["20.00", "1.65", "-20.00", "1.65", "false"]
    assert pay(company, invoice, "1.65", RefNumber="R2").status == 0
    assert shown(company, invoice, *STATE) == ["20.00", "1.65", "-21.65", "0.00", "true"]
    assert RECEIVABLE not in company.trial_balance()
    assert company.trial_balance()[CARDS] == Decimal("21.65")


def test_a_payment_changes_the_invoices_edit_sequence(company: CompanyFile) -> None:
    invoice = made(company, "Invoice")
    before = shown(company, invoice, "EditSequence")
    pay(company, invoice, "1.00")
    assert shown(company, invoice, "EditSequence") != before


@pytest.mark.parametrize(
    ("what", "status", "changes"),
    [
        ("more than the invoice", 3210, {"TotalAmount": "30.00", "AppliedToTxnAdd": "30.00"}),
        ("more than the payment", 3210, {"TotalAmount": "5.00"}),
        ("another customer", 3210, {"CustomerRef": ref("Walk-in customer")}),
        ("an unknown invoice", 3120, {"AppliedToTxnAdd": [("TxnID", "FF-1700000000"), ("PaymentAmount", "1.00")]}),
        ("no total", 3150, {"TotalAmount": None}),
        ("a negative total", 3210, {"TotalAmount": "-1.00", "AppliedToTxnAdd": None, "IsAutoApply": "false"}),
        ("no amount for the invoice", 3150, {"AppliedToTxnAdd": "none"}),
        ("money into an income account", 3140, {"DepositToAccountRef": ref("4000 Sales")}),
        ("a discount", 3250, {"AppliedToTxnAdd": "discount"}),
        ("a reference of 21 characters", 3070, {"RefNumber": "x" * 21}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_payment_is_refused_for(company: CompanyFile, what: str, status: int, changes: dict[str, object]) -> None:
    invoice = made(company, "Invoice")
    applied = changes.get("AppliedToTxnAdd")
    if isinstance(applied, str):
        amounts = {"none": [], "discount": [("PaymentAmount", "10.00"), ("DiscountAmount", "1.00")]}
        amount = amounts.get(applied, [("PaymentAmount", applied)])
        changes = {**changes, "AppliedToTxnAdd": [("TxnID", invoice), *amount]}
    assert pay(company, invoice, "10.00", **changes).status == status
    assert company.documents("ReceivePayment") == []
    assert shown(company, invoice, "BalanceRemaining") == ["21.65"]
    assert CARDS not in company.trial_balance()


def test_a_payment_that_fails_at_its_second_invoice_has_not_touched_the_first(company: CompanyFile) -> None:
    first, second = made(company, "Invoice", "1"), made(company, "Invoice", "2")
    both = [(first, "21.65"), (second, "30.00")]
    rows = [("AppliedToTxnAdd", [("TxnID", id), ("PaymentAmount", amount)]) for id, amount in both]
    head = [("CustomerRef", ref("Sam Smith")), ("TotalAmount", "60.00")]
    assert ask(company, "ReceivePaymentAdd", [*head, *rows]).status == 3210
    assert shown(company, first, *STATE[2:]) == ["0.00", "21.65", "false"]
    assert company.documents("ReceivePayment") == []


def test_an_automatic_payment_takes_the_oldest_invoices_first(company: CompanyFile) -> None:
    late = made(company, "Invoice", "2", TxnDate="2026-11-19")
    early = made(company, "Invoice", "1", TxnDate="2026-11-02")
    reply = pay(company, "", "30.00", AppliedToTxnAdd=None, IsAutoApply="true")
    assert reply.text("ReceivePaymentRet/UnusedPayment") == "0.00"
    assert [*shown(company, early, "BalanceRemaining"), *shown(company, late, "BalanceRemaining")] == ["0.00", "13.30"]
    left = pay(company, "", "30.00", AppliedToTxnAdd=None, IsAutoApply="false")
    assert left.text("ReceivePaymentRet/UnusedPayment") == "30.00"


def test_a_zero_payment_sets_a_credit_memo_against_an_invoice(company: CompanyFile) -> None:
    invoice = made(company, "Invoice")
    memo = made(company, "CreditMemo", "C1", CreditMemoLineAdd=line("CreditMemo", "5.00", "Non")[1])
    credit = [("CreditTxnID", memo), ("AppliedAmount", "5.00")]
    applied = [("TxnID", invoice), ("PaymentAmount", "0.00"), ("SetCredit", credit)]
    reply = pay(company, invoice, "0.00", AppliedToTxnAdd=applied)
    assert (reply.status, reply.text("ReceivePaymentRet/TxnID"), company.documents("ReceivePayment")) == (0, None, [])
    assert shown(company, invoice, "BalanceRemaining") == ["16.65"]
    found = ask(company, "CreditMemoQuery", [("TxnID", memo), ("IncludeLinkedTxns", "true")])
    assert found.text("CreditMemoRet/CreditRemaining") == "0.00"
    assert found.text("CreditMemoRet/LinkedTxn/TxnID") == invoice
    assert pay(company, invoice, "0.00", AppliedToTxnAdd=applied).status == 3210


def test_a_zero_payment_can_be_kept_as_a_transaction(company: CompanyFile) -> None:
    company.settings.thin_credits = False
    invoice, memo = made(company, "Invoice"), made(company, "CreditMemo", "C1")
    credit = [("CreditTxnID", memo), ("AppliedAmount", "21.65")]
    applied = [("TxnID", invoice), ("SetCredit", credit)]
    assert pay(company, invoice, "0.00", AppliedToTxnAdd=applied).text("ReceivePaymentRet/TxnID")
    assert [one["Total"] for one in company.documents("ReceivePayment")] == [Decimal("0.00")]
    assert shown(company, invoice, "IsPaid") == ["true"]


def test_an_invoice_can_take_a_credit_when_it_is_made(company: CompanyFile) -> None:
    memo = made(company, "CreditMemo", "C1")
    credit = ("SetCredit", [("CreditTxnID", memo), ("AppliedAmount", "21.65")])
    fields = sale("Invoice")
    assert ask(company, "InvoiceAdd", [*fields[:-1], credit, fields[-1]]).text("InvoiceRet/IsPaid") == "true"
    assert ask(company, "InvoiceAdd", [*fields[:-1], credit, fields[-1]]).status == 3210
    assert len(company.documents("Invoice")) == 1
    assert company.trial_balance() == {}


def test_a_credit_memo_lowers_what_the_sale_raised(company: CompanyFile) -> None:
    made(company, "Invoice")
    made(company, "CreditMemo", "C1")
    assert company.trial_balance() == {}
    assert company.documents("CreditMemo")[0]["TotalAmt"] == Decimal("21.65")


def refund(company: CompanyFile, memo: str, amount: str) -> Reply:
    applied = [("TxnID", memo), ("RefundAmount", amount)]
    head = [("CustomerRef", ref("Sam Smith")), ("RefundFromAccountRef", ref(CARDS)), ("TxnDate", "2026-11-21")]
    return ask(company, "ARRefundCreditCardAdd", [*head, ("RefundAppliedToTxnAdd", applied)])


def test_a_refund_uses_up_a_credit_memo(company: CompanyFile) -> None:
    memo = made(company, "CreditMemo", "C1")
    assert refund(company, memo, "20.00").text("ARRefundCreditCardRet/TotalAmount") == "20.00"
    assert refund(company, memo, "2.00").status == 3210
    assert refund(company, memo, "0.00").status == 3210
    assert refund(company, memo, "1.65").status == 0
    assert RECEIVABLE not in company.trial_balance()
    assert company.trial_balance()[CARDS] == Decimal("-21.65")


def test_a_voided_refund_leaves_the_credit_memo_open_again(company: CompanyFile) -> None:
    memo = made(company, "CreditMemo", "C1")
    id = refund(company, memo, "21.65").text("ARRefundCreditCardRet/TxnID") or ""
    assert ask(company, "TxnVoid", [("TxnVoidType", "CreditMemo"), ("TxnID", memo)]).status == 3210
    assert ask(company, "TxnDel", [("TxnDelType", "CreditMemo"), ("TxnID", memo)]).status == 3210
    assert ask(company, "TxnVoid", [("TxnVoidType", "ARRefundCreditCard"), ("TxnID", id)]).status == 0
    assert [one["CreditRemaining"] for one in company.documents("CreditMemo")] == [Decimal("21.65")]
    assert ask(company, "TxnVoid", [("TxnVoidType", "CreditMemo"), ("TxnID", memo)]).status == 0
    assert company.trial_balance() == {}


def test_a_refund_names_the_account_that_the_money_comes_from(company: CompanyFile) -> None:
    applied = [("TxnID", made(company, "CreditMemo", "C1")), ("RefundAmount", "1.00")]
    fields = [("CustomerRef", ref("Sam Smith")), ("RefundAppliedToTxnAdd", applied)]
    assert ask(company, "ARRefundCreditCardAdd", fields).status == 3150


def test_a_pending_document_posts_nothing(company: CompanyFile) -> None:
    fields = sale()
    at = [name for name, _ in fields].index("ItemSalesTaxRef")
    assert ask(company, "SalesReceiptAdd", [*fields[:at], ("IsPending", "1"), *fields[at:]]).status == 0
    assert company.trial_balance() == {}


def test_a_refund_needs_a_credit_memo(company: CompanyFile) -> None:
    assert refund(company, made(company, "Invoice"), "1.00").status == 3120


def test_a_voided_invoice_keeps_its_number_and_owes_nothing(company: CompanyFile) -> None:
    invoice = made(company, "Invoice")
    before = shown(company, invoice, "EditSequence")
    reply = ask(company, "TxnVoid", [("TxnVoidType", "Invoice"), ("TxnID", invoice)])
    assert (reply.status, reply.text("TxnID"), reply.text("RefNumber")) == (0, invoice, "000000042")
    names = ("RefNumber", "Subtotal", "SalesTaxTotal", "BalanceRemaining", "Memo")
    assert shown(company, invoice, *names) == ["000000042", "0.00", "0.00", "0.00", "VOID: Magento order"]
    assert shown(company, invoice, "EditSequence") != before
    assert company.trial_balance() == {}
    (document,) = company.documents("Invoice")
    assert (document["Voided"], document["Total"]) == (True, Decimal("0.00"))
    ask(company, "TxnVoid", [("TxnVoidType", "Invoice"), ("TxnID", invoice)])
    assert shown(company, invoice, "Memo") == ["VOID: Magento order"]


def test_a_paid_invoice_is_not_voided_before_its_payment_is_gone(company: CompanyFile) -> None:
    invoice = made(company, "Invoice")
    payment = pay(company, invoice, "21.65").text("ReceivePaymentRet/TxnID") or ""
    void = [("TxnVoidType", "Invoice"), ("TxnID", invoice)]
    assert ask(company, "TxnVoid", void).status == 3210
    assert ask(company, "TxnDel", [("TxnDelType", "ReceivePayment"), ("TxnID", payment)]).status == 0
    assert shown(company, invoice, *STATE[2:]) == ["0.00", "21.65", "false"]
    assert ask(company, "TxnVoid", void).status == 0
    assert company.trial_balance() == {}


def test_a_payment_can_be_deleted_but_not_voided(company: CompanyFile) -> None:
    payment = pay(company, made(company, "Invoice"), "1.00").text("ReceivePaymentRet/TxnID") or ""
    with pytest.raises(Exception, match="0x80040400"):
        ask(company, "TxnVoid", [("TxnVoidType", "ReceivePayment"), ("TxnID", payment)])


def test_deleted_is_gone_and_unknown_is_3120(company: CompanyFile) -> None:
    id = made(company)
    delete = [("TxnDelType", "SalesReceipt"), ("TxnID", id)]
    assert [ask(company, "TxnDel", delete).status for _ in range(2)] == [0, 3120]
    assert ask(company, "TxnVoid", [("TxnVoidType", "Bill"), ("TxnID", id)]).status == 3120
    assert ask(company, "SalesReceiptQuery", [("RefNumber", "000000042")]).status == 500
    assert company.trial_balance() == {}


def test_two_equal_payments_of_one_invoice_are_told_as_a_double(company: CompanyFile) -> None:
    invoice = made(company, "Invoice")
    pay(company, invoice, "10.00")
    pay(company, invoice, "9.00")
    assert company.duplicates() == []
    pay(company, invoice, "1.00")
    pay(company, invoice, "1.00")
    assert company.duplicates() == [("ReceivePayment", "R1")]


def test_terms_decide_when_an_invoice_is_due(company: CompanyFile) -> None:
    fields = sale("Invoice")
    at = [name for name, _ in fields].index("ItemSalesTaxRef")
    due = ask(company, "InvoiceAdd", [*fields[:at], ("TermsRef", ref("Net 30")), *fields[at:]])
    assert due.text("InvoiceRet/DueDate") == "2026-12-20"
    assert ask(company, "InvoiceAdd", fields).text("InvoiceRet/DueDate") == "2026-11-20"


def deposited(company: CompanyFile, *lines: tuple[str, str], into: str = "1000 Checking") -> Reply:
    """A deposit of these accounts and amounts."""
    added = [("DepositLineAdd", [("AccountRef", ref(name)), ("Amount", amount)]) for name, amount in lines]
    return ask(company, "DepositAdd", [("DepositToAccountRef", ref(into)), *added])


def test_a_deposit_takes_from_other_accounts_and_leaves_costs_on_the_way(company: CompanyFile) -> None:
    reply = deposited(company, ("1250 PayPal clearing", "100.00"), ("6100 Payment processing fees", "-3.20"))
    assert (reply.status, reply.text("DepositRet/DepositTotal")) == (0, "96.80")
    assert company.trial_balance() == {
        "1000 Checking": Decimal("96.80"),
        "1250 PayPal clearing": Decimal("-100.00"),
        "6100 Payment processing fees": Decimal("3.20"),
    }


def test_a_deposit_below_zero_without_lines_or_into_no_money_account_is_refused(company: CompanyFile) -> None:
    assert deposited(company, ("1250 PayPal clearing", "-1.00")).status == 3210
    assert deposited(company).status == 3150
    assert deposited(company, ("1250 PayPal clearing", "1.00"), into="4000 Sales").status == 3140
    assert company.trial_balance() == {}


def test_a_voided_deposit_has_taken_nothing(company: CompanyFile) -> None:
    reply = deposited(company, ("1250 PayPal clearing", "100.00"))
    void = [("TxnVoidType", "Deposit"), ("TxnID", reply.text("DepositRet/TxnID"))]
    assert ask(company, "TxnVoid", void).status == 0
    assert company.trial_balance() == {}


def journaled(company: CompanyFile, *lines: tuple[str, str, str], customer: str = "") -> Reply:
    """A journal entry of these accounts, debits and credits."""
    made = []
    for account, side, amount in lines:
        entity = [("EntityRef", ref(customer))] if customer and account in (RECEIVABLE, "Sales Tax Payable") else []
        made.append((f"Journal{side}Line", [("AccountRef", ref(account)), ("Amount", amount), *entity]))
    return ask(company, "JournalEntryAdd", [("TxnDate", "2026-11-20"), ("RefNumber", "J1"), *made])


def test_a_journal_entry_posts_its_sides_and_is_nothing_when_it_is_voided(company: CompanyFile) -> None:
    owed = (RECEIVABLE, "Debit", "5.00"), ("4000 Sales", "Credit", "5.00")
    reply = journaled(company, *owed, customer="Sam Smith")
    assert (reply.status, company.documents("JournalEntry")[0]["TotalAmt"]) == (0, Decimal("5.00"))
    assert company.trial_balance() == {RECEIVABLE: Decimal("5.00"), "4000 Sales": Decimal("-5.00")}
    void = [("TxnVoidType", "JournalEntry"), ("TxnID", reply.text("JournalEntryRet/TxnID"))]
    assert ask(company, "TxnVoid", void).status == 0
    assert company.trial_balance() == {}
    assert company.documents("JournalEntry")[0]["TotalAmt"] == 0


@pytest.mark.parametrize(
    ("what", "status", "lines", "customer"),
    [
        ("unbalanced", 3210, (("1000 Checking", "Debit", "5.00"), ("4000 Sales", "Credit", "4.00")), ""),
        ("owed by nobody", 3210, ((RECEIVABLE, "Debit", "5.00"), ("4000 Sales", "Credit", "5.00")), ""),
        ("owed by a supplier", 3210, ((RECEIVABLE, "Debit", "5.00"), ("4000 Sales", "Credit", "5.00")), VENDOR),
        ("owed twice", 3210, ((RECEIVABLE, "Debit", "5.00"), (RECEIVABLE, "Credit", "5.00")), "Sam Smith"),
        ("tax of no agency", 3210, (("1000 Checking", "Debit", "5.00"), ("Sales Tax Payable", "Credit", "5.00")), ""),
        ("below zero", 3040, (("1000 Checking", "Debit", "-5.00"), ("4000 Sales", "Credit", "-5.00")), ""),
        ("an unknown account", 3140, (("1 No such", "Debit", "5.00"), ("4000 Sales", "Credit", "5.00")), ""),
    ],
)
def test_a_journal_entry_is_refused(
    company: CompanyFile, what: str, status: int, lines: tuple[tuple[str, str, str], ...], customer: str
) -> None:
    assert journaled(company, *lines, customer=customer).status == status
    assert company.trial_balance() == {}


def test_a_journal_entry_keeps_to_open_periods_and_names_an_agency_for_its_tax(company: CompanyFile) -> None:
    taxed = ("1000 Checking", "Debit", "5.00"), ("Sales Tax Payable", "Credit", "5.00")
    assert journaled(company, *taxed, customer=VENDOR).status == 0
    company.closing_date = date(2026, 11, 20)
    assert journaled(company, *taxed, customer=VENDOR).status == 3210
    assert len(company.documents("JournalEntry")) == 1
