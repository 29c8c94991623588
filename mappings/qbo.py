"""Writes entries as QuickBooks Online's JSON, and reads its answers. `request` makes a payload ready: its texts clean.

Property names as in Intuit's Finance.xsd. References are symbols (`{"value": "@account:4000 Sales"}`) until a batch
is claimed; only properties that are set are written, because an empty one means something to QuickBooks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from mappings import texts
from mappings.context import Books
from mappings.entry import Entry, EntryLine, Party
from mappings.item_names import online_sku
from mappings.jsontext import dumps, parse
from mappings.model import CENT, Address, EntryKind
from mappings.qbo_deposit import deposit
from mappings.qbo_journal import journal, journal_total
from mappings.qbo_symbols import references, resolve
from mappings.qbo_texts import email_address, request
from mappings.rules import Rules

__all__ = [
    "Answer",
    "clean",
    "customer_payload",
    "display_name",
    "dumps",
    "entity",
    "item_payload",
    "operation",
    "parse",
    "read_answer",
    "references",
    "request",
    "resolve",
    "write",
]

Payload = dict[str, Any]

NAME = 100  # Intuit: DisplayName and Item.Name; longer ones are cut and told apart by a number
PHONE = 30
ADDRESS_LINES = 5
PRICE = Decimal("0.00001")  # QuickBooks keeps five decimals of a price

_ENTITY: Mapping[EntryKind, str] = {
    "sales_receipt": "SalesReceipt",
    "invoice": "Invoice",
    "payment": "Payment",
    "credit_memo": "CreditMemo",
    "refund_receipt": "RefundReceipt",
    "void": "Invoice",
    "deposit": "Deposit",
    "journal": "JournalEntry",
}
_BACK = ("credit_memo", "refund_receipt")
"""Documents that take a sale back: their lines are debits, which QuickBooks shows as positive amounts."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What QuickBooks made of a document: amounts in the document's currency, None where it shows none."""

    id: str
    sync_token: str
    doc_number: str
    total: Decimal | None
    tax: Decimal | None
    customer: str
    date: date | None


def entity(kind: EntryKind) -> str:
    """QuickBooks' name of the document; only invoices are voided."""
    return _ENTITY[kind]


def operation(kind: EntryKind) -> str:
    """The batch operation."""
    return "void" if kind == "void" else "create"


def write(entry: Entry, rules: Rules, books: Books) -> Payload:
    """The document as QuickBooks Online takes it, references as symbols, amounts with two decimals."""
    if entry.kind == "void":
        return {"Id": f"@txn:{entry.applies_to}", "SyncToken": f"@sync:{entry.applies_to}"}
    if entry.kind == "deposit":
        return deposit(entry, books)
    if entry.kind == "journal":
        return journal(entry, books)
    payload = _header(entry, books)
    if entry.kind == "payment":
        return payload | _payment(entry)
    payload |= {"Line": [_line(line, entry) for line in entry.lines if line.item or line.sku or _whole(line)]}
    payload |= _tax(entry, rules)
    if entry.kind == "invoice":
        payload |= _set(SalesTermRef=_ref("term", entry.terms), DueDate=entry.due and entry.due.isoformat())
    if entry.kind in ("sales_receipt", "refund_receipt"):
        payload |= _money(entry)
    return payload


def customer_payload(party: Party, name: str) -> Payload:
    """A new customer called `name`."""
    phone, email = texts.clean(party.telephone), email_address(party.email)
    return _set(
        DisplayName=name,
        CurrencyRef={"value": party.currency} if party.currency else None,
        GivenName=clean(party.first_name),
        FamilyName=clean(party.last_name),
        CompanyName=clean(party.company),
        PrimaryEmailAddr={"Address": email} if email else None,
        PrimaryPhone={"FreeFormNumber": phone} if 0 < len(phone) <= PHONE else None,
        BillAddr=party.billing and _address(party.billing),
        ShipAddr=party.shipping and _address(party.shipping),
    )


def item_payload(name: str, sku: str, description: str, account: str, kind: str) -> Payload:
    """A new product or service; `kind` is `service` or `noninventory`."""
    return _set(
        Name=name,
        Sku=online_sku(sku),
        Description=description,
        Type="Service" if kind == "service" else "NonInventory",
        IncomeAccountRef=_ref("account", account),
    )


def display_name(party: Party) -> str:
    """The DisplayName wanted for a party: no colon, tab or newline, at most 100 characters."""
    return clean(party.name) or f"Customer {party.key.rpartition(':')[2]}"


def clean(text: str) -> str:
    """A text as a name in QuickBooks: without the characters it refuses (2040), at most 100 long."""
    return texts.clean(text.replace(":", " "))[:NAME].rstrip()


def read_answer(answer: Mapping[str, Any]) -> Answer:
    """Read a document (or list object) as QuickBooks answers it."""
    tax = answer.get("TxnTaxDetail", {}).get("TotalTax")
    total = answer.get("TotalAmt") if (moved := journal_total(answer)) is None else moved
    return Answer(
        id=str(answer["Id"]),
        sync_token=str(answer.get("SyncToken", "0")),
        doc_number=str(answer.get("DocNumber", "")),
        total=None if total is None else Decimal(str(total)),
        tax=None if tax is None else Decimal(str(tax)),
        customer=str(answer.get("CustomerRef", {}).get("value", "")),
        date=date.fromisoformat(day) if (day := str(answer.get("TxnDate", ""))) else None,
    )


def _header(entry: Entry, books: Books) -> Payload:
    custom = [(name.partition(".")[2], text) for name, text in entry.fields if name.startswith("CustomField.")]
    named = {name: text for name, text in entry.fields if not name.startswith("CustomField.") and name != "PrivateNote"}
    return _set(
        DocNumber=entry.number,
        TxnDate=entry.txn_date.isoformat(),
        CustomerRef={"value": f"@customer:{entry.party.key}"},
        PrivateNote=entry.memo,
        CurrencyRef={"value": entry.currency} if books.multicurrency else None,
        ExchangeRate=entry.exchange_rate,
        BillAddr=entry.billing and _address(entry.billing),
        ShipAddr=entry.shipping and _address(entry.shipping),
        BillEmail={"Address": email} if (email := email_address(entry.email)) else None,
        ClassRef=_ref("class", entry.class_name),
        DepartmentRef=_ref("department", entry.department),
        CustomerMemo={"value": named["CustomerMemo"]} if named.get("CustomerMemo") else None,
        ShipMethodRef={"value": named["ShipMethod"]} if named.get("ShipMethod") else None,
        CustomField=[
            {"DefinitionId": f"@custom_field:{name}", "Name": name, "Type": "StringType", "StringValue": text}
            for name, text in custom
        ],
    )


def _money(entry: Entry) -> Payload:
    return _set(
        DepositToAccountRef=_ref("account", entry.deposit_account),
        PaymentMethodRef=_ref("payment_method", entry.payment_method),
        PaymentRefNum=entry.reference,
    )


def _payment(entry: Entry) -> Payload:
    """A payment of one document; with two (an invoice and the credit memo applied to it) its total is zero."""
    paid, _, memo = entry.applies_to.partition(" ")
    amount = -sum((line.amount for line in entry.lines if line.role == "receivable" and line.amount < 0), Decimal(0))
    lines = [_linked(paid, "Invoice", amount)] + ([_linked(memo, "CreditMemo", amount)] if memo else [])
    return _money(entry) | {"TotalAmt": _cents(entry.total), "Line": lines}


def _linked(key: str, kind: str, amount: Decimal) -> Payload:
    return {"Amount": _cents(amount), "LinkedTxn": [{"TxnId": f"@txn:{key}", "TxnType": kind}]}


def _whole(line: EntryLine) -> bool:
    """Whether the line is QuickBooks' own discount on the whole document."""
    return line.role == "discount" and not line.item


def _line(line: EntryLine, entry: Entry) -> Payload:
    if _whole(line):
        return {
            "Amount": _cents(abs(line.amount)),
            "Description": line.description,
            "DetailType": "DiscountLineDetail",
            "DiscountLineDetail": {"PercentBased": False, "DiscountAccountRef": _ref("account", line.account)},
        }
    amount = _cents(line.amount if entry.kind in _BACK else -line.amount)
    detail = _set(
        ItemRef={"value": f"@item:{line.item}" if line.item else f"@sku:{online_sku(line.sku)}"},
        TaxCodeRef=_tax_code(line),
        **_quantity(line, amount),
    )
    return _set(
        Amount=amount,
        Description=line.description,
        DetailType="SalesItemLineDetail",
        SalesItemLineDetail=detail,
    )


def _quantity(line: EntryLine, amount: Decimal) -> Payload:
    """Qty and UnitPrice, when they multiply to the amount exactly as QuickBooks multiplies (6070).

    Magento rounds prices of tax-inclusive stores, so the price may be the exact quotient instead; where there is
    none, Qty stands alone and the amount decides.
    """
    if not line.quantity:
        return {}
    price = line.price
    if price is None or (price * line.quantity).quantize(CENT, ROUND_HALF_UP) != amount:
        price = (amount / line.quantity).quantize(PRICE, ROUND_HALF_UP)
        if price * line.quantity != amount:
            return {"Qty": _plain(line.quantity)}
    return {"Qty": _plain(line.quantity), "UnitPrice": _plain(price)}


def _tax_code(line: EntryLine) -> Payload | None:
    if line.tax_code in ("TAX", "NON"):
        return {"value": line.tax_code}
    return _ref("tax_code", line.tax_code)


def _tax(entry: Entry, rules: Rules) -> Payload:
    if rules.books.sales_tax == "automated":
        # Shipping is a line of its own here; without the flag QuickBooks would add its own tax on shipping on top.
        return {"TxnTaxDetail": {"TotalTax": _cents(entry.tax)}, "ShippingTaxIncludedInTotalTax": True}
    lines = [_tax_line(line, entry) for line in entry.lines if line.role == "tax" and line.tax_rate]
    return {"GlobalTaxCalculation": "TaxExcluded", "TxnTaxDetail": _set(TotalTax=_cents(entry.tax), TaxLine=lines)}


def _tax_line(line: EntryLine, entry: Entry) -> Payload:
    amount = line.amount if entry.kind in _BACK else -line.amount
    detail = {
        "TaxRateRef": {"value": f"@tax_rate:{line.tax_rate}"},
        "NetAmountTaxable": _cents(line.taxable or Decimal(0)),
    }
    return {"Amount": _cents(amount), "DetailType": "TaxLineDetail", "TaxLineDetail": detail}


def _address(address: Address) -> Payload:
    name = f"{address.first_name} {address.last_name}"
    lines = [text for text in (name, address.company, *address.street) if texts.clean(text)]
    if len(lines) > ADDRESS_LINES:
        lines = [*lines[: ADDRESS_LINES - 1], ", ".join(lines[ADDRESS_LINES - 1 :])]
    return _set(
        **{f"Line{number}": text for number, text in enumerate(lines, start=1)},
        City=address.city,
        CountrySubDivisionCode=address.region_code if texts.clean(address.region_code) else address.region,
        PostalCode=address.postcode,
        Country=address.country,
    )


def _ref(kind: str, name: str) -> Payload | None:
    return {"value": f"@{kind}:{name}"} if name else None


def _set(**values: Any) -> Payload:
    """A payload of what is set; an amount of zero is."""
    return {name: value for name, value in values.items() if value or isinstance(value, Decimal)}


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def _plain(number: Decimal) -> Decimal:
    """Without trailing zeros and exponent."""
    return Decimal(format(number.normalize(), "f"))
