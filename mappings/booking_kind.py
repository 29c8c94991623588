"""Which QuickBooks document an order or a Magento invoice becomes."""

from collections.abc import Mapping
from typing import Literal

from mappings.context import Context
from mappings.decide import decide
from mappings.facts import Facts, FactValue
from mappings.model import Order, Waiting
from mappings.rules import DocumentRow, Rules
from mappings.waiting_reasons import CANCELED, by_rule

SaleKind = Literal["sales_receipt", "invoice"]


def cancelled(order: Order) -> bool:
    """Cancelled as a whole, or replaced by an edited order; a cancelled rest is `order.canceled` alone."""
    return order.state == "canceled" or (bool(order.child_number) and not order.paid)


def choose(
    key: str, order: Order, facts: Facts, context: Context, rules: Rules
) -> tuple[SaleKind, DocumentRow | None] | Waiting:
    """The kind of the document with this key, and the row that says so. What stands keeps its kind.

    Without a matching row: a sales receipt when nothing is owed, else an invoice. So it is with a row for summaries,
    which sum up sales receipts: who owes has an invoice in their own name.
    """
    row = decide(facts, rules.document).row
    standing = context.standing.get(key)
    if standing == "journal":  # a receipt whose period was closed
        return "sales_receipt", row
    if standing == "sales_receipt" or standing == "invoice":
        return standing, row
    if cancelled(order) and not order.paid:
        return Waiting(key, CANCELED)
    if row is None:
        return ("sales_receipt" if facts["paid"] else "invoice"), None
    if row.make == "wait" or row.make == "skip":
        return Waiting(key, by_rule(row.id, waits=row.make == "wait"))
    if row.make == "summary":
        return ("sales_receipt" if facts["paid"] else "invoice"), row
    return row.make, row


def as_placed(facts: Mapping[str, FactValue]) -> dict[str, FactValue]:
    """The facts before any money or cancellation: an invoice is not rewritten because it was paid or cancelled."""
    state = "new" if facts["order.state"] == "canceled" else facts["order.state"]
    return {**facts, "paid": False, "captured": False, "order.canceled": False, "order.state": state}
