"""The payment of an order's invoice by a Magento invoice that is really paid."""

from collections.abc import Sequence
from decimal import Decimal

from mappings.booking_head import make_head, stored_reference
from mappings.booking_kind import SaleKind, as_placed, choose
from mappings.booking_sale import TOTAL, no_payment_rule
from mappings.booking_tax import cents
from mappings.catalogue import problem
from mappings.checks import check_entry
from mappings.context import Context
from mappings.decide import decide, kept_facts
from mappings.entry import Because, Entry, EntryLine
from mappings.facts import Facts, order_facts
from mappings.model import CENT, ZERO, Invoice, Order, Problem, Waiting
from mappings.rules import Rules
from mappings.said import said
from mappings.waiting_reasons import NO_INVOICE, NOT_CAPTURED, ON_ACCOUNT, PAID_BY_RECEIPT


def make_payment(
    key: str,
    invoice: Invoice,
    order: Order,
    facts: Facts,
    entries: Sequence[Entry],
    context: Context,
    rules: Rules,
) -> tuple[Entry, ...] | Problem | Waiting:
    """The payment with this key; Waiting while the order is no invoice or its money is not there.

    `facts` are those of the invoice, `entries` those of its order so far. Its customer is decided as the order's was,
    or QuickBooks would refuse it.
    """
    placed = order_facts(order, context, rules.books.on_account, timezone=rules.books.timezone)
    chosen = choose(order.key, order, placed, context, rules)
    if isinstance(chosen, Waiting):
        return Waiting(key, f"{NO_INVOICE} {chosen.reason}")
    if not invoice.captured and key in context.dated:
        return _no_longer_paid(key, invoice)
    waiting = _nothing_to_pay(chosen[0], invoice, facts)
    if waiting:
        return Waiting(key, waiting)
    amount = _left_to_pay(cents(invoice.totals.grand_total), order.key, entries)
    row = decide(facts, rules.payment).row
    if row is None:
        return no_payment_rule(key, order, amount)
    head = make_head(key, str(facts["invoice.date"]), order, as_placed(placed), context, rules)
    if isinstance(head, Problem):
        return head
    because, clearing = Because("payment", row.id), rules.account(row.clearing)
    transaction = invoice.transaction_id or invoice.number
    memo, reference = stored_reference(f"{head.memo}, Magento invoice {invoice.number}", transaction, rules)
    entry = Entry(
        key=key,
        kind="payment",
        source_id=invoice.entity_id,
        number="",
        txn_date=head.txn_date,
        currency=order.currency,
        party=head.party,
        total=amount,
        tax=ZERO,
        lines=(
            EntryLine("money", clearing, amount, because, TOTAL),
            EntryLine("receivable", rules.account("receivable"), -amount, because, TOTAL),
        ),
        memo=memo,
        deposit_account=clearing,
        payment_method=row.method,
        reference=reference,
        applies_to=order.key,
        decisions=(because, *head.decisions),
        facts=kept_facts(facts, rules),
        day=head.day,
        said=said(invoice),
    )
    return check_entry(entry, rules) or (entry,)


def _left_to_pay(amount: Decimal, sale: str, entries: Sequence[Entry]) -> Decimal:
    """The payment without the cents that rounding each part by itself made too much (fractional quantities): it would
    be more than is open, which QuickBooks refuses."""
    parts = [entry.total for entry in entries if entry.applies_to == sale]
    whole = next((entry.total for entry in entries if entry.key == sale), None)
    over = ZERO if whole is None else sum(parts, amount) - whole
    return amount - over if ZERO < over <= CENT * len(parts) else amount


def _no_longer_paid(key: str, invoice: Invoice) -> Problem:
    """A void at the processor turns a paid Magento invoice into a cancelled one (`Invoice::void`)."""
    reason = f"Magento does not show invoice {invoice.number} as paid any more, and its payment is in the books."
    fix = "Look in Magento and at the processor what became of the money; then correct the payment in QuickBooks."
    amount, currency = invoice.totals.grand_total, invoice.currency
    return problem("changed-after-posting", key, "state", reason, fix=fix, amount=amount, currency=currency, hold=False)


def _nothing_to_pay(kind: SaleKind, invoice: Invoice, facts: Facts) -> str:
    if kind == "sales_receipt":
        return PAID_BY_RECEIPT
    if facts["on_account"]:
        return ON_ACCOUNT
    if not invoice.captured:
        return NOT_CAPTURED
    return "" if invoice.totals.grand_total else "Its total is zero."
