"""What the rules name and the QuickBooks company lacks, and the requests that create it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mappings import qbo
from mappings.rules_needs import NeededAccount, NeededItem, Needs
from mappings.texts import folded

if TYPE_CHECKING:
    from tasks.clients.quickbooks import QuickBooks

LISTS = ("Account", "Item", "PaymentMethod", "Term", "Class", "Department", "TaxCode", "TaxRate")
"""In the order of creation: an item names an account."""
KIND = {
    "Account": "account",
    "Item": "item",
    "PaymentMethod": "payment_method",
    "Term": "term",
    "Class": "class",
    "Department": "department",
    "TaxCode": "tax_code",
    "TaxRate": "tax_rate",
}
WORDS = {
    "Account": "account",
    "Item": "item",
    "PaymentMethod": "payment method",
    "Term": "payment term",
    "Class": "class",
    "Department": "location",
    "TaxCode": "tax code",
    "TaxRate": "tax rate",
}


@dataclass(frozen=True, slots=True)
class Missing:
    """One name that the company lacks. `detail` says what it will be; `body` is the request with the account's name
    where its id belongs, or empty for what an API cannot create and a person has to."""

    entity: str
    name: str
    detail: str
    place: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)

    @property
    def request_id(self) -> str:
        """The same for the same name, so that a repeated setup creates nothing twice."""
        natural = f"setup:{self.entity}:{fold(self.name)}"
        return hashlib.sha256(natural.encode()).hexdigest()[:36]


Found = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""The company's lists: entity, then folded name, then the object as QuickBooks shows it."""


async def read_lists(quickbooks: QuickBooks) -> Found:
    """All list objects that rules can name, inactive ones included."""
    from tasks.clients.quickbooks_query import ACTIVE_OR_NOT

    found: dict[str, dict[str, Mapping[str, Any]]] = {}
    for entity in LISTS:
        rows: dict[str, Mapping[str, Any]] = {}
        async for page in quickbooks.query_all(entity, "" if entity.startswith("Tax") else ACTIVE_OR_NOT):
            rows.update({fold(name): one for one in page for name in _names(one)})
        found[entity] = rows
    return found


def fold(name: str) -> str:
    """Names in QuickBooks are compared without case, outer and double blanks."""
    return folded(name)


def lacking(needs: Needs, found: Found) -> list[Missing]:
    """What the rules name and the company lacks, in the order of creation."""
    return [missing for missing in _wanted(needs) if fold(missing.name) not in found[missing.entity]]


def inactive(needs: Needs, found: Found) -> list[Missing]:
    """What the rules name and the company has switched off; only a person may switch it on again."""
    hits = ((missing, found[missing.entity].get(fold(missing.name))) for missing in _wanted(needs))
    return [missing for missing, one in hits if one is not None and not one.get("Active", True)]


@dataclass(frozen=True, slots=True)
class Misplaced:
    """An item that the rules name and that stands on another account in QuickBooks than they say: what it sells would
    go there. `account` is the one it stands on."""

    item: NeededItem
    account: str

    @property
    def words(self) -> str:
        return f"{self.item.name} is on {self.account}, not on {self.item.account}"


def misplaced(needs: Needs, found: Found) -> list[Misplaced]:
    """The items that stand on another income account than the rules say."""
    names = {str(one["Id"]): str(one.get("FullyQualifiedName") or one["Name"]) for one in found["Account"].values()}
    hits = []
    for item in needs.items:
        account = found["Account"].get(fold(item.account))
        there = found["Item"].get(fold(item.name), {}).get("IncomeAccountRef", {}).get("value")
        if account is not None and there is not None and str(there) != str(account["Id"]):
            hits.append(Misplaced(item, names.get(str(there), "another account")))
    return hits


@dataclass(frozen=True, slots=True)
class OtherCurrency:
    """An account that documents in another currency than its own would go to, which QuickBooks refuses."""

    account: NeededAccount
    currency: str

    @property
    def words(self) -> str:
        return f"{self.account.name} is in {self.currency}, not in {self.account.currency} ({self.account.place})"


def in_other_currency(needs: Needs, currencies: Mapping[str, str]) -> list[OtherCurrency]:
    """The accounts that rules name for one currency and that are in another; `currencies` are those of the company's
    accounts, by folded name."""
    named = ((account, currencies.get(fold(account.name), "")) for account in needs.foreign)
    return [OtherCurrency(account, currency) for account, currency in named if currency not in ("", account.currency)]


def request(missing: Missing, ids: Mapping[tuple[str, str], str]) -> str:
    """The body that creates it. `ids` are the accounts' ids by `("account", folded name)`."""
    body = qbo.parse(qbo.request(missing.body).text)
    return json.dumps(qbo.resolve(body, {(kind, key): ids[kind, fold(key)] for kind, key in qbo.references(body)}))


def _wanted(needs: Needs) -> Iterator[Missing]:
    yield from map(_account, needs.accounts)
    yield from map(_item, needs.items)
    yield from (Missing("PaymentMethod", name, "", body={"Name": name}) for name in needs.payment_methods)
    yield from map(_term, needs.terms)
    yield from _plain("Class", needs.classes)
    yield from _plain("Department", needs.departments)
    yield from (Missing("TaxCode", name, "make it under Taxes in QuickBooks") for name in needs.tax_codes)
    yield from (Missing("TaxRate", name, "make it under Taxes in QuickBooks") for name in needs.tax_rates)


def _account(account: NeededAccount) -> Missing:
    body: dict[str, Any] = {"Name": account.name, "AccountType": account.type, "AccountSubType": account.subtype}
    if account.currency:
        body["CurrencyRef"] = {"value": account.currency}
    return Missing("Account", account.name, f"{account.type} {account.currency}".strip(), account.place, body)


def _item(item: NeededItem) -> Missing:
    body = {"Name": item.name, "Type": item.type, "IncomeAccountRef": {"value": f"@account:{item.account}"}}
    return Missing("Item", item.name, f"{item.type}, income to {item.account}", item.place, body)


def _term(name: str) -> Missing:
    """`Net 30` tells its days; a term of another name is for a person to make."""
    days = re.search(r"\d{1,3}", name)
    if days is None and "receipt" not in name.casefold():
        return Missing("Term", name, "make it under Lists > Terms in QuickBooks")
    due = int(days[0]) if days else 0
    return Missing("Term", name, f"due in {due} days", body={"Name": name, "Type": "STANDARD", "DueDays": due})


def _plain(entity: str, names: Iterable[str]) -> Iterator[Missing]:
    return (Missing(entity, name, "", body={"Name": name}) for name in names)


def _names(one: Mapping[str, Any]) -> tuple[str, ...]:
    """An object answers to its name and to its full name (`Parent:Child`)."""
    return tuple({str(one[key]) for key in ("Name", "FullyQualifiedName") if one.get(key)})
