"""A payout as QuickBooks Online's Deposit: what came out of the clearing account, less what the processor kept.

Property names as in Intuit's Finance.xsd (Deposit, DepositLineDetail). A line below zero takes from the deposit. A
Deposit has no number of its own, so its note names the payout.
"""

from typing import Any

from mappings.context import Books
from mappings.entry import Entry, EntryLine


def deposit(entry: Entry, books: Books) -> dict[str, Any]:
    """The Deposit of a payout entry: references as symbols, amounts with two decimals."""
    payload: dict[str, Any] = {
        "TxnDate": entry.txn_date.isoformat(),
        "PrivateNote": entry.memo,
        "DepositToAccountRef": {"value": f"@account:{entry.deposit_account}"},
        "Line": [_line(line) for line in entry.lines if line.role != "money"],
    }
    if books.multicurrency:
        payload["CurrencyRef"] = {"value": entry.currency}
    if entry.exchange_rate is not None:
        payload["ExchangeRate"] = entry.exchange_rate
    return payload


def _line(line: EntryLine) -> dict[str, Any]:
    return {
        "Amount": -line.amount,
        "Description": line.description,
        "DetailType": "DepositLineDetail",
        "DepositLineDetail": {"AccountRef": {"value": f"@account:{line.account}"}},
    }
