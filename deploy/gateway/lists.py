"""QuickBooks Desktop's list objects as the references keep them: kind, key, id."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final

from mappings import matching
from mappings.keys import digest
from mappings.matching import PERSON
from mappings.qbxml import Ret
from state import references
from state.ledger import Connection
from state.references import Known, fold
from tasks.company import ACCOUNT, CURRENCY, PARTS, RATE

NAMED: Final = {
    "Account": "account",
    "PaymentMethod": "payment_method",
    "SalesTaxCode": "tax_code",
    "ItemSalesTax": "tax_rate",
    "ItemSalesTaxGroup": "tax_rate",
    "Class": "class",
    "Terms": "term",
    "Item": "item",
    "Currency": "currency",
}
"""The query's name -> the kind of reference."""
KINDS: Final = (*dict.fromkeys(NAMED.values()), "sku", "customer", PERSON, references.NAME)
ITEM_ACCOUNTS: Final = (
    "SalesOrPurchase/AccountRef/ListID",
    "SalesAndPurchase/IncomeAccountRef/ListID",
    "IncomeAccountRef/ListID",
    "AccountRef/ListID",
)
"""Where an item names its income account, by its kind."""
SOLD: Final = (
    "ItemService",
    "ItemNonInventory",
    "ItemInventory",
    "ItemInventoryAssembly",
    "ItemOtherCharge",
    "ItemGroup",
)
"""Kinds of item that a line of an order can sell; a discount or subtotal is none, whatever it is called."""


def remember(conn: Connection, entity: str, rets: Iterable[Ret], now: datetime) -> None:
    """Keep what one query answered."""
    found = list(rets)
    if entity == "Customer":
        names = [Known(ret.fields["FullName"], ret.fields["ListID"]) for ret in found]
        references.put_names(conn, names, now)
        references.put_many(conn, "customer", _customers(found, _foreign(conn)), now)
        references.put_many(conn, PERSON, _persons(found), now)
        return
    references.put_many(conn, NAMED[entity], map(_named, found), now)
    if entity == "Item":
        references.put_many(conn, "sku", map(_by_sku, (ret for ret in found if ret.entity in SOLD)), now)


def _named(ret: Ret) -> Known:
    fields = ret.fields
    name = fields.get("CurrencyCode") or fields.get("FullName") or fields["Name"]
    return Known(fold(name), fields["ListID"], name, _facts(ret), _active(ret))


def _facts(ret: Ret) -> dict[str, str]:
    """An account's type and currency; what a sales tax item charges; of what a group or a tax code is made; an item's
    account."""
    if ret.entity == "ItemSalesTax":
        return {RATE: ret.fields.get("TaxRate") or "0"}
    parts = [each["ListID"] for each in ret.each("ItemSalesTaxRef") if "ListID" in each]
    if parts:
        return {PARTS: " ".join(parts)}
    if account := next((ret.fields[path] for path in ITEM_ACCOUNTS if path in ret.fields), ""):
        return {ACCOUNT: account}
    told = {"AccountType": ret.fields.get("AccountType"), CURRENCY: ret.fields.get("CurrencyRef/ListID")}
    return {name: value for name, value in told.items() if value}


def _by_sku(ret: Ret) -> Known:
    """On Desktop an item's name, without case, is what finds its SKU (`mappings.item_names.sku_key`)."""
    name = ret.fields.get("FullName") or ret.fields["Name"]
    return Known(fold(name), ret.fields["ListID"], name, active=_active(ret))


def _foreign(conn: Connection) -> dict[str, str]:
    """The codes of the currencies that are not the company's own, by their ids."""
    home = references.entries(conn, "company")[0].extra["home_currency"]
    return {each.id: each.name for each in references.entries(conn, "currency") if each.name != home}


def _customers(found: Iterable[Ret], foreign: Mapping[str, str]) -> Iterator[Known]:
    """Customers under each key that a party may have: the e-mail's digest, and the name for collective customers. The
    keys of those in a foreign currency end in it, as a party's do."""
    for ret in found:
        email, id_, active = ret.fields.get("Email", "").strip().casefold(), ret.fields["ListID"], _active(ret)
        currency = foreign.get(ret.fields.get("CurrencyRef/ListID", ""), "")
        ending = f":{currency}" if currency else ""
        if email:
            yield Known(f"email:{digest(email)}{ending}", id_, active=active)
        name = ret.fields["FullName"]
        yield Known(f"summary:{fold(name.removesuffix(f' ({currency})'))}{ending}", id_, active=active)


def _persons(found: Iterable[Ret]) -> Iterator[Known]:
    """Customers whose e-mail QuickBooks does not know, by name and address."""
    for ret in found:
        fields = ret.fields
        lines = [fields.get(f"BillAddress/Addr{number}", "") for number in range(1, 6)]
        besides = (fields.get("CompanyName", ""), f"{fields.get('FirstName', '')} {fields.get('LastName', '')}")
        town = fields.get("BillAddress/City", ""), fields.get("BillAddress/PostalCode", "")
        key = matching.place(fields["FullName"], lines, *town, besides)
        if key and not fields.get("Email"):
            yield Known(key, fields["ListID"], active=_active(ret))


def _active(ret: Ret) -> bool:
    return ret.fields.get("IsActive", "true") != "false"
