"""The refund of a sale that the rules skip.

What is skipped is booked elsewhere, and so is its refund, unless the sale's own day alone decided: what was sold before
the books began may be given back after that. Such a refund is never lost: it is held until a person lets it be booked
without its sale.
"""

from dataclasses import replace

from mappings.booking_kind import SaleKind
from mappings.booking_sale import make_sale
from mappings.catalogue import problem
from mappings.context import Context
from mappings.decide import decide
from mappings.entry import Entry
from mappings.facts import order_facts
from mappings.model import CreditMemo, Order, Problem, Waiting
from mappings.rules import Rules

NO_SALE = "What it gives back is not in the books."


def skipped_sale(memo: CreditMemo, order: Order, context: Context, rules: Rules) -> Entry | Problem | Waiting:
    """The sale as it would have been booked, for a memo that a person released; else why the memo is not booked."""
    facts = order_facts(order, context, rules.books.on_account, timezone=rules.books.timezone, memo=memo)
    row = decide(facts, rules.document).row
    if row is None or row.make != "skip":
        return Waiting(memo.key, NO_SALE)
    as_late = decide({**facts, "order.date": facts["refund.date"]}, rules.document).row
    if as_late is not None and as_late.make == "skip":
        return Waiting(memo.key, f'Its order is skipped by the document rule "{row.id}", and so is its refund.')
    if memo.key not in context.approved and memo.key not in context.standing:
        return _held(memo, order, row.id)
    kind: SaleKind = "invoice" if facts["on_account"] else "sales_receipt"
    known = replace(
        context,
        books=replace(context.books, close_date=None),
        approved=context.approved | {order.key},
        summarised=frozenset(),
    )
    sale = make_sale(order.key, kind, None, order, None, facts, known, rules)
    return replace(sale, document=memo.key) if isinstance(sale, Problem) else sale


def _held(memo: CreditMemo, order: Order, row: str) -> Problem:
    reason = (
        f'Credit memo {memo.number} gives back a part of order {order.number}, which the document rule "{row}" skips '
        "for its day; the rule does not skip the day of the memo."
    )
    fix = (
        "Check that the sale is in QuickBooks, and that this refund is not; then book the refund: "
        f"magebooks release {memo.key}, and sync again."
    )
    amount, currency = memo.totals.grand_total, memo.currency
    return problem("review", memo.key, f"document {row}", reason, fix=fix, amount=amount, currency=currency)
