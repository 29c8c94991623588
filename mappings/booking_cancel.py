"""What a cancellation in Magento does to an invoice: a void, or a credit memo applied to it.

A whole order cancelled before any money came voids its invoice, or, where that would change a closed period, is
credited in the open one; so does a Magento invoice that has its own document. A rest cancelled after a partial
Magento invoice is always credited.
"""

from dataclasses import replace
from decimal import Decimal
from typing import Final

from mappings.booking_head import make_head
from mappings.booking_kind import cancelled
from mappings.booking_lines import make_lines
from mappings.booking_rest import rest_of
from mappings.booking_sheet import Parts
from mappings.catalogue import problem
from mappings.checks import check_entry, with_suffix
from mappings.context import Context
from mappings.deferral import cancelled_rest, marked
from mappings.entry import Because, Entry, EntryLine
from mappings.facts import Facts
from mappings.model import ZERO, Invoice, Order, Problem, Waiting
from mappings.rules import Rules

CANCELED: Final = ("base_total_canceled",)
BY_SETTING: Final = Because("books", "post_on")


def with_cancellation(
    sale: Entry, order: Order, facts: Facts, context: Context, rules: Rules
) -> tuple[Entry, ...] | Problem | Waiting:
    """The order's document and what cancels it or a part of it; the document alone when nothing was cancelled."""
    whole = cancelled(order)
    if not whole and not order.canceled:
        return (sale,)
    if sale.kind != "invoice" and whole and not order.paid:
        return _nothing_of(sale, context)
    if whole and order.paid and (sale.kind == "invoice" or order.key not in context.standing):
        reason = f"The order was cancelled although {order.paid:.2f} had been paid."
        fix = "Look at the order in Magento; then record in QuickBooks by hand what became of the payment."
        return problem(
            "edited-order", order.key, "base_total_paid", reason, fix=fix, amount=order.paid, currency=order.currency
        )
    if sale.kind != "invoice":
        return _paid_then_cancelled(order, order.totals.grand_total if whole else order.canceled, context)
    if not whole:
        rest = rest_of(order)
        parts = replace(rest, lines=cancelled_rest(order, rest.lines, context, rules))
        return _credited(sale, parts, order, facts, context, rules)
    parts = Parts(marked(order, context, rules), order.totals, order.shipping_taxes)
    return _undone(sale, parts, order, facts, context, rules)


def taking_back(
    sale: Entry, invoice: Invoice, order: Order, facts: Facts, context: Context, rules: Rules
) -> tuple[Entry, ...] | Problem | Waiting:
    """The document of a Magento invoice that was cancelled after it was posted (`Invoice::cancel`, by a void), and
    what takes it back."""
    if sale.kind != "invoice":
        return _nothing_of(sale, context)
    parts = Parts(invoice.lines, invoice.totals, invoice.shipping_taxes)
    return _undone(sale, parts, order, facts, context, rules)


def _undone(
    sale: Entry, parts: Parts, order: Order, facts: Facts, context: Context, rules: Rules
) -> tuple[Entry, ...] | Problem:
    """The invoice and its void, or by rule its credit where a void would change closed books."""
    closed, key = context.books.close_date, f"{sale.key}/void"
    if closed is None or sale.txn_date > closed or key in context.standing:
        return sale, _void(sale, key)
    if rules.books.closed_period != "hold":
        return _credited(sale, parts, order, facts, context, rules)
    reason = f"The sale of {sale.txn_date} was cancelled; a void would change the books closed up to {closed}."
    return problem("closed-period", key, "created_at", reason, amount=sale.total, currency=sale.currency)


def _nothing_of(sale: Entry, context: Context) -> tuple[Entry, ...] | Waiting:
    """A receipt of what was cancelled, and whose money Magento does not have (a payment that was denied in review or
    voided): what should stand in its place is nothing."""
    if sale.key not in context.dated:
        return Waiting(sale.key, "Cancelled before it was posted.")
    return (replace(sale, total=ZERO, tax=ZERO, lines=(), said="cancelled"),)


def _paid_then_cancelled(order: Order, amount: Decimal, context: Context) -> Problem:
    """A receipt says the money came, so only a person can say what became of it."""
    return problem(
        "changed-after-posting",
        order.key,
        "base_total_canceled",
        "The order, or a part of it, was cancelled in Magento, and its document is a sales receipt.",
        fix="Void the sales receipt in QuickBooks, or enter a refund receipt for the part that was cancelled.",
        amount=amount,
        currency=order.currency,
        hold=order.key not in context.standing,
    )


def _void(sale: Entry, key: str) -> Entry:
    """The invoice taken back: its number stays, its amounts go."""
    return replace(sale, key=key, kind="void", total=ZERO, tax=ZERO, lines=taken_back(sale.lines), applies_to=sale.key)


def _credited(
    sale: Entry, parts: Parts, order: Order, facts: Facts, context: Context, rules: Rules
) -> tuple[Entry, ...] | Problem:
    """The invoice, a credit memo over `parts`, and the payment of zero that applies one to the other."""
    key = f"{sale.key}/rest"
    head = make_head(key, str(sale.day), order, facts, context, rules)
    if isinstance(head, Problem):
        return head
    sheet = make_lines(key, order.currency, parts, facts, context, rules, "unmatched-rest")
    if isinstance(sheet, Problem):
        return sheet
    owed = EntryLine("receivable", rules.account("receivable"), -sheet.total, BY_SETTING, CANCELED)
    memo = replace(
        sale,
        key=key,
        kind="credit_memo",
        number=with_suffix(sale.number, "-R", rules),
        txn_date=head.txn_date,
        day=head.day,
        total=sheet.total,
        tax=sheet.tax,
        lines=(owed, *taken_back(tuple(sheet.lines))),
        memo=f"{head.memo}, cancelled",
        terms="",
        due=None,
        applies_to=sale.key,
    )
    held = check_entry(memo, rules)
    return held if held is not None else (sale, memo, application(sale, memo))


def application(sale: Entry, memo: Entry, amount: Decimal | None = None, name: str = "applied") -> Entry:
    """A payment of zero that links the credit memo to the invoice (Intuit, "Payment"): all of it, or `amount`."""
    owed = next(line for line in memo.lines if line.role == "receivable")
    used = replace(owed, amount=memo.total if amount is None else amount)
    return Entry(
        key=f"{memo.key}/{name}",
        kind="payment",
        source_id=memo.source_id,
        number="",
        txn_date=memo.txn_date,
        currency=memo.currency,
        party=memo.party,
        total=ZERO,
        tax=ZERO,
        lines=(used, replace(used, amount=-used.amount)),
        memo=f"{memo.memo}, applied to {sale.number}",
        applies_to=f"{sale.key} {memo.key}",
        decisions=(BY_SETTING,),
        said=memo.said,
    )


def taken_back(lines: tuple[EntryLine, ...]) -> tuple[EntryLine, ...]:
    """Debits for credits, and credits for debits."""
    return tuple(replace(line, amount=-line.amount) for line in lines)
