"""Adds to the lists of a company file, and changes to customers and items, with what QuickBooks Desktop refuses."""

import re
from typing import Any

from deploy.sandbox.desktop_chart import TAXABLE, UNTAXED, Settings
from deploy.sandbox.desktop_currency import check_account
from deploy.sandbox.desktop_shapes import Object
from deploy.sandbox.desktop_status import Refused, invalid_reference, missing
from deploy.sandbox.desktop_store import ITEMS, Store, reference

_LEVELLED = ("Customer", "Account", "Class", *ITEMS)
_UNPOSTABLE = ("AccountsReceivable", "AccountsPayable", "NonPosting")
_BAD_NAME = re.compile(r"[:\t\r\n]")
_OFF = "The feature is not enabled or not available in this version of QuickBooks: {feature}."


def check_features(fields: object, settings: Settings) -> None:
    """Refused 3250 for a field of a feature that this company has switched off."""
    if isinstance(fields, list):
        for one in fields:
            check_features(one, settings)
    if not isinstance(fields, dict):
        return
    for name, value in fields.items():
        if name in ("CurrencyRef", "ExchangeRate") and not settings.currencies:
            raise Refused(3250, _OFF.format(feature="multiple currencies"))
        if name in ("ClassRef", "DiscountClassRef") and not settings.class_tracking:
            raise Refused(3250, _OFF.format(feature="class tracking"))
        if name in ("ItemSalesTaxRef", "SalesTaxCodeRef", "CustomerSalesTaxCodeRef") and not settings.sales_tax:
            raise Refused(3250, _OFF.format(feature="sales tax"))
        if name in ("InventorySiteRef", "SerialNumber", "LotNumber"):
            raise Refused(3250, _OFF.format(feature="advanced inventory"))
        check_features(value, settings)


def add(store: Store, settings: Settings, entity: str, fields: Object) -> Object:
    """A new list object. Refused 3090, 3100, 3140, 3150, 3210, 3250."""
    check_features(fields, settings)
    if entity == "ItemInventory" and not settings.inventory:
        raise Refused(3250, _OFF.format(feature="inventory and purchase orders"))
    fields = {"IsActive": "true", **_named(store, entity, fields)}
    fields = store.resolve(fields, entity)
    if entity in ITEMS:
        fields = _item(store, settings, entity, fields)
    elif entity == "Customer":
        fields = {"JobStatus": "None", "PreferredDeliveryMethod": "None", **_taxed(store, settings), **fields}
    elif entity == "Account":
        _check_account(fields)
        check_account(fields)
    elif entity == "StandardTerms":
        fields = {"StdDueDays": "0", "StdDiscountDays": "0", "DiscountPct": "0", **fields}
    return store.add(entity, fields)


def change(store: Store, settings: Settings, entity: str, fields: Object) -> Object:
    """A customer or an item with other fields; an empty text clears, what is left out stays, inside an address, too.
    Refused 3120 unknown, 3200 stale, 3210 for a kind of item that has no such field, else as `add`."""
    check_features(fields, settings)
    old = store.objects[entity].get(fields["ListID"])
    if old is None:
        raise Refused(3120, f'Object "{fields["ListID"]}" specified in the request cannot be found.')
    if fields["EditSequence"] != old["EditSequence"]:
        raise Refused(3200, f'The provided edit sequence "{fields["EditSequence"]}" is out-of-date.')
    if "Name" in fields or "ParentRef" in fields:
        fields = _named(store, entity, {"Name": old["Name"], **fields}, old["ListID"])
    fields = {name.removesuffix("Mod"): value for name, value in fields.items()}
    if "SalesOrPurchase" in fields and "SalesOrPurchase" not in old:
        raise Refused(3210, "The item is bought and sold, so it has no SalesOrPurchase.")
    given = store.resolve({name: _within(value, old.get(name)) for name, value in fields.items()}, entity)
    kept = {name: value for name, value in old.items() if given.get(name) != ""}
    return store.change(entity, kept, {name: value for name, value in given.items() if value != ""})


def _within(value: Any, old: Any) -> Any:
    """A group of fields over what was there; a reference is one value."""
    if not isinstance(value, dict) or "ListID" in value or "FullName" in value:
        return value
    merged = {**(old or {}), **value}
    return {name: each for name, each in merged.items() if each != ""}


def _named(store: Store, entity: str, fields: Object, but: str = "") -> Object:
    """The fields with FullName, Sublevel and parent. Refused 3090, 3100, 3140, 3150."""
    name = fields["Name"]
    if not name.strip():
        raise missing("Name")
    if _BAD_NAME.search(name):
        words = f'There was an error when storing "{name}" in the "Name" field.'
        raise Refused(3090, f"{words}  QuickBooks error message: Incorrect : Name.")
    full = name
    extra: Object = {}
    if entity in _LEVELLED:
        extra = {"Sublevel": "0"}
        if "ParentRef" in fields:
            kinds = ITEMS if entity in ITEMS else (entity,)
            parent = store.referred(kinds, "ParentRef", fields["ParentRef"], entity)
            full = f"{parent['FullName']}:{name}"
            extra = {"ParentRef": reference(parent), "Sublevel": str(int(parent["Sublevel"]) + 1)}
        extra["FullName"] = full
    if store.taken(entity, full, but):
        raise Refused(3100, f'The name "{full}" of the list element is already in use.')
    return {**fields, **extra}


def _taxed(store: Store, settings: Settings) -> Object:
    """What a new customer's tax is, when nothing else is said."""
    code, item = store.find("SalesTaxCode", TAXABLE), store.find("ItemSalesTax", settings.default_tax_item)
    if not settings.sales_tax or code is None or item is None:
        return {}
    return {"SalesTaxCodeRef": reference(code), "ItemSalesTaxRef": reference(item)}


def _item(store: Store, settings: Settings, entity: str, fields: Object) -> Object:
    """An item with its tax code. Refused 3150 without its accounts, 3140 or 3210 for accounts of a wrong type."""
    for path in _accounts(entity, fields):
        *inner, name = path.split("/")
        found = fields[inner[0]] if inner else fields
        if name not in found:
            raise missing(path.replace("/", "."))
        _check_item_account(store, entity, name, found[name])
    if "BarCode" in fields:
        fields = {**fields, "BarCodeValue": fields["BarCode"].get("BarCodeValue", "")}
    if entity == "ItemInventory":
        zero = dict.fromkeys(("QuantityOnHand", "AverageCost", "QuantityOnOrder", "QuantityOnSalesOrder"), "0")
        fields = {**zero, **fields}
    code = store.find("SalesTaxCode", UNTAXED if entity == "ItemOtherCharge" else TAXABLE)
    return fields if code is None or not settings.sales_tax else {"SalesTaxCodeRef": reference(code), **fields}


def _accounts(entity: str, fields: Object) -> tuple[str, ...]:
    if entity == "ItemInventory":
        return "IncomeAccountRef", "COGSAccountRef", "AssetAccountRef"
    if entity == "ItemDiscount":
        return ("AccountRef",)
    if "SalesOrPurchase" in fields:
        return ("SalesOrPurchase/AccountRef",)
    return "SalesAndPurchase/IncomeAccountRef", "SalesAndPurchase/ExpenseAccountRef"


def _check_item_account(store: Store, entity: str, name: str, named: Object) -> None:
    kind = store.objects["Account"][named["ListID"]]["AccountType"]
    wanted = {"COGSAccountRef": "CostOfGoodsSold", "AssetAccountRef": "OtherCurrentAsset"}.get(name, kind)
    if kind != wanted:
        raise invalid_reference(f"Account of type {wanted}", named["FullName"], entity)
    if kind in _UNPOSTABLE:
        raise Refused(3210, f'The account "{named["FullName"]}" cannot be used for an item.')


def _check_account(fields: Object) -> None:
    if fields["AccountType"] == "NonPosting":
        raise Refused(3210, "Non-posting accounts are made by QuickBooks itself.")
    if "BankNumber" in fields and fields["AccountType"] not in ("Bank", "CreditCard"):
        raise Refused(3210, "Only bank and credit card accounts have a bank number.")
