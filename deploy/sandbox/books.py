"""A QuickBooks Online company in memory, as strict as Intuit's and stricter: what it accepts, it would accept.

Writes are checked as a whole before anything is kept. `documents`, `trial_balance`, `total`, `duplicates` are for
tests and the demo; `company`, `preferences` and `close` change the company's settings.
"""

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal

from deploy.sandbox import books_chart as chart
from deploy.sandbox import books_query, books_report
from deploy.sandbox.books_checks import (
    check_accounts,
    check_list_object,
    check_number,
    check_references,
    check_shape,
)
from deploy.sandbox.books_currency import check_list_currency, check_transaction, is_on
from deploy.sandbox.books_deposits import settle_deposit
from deploy.sandbox.books_fault import Fault
from deploy.sandbox.books_journal import settle_journal
from deploy.sandbox.books_meter import Meter
from deploy.sandbox.books_sales import ZERO, apply_links, settle, settle_payment, voided
from deploy.sandbox.books_store import LISTS, PEOPLE, TRANSACTIONS, Object, Store, iso, stamped
from deploy.sandbox.faults import Faults

Operation = Literal["create", "update", "delete", "void"]
READ_ONLY = ("TaxCode", "TaxRate", "TaxAgency")
NO_VOID = ("Deposit", "JournalEntry")
_COUNTRIES = {"US": "USA", "United States": "USA", "DE": "DEU", "CA": "CAN", "GB": "GBR", "IE": "IRL"}


class Books:
    """One company. `template` names a company kind of `books_chart`; `empty` leaves out what the rules name."""

    def __init__(self, template: str = "us_retail", *, empty: bool = False, minute_seconds: float = 60.0) -> None:
        self.company = chart.COMPANIES[template]
        self.preferences = chart.preferences(self.company)
        self.own_tax: Decimal | None = None  # the percent that it charges itself, where apps may not override it
        self.numbers_repeat = False  # whether two documents of a type may have one number
        self.info = chart.company_info(self.company)
        self.faults = Faults()
        self.meter = Meter(minute_seconds)
        self.lock = threading.RLock()
        self.remembered: dict[str, Any] = {}
        self.hooks: list[Callable[[str, int], None]] = []
        self._store = Store()
        self._next_number = 1001
        self._seed(empty)

    @property
    def us(self) -> bool:
        return self.company.automated

    @property
    def violations(self) -> int:
        """How often a limit was exceeded and answered with 429."""
        return self.meter.violations

    @property
    def calls(self) -> int:
        return self.meter.calls

    @property
    def batches(self) -> int:
        return self.meter.batches

    @property
    def reads(self) -> int:
        """Metered reads: gets, queries (also inside batches), changes."""
        return self.meter.reads

    @property
    def writes(self) -> int:
        return self.meter.writes

    @property
    def token_calls(self) -> int:
        return self.meter.tokens

    def on_call(self, hook: Callable[[str, int], None]) -> None:
        """Calls `hook(path, number)` when a call has arrived and nothing was done yet; for tests that kill."""
        self.hooks.append(hook)

    def forget_requestids(self) -> None:
        """Intuit says nowhere how long it remembers request ids: forgets all of them now."""
        with self.lock:
            self.remembered.clear()

    def close(self, until: date | None) -> None:
        """Closes the books up to and including a day."""
        settings = self.preferences["AccountingInfoPrefs"]
        settings.pop("BookCloseDate", None)
        if until is not None:
            settings["BookCloseDate"] = until.isoformat()

    def use_several_currencies(self) -> None:
        """Turns multicurrency on, which Intuit's own settings alone can do, and nobody off again."""
        self.preferences["CurrencyPrefs"]["MultiCurrencyEnabled"] = True

    def documents(self, entity: str) -> list[Object]:
        """All objects of an entity, by Id, voided ones included."""
        with self.lock:
            return list(self._store.objects[entity].values())

    def find(self, entity: str, name: str) -> Object | None:
        """A list object by its name."""
        with self.lock:
            return self._store.find(entity, name)

    def read(self, entity: str, id: str) -> Object:
        """One object. Fault 610 when there is none."""
        found = self._store.get(entity, id) if entity in (*TRANSACTIONS, *LISTS) else None
        if found is None:
            raise Fault("610", f"Object Not Found : {entity} {id}", status=404)
        return found

    def query(self, statement: str) -> Object:
        """The value of `QueryResponse`."""
        asked = books_query.parse(statement)
        if asked.entity in ("CompanyInfo", "Preferences"):
            rows: list[Mapping[str, Any]] = [self.info if asked.entity == "CompanyInfo" else self.preferences]
            return {asked.entity: rows, "startPosition": 1, "maxResults": 1}
        page, total = books_query.run(asked, self._store.objects[asked.entity].values())
        if asked.count:
            return {"totalCount": total}
        if not page:
            return {}
        return {asked.entity: page, "startPosition": asked.start, "maxResults": len(page)}

    def changes(self, entities: list[str], since: datetime) -> list[Object]:
        """The value of `CDCResponse`, at most 1000 objects."""
        left, found = 1000, []
        for entity in entities:
            if entity not in self._store.objects:
                raise Fault("500", f"{entity} is not supported by change data capture")
            rows = list(self._store.changes(entity, since))[:left]
            left -= len(rows)
            found.append({entity: rows, "startPosition": 1, "maxResults": len(rows)} if rows else {})
        return [{"QueryResponse": found}]

    def write(self, entity: str, operation: Operation, body: Object, options: frozenset[str] = frozenset()) -> Object:
        """Carries out one write and returns the object as it now is. Raises Fault, and then nothing has changed."""
        if entity not in (*TRANSACTIONS, *LISTS) or entity in READ_ONLY:
            raise Fault("500", f"Operation {operation} on {entity} is not supported")
        check_shape(entity, body)
        if operation == "create":
            return self._keep(entity, {**body, "Id": ""}, None, options)
        old = self._store.existing(entity, body)
        if operation == "update":
            keep = old if body.get("sparse") else {name: old[name] for name in ("Id", "SyncToken")}
            return self._keep(entity, {**keep, **body}, old, options)
        if entity not in TRANSACTIONS:
            raise Fault("500", f"Operation {operation} on {entity} is not supported")
        self._check_open(old)
        if entity == "Payment":
            apply_links(self._store, old, -1)
        if operation == "delete":
            self._store.remove(entity, old["Id"])
            return {"status": "Deleted", "domain": "QBO", "Id": old["Id"]}
        if entity in NO_VOID:
            raise Fault("500", f"Operation void on {entity} is not supported")
        empty = stamped(entity, voided(old), old)
        self._store.put(entity, empty)
        return empty

    def receive(self, number: str, amount: Decimal, account: str) -> Object:
        """What a bookkeeper does: records that an invoice, or a part of it, was paid into an account."""
        [invoice] = [one for one in self.documents("Invoice") if one["DocNumber"] == number]
        into = self.find("Account", account) or {}
        paid = {"Amount": amount, "LinkedTxn": [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]}
        body: Object = {"CustomerRef": invoice["CustomerRef"], "TotalAmt": amount, "Line": [paid]}
        with self.lock:
            return self.write("Payment", "create", body | {"DepositToAccountRef": {"value": into.get("Id", "")}})

    def trial_balance(self) -> dict[str, Decimal]:
        """Account name to balance, debit positive, from every accepted document; zero balances left out."""
        with self.lock:
            return books_report.trial_balance(self._store, self.company)

    def total(self, currency: str = "") -> Decimal:
        """Sales receipts and invoices less credit memos and refunds, in a currency (the company's own by default)."""
        with self.lock:
            return books_report.total(self._store, currency or self.company.currency)

    def duplicates(self) -> list[tuple[str, str]]:
        """(entity, DocNumber) of every number that more than one document of its type carries."""
        with self.lock:
            return books_report.duplicates(self._store)

    def _keep(self, entity: str, one: Object, old: Object | None, options: frozenset[str]) -> Object:
        check_references(self._store, one, us=self.us)
        if entity in TRANSACTIONS:
            one = self._transaction(entity, one, old, options)
        else:
            one = {"Active": True, **_named(entity, one)}
            if entity in ("Customer", "Account"):
                one = check_list_currency(one, old, entity, self.company.currency, on=is_on(self.preferences))
            check_list_object(self._store, entity, one)
        one["Id"] = one["Id"] or self._store.new_id(entity)
        one.pop("sparse", None)
        one = stamped(entity, _echoed(one), old)
        self._store.put(entity, one)
        if entity == "Payment":
            apply_links(self._store, one)
        return one

    def _transaction(self, entity: str, one: Object, old: Object | None, options: frozenset[str]) -> Object:
        one = {"TxnDate": datetime.now(UTC).date().isoformat(), **one}
        self._check_open(one)
        if old is not None:
            self._check_open(old)
        one = check_transaction(self._store, one, self.company.currency, on=is_on(self.preferences))
        check_accounts(self._store, one)
        check_number(self._store, entity, one, self.numbers_repeat or "allowduplicatedocnum" in options)
        if entity == "Payment":
            return self._payment(one, old)
        if entity == "Deposit":
            return settle_deposit(self._store, one)
        if entity == "JournalEntry":
            return settle_journal(self._store, one, self.company.tax_account, self.company.currency)
        one = settle(self._store, entity, one, self.preferences, self.us, self.own_tax)
        if not one.get("DocNumber") and not self.preferences["SalesFormsPrefs"]["CustomTxnNumbers"]:
            one["DocNumber"], self._next_number = str(self._next_number), self._next_number + 1
        if entity == "SalesReceipt":
            one["Balance"] = ZERO
        if entity in ("Invoice", "CreditMemo"):
            name = "Balance" if entity == "Invoice" else "RemainingCredit"
            used = old["TotalAmt"] - old[name] if old else ZERO
            if used > one["TotalAmt"]:
                raise Fault("6000", "Business Validation Error: The amount is less than what was already applied")
            one[name] = one["TotalAmt"] - used
        return one

    def _payment(self, one: Object, old: Object | None) -> Object:
        if old is None:
            return settle_payment(self._store, one)
        apply_links(self._store, old, -1)
        try:
            return settle_payment(self._store, one)
        except Fault:
            apply_links(self._store, old)
            raise

    def _check_open(self, one: Object) -> None:
        closed = self.preferences["AccountingInfoPrefs"].get("BookCloseDate")
        if closed and one["TxnDate"] <= closed:
            detail = f"The account period has closed (closing date {closed}) and the account books cannot be updated"
            raise Fault("6210", detail, "TxnDate")

    def _seed(self, empty: bool) -> None:
        for account in chart.own_accounts(self.company) + ([] if empty else chart.shop_accounts(self.company)):
            self.write("Account", "create", account)
        for code, rate, percent in self.company.tax_codes:
            self._seed_tax(code, rate, Decimal(percent))
        for entity, body in chart.own_lists() + ([] if empty else chart.shop_lists()):
            self.write(entity, "create", body)
        if not empty:
            for name, account_name in self.company.items:
                account_id = next(one["Id"] for one in self.documents("Account") if one["Name"] == account_name)
                item = {"Name": name, "Type": "Service", "IncomeAccountRef": {"value": account_id}}
                self.write("Item", "create", item)

    def _seed_tax(self, code: str, rate: str, percent: Decimal) -> None:
        rate_id, code_id = self._store.new_id("TaxRate"), self._store.new_id("TaxCode")
        one = {"Id": rate_id, "Name": rate, "RateValue": percent, "Active": True}
        self._store.put("TaxRate", stamped("TaxRate", one, None))
        rates = {
            "TaxRateDetail": [{"TaxRateRef": {"value": rate_id, "name": rate}, "TaxTypeApplicable": "TaxOnAmount"}]
        }
        one = {"Id": code_id, "Name": code, "Active": True, "Taxable": True, "SalesTaxRateList": rates}
        self._store.put("TaxCode", stamped("TaxCode", one, None))


def _named(entity: str, one: Object) -> Object:
    if entity not in PEOPLE:
        return {**one, "FullyQualifiedName": one["Name"]} if "Name" in one else one
    parts = [str(one[name]) for name in ("Title", "GivenName", "MiddleName", "FamilyName", "Suffix") if one.get(name)]
    name = one.get("DisplayName") or " ".join(parts)
    extra = {"Balance": ZERO} if entity == "Customer" else {}
    return {**extra, **one, "DisplayName": name, "FullyQualifiedName": name} if name else one


def _echoed(one: Object) -> Object:
    """What Intuit writes differently from what it was sent: countries as three letters."""
    for name in ("BillAddr", "ShipAddr"):
        address = one.get(name)
        if isinstance(address, dict) and address.get("Country") in _COUNTRIES:
            one = {**one, name: {**address, "Country": _COUNTRIES[address["Country"]]}}
    return one


def server_time() -> str:
    """The `time` of an answer."""
    return iso(datetime.now(UTC))
