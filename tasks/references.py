"""Names to ids: a mirror of the QuickBooks lists that documents refer to.

The first time everything is read, in pages and several lists per call; afterwards only what changed (CDC). Static
lists change rarely and CDC does not cover all of them, so they are read again when Prefect's cache expires.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from prefect import task
from prefect.cache_policies import INPUTS

from mappings import matching
from mappings.keys import BY_NAME, digest
from mappings.matching import PERSON
from state import ledger, outbox, problems, references, watermarks
from state.references import Known, fold
from tasks import connections
from tasks.breaking import guarded
from tasks.clients.quickbooks_query import ACTIVE_OR_NOT, PAGE, select
from tasks.connections import Session
from tasks.retrying import POLICY, Policy

STATIC = {
    "Account": "account",
    "TaxCode": "tax_code",
    "TaxRate": "tax_rate",
    "PaymentMethod": "payment_method",
    "Term": "term",
    "Class": "class",
    "Department": "department",
}
PEOPLE = ("Customer", "Vendor", "Employee")
MOVING = (*PEOPLE, "Item")
STATIC_FOR = timedelta(hours=6)
CACHED: Policy = {**POLICY, "cache_policy": INPUTS, "persist_result": True, "cache_expiration": STATIC_FOR}
LOOK_BACK = timedelta(days=29)  # Intuit keeps changes for 30 days
OVERLAP = timedelta(minutes=5)
Objects = dict[str, list[dict[str, Any]]]
MENDED_THERE = {
    *BY_NAME.values(),
    "inactive",
    "customer-alike",
    "closed-period",
    "currency-differs",
    "multicurrency-off",
}
"""Holds whose cause may have been put right in QuickBooks since the lists were read."""


async def mirror(ledger_id: str) -> None:
    """Bring the mirror up to date: static lists when they are old or something waits for them, moving ones always."""
    await mirror_static.with_options(refresh_cache=_waited_for())(ledger_id)
    await mirror_moving()


def _waited_for() -> bool:
    """Whether the cached lists cannot be trusted: never read into this ledger, or a document was held or refused
    for the lack of something that a person can add in QuickBooks."""
    with ledger.reading(connections.current().ledger) as conn:
        if not references.entries(conn, "company") or set(outbox.counts(conn)) - {"posted"}:
            return True
        return any(one.problem.code in MENDED_THERE for one in problems.open_problems(conn, hold=True))


@task(
    name="mirror accounts, tax codes and payment methods",
    **CACHED,
)
async def mirror_static(ledger_id: str) -> dict[str, int]:
    """Read the static lists and the company's preferences; returns how many of each.

    Cached by Prefect for six hours per ledger. Harmless to repeat: the mirror is overwritten with the same.
    """
    here = connections.current()
    begun = datetime.now(UTC)
    async with guarded("QuickBooks"):
        found, _ = await _lists(here, (*STATIC, "CompanyInfo", "Preferences"))
    company, preferences = found.pop("CompanyInfo"), found.pop("Preferences")
    with ledger.begin(here.ledger) as conn:
        for entity, objects in found.items():
            references.put_many(conn, STATIC[entity], map(_named, objects), begun)
            references.forget_unseen(conn, STATIC[entity], begun)
        references.put_many(conn, "company", [_company(company[0], preferences[0])], begun)
        references.put_many(conn, "custom_field", _custom_fields(preferences[0]), begun)
    return {entity: len(objects) for entity, objects in found.items()}


@task(name="mirror customers and items", **POLICY)
async def mirror_moving() -> dict[str, int]:
    """Bring customers, vendors, employees and items up to date; returns how many were read."""
    here = connections.current()
    begun = datetime.now(UTC)
    with ledger.reading(here.ledger) as conn:
        since = watermarks.get(conn, "references").at
    async with guarded("QuickBooks"):
        found, full, asked_at = await _moved(here, since, begun)
    with ledger.begin(here.ledger) as conn:
        for entity, objects in found.items():
            _remember(conn, entity, objects, begun)
        if full:
            for kind in ("item", "sku", "customer", PERSON, references.NAME):
                references.forget_unseen(conn, kind, begun)
        watermarks.put(conn, "references", begun, at=asked_at)
    return {entity: len(objects) for entity, objects in found.items()}


async def _moved(here: Session, since: datetime | None, now: datetime) -> tuple[Objects, bool, datetime]:
    """What changed since the last mirror, or all of it where QuickBooks cannot say; whether it is all; and QuickBooks'
    own time at which the reading began. This machine's clock may be wrong: a mark ahead of QuickBooks' time passed
    something over, so everything is read."""
    if since is not None and timedelta(0) <= now - (since - OVERLAP) <= LOOK_BACK + OVERLAP:
        changes = await here.quickbooks.cdc(MOVING, since - OVERLAP)
        asked_at = here.quickbooks.answered_at
        if not changes.cut and since - OVERLAP <= asked_at:
            return changes.objects, False, asked_at
    found, asked_at = await _lists(here, MOVING)
    return found, True, asked_at


async def _lists(here: Session, entities: Iterable[str]) -> tuple[Objects, datetime]:
    """Whole lists, many in one call: first pages together, then the further pages of the long ones; and QuickBooks'
    own time of the first answer."""
    found: dict[str, list[dict[str, Any]]] = {entity: [] for entity in entities}
    start, open_lists, asked_at = 1, list(found), here.quickbooks.answered_at
    while open_lists:
        statements = {entity: _statement(entity, start) for entity in open_lists}
        answers = await here.quickbooks.batch_query(list(statements.values()))
        if start == 1:
            asked_at = here.quickbooks.answered_at
        for entity, statement in statements.items():
            found[entity] += answers[statement]
        open_lists = [entity for entity, statement in statements.items() if len(answers[statement]) == PAGE]
        start += PAGE
    return found, asked_at


def _statement(entity: str, start: int) -> str:
    if entity in ("CompanyInfo", "Preferences"):
        return f"SELECT * FROM {entity}"  # noqa: S608  (QuickBooks' query language, constant names)
    return select(entity, "" if entity.startswith("Tax") else ACTIVE_OR_NOT, start=start)


def _named(entity: Mapping[str, Any]) -> Known:
    """A list object by its name; accounts and classes by their full name, which is what people see."""
    name = str(entity.get("FullyQualifiedName") or entity.get("Name", ""))
    extra = {key: str(entity[key]) for key in ("AccountType", "RateValue", "Type", "SubType") if key in entity}
    return Known(fold(name), str(entity["Id"]), name, extra, bool(entity.get("Active", True)))


def _company(company: Mapping[str, Any], preferences: Mapping[str, Any]) -> Known:
    """What booking asks about the company, as text facts (`tasks.mapping` reads them back)."""
    tax = preferences.get("TaxPrefs", {})
    currency = preferences.get("CurrencyPrefs", {})
    facts = {
        "country": str(company.get("Country", "US")),
        "home_currency": str(currency.get("HomeCurrency", {}).get("value", "USD")),
        "multicurrency": str(bool(currency.get("MultiCurrencyEnabled", False))),
        "automated_sales_tax": str(bool(tax.get("PartnerTaxEnabled", False))),
        "close_date": str(preferences.get("AccountingInfoPrefs", {}).get("BookCloseDate", "")),
        "custom_numbers": str(bool(preferences.get("SalesFormsPrefs", {}).get("CustomTxnNumbers", False))),
    }
    return Known("company", str(company.get("Id", "1")), str(company.get("CompanyName", "")), facts)


def _custom_fields(preferences: Mapping[str, Any]) -> Iterable[Known]:
    """Custom fields of sales forms by name: `SalesFormsPrefs.SalesCustomName1` holds the name of number 1."""
    for group in preferences.get("SalesFormsPrefs", {}).get("CustomField", ()):
        for one in group.get("CustomField", ()):
            place, name = str(one.get("Name", "")), str(one.get("StringValue", ""))
            if place.startswith("SalesFormsPrefs.SalesCustomName") and name:
                yield Known(fold(name), place.rpartition("SalesCustomName")[2], name)


def _remember(conn: ledger.Connection, entity: str, objects: Iterable[Mapping[str, Any]], now: datetime) -> None:
    living = [found for found in objects if found.get("status") != "Deleted"]
    if entity in PEOPLE:
        names = [Known(str(found["DisplayName"]), str(found["Id"]), active=True) for found in living]
        references.put_names(conn, names, now)
    if entity == "Customer":
        home = references.entries(conn, "company")[0].extra["home_currency"]
        references.put_many(conn, "customer", _customers(living, home), now)
        references.put_many(conn, PERSON, _persons(living), now)
    if entity == "Item":
        references.put_many(conn, "item", map(_named, living), now)
        skus = (found for found in living if found.get("Sku"))
        references.put_many(conn, "sku", (_by_sku(found) for found in skus), now)


def _customers(found: Iterable[Mapping[str, Any]], home: str) -> Iterable[Known]:
    """Customers under each key that a party may have: the e-mail's digest, and the name for summary customers. The
    keys of those in another currency than `home` end in it, as a party's do (`mappings.booking_currency`)."""
    for customer in found:
        email = str(customer.get("PrimaryEmailAddr", {}).get("Address", "")).strip().casefold()
        name, id_, active = str(customer["DisplayName"]), str(customer["Id"]), bool(customer.get("Active", True))
        currency = str(customer.get("CurrencyRef", {}).get("value", home))
        ending = "" if currency == home else f":{currency}"
        if email:
            yield Known(f"email:{digest(email)}{ending}", id_, active=active)
        plain = name.removesuffix(f" ({currency})") if ending else name
        yield Known(f"summary:{fold(plain)}{ending}", id_, active=active)


def _persons(found: Iterable[Mapping[str, Any]]) -> Iterable[Known]:
    """Customers whose e-mail QuickBooks does not know, by name and address."""
    for customer in found:
        address = customer.get("BillAddr", {})
        lines = [str(address.get(f"Line{number}", "")) for number in range(1, 6)]
        besides = (
            str(customer.get("CompanyName", "")),
            f"{customer.get('GivenName', '')} {customer.get('FamilyName', '')}",
        )
        town = str(address.get("City", "")), str(address.get("PostalCode", ""))
        key = matching.place(str(customer["DisplayName"]), lines, *town, besides)
        if key and not customer.get("PrimaryEmailAddr", {}).get("Address"):
            yield Known(key, str(customer["Id"]), active=bool(customer.get("Active", True)))


def _by_sku(item: Mapping[str, Any]) -> Known:
    return Known(fold(str(item["Sku"])), str(item["Id"]), str(item["Name"]), active=bool(item.get("Active", True)))
