"""Asking QuickBooks whether it has a document already: after a lost answer, or when it says "duplicate".

A document is ours only when everything we sent agrees: number, customer, day, amount and the note with the order's
number. The same number with anything else is somebody else's document, and a person decides.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from mappings import qbo, upkeep
from mappings.model import ZERO
from mappings.texts import folded
from state.outbox import Row
from tasks.clients.quickbooks import QuickBooks
from tasks.clients.quickbooks_query import ACTIVE_OR_NOT, quote
from tasks.revising import is_revision


async def find(client: QuickBooks, row: Row, sent: Mapping[str, Any]) -> dict[str, Any] | None:
    """The object in QuickBooks that this row became, or None. Costs one metered read for each thousand candidates."""
    async for candidates in client.query_all(row.entity, _where(row, sent)):
        if found := next((one for one in candidates if _is_ours(row, sent, one)), None):
            return found
    return None


def _where(row: Row, sent: Mapping[str, Any]) -> str:
    if is_revision(row):
        return f"Id = {quote(sent['Id'])} AND {ACTIVE_OR_NOT}"
    if row.kind == "customer":
        return f"DisplayName = {quote(sent['DisplayName'])} AND {ACTIVE_OR_NOT}"
    if row.kind == "item":
        return f"Name = {quote(sent['Name'])} AND {ACTIVE_OR_NOT}"
    if row.kind == "void":
        return f"Id = {quote(sent['Id'])}"
    if "DocNumber" in sent:
        return f"DocNumber = {quote(sent['DocNumber'])}"
    # Payments cannot be found by number (Intuit: Payment.DocNumber is not filterable), and payouts have
    # none: all of a day are looked through.
    return f"TxnDate = {quote(sent['TxnDate'])}"


def _is_ours(row: Row, sent: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    if is_revision(row):
        wanted = upkeep.online_fields(row.entity, sent)
        return not upkeep.changed(wanted, upkeep.online_fields(row.entity, found))
    match row.kind:
        case "customer":
            return _email(sent) == _email(found)
        case "item":
            return folded(str(sent.get("Sku", ""))) == folded(str(found.get("Sku", "")))
        case "void":
            return str(found.get("PrivateNote", "")).startswith("Voided") or Decimal(str(found["TotalAmt"])) == 0
        case _:
            same = ("TxnDate", "PrivateNote", "PaymentRefNum")
            return (
                all(folded(str(sent.get(name, ""))) == folded(str(found.get(name, ""))) for name in same)
                and sent.get("CustomerRef", {}).get("value") == found.get("CustomerRef", {}).get("value")
                and (qbo.read_answer(found).total or ZERO) == row.amount
            )


def _email(party: Mapping[str, Any]) -> str:
    return str(party.get("PrimaryEmailAddr", {}).get("Address", "")).strip().casefold()
