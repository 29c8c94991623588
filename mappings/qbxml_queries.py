"""Questions to QuickBooks Desktop: lists as they change, the company, and what a request may have made.

Every query names the elements it wants back (Intuit, "IncludeRetElement"), because QuickBooks is slow to say more.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

from lxml import etree

from mappings.marks import has_mark
from mappings.qbxml_lists import OWNER
from mappings.qbxml_read import Ret, read_answer
from mappings.qbxml_tree import Element, leaf, node, parsed, tag
from mappings.upkeep import EXTENSION, changed, desktop_fields, desktop_present

_LIST: Final = ("ListID", "TimeModified", "EditSequence", "Name")
_WANTED: Final[Mapping[str, tuple[str, ...]]] = {
    "Account": (*_LIST, "FullName", "IsActive", "AccountType", "SpecialAccountType", "CurrencyRef"),
    "Class": (*_LIST, "FullName", "IsActive"),
    "Currency": (*_LIST, "IsActive", "CurrencyCode"),
    "Customer": (
        *_LIST,
        "FullName",
        "IsActive",
        "CompanyName",
        "FirstName",
        "LastName",
        "Email",
        "BillAddress",
        "CurrencyRef",
    ),
    "Item": (
        *_LIST,
        "FullName",
        "IsActive",
        "SalesOrPurchase",
        "SalesAndPurchase",
        "IncomeAccountRef",
        "AccountRef",
        "TaxRate",
        "ItemSalesTaxRef",
    ),
    "ItemSalesTax": (*_LIST, "IsActive", "TaxRate"),
    "ItemSalesTaxGroup": (*_LIST, "IsActive", "ItemSalesTaxRef"),
    "PaymentMethod": (*_LIST, "IsActive"),
    "SalesTaxCode": (*_LIST, "IsActive", "IsTaxable", "ItemSalesTaxRef"),
    "StandardTerms": (*_LIST, "IsActive"),
    "Terms": (*_LIST, "IsActive"),
}
_PRESENT: Final[Mapping[str, tuple[str, ...]]] = {
    "Customer": (*_WANTED["Customer"], "ShipAddress", "Phone", "Notes"),
    "Item": (*_WANTED["Item"], "SalesDesc"),
}
_DOCUMENT: Final = ("TxnID", "TimeModified", "EditSequence", "CustomerRef", "TxnDate", "RefNumber")
_AMOUNTS: Final = ("Subtotal", "SalesTaxTotal", "TotalAmount", "Memo", "AppliedToTxnRet", "LinkedTxn")
_DEPOSIT: Final = ("TxnID", "TimeModified", "EditSequence", "TxnDate", "DepositTotal", "Memo")
_JOURNAL: Final = (
    *("TxnID", "TimeModified", "EditSequence", "TxnDate", "RefNumber", "Memo"),
    *("JournalDebitLine", "JournalCreditLine"),
)
_BY_MEMO: Final = ("Deposit", "JournalEntry")
"""Documents that have no customer: their memo tells them apart."""
ITERATED: Final = ("Customer", "Item", "ItemSalesTax", "ItemSalesTaxGroup")
"""Lists that the schema lets an iterator walk through."""
_ASKED: Final[Mapping[str, str]] = {"StandardTerms": "Terms"}
_PERSON: Final = ("CompanyName", "FirstName", "LastName", "Email")


def list_query(entity: str, since: datetime | None, *, iterator: str = "", iterator_id: str = "", most: int = 0) -> str:
    """All objects of a list, inactive ones too; those changed `since` a time alone, where one is given.

    `iterator` is Start, Continue or Stop, `most` how many one answer holds. Raises KeyError for another list, and
    ValueError for an iterator on one that has none, or a time without a zone.
    """
    wanted = _WANTED[entity]
    if iterator and entity not in ITERATED:
        raise ValueError(f"{entity} has no iterator")
    if since is not None and since.tzinfo is None:
        raise ValueError("a time without a zone says nothing")
    query = node(
        f"{entity}QueryRq",
        leaf("MaxReturned", str(most) if most else ""),
        leaf("ActiveStatus", "All"),
        leaf("FromModifiedDate", since.astimezone(UTC).replace(microsecond=0).isoformat() if since else ""),
        *_returned(wanted),
    )
    if iterator:
        query.set("iterator", iterator)
    if iterator_id:
        query.set("iteratorID", iterator_id)
    return _written(query)


def host_query() -> str:
    """Which QuickBooks it is, and which versions of qbXML it takes."""
    return _written(node("HostQueryRq"))


def company_query(owner_id: str) -> str:
    """The company, with the data that the owner (a GUID in braces) keeps in its file."""
    return _written(node("CompanyQueryRq", leaf("OwnerID", owner_id)))


def preferences_query() -> str:
    """The company's settings: sales tax, closing date, currencies."""
    return _written(node("PreferencesQueryRq"))


def balance_query(ids: Iterable[str]) -> str:
    """What is still owed on the invoices with these ids."""
    return _written(
        node("InvoiceQueryRq", *(leaf("TxnID", id) for id in ids), *_returned(("TxnID", "BalanceRemaining")))
    )


_OTHER_FORM: Final = {"SalesReceiptAddRq": "Invoice", "InvoiceAddRq": "SalesReceipt"}
_NUMBERED_ADDS: Final = (*_OTHER_FORM, "CreditMemoAddRq", "JournalEntryAddRq")


def find_request(sent: str) -> str:
    """The query for what a resolved request may have made or changed, so that it is not sent twice.

    Documents are asked for by RefNumber, payments by customer and day, deposits and journal entries without a number
    by day, list objects by full name, a credit that is set against an invoice by the invoice. Raises ValueError for a
    request that makes nothing.
    """
    request = parsed(sent)
    if tag(request) in ("TxnVoidRq", "TxnDelRq", "DataExtAddRq") or tag(request).endswith("ModRq"):
        return current(sent)
    if not tag(request).endswith("AddRq"):
        raise ValueError(f"{tag(request)} makes nothing")
    kind, body = _kind(request), request[0]
    if body.find("Name") is not None:
        asked = "Item" if kind.startswith("Item") else _ASKED.get(kind, kind)
        return _written(node(f"{asked}QueryRq", leaf("FullName", _full_name(body)), *_returned(_WANTED[asked])))
    if _credit(body):
        return _documents("Invoice", leaf("TxnID", _of(body, "AppliedToTxnAdd/TxnID")))
    found = [leaf("RefNumber", _of(body, "RefNumber"))]
    if found == [None] and kind in _BY_MEMO:
        found = [_day(_of(body, "TxnDate"))]
    elif kind == "ReceivePayment" or found == [None]:
        found = [
            _day(_of(body, "TxnDate")),
            node("EntityFilter", leaf("ListID", _of(body, "CustomerRef/ListID"))),
        ]
    return _documents(kind, *found)


def find_otherwise(sent: str) -> str | None:
    """The query for the same sale in the other form, an invoice in place of a receipt, under the number of a resolved
    request; None for a request that makes no sale."""
    request = parsed(sent)
    other = _OTHER_FORM.get(tag(request))
    return other and _documents(other, leaf("RefNumber", _of(request[0], "RefNumber")))


def made_before(sent: str, rets: Iterable[Ret], order: str) -> Ret | None:
    """What became of the document of a resolved request when it was posted with another amount or day, which the ledger
    has forgotten: the same number and customer, and a memo of ours that names the order with this number; without a
    number the same memo and day, and what it pays. None for nothing."""
    request, body = parsed(sent), parsed(sent)[0]
    memo = _of(body, "Memo")
    if not tag(request).endswith("AddRq") or not memo or _credit(body):
        return None
    wanted = (_kind(request), _of(body, "RefNumber"), _of(body, "CustomerRef/ListID"))
    for ret in rets:
        answer, found = read_answer(ret), ret.fields.get("Memo", "")
        if tag(request) in _NUMBERED_ADDS and answer.number:
            ours = has_mark(memo, found, order)
        else:
            ours = memo == found and answer.date == date.fromisoformat(_of(body, "TxnDate")) and _paid(body, ret)
        if ours and (ret.entity, answer.number, answer.customer) == wanted:
            return ret
    return None


def made_otherwise(sent: str, rets: Iterable[Ret], order: str) -> Ret | None:
    """What was found that may be the same document, in its own or in the other form of a sale: of the same number, and
    of the same customer or with a memo that names the order with this number."""
    request = parsed(sent)
    number, memo = _of(request[0], "RefNumber"), _of(request[0], "Memo")
    if not number or tag(request) not in _NUMBERED_ADDS:
        return None
    for ret in rets:
        answer, found = read_answer(ret), ret.fields.get("Memo", "")
        same = answer.customer == _of(request[0], "CustomerRef/ListID") or has_mark(memo, found, order)
        if answer.number == number and same:
            return ret
    return None


def current(sent: str) -> str:
    """The query for the present state, EditSequence included, of what a resolved request names by its id."""
    request = parsed(sent)
    if tag(request) in ("TxnVoidRq", "TxnDelRq"):
        return _documents(_of(request, f"{tag(request)[:-2]}Type"), leaf("TxnID", _of(request, "TxnID")))
    if tag(request).startswith(EXTENSION):
        asked = _of(request[0], "ListDataExtType")
        found, owner = leaf("ListID", _of(request[0], "ListObjRef/ListID")), leaf("OwnerID", OWNER)
        return _written(node(f"{asked}QueryRq", found, *_returned((*_LIST, f"{EXTENSION}Ret")), owner))
    if not tag(request).endswith("ModRq"):
        raise ValueError(f"{tag(request)} names nothing by its id")
    asked = "Item" if tag(request).startswith("Item") else "Customer"
    return _written(node(f"{asked}QueryRq", leaf("ListID", _of(request[0], "ListID")), *_returned(_PRESENT[asked])))


def made_by(sent: str, ret: Ret, total: Decimal) -> bool:
    """Whether `ret` is what the resolved request made: by number, customer, day and `total` for a document (a deposit
    or journal entry also by its memo), by name and kind for a list object, by what it changes for a Mod. A void has
    made what shows no amount any more."""
    request = parsed(sent)
    answer, kind = read_answer(ret), _kind(request)
    if tag(request) == "TxnVoidRq":
        return answer.id == _of(request, "TxnID") and answer.total == 0
    if tag(request).startswith(EXTENSION) or tag(request).endswith("ModRq"):
        same = not changed(desktop_fields(sent), desktop_present(ret))
        return same and answer.id == (_of(request[0], "ListObjRef/ListID") or _of(request[0], "ListID"))
    if not tag(request).endswith("AddRq"):
        return False
    body = request[0]
    if _credit(body):
        linked = {each.get("TxnID") for each in ret.each("LinkedTxn")}
        return answer.id == _of(body, "AppliedToTxnAdd/TxnID") and _credit(body) in linked
    if ret.entity != kind:
        return False
    if body.find("Name") is not None:
        return answer.name.casefold() == _full_name(body).casefold() and _same_person(body, ret)
    return (
        answer.number == _of(body, "RefNumber")
        and answer.customer == _of(body, "CustomerRef/ListID")
        and answer.date == date.fromisoformat(_of(body, "TxnDate"))
        and answer.total == total
        and _paid(body, ret)
        and (kind not in _BY_MEMO or ret.fields.get("Memo", "") == _of(body, "Memo"))
    )


def made(sent: str, rets: Iterable[Ret], total: Decimal) -> Ret | None:
    """What the resolved request made, as its own answer would have shown it, among what was found; None for nothing.

    A credit set against an invoice was found at the invoice: it has no id of its own, and no amount."""
    found = next((ret for ret in rets if made_by(sent, ret, total)), None)
    body = parsed(sent)[0]
    if found is None or not len(body) or not _credit(body):
        return found
    return Ret("ReceivePayment", {"TotalAmount": "0.00", "CustomerRef/ListID": _of(body, "CustomerRef/ListID")}, {})


def _documents(kind: str, *found: Element | None) -> str:
    applied = leaf("IncludeLineItems", "true") if kind in ("ReceivePayment", "JournalEntry") else None
    linked = leaf("IncludeLinkedTxns", "true") if kind == "Invoice" else None
    wanted = {"Deposit": _DEPOSIT, "JournalEntry": _JOURNAL}.get(kind, (*_DOCUMENT, *_AMOUNTS))
    return _written(node(f"{kind}QueryRq", *found, applied, linked, *_returned(wanted)))


def _day(day: str) -> Element:
    return node("TxnDateRangeFilter", leaf("FromTxnDate", day), leaf("ToTxnDate", day))


def _credit(body: Element) -> str:
    """The credit memo that a payment of zero sets against an invoice. QuickBooks links the two and keeps no payment."""
    return _of(body, "AppliedToTxnAdd/SetCredit/CreditTxnID") if _of(body, "TotalAmount") == "0.00" else ""


def _paid(body: Element, ret: Ret) -> bool:
    """Whether what was found pays what the request pays, as far as QuickBooks shows it."""
    paid = {each.text or "" for each in body.iterfind("AppliedToTxnAdd/TxnID")}
    shown = {each.get("TxnID", "") for each in ret.each("AppliedToTxnRet")}
    return not shown or paid <= shown


def _same_person(body: Element, ret: Ret) -> bool:
    """Two customers may want one name: what else was said of ours is on it as it was said."""
    if ret.entity != "Customer":
        return True
    return all(ret.fields.get(name, "") == _of(body, name) for name in _PERSON)


def _kind(request: Element) -> str:
    """`SalesReceipt` of `SalesReceiptAddRq`."""
    return tag(request).removesuffix("Rq").removesuffix("Add").removesuffix("Mod")


def _full_name(body: Element) -> str:
    above = _of(body, "ParentRef/FullName")
    return f"{above}:{_of(body, 'Name')}" if above else _of(body, "Name")


def _of(element: Element, path: str) -> str:
    return element.findtext(path) or ""


def _returned(names: tuple[str, ...]) -> list[Element | None]:
    return [leaf("IncludeRetElement", name) for name in names]


def _written(query: Element) -> str:
    return etree.tostring(query, encoding="unicode")
