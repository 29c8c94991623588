"""Writes entries as the documents of QuickBooks Desktop (qbXML 13.0), references as symbols.

The order of elements is the schema's: QuickBooks refuses a whole message for one element out of place (0x80040400).
Sales receipts, invoices and credit memos share it as far as they have the same elements.
"""

from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from mappings.context import Books
from mappings.entry import Entry, EntryLine
from mappings.item_names import sku_key
from mappings.model import CENT, ZERO, EntryKind
from mappings.qbxml_address import address_of
from mappings.qbxml_deposit import deposit_add
from mappings.qbxml_fit import Fit
from mappings.qbxml_journal import journal_add
from mappings.qbxml_tree import Element, Request, amount, finished, leaf, node, number, rate, ref
from mappings.rules import Rules

DESCRIPTION: Final = 4095
OTHER: Final = "CustomField.Other"
OTHER_LENGTH: Final = 29
CHECK_NUMBER: Final = 25
PRICE: Final = Decimal("0.00001")  # Intuit: PRICETYPE and QUANTYPE have five decimals
_CODES: Final = ("TAX", "NON")


def write(entry: Entry, rules: Rules, books: Books) -> Request:
    """The request that makes the entry's document: references as symbols, amounts with two decimals."""
    return _WRITERS[entry.kind](entry, rules, books)


def txn_del(kind: str, key: str) -> Request:
    """Deletes the document with this outbox key; `kind` is QuickBooks' name of it (`ReceivePayment`, which cannot be
    voided)."""
    return finished(node("TxnDelRq", leaf("TxnDelType", kind), leaf("TxnID", f"@txn:{key}")))


def _sales_receipt(entry: Entry, rules: Rules, books: Books) -> Request:
    return _sale("SalesReceipt", entry, rules, books)


def _invoice(entry: Entry, rules: Rules, books: Books) -> Request:
    return _sale("Invoice", entry, rules, books)


def _credit_memo(entry: Entry, rules: Rules, books: Books) -> Request:
    return _sale("CreditMemo", entry, rules, books)


def _sale(name: str, entry: Entry, rules: Rules, books: Books) -> Request:
    fit, paid = Fit(), entry.kind == "sales_receipt"
    billing = address_of("BillAddress", entry.billing, fit)
    shipping = address_of("ShipAddress", entry.shipping, fit)
    lines = [_line(f"{name}LineAdd", line, entry, rules, books, fit) for line in entry.lines if line.item or line.sku]
    check = fit.text("CheckNumber", entry.reference, CHECK_NUMBER) if paid else ""
    tax_item = _tax_item(entry, rules, books)
    other = fit.text("Other", dict(entry.fields).get(OTHER, ""), OTHER_LENGTH)
    made = node(
        f"{name}Add",
        ref("CustomerRef", "customer", entry.party.key),
        ref("ClassRef", "class", entry.class_name),
        None if paid else _receivable(entry),
        leaf("TxnDate", entry.txn_date.isoformat()),
        leaf("RefNumber", fit.text("RefNumber", entry.number, 11)),
        billing,
        shipping,
        leaf("CheckNumber", check),
        ref("PaymentMethodRef", "payment_method", entry.payment_method if paid else ""),
        ref("TermsRef", "term", entry.terms),
        leaf("DueDate", entry.due.isoformat() if entry.due else ""),
        ref("ItemSalesTaxRef", "tax_rate", tax_item),
        leaf("Memo", fit.memo(entry.memo)),
        leaf("IsToBePrinted", "false"),
        leaf("IsToBeEmailed", "false"),
        # The shop charged tax, so a customer whom QuickBooks lists as exempt is taxed on this document.
        ref("CustomerSalesTaxCodeRef", "tax_code", books.taxable_code if tax_item else ""),
        ref("DepositToAccountRef", "account", entry.deposit_account if paid else ""),
        leaf("Other", other),
        rate(entry.exchange_rate),
        *lines,
    )
    return finished(node(f"{name}AddRq", made), fit)


def _payment(entry: Entry, rules: Rules, books: Books) -> Request:
    """A payment of one invoice; with a credit memo, one of zero that sets the credit (Intuit, "SetCredit")."""
    fit = Fit()
    paid, _, credit = entry.applies_to.partition(" ")
    used = -sum((line.amount for line in entry.lines if line.role == "receivable" and line.amount < 0), ZERO)
    set_credit = leaf("CreditTxnID", f"@txn:{credit}") if credit else None
    applied = node(
        "AppliedToTxnAdd",
        leaf("TxnID", f"@txn:{paid}"),
        leaf("PaymentAmount", amount(entry.total)),
        None if set_credit is None else node("SetCredit", set_credit, leaf("AppliedAmount", amount(used))),
    )
    made = node(
        "ReceivePaymentAdd",
        ref("CustomerRef", "customer", entry.party.key),
        _receivable(entry),
        leaf("TxnDate", entry.txn_date.isoformat()),
        leaf("RefNumber", fit.text("RefNumber", entry.reference, 20)),
        leaf("TotalAmount", amount(entry.total)),
        rate(entry.exchange_rate),
        ref("PaymentMethodRef", "payment_method", entry.payment_method),
        leaf("Memo", fit.memo(entry.memo)),
        ref("DepositToAccountRef", "account", entry.deposit_account),
        applied,
    )
    return finished(node("ReceivePaymentAddRq", made), fit)


def _refund(entry: Entry, rules: Rules, books: Books) -> Request:
    """Money paid back for a credit memo (Intuit, "ARRefundCreditCardAdd"), which it uses up."""
    fit = Fit()
    applied = node(
        "RefundAppliedToTxnAdd",
        leaf("TxnID", f"@txn:{entry.applies_to}"),
        leaf("RefundAmount", amount(entry.total)),
    )
    made = node(
        "ARRefundCreditCardAdd",
        ref("CustomerRef", "customer", entry.party.key),
        ref("RefundFromAccountRef", "account", entry.deposit_account),
        _receivable(entry),
        leaf("TxnDate", entry.txn_date.isoformat()),
        leaf("RefNumber", fit.text("RefNumber", entry.number, 11)),
        address_of("Address", entry.billing, fit),
        ref("PaymentMethodRef", "payment_method", entry.payment_method),
        leaf("Memo", fit.memo(entry.memo)),
        rate(entry.exchange_rate),
        applied,
    )
    return finished(node("ARRefundCreditCardAddRq", made), fit)


def _deposit(entry: Entry, rules: Rules, books: Books) -> Request:
    return deposit_add(entry)


def _journal(entry: Entry, rules: Rules, books: Books) -> Request:
    return journal_add(entry)


def _void(entry: Entry, rules: Rules, books: Books) -> Request:
    """Only invoices are voided."""
    return finished(node("TxnVoidRq", leaf("TxnVoidType", "Invoice"), leaf("TxnID", f"@txn:{entry.applies_to}")))


_WRITERS: Final[Mapping[EntryKind, Callable[[Entry, Rules, Books], Request]]] = {
    "sales_receipt": _sales_receipt,
    "invoice": _invoice,
    "payment": _payment,
    "credit_memo": _credit_memo,
    "refund": _refund,
    "void": _void,
    "deposit": _deposit,
    "journal": _journal,
}


def _line(name: str, line: EntryLine, entry: Entry, rules: Rules, books: Books, fit: Fit) -> Element:
    value = line.amount if entry.kind == "credit_memo" else -line.amount
    kind, key = ("item", line.item) if line.item else ("sku", sku_key(line.sku, rules.own_items).lower())
    quantity, rate = _quantity(line, value)
    return node(
        name,
        ref("ItemRef", kind, key),
        leaf("Desc", fit.text(f"{name}/Desc", line.description, DESCRIPTION, lines=True)),
        leaf("Quantity", quantity),
        leaf("Rate", rate),
        None if rate else leaf("Amount", amount(value)),
        ref("SalesTaxCodeRef", "tax_code", _tax_code(line, books)),
    )


def _quantity(line: EntryLine, value: Decimal) -> tuple[str, str]:
    """Quantity and Rate where they multiply to the amount exactly; else the Rate is left out and the amount decides.

    Magento rounds prices of tax-inclusive stores, so the rate may be the exact quotient instead of the price.
    """
    if not line.quantity or line.quantity % PRICE:
        return "", ""
    price = line.price
    if price is None or price % PRICE or (price * line.quantity).quantize(CENT, ROUND_HALF_UP) != value:
        price = (value / line.quantity).quantize(PRICE, ROUND_HALF_UP)
        if price * line.quantity != value:
            return number(line.quantity), ""
    return number(line.quantity), number(price)


def _tax_code(line: EntryLine, books: Books) -> str:
    if not books.sales_tax_on:
        return ""
    if line.tax_code in _CODES:
        return books.taxable_code if line.tax_code == "TAX" else books.untaxed_code
    return line.tax_code


def _tax_item(entry: Entry, rules: Rules, books: Books) -> str:
    """The sales tax item or group whose rate QuickBooks multiplies: the United States alone have one on a document."""
    if not books.sales_tax_on or rules.books.sales_tax != "automated":
        return ""
    return next((line.tax_rate for line in entry.lines if line.role == "tax" and not line.item), "")


def _receivable(entry: Entry) -> Element | None:
    account = next((line.account for line in entry.lines if line.role == "receivable"), "")
    return ref("ARAccountRef", "account", account)
