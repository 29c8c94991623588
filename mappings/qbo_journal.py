"""An entry as QuickBooks Online's JournalEntry: an account and a side for each line, debits first.

Property names as in Intuit's Finance.xsd (JournalEntry, JournalEntryLineDetail). A line on Accounts Receivable names
its customer (Intuit, error 6000); amounts are never below zero, the posting type tells the side.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from mappings.context import Books
from mappings.entry import Entry, EntryLine, posted
from mappings.model import ZERO


def journal(entry: Entry, books: Books) -> dict[str, Any]:
    """The JournalEntry of an entry: references as symbols, amounts with two decimals."""
    payload: dict[str, Any] = {"TxnDate": entry.txn_date.isoformat(), "PrivateNote": entry.memo}
    if entry.adjusting:
        payload["Adjustment"] = True
    if entry.number:
        payload["DocNumber"] = entry.number
    if books.multicurrency:
        payload["CurrencyRef"] = {"value": entry.currency}
    if entry.exchange_rate is not None:
        payload["ExchangeRate"] = entry.exchange_rate
    return payload | {"Line": [_line(line, entry) for line in posted(entry.lines)]}


def journal_total(answer: Mapping[str, Any]) -> Decimal | None:
    """The debits of a JournalEntry as QuickBooks answers it, which states no total; None for another document."""
    lines = [line for line in answer.get("Line") or () if "JournalEntryLineDetail" in line]
    debits = (line for line in lines if line["JournalEntryLineDetail"].get("PostingType") == "Debit")
    return sum((Decimal(str(line["Amount"])) for line in debits), ZERO) if lines else None


def _line(line: EntryLine, entry: Entry) -> dict[str, Any]:
    detail: dict[str, Any] = {
        "PostingType": "Debit" if line.amount > 0 else "Credit",
        "AccountRef": {"value": f"@account:{line.account}"},
    }
    if line.role == "receivable":
        detail["Entity"] = {"Type": "Customer", "EntityRef": {"value": f"@customer:{entry.party.key}"}}
    if entry.class_name:
        detail["ClassRef"] = {"value": f"@class:{entry.class_name}"}
    if entry.department:
        detail["DepartmentRef"] = {"value": f"@department:{entry.department}"}
    return {
        "Amount": abs(line.amount),
        "Description": line.description,
        "DetailType": "JournalEntryLineDetail",
        "JournalEntryLineDetail": detail,
    }
