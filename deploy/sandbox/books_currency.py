"""Currencies of a QuickBooks Online company: what Intuit refuses, and what documents come to in home currency.

A customer, a bank and a receivable account have one currency each, for good; income and expense are in home currency;
a transaction knows one foreign currency and one rate, home currency for a unit of it (Intuit, "Manage multiple
currencies"). A rate that nobody gives is 1 (intuit/quickbooks-online-mcp-server, issue 75).
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from deploy.sandbox.books_fault import Fault
from deploy.sandbox.books_store import Object, Store

GAIN_OR_LOSS = "Exchange Gain or Loss"
IN_FOREIGN = ("Bank", "Credit Card", "Accounts Receivable", "Accounts Payable")
ONE = Decimal(1)
_MIXED = "You can only use one foreign currency per transaction."
Posting = tuple[str, Decimal]


def is_on(preferences: Mapping[str, Any]) -> bool:
    """Whether the company has multicurrency."""
    return bool(preferences["CurrencyPrefs"]["MultiCurrencyEnabled"])


def currency_of(one: Mapping[str, Any], home: str) -> str:
    """The currency of an object; without one it is the company's own."""
    return str((one.get("CurrencyRef") or {}).get("value", home))


def check_list_currency(one: Object, old: Object | None, entity: str, home: str, *, on: bool) -> Object:
    """A customer or an account with its currency. Fault 2220 while multicurrency is off, 6000 for an account that
    cannot be in a foreign one, and for one that changes."""
    currency = currency_of(one, home)
    if currency != home and not on:
        raise Fault("2220", f"Invalid Currency : {currency}", "CurrencyRef")
    if entity == "Account" and currency != home and one.get("AccountType") not in IN_FOREIGN:
        words = f"Business Validation Error: An account of type {one.get('AccountType')} is in home currency"
        raise Fault("6000", words, "CurrencyRef")
    if old is not None and currency_of(old, home) != currency:
        raise Fault("6000", "Business Validation Error: The currency cannot be changed", "CurrencyRef")
    return {**one, "CurrencyRef": {"value": currency}} if on else one


def check_transaction(store: Store, one: Object, home: str, *, on: bool) -> Object:
    """A transaction with its currency and rate. Fault 2220 for a foreign currency while multicurrency is off, 6000 for
    a customer or an account in another one."""
    customer = store.get("Customer", (one.get("CustomerRef") or {}).get("value", "")) or {}
    currency = currency_of(one, currency_of(customer, home))
    if currency != home and not on:
        raise Fault("2220", f"Invalid Currency : {currency}", "CurrencyRef")
    if customer and currency_of(customer, home) != currency:
        raise Fault("6000", f"Business Validation Error: {_MIXED}", "CurrencyRef")
    for reference in _accounts(one):
        account = store.get("Account", str(reference.get("value", ""))) or {}
        if currency_of(account, home) not in (home, currency):
            raise Fault("6000", f"Business Validation Error: {_MIXED}", "CurrencyRef")
    rate = Decimal(one.get("ExchangeRate") or 1)
    if rate <= 0 or (currency == home and rate != 1):
        raise Fault("6000", "Business Validation Error: The exchange rate is not valid", "ExchangeRate")
    return {**one, "CurrencyRef": {"value": currency}, **({"ExchangeRate": rate} if on else {})}


def _accounts(value: Any) -> Iterator[Mapping[str, Any]]:
    for name, inner in value.items():
        if name.endswith("AccountRef") and isinstance(inner, Mapping):
            yield inner
        elif isinstance(inner, Mapping):
            yield from _accounts(inner)
        elif isinstance(inner, list):
            for each in inner:
                yield from _accounts(each) if isinstance(each, Mapping) else ()


def rate_of(one: Mapping[str, Any]) -> Decimal:
    """Home currency for one unit of the document's."""
    return Decimal(one.get("ExchangeRate") or 1)


def in_home(postings: Iterable[Posting], rate: Decimal) -> list[Posting]:
    """Balanced postings in home currency, to the cent: the first is what the document comes to, the largest other one
    takes what rounding leaves."""
    exact = list(postings)
    if rate == ONE:
        return exact
    made = [(account, cents(amount * rate)) for account, amount in exact]
    left = sum((amount for _, amount in made), Decimal(0))
    if left and len(made) > 1:
        at = max(range(1, len(made)), key=lambda each: abs(made[each][1]))
        made[at] = (made[at][0], made[at][1] - left)
    return made


def cents(amount: Decimal) -> Decimal:
    """Half up to two decimals."""
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
