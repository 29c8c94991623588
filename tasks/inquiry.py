"""Asking QuickBooks whether it has a document already: after a lost or doubtful answer, after "duplicate", and before
a row goes out that QuickBooks may have.

A document is ours only when what we sent identifies it: number, customer, and a note that names the order; without a
number the whole note, day, and what it pays. Amount and day may have changed since it was posted, and the difference is
shown. The same number with anything else is somebody else's document, and a person decides. An object that another row
created is not ours, however alike the two are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from mappings import qbo, upkeep
from mappings.marks import has_mark
from mappings.model import ZERO
from mappings.texts import folded
from state import ledger, outbox
from state.ledger import Ledger
from state.outbox import Row
from tasks.clients.errors import Refused
from tasks.clients.quickbooks import QuickBooks
from tasks.clients.quickbooks_query import ACTIVE_OR_NOT, quote
from tasks.revising import is_revision

Sent = Mapping[str, Any]
FORMS = {
    "SalesReceipt": "a sales receipt",
    "Invoice": "an invoice",
    "CreditMemo": "a credit memo",
    "RefundReceipt": "a refund receipt",
    "JournalEntry": "a journal entry",
}
"""Documents that have a number, with what people call them."""
OTHER_FORM = {
    "SalesReceipt": "Invoice",
    "Invoice": "SalesReceipt",
    "CreditMemo": "RefundReceipt",
    "RefundReceipt": "CreditMemo",
}
"""A sale or refund that is booked otherwise when the shop's order has changed."""


@dataclass(frozen=True, slots=True)
class Found:
    """What look-ups found, by bId; `unanswered` says why QuickBooks would not answer for a row."""

    objects: dict[str, dict[str, Any]]
    unanswered: dict[str, str]


@dataclass(slots=True)
class LookUp:
    """Looks up the rows of one batch, one after the other: no object is taken for two of them."""

    client: QuickBooks
    ledger: Ledger
    taken: set[tuple[str, str]] = field(default_factory=set)
    numbered: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """What was found under the number of each row that was looked up, by key."""

    async def find(self, row: Row, sent: Sent) -> dict[str, Any] | None:
        """The object in QuickBooks that this row became, or None; of several the one with the row's amount.

        Costs one metered read for each thousand candidates. Raises Refused where QuickBooks cannot answer for it.
        """
        alike: dict[str, Any] | None = None
        async for candidates in self.client.query_all(row.entity, _where(row, sent)):
            if "DocNumber" in sent:
                self.numbered.setdefault(row.key, []).extend(candidates)
            ours = [one for one in candidates if _is_ours(row, sent, one) and self._is_free(row, one)]
            exact = next((one for one in ours if _has_amount(row, one)), None)
            alike = exact or alike or next(iter(ours), None)
            if exact is not None:
                break
        if alike is not None and row.operation == "create":
            self.taken.add((row.entity, str(alike["Id"])))
        return alike

    async def found(self, rows: Sequence[tuple[str, Row]], sent: Mapping[str, Sent]) -> Found:
        """Look up each of these rows by its bId."""
        found = Found({}, {})
        for bid, row in rows:
            try:
                if (one := await self.find(row, sent[bid])) is not None:
                    found.objects[bid] = one
            except Refused as error:
                found.unanswered[bid] = str(error)
        return found

    async def otherwise(self, row: Row, sent: Sent) -> str:
        """The form ("an invoice") in which QuickBooks has what may be the same document, unknown to the ledger: the
        order has changed since it was posted, or somebody else entered it. Empty for none. Raises Refused where
        QuickBooks cannot answer for it."""
        if row.operation != "create" or "DocNumber" not in sent:
            return ""
        if self._is_alike(row, row.entity, sent, self.numbered.pop(row.key, [])):
            return FORMS[row.entity]
        if entity := OTHER_FORM.get(row.entity):
            async for candidates in self.client.query_all(entity, f"DocNumber = {quote(sent['DocNumber'])}"):
                if self._is_alike(row, entity, sent, candidates):
                    return FORMS[entity]
        return ""

    def _is_alike(self, row: Row, entity: str, sent: Sent, candidates: Sequence[Mapping[str, Any]]) -> bool:
        """Whether one of these documents of the row's number is of its customer or its order, and of no row."""
        alike = [one for one in candidates if _customer(one) == _customer(sent) or _has_mark(row, sent, one)]
        with ledger.reading(self.ledger) as conn:
            return any(not outbox.is_known(conn, entity, str(one["Id"])) for one in alike)

    def _is_free(self, row: Row, one: Mapping[str, Any]) -> bool:
        if row.operation == "create" and (row.entity, str(one["Id"])) in self.taken:
            return False
        with ledger.reading(self.ledger) as conn:
            return not outbox.held_by_another(conn, row.key, str(one["Id"]))


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
            equal = all(folded(str(sent.get(name, ""))) == folded(str(found.get(name, ""))) for name in same)
            if "DocNumber" in sent:
                known = equal or _has_mark(row, sent, found)
            else:
                named = bool(sent.get("PrivateNote"))  # a payment's names its invoice, a payout's the payout
                known = equal and _pays(sent) == _pays(found) and (named or _has_amount(row, found))
            return known and _customer(sent) == _customer(found)


def _has_mark(row: Row, sent: Sent, found: Mapping[str, Any]) -> bool:
    order = row.order_key.removeprefix("order/")
    return has_mark(str(sent.get("PrivateNote", "")), str(found.get("PrivateNote", "")), order)


def _customer(document: Mapping[str, Any]) -> str | None:
    named: str | None = document.get("CustomerRef", {}).get("value")
    return named


def _has_amount(row: Row, found: Mapping[str, Any]) -> bool:
    return (qbo.read_answer(found).total or ZERO) == row.amount


def _pays(payment: Mapping[str, Any]) -> set[str]:
    """The Ids of the documents that a payment is linked to."""
    lines = payment.get("Line") or ()
    return {str(link.get("TxnId")) for line in lines for link in line.get("LinkedTxn") or ()}


def _email(party: Mapping[str, Any]) -> str:
    return str(party.get("PrimaryEmailAddr", {}).get("Address", "")).strip().casefold()
