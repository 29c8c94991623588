"""Writes customers, items, accounts and the small lists of QuickBooks Desktop (qbXML 13.0)."""

from collections.abc import Callable, Mapping
from typing import Final, Literal

from mappings.entry import Party
from mappings.keys import Symbol
from mappings.qbxml_address import address_of
from mappings.qbxml_fit import ITEM_NAME, Fit, latin, short_name
from mappings.qbxml_tree import CUSTOMER_NAME, Element, Request, finished, leaf, node, ref
from mappings.texts import clean

LIST_NAME: Final = 31
DESCRIPTION: Final = 4095
NOTES: Final = 4095
EMAIL: Final = 1023
CUSTOM_VALUE: Final = 255  # STR255TYPE, a custom field of type text
OWNER: Final = "0"
"""Whose data extensions are the custom fields that people see (Intuit, "DataExtAdd", OwnerID)."""
_METHODS: Final[Mapping[str, str]] = {"cash": "Cash", "check": "Check", "credit card": "OtherCreditCard"}


def display_name(party: Party) -> str:
    """The Name wanted for a customer: no colon, characters that QuickBooks stores, at most 41 of them."""
    name = clean(latin(party.name).replace(":", " "))
    return short_name(name or f"Customer {party.key.rpartition(':')[2]}", CUSTOMER_NAME)


def customer_add(party: Party, name: str) -> Request:
    """A new customer called `name`; what had to be shortened stands whole in the notes."""
    fit = Fit()
    wanted = party.name if name == display_name(party) else name
    named = leaf("Name", fit.name("Name", wanted, CUSTOMER_NAME) or name)
    made = node("CustomerAdd", named, *_customer(party, fit), ref("CurrencyRef", "currency", party.currency))
    return finished(node("CustomerAddRq", made), fit)


def customer_mod(key: str, party: Party) -> Request:
    """What Magento knows of a customer now, written over the customer with this key. Its Name stays: bookkeepers
    may have changed it."""
    fit = Fit()
    head = (leaf("ListID", f"@customer:{key}"), leaf("EditSequence", f"@sync:{key}"))
    return finished(node("CustomerModRq", node("CustomerMod", *head, *_customer(party, fit))), fit)


def _customer(party: Party, fit: Fit) -> list[Element | None]:
    email = party.email if len(party.email) <= EMAIL else ""  # half an address is none
    parts = [
        leaf("CompanyName", fit.text("CompanyName", party.company, CUSTOMER_NAME)),
        leaf("FirstName", fit.text("FirstName", party.first_name, 25)),
        leaf("LastName", fit.text("LastName", party.last_name, 25)),
        address_of("BillAddress", party.billing, fit),
        address_of("ShipAddress", party.shipping, fit),
        leaf("Phone", fit.text("Phone", party.telephone, 21)),
        leaf("Email", fit.text("Email", email, EMAIL)),
    ]
    return [*parts, leaf("Notes", fit.text("Notes", "\n".join(dict.fromkeys(fit.whole)), NOTES, lines=True))]


def item_add(
    kind: str,
    name: str,
    sku: str,
    description: str,
    account: str,
    *,
    asset_account: str = "",
    cost_account: str = "",
) -> Request:
    """A new item of `kind` service, noninventory, inventory, othercharge or discount under an account's name.

    An inventory item needs `asset_account` and `cost_account` too. A SKU that is not the name stands in front of the
    description. Raises KeyError for another kind.
    """
    fit = Fit()
    words = f"{sku} {description}" if sku and sku != name else description
    told = fit.text("Desc", words, DESCRIPTION, lines=True)
    entity, inside = _ITEMS[kind](told, account, asset_account, cost_account)
    return finished(node(f"{entity}AddRq", node(f"{entity}Add", *_named(name, ITEM_NAME, fit), *inside)), fit)


def _sold(tag: str) -> Callable[[str, str, str, str], tuple[str, list[Element | None]]]:
    def write(told: str, account: str, asset: str, cost: str) -> tuple[str, list[Element | None]]:
        return tag, [node("SalesOrPurchase", leaf("Desc", told), ref("AccountRef", "account", account))]

    return write


def _inventory(told: str, account: str, asset: str, cost: str) -> tuple[str, list[Element | None]]:
    accounts = (("IncomeAccountRef", account), ("COGSAccountRef", cost), ("AssetAccountRef", asset))
    return "ItemInventory", [leaf("SalesDesc", told), *(ref(tag, "account", name) for tag, name in accounts)]


def _discount(told: str, account: str, asset: str, cost: str) -> tuple[str, list[Element | None]]:
    return "ItemDiscount", [leaf("ItemDesc", told), ref("AccountRef", "account", account)]


_ITEMS: Final[Mapping[str, Callable[[str, str, str, str], tuple[str, list[Element | None]]]]] = {
    "service": _sold("ItemService"),
    "noninventory": _sold("ItemNonInventory"),
    "othercharge": _sold("ItemOtherCharge"),
    "inventory": _inventory,
    "discount": _discount,
}


def account_add(name: str, kind: str, currency: str = "") -> Request:
    """A new account; `kind` is its type in words (`Cost of Goods Sold`), `currency` a foreign one by its code."""
    fit = Fit()
    inside = (
        *_named(name, LIST_NAME, fit),
        leaf("AccountType", "".join(word[:1].upper() + word[1:] for word in kind.split())),
        ref("CurrencyRef", "currency", currency),
    )
    return finished(node("AccountAddRq", node("AccountAdd", *inside)), fit)


def payment_method_add(name: str) -> Request:
    """A new payment method."""
    return _simple("PaymentMethod", name, leaf("PaymentMethodType", _METHODS.get(name.casefold(), "Other")))


def terms_add(name: str, days: int) -> Request:
    """New terms: due so many days after the document's date."""
    return _simple("StandardTerms", name, leaf("StdDueDays", str(days)))


def class_add(name: str) -> Request:
    """A new class."""
    fit = Fit()
    return finished(node("ClassAddRq", node("ClassAdd", *_named(name, LIST_NAME, fit))), fit)


def custom_field(symbol: Symbol, kind: Literal["Customer", "Item"], name: str, value: str) -> Request:
    """A value for the custom field `name` of a customer or item that shows none there (Intuit, "DataExtAdd")."""
    fit = Fit()
    body = node(
        "DataExtAdd",
        leaf("OwnerID", OWNER),
        leaf("DataExtName", clean(name)),
        leaf("ListDataExtType", kind),
        ref("ListObjRef", *symbol),
        leaf("DataExtValue", fit.text(f"CustomField.{name}", value, CUSTOM_VALUE)),
    )
    return finished(node("DataExtAddRq", body), fit)


def _simple(tag: str, name: str, *inside: Element | None) -> Request:
    fit = Fit()
    named = leaf("Name", fit.name("Name", name, LIST_NAME))
    return finished(node(f"{tag}AddRq", node(f"{tag}Add", named, *inside)), fit)


def _named(name: str, limit: int, fit: Fit) -> tuple[Element | None, Element | None]:
    """Name and parent: levels stand before a colon, as in QuickBooks' own full names (`Income:4000 Sales`)."""
    above, _, last = name.rpartition(":")
    parent = node("ParentRef", leaf("FullName", latin(above))) if above else None
    return leaf("Name", fit.name("Name", last, limit)), parent
