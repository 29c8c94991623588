"""Turns Magento orders and invoices into balanced accounting entries, by the rules. Pure.

An order becomes a sales receipt when nothing is owed, else an invoice that Magento's invoices pay one by one; what
already stands in QuickBooks keeps its kind. A cancelled order voids its invoice; a cancelled rest becomes a credit
memo applied to it. With `post_on = "invoice"` every Magento invoice becomes a document of its own instead.
Amounts are in the order's base currency unless a rule says otherwise (`booking_currency`), days in the store's time
zone.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from mappings.booking_cancel import taking_back, with_cancellation
from mappings.booking_currency import Booked, as_booked, choose_terms
from mappings.booking_kind import as_placed, choose
from mappings.booking_payment import make_payment
from mappings.booking_sale import make_sale
from mappings.catalogue import problem
from mappings.checks import check_order, check_total
from mappings.context import Context
from mappings.decide import decide
from mappings.entry import Entry
from mappings.facts import Facts, order_facts
from mappings.model import Invoice, Order, Problem, Waiting
from mappings.rules import Rules
from mappings.waiting_reasons import BY_INVOICES

__all__ = ["Booked", "book_invoice", "book_order", "holds_its_money"]

NOTHING_TO_ADJUST: Final = "Its period is closed, and it has no amounts to adjust."


def book_order(order: Order, context: Context, rules: Rules) -> Booked:
    """The entries of an order: its document, and what cancels it or a part of it.

    Returns the first `Problem` found instead of any entry, or `Waiting` when there is nothing to book.
    """
    terms = choose_terms(order.key, order, order, context, rules)
    if isinstance(terms, Problem):
        return terms
    return terms.put(_order(terms.shown(order), terms.within(context), rules), (), rules)


def _order(order: Order, context: Context, rules: Rules) -> Booked:
    held = check_order(order, order.key, context)
    if held is not None:
        return held
    if rules.books.post_on == "invoice" and order.totals.grand_total:
        return Waiting(order.key, BY_INVOICES)
    facts = order_facts(order, context, rules.books.on_account, timezone=rules.books.timezone)
    chosen = choose(order.key, order, facts, context, rules)
    if isinstance(chosen, Waiting):
        return chosen
    kind, row = chosen
    if kind == "invoice":
        facts = as_placed(facts)
        row = decide(facts, rules.document).row
    sale = make_sale(order.key, kind, row, order, None, facts, context, rules)
    if isinstance(sale, Problem):
        return sale
    if not _posts(sale):
        return Waiting(order.key, NOTHING_TO_ADJUST)
    return with_cancellation(sale, order, facts, context, rules)


def holds_its_money(booked: Booked, rules: Rules) -> bool:
    """Whether an order was booked as a sales receipt, which holds its money too: its Magento invoices say nothing more
    and need not be read."""
    return rules.books.post_on == "order" and isinstance(booked, tuple) and booked[0].kind != "invoice"


def book_invoice(
    invoice: Invoice, order: Order | None, context: Context, rules: Rules, entries: Sequence[Entry] = ()
) -> Booked:
    """What a Magento invoice means: a payment of its order's invoice, or (by rule) a document of its own.

    `entries` are those of its order so far. `order` is None while the order has not been read; then the answer is a
    `Problem` that the next run settles.
    """
    per_invoice = rules.books.post_on == "invoice"
    key = invoice.key if per_invoice else f"payment/{invoice.number}"
    if order is None:
        return problem(
            "waiting-for-order",
            key,
            "order_id",
            f"Magento invoice {invoice.number} belongs to order {invoice.order_id}, which has not been read yet.",
            amount=invoice.totals.grand_total,
            currency=invoice.currency,
        )
    terms = choose_terms(key, invoice, order, context, rules)
    if isinstance(terms, Problem):
        return terms
    before = as_booked(entries)
    booked = _invoice(key, terms.shown(invoice), terms.shown(order), before, terms.within(context), rules)
    return terms.put(booked, entries, rules)


def _invoice(
    key: str, invoice: Invoice, order: Order, entries: Sequence[Entry], context: Context, rules: Rules
) -> Booked:
    held = check_order(order, key, context) or check_total(invoice.totals.grand_total, key, invoice.currency)
    if held is not None:
        return held
    facts = order_facts(order, context, rules.books.on_account, invoice, rules.books.timezone)
    if rules.books.post_on == "invoice":
        return _own_document(invoice, order, facts, context, rules)
    return make_payment(key, invoice, order, facts, entries, context, rules)


def _own_document(invoice: Invoice, order: Order, facts: Facts, context: Context, rules: Rules) -> Booked:
    """Whatever became of the rest of the order, what was invoiced was sold."""
    if not order.totals.grand_total:
        return Waiting(invoice.key, "Its order of zero is booked as one sales receipt.")
    if invoice.canceled and invoice.key not in context.standing:
        return Waiting(invoice.key, "Magento cancelled it before it was posted.")
    sold = replace(order, state="processing", child_number="")
    chosen = choose(invoice.key, sold, facts, context, rules)
    if isinstance(chosen, Waiting):
        return chosen
    kind, row = chosen
    entry = make_sale(invoice.key, kind, row, order, invoice, facts, context, rules)
    if isinstance(entry, Problem):
        return entry
    if not _posts(entry):
        return Waiting(invoice.key, NOTHING_TO_ADJUST)
    return taking_back(entry, invoice, order, facts, context, rules) if invoice.canceled else (entry,)


def _posts(sale: Entry) -> bool:
    """Whether the sale can be booked as what it is: a journal entry of nothing is none."""
    return sale.kind != "journal" or bool(sale.total)
