"""Asking QuickBooks whether it has a document already: after a lost answer, or when it says "duplicate".

A document is ours only when everything we sent agrees: number, customer, day, amount and the note with the order's
number. The same number with anything else is somebody else's document, and a person decides.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from state.outbox import Row
from tasks.clients.quickbooks import QuickBooks
from tasks.clients.quickbooks_query import ACTIVE_OR_NOT, quote

NAMED = ("Customer", "Vendor", "Employee")


async def find(client: QuickBooks, row: Row, sent: Mapping[str, Any]) -> dict[str, Any] | None:
    """The object in QuickBooks that this row became, or None. Costs one metered read."""
    candidates = await client.query(_statement(row, sent))
    return next((found for found in candidates if _is_ours(row, sent, found)), None)


async def name_holders(client: QuickBooks, name: str) -> list[tuple[str, dict[str, Any]]]:
    """Who has a display name: customers, vendors and employees share one name space, inactive ones included."""
    where = f"DisplayName = {quote(name)} AND {ACTIVE_OR_NOT}"
    statements = {entity: f"SELECT * FROM {entity} WHERE {where}" for entity in NAMED}  # noqa: S608  (not SQL)
    answers = await client.batch_query(list(statements.values()))
    return [(entity, found) for entity, statement in statements.items() for found in answers[statement]]


def _statement(row: Row, sent: Mapping[str, Any]) -> str:
    if row.kind == "customer":
        where = f"DisplayName = {quote(sent['DisplayName'])} AND {ACTIVE_OR_NOT}"
    elif row.kind == "item":
        where = f"Name = {quote(sent['Name'])} AND {ACTIVE_OR_NOT}"
    elif row.kind == "void":
        where = f"Id = {quote(sent['Id'])}"
    elif "DocNumber" in sent:
        where = f"DocNumber = {quote(sent['DocNumber'])}"
    else:  # payments cannot be found by number (Intuit: Payment.DocNumber is not filterable)
        where = f"TxnDate = {quote(sent['TxnDate'])}"
    return f"SELECT * FROM {row.entity} WHERE {where} MAXRESULTS 1000"  # noqa: S608  (not SQL)


def _is_ours(row: Row, sent: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    match row.kind:
        case "customer":
            return _email(sent) == _email(found)
        case "item":
            return sent.get("Sku") == found.get("Sku")
        case "void":
            return str(found.get("PrivateNote", "")).startswith("Voided") or Decimal(str(found["TotalAmt"])) == 0
        case _:
            same = ("TxnDate", "PrivateNote", "PaymentRefNum")
            return (
                all(sent.get(name, "") == found.get(name, "") for name in same)
                and sent.get("CustomerRef", {}).get("value") == found.get("CustomerRef", {}).get("value")
                and Decimal(str(found.get("TotalAmt", 0))) == row.amount
            )


def _email(party: Mapping[str, Any]) -> str:
    return str(party.get("PrimaryEmailAddr", {}).get("Address", "")).strip().casefold()
