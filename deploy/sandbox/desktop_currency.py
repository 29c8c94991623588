"""Currencies of a company file: whose they are, what QuickBooks refuses, and what postings come to in home currency.

A customer, a bank and a receivable account have one currency each; a transaction is in its customer's, at one rate:
home currency for a unit of it (Intuit, "Using the multicurrency feature with the SDK"). Without a rate it is 1 here.
"""

from collections.abc import Iterable
from decimal import Decimal

from deploy.sandbox.books_currency import GAIN_OR_LOSS, Posting, cents, in_home
from deploy.sandbox.desktop_shapes import Object
from deploy.sandbox.desktop_status import Refused
from deploy.sandbox.desktop_store import Store

IN_FOREIGN = ("Bank", "CreditCard", "AccountsReceivable", "AccountsPayable")
HOME = "US Dollar"
_MIXED = "The currency of the account must be that of the transaction, or the home currency."


def rate_of(one: Object) -> Decimal:
    """Home currency for one unit of the transaction's."""
    return Decimal(str(one.get("ExchangeRate") or 1))


def currency_of(one: Object) -> str:
    """The currency of a customer or an account, by QuickBooks' name of it."""
    return str(one.get("CurrencyRef", {}).get("FullName") or HOME)


def check_account(fields: Object) -> None:
    """Refused 3210 for an account that cannot be in a foreign currency."""
    if currency_of(fields) != HOME and fields["AccountType"] not in IN_FOREIGN:
        raise Refused(3210, f"An account of type {fields['AccountType']} is in home currency.")


def check_accounts(store: Store, customer: Object, accounts: Iterable[Object]) -> None:
    """Refused 3210 for a receivable account in another currency than the customer's, and for money in a third one."""
    wanted = currency_of(store.objects["Customer"].get(customer.get("ListID", ""), {}))
    for account in accounts:
        allowed = (wanted,) if account["AccountType"] == "AccountsReceivable" else (wanted, HOME)
        if currency_of(account) not in allowed:
            raise Refused(3210, _MIXED)


def check_one_currency(store: Store, fields: Object, accounts: Iterable[Object]) -> None:
    """Refused 3210 for a journal entry or a deposit with an account neither in its currency nor at home."""
    allowed = (currency_of(fields), HOME)
    if any(currency_of(store.objects["Account"][account["ListID"]]) not in allowed for account in accounts):
        raise Refused(3210, _MIXED)


def settled(one: Object, money: str, receivable: str, parts: Iterable[tuple[Decimal, Decimal]]) -> list[Posting]:
    """A payment (or, below zero, a refund) at its own rate that settles `parts` (amount and the rate at which it was
    owed); QuickBooks puts the difference on its account of exchange gains and losses."""
    parts = list(parts)
    came = cents(sum((amount for amount, _ in parts), Decimal(0)) * rate_of(one))
    owed = sum((cents(amount * rate) for amount, rate in parts), Decimal(0))
    return [(money, came), (receivable, -owed), (GAIN_OR_LOSS, owed - came)]


__all__ = [
    "GAIN_OR_LOSS",
    "HOME",
    "check_account",
    "check_accounts",
    "check_one_currency",
    "currency_of",
    "in_home",
    "rate_of",
    "settled",
]
