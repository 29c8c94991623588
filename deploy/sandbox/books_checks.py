"""What QuickBooks Online refuses before it looks at the business: properties, texts, amounts, references.

Strict on purpose: what Intuit would only ignore or repair is refused here too where it can only be our mistake.
Codes from Intuit's error-codes page; lengths from `Finance.xsd` and the API reference.
"""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from deploy.sandbox.books_fault import Fault
from deploy.sandbox.books_properties import PROPERTIES, nested_type
from deploy.sandbox.books_store import PEOPLE, TRANSACTIONS, Store, name_property

LENGTHS: Mapping[str, int] = {
    "DocNumber": 21,
    "DisplayName": 500,
    "GivenName": 100,
    "MiddleName": 100,
    "FamilyName": 100,
    "CompanyName": 100,
    "Title": 16,
    "Suffix": 16,
    "Sku": 100,
    "Description": 4000,
    "PrivateNote": 4000,
    "PaymentRefNum": 21,
    "PONumber": 15,
    "CustomerMemo": 1000,
    "FreeFormNumber": 30,
    "Address": 100,
    "City": 255,
    "Country": 255,
    "PostalCode": 30,
    "CountrySubDivisionCode": 255,
    "Line1": 500,
    "Line2": 500,
    "Line3": 500,
    "Line4": 500,
    "Line5": 500,
    "StringValue": 31,
}
MONEY = frozenset(("Amount", "TotalTax", "TotalAmt", "NetAmountTaxable", "TaxInclusiveAmt", "DiscountAmt"))
DATES = frozenset(("TxnDate", "DueDate", "ShipDate", "ServiceDate"))
REFERENCES: Mapping[str, str] = {
    "CustomerRef": "Customer",
    "ItemRef": "Item",
    "IncomeAccountRef": "Account",
    "ExpenseAccountRef": "Account",
    "AssetAccountRef": "Account",
    "DepositToAccountRef": "Account",
    "ARAccountRef": "Account",
    "DiscountAccountRef": "Account",
    "AccountRef": "Account",
    "ItemAccountRef": "Account",
    "PaymentMethodRef": "PaymentMethod",
    "SalesTermRef": "Term",
    "ClassRef": "Class",
    "DepartmentRef": "Department",
    "TaxCodeRef": "TaxCode",
    "TxnTaxCodeRef": "TaxCode",
    "DefaultTaxCodeRef": "TaxCode",
    "TaxRateRef": "TaxRate",
}
ACCOUNT_TYPES: Mapping[str, tuple[str, ...]] = {
    "DepositToAccountRef": ("Bank", "Other Current Asset"),
    "ARAccountRef": ("Accounts Receivable",),
}
NAMED: Mapping[str, str] = {"Accounts Receivable": "Customer", "Accounts Payable": "Vendor"}
"""Lines on these accounts belong to somebody."""
US_CODES = ("TAX", "NON")
SHIPPING_ITEM = "SHIPPING_ITEM_ID"
WITH_LINES = frozenset(("Description", "PrivateNote", "CustomerMemo"))
_REFUSED = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufeff\ufffe\uffff\ud800-\udfff]"
)
"""Control characters, line separators, marks of direction and of no width, and what is no character."""
_EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+")
_CENT = Decimal("0.01")


def check_shape(type_name: str, value: Mapping[str, Any], path: str = "") -> None:
    """Names, characters, lengths and formats of a whole object. Fault 2010, 2040, 2050, 2060, 2140, 2210."""
    known = PROPERTIES[type_name]
    for name, inner in value.items():
        where = f"{path}{name}"
        if name not in known:
            raise Fault("2010", f"Property Name: Can not find property {where} in {type_name}", where)
        if inner is None:
            continue
        nested = nested_type(name)
        if nested is not None and not isinstance(inner, (list, Mapping)):
            if type_name == "PhysicalAddress" or (type_name, name) == ("EmailAddress", "Address"):
                _check_value(name, inner, where)
                continue
            raise Fault("2010", f"Property {where} must be an object", where)
        for one in inner if isinstance(inner, list) else [inner]:
            if isinstance(one, Mapping) and nested is not None:
                check_shape(nested, one, f"{where}.")
            elif not isinstance(one, Mapping):
                _check_value("CustomerMemo" if type_name == "Memo" else name, one, where)


def _check_value(name: str, value: Any, where: str) -> None:
    if name in MONEY:
        _check_money(value, where)
    elif name in DATES:
        _check_date(value, where)
    elif isinstance(value, str):
        if _REFUSED.search(value.replace("\n", "") if name in WITH_LINES else value):
            raise Fault("2040", f"Invalid String : {where} holds a character that is not supported", where)
        if len(value) > LENGTHS.get(name, 10_000):
            raise Fault("2050", f"{where} Min:0 Max:{LENGTHS[name]} supplied:{len(value)}", where)
        if name == "Address" and not _EMAIL.fullmatch(value):
            raise Fault("2210", "Email Address does not conform to the syntax rules of RFC 822.", where)


def _check_money(value: Any, where: str) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise Fault("2140", f"{where} is not a number", where)
    if Decimal(value) != Decimal(value).quantize(_CENT):
        raise Fault("2140", f"{where} has more than two decimals", where)


def _check_date(value: Any, where: str) -> None:
    try:
        date.fromisoformat(value)
    except (TypeError, ValueError):
        raise Fault("2060", f"{where} is not a date of the form YYYY-MM-DD", where) from None


def check_references(store: Store, value: Any, *, us: bool) -> None:
    """Every reference must name an active object. Fault 2500 for none, 610 for an inactive one, 6100 for a line's
    tax code in a US company."""
    if isinstance(value, list):
        for one in value:
            check_references(store, one, us=us)
        return
    if not isinstance(value, Mapping):
        return
    for name, inner in value.items():
        if name in REFERENCES and isinstance(inner, Mapping):
            _check_reference(store, name, str(inner.get("value", "")), us)
        elif isinstance(inner, (list, Mapping)):
            check_references(store, inner, us=us)


def _check_reference(store: Store, name: str, id: str, us: bool) -> None:
    entity = REFERENCES[name]
    if us and name == "TaxCodeRef":
        if id not in US_CODES:
            raise Fault("6100", f"Line tax code must be TAX or NON, not {id}", name)
        return
    if name == "ItemRef" and id == SHIPPING_ITEM:
        return
    found = store.get(entity, id)
    if found is None:
        raise Fault("2500", f"Invalid Reference Id : {entity} element id {id} not found", name)
    if not found.get("Active", True):
        raise Fault("610", f"Object Not Found : {entity} {id} has been made inactive", name)


def check_accounts(store: Store, one: Mapping[str, Any]) -> None:
    """Fault 6000 where a transaction's money, or what is owed, would go to an account of another type."""
    for name, types in ACCOUNT_TYPES.items():
        account = store.get("Account", str((one.get(name) or {}).get("value", "")))
        if account is not None and account.get("AccountType") not in types:
            detail = f"{name} must be an account of type {' or '.join(types)}, not {account.get('AccountType')}"
            raise Fault("6000", f"Business Validation Error: {detail}", name)


def check_named(account: Mapping[str, Any], kind: str) -> None:
    """Fault 6000 for a line on accounts receivable or payable without its customer or vendor; `kind` is whom it
    names."""
    wanted = NAMED.get(str(account.get("AccountType")))
    if wanted is not None and kind != wanted:
        words = f"When you use {account['AccountType']}, you must choose a {wanted.lower()} in the Name field."
        raise Fault("6000", f"Business Validation Error: {words}", "Entity")


def check_list_object(store: Store, entity: str, one: Mapping[str, Any]) -> None:
    """A list object's name: present, clean, short, unique. Fault 2020, 2040, 2050, 6240; 2020 for an item without
    its account."""
    label = name_property(entity)
    name = str(one.get(label) or "")
    if not name:
        raise Fault("2020", f"Required parameter {label} is missing in the request", label)
    if entity != "Account" and re.search(r"[:\t\n\r]", name):
        raise Fault("2040", f"{label} must not contain colon, tab or newline", label)
    if entity not in PEOPLE and len(name) > 100:
        raise Fault("2050", f"{label} Min:0 Max:100 supplied:{len(name)}", label)
    if store.taken(entity, name, str(one.get("Id", ""))):
        raise Fault("6240", "The name supplied already exists. : Another object is already using this name.", label)
    if entity == "Item":
        kind = one.get("Type", "Service")
        if kind not in ("Service", "NonInventory", "Inventory"):
            raise Fault("2170", f"Enum value {kind} is not supported for Item.Type", "Type")
        if "IncomeAccountRef" not in one:
            raise Fault("2020", "Required parameter IncomeAccountRef is missing in the request", "IncomeAccountRef")
    if entity == "Account" and not (one.get("AccountType") or one.get("AccountSubType")):
        raise Fault("2020", "Required parameter AccountType is missing in the request", "AccountType")


def check_number(store: Store, entity: str, one: Mapping[str, Any], allow_duplicate: bool) -> None:
    """A document number is used once per transaction type (payments may repeat theirs). Fault 6140."""
    number = one.get("DocNumber")
    if not number or entity not in TRANSACTIONS or entity == "Payment" or allow_duplicate:
        return
    others = store.same_number(entity, number, str(one.get("Id", "")))
    if others:
        detail = f"DocNumber={number} is assigned to TxnType={entity} with TxnId={min(others)}"
        raise Fault("6140", f"Duplicate Document Number Error : {detail}", "DocNumber")
