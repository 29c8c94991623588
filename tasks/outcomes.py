"""What becomes of an order and of all that belongs to it: booked by the rules, held, or waiting. Pure."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from mappings import magento
from mappings.booking import book_invoice, book_order, holds_its_money
from mappings.booking_currency import as_they_stand
from mappings.booking_memo import book_credit_memo
from mappings.booking_shipment import book_shipment
from mappings.context import Context
from mappings.deferral import Moves, moves
from mappings.entry import Entry
from mappings.model import CreditMemo, Order, Problem, Waiting
from mappings.rules import PostOn, Rules
from mappings.shipment import Shipment
from mappings.waiting_reasons import PAID_BY_RECEIPT, WITH_HELD
from state.staging_families import Family

Outcome = tuple[Entry, ...] | Problem | Waiting
ReadT = TypeVar("ReadT", CreditMemo, Shipment)


def outcomes_of(family: Family, order: Order | Problem | None, context: Context, rules: Rules) -> dict[str, Outcome]:
    """What becomes of the order, of each of its invoices, credit memos and shipments, by key."""
    rules = rules.posting_on(_posted_on(family, context) or rules.books.post_on)
    outcomes = _sales(family, order, context, rules)
    held = any(isinstance(outcome, Problem) and outcome.hold for outcome in outcomes.values())
    entries = [entry for outcome in outcomes.values() if isinstance(outcome, tuple) for entry in outcome]
    whole = order if isinstance(order, Order) else None
    memos = [magento.read_credit_memo(magento.parse(raw), whole) for _, raw in family.creditmemos]
    shipments = _shipments(family, whole)
    taken: Moves = {}
    if whole is not None:
        taken = moves(whole, _readable(shipments), _readable(memos), context, rules)
    for each in (*memos, *shipments):
        key = _key(each)
        outcome: Outcome = Waiting(key, WITH_HELD)
        if isinstance(each, Problem) and not held:
            outcome = each
        elif isinstance(each, CreditMemo) and not held:
            outcome = book_credit_memo(each, whole, entries, context, rules, taken.get(key))
        elif isinstance(each, Shipment) and whole is not None and not held:
            outcome = book_shipment(each, whole, entries, taken.get(key, {}), context, rules)
        outcomes[key] = outcome
        entries += outcome if isinstance(outcome, tuple) else ()
    return outcomes if whole is None else _as_they_stand(outcomes, entries, whole, context, rules)


def _as_they_stand(
    outcomes: dict[str, Outcome], entries: Sequence[Entry], order: Order, context: Context, rules: Rules
) -> dict[str, Outcome]:
    made = {entry.key: entry for entry in as_they_stand(entries, order, context, rules)}
    return {
        key: tuple(made[entry.key] for entry in outcome) if isinstance(outcome, tuple) else outcome
        for key, outcome in outcomes.items()
    }


def _readable(documents: Iterable[ReadT | Problem]) -> list[ReadT]:
    return [each for each in documents if not isinstance(each, Problem)]


def _shipments(family: Family, order: Order | None) -> list[Shipment | Problem]:
    """The shipments of an order; they have landed where revenue is earned by them, or was."""
    if order is None or not family.order or not family.shipments:
        return []
    ordered = magento.parse(family.order)
    return [magento.read_shipment(magento.parse(raw), order, ordered) for _, raw in family.shipments]


def _posted_on(family: Family, context: Context) -> PostOn | None:
    """What stands for an order stays: as a whole, or invoice by invoice. Other rules must not book it twice."""
    if family.key in context.standing:
        return "order"
    return "invoice" if any(f"invoice/{number}" in context.standing for number, _ in family.invoices) else None


def _sales(family: Family, order: Order | Problem | None, context: Context, rules: Rules) -> dict[str, Outcome]:
    booked: Outcome | None = book_order(order, context, rules) if isinstance(order, Order) else order
    outcomes = {} if order is None or booked is None else {_key(order): booked}
    if booked is not None and holds_its_money(booked, rules):
        for number, _ in family.invoices:
            outcomes[f"payment/{number}"] = Waiting(f"payment/{number}", PAID_BY_RECEIPT)
        return outcomes
    held = isinstance(booked, Problem) and booked.hold
    for member in family.invoices:
        entries = [entry for each in outcomes.values() if isinstance(each, tuple) for entry in each]
        key, outcome = _invoice(member.payload, order, entries, context, rules)
        outcomes[key] = Waiting(key, WITH_HELD) if held else outcome
    return outcomes


def _key(document: Order | CreditMemo | Shipment | Problem) -> str:
    return document.document if isinstance(document, Problem) else document.key


def _invoice(
    raw: str, order: Order | Problem | None, entries: Sequence[Entry], context: Context, rules: Rules
) -> tuple[str, Outcome]:
    whole = order if isinstance(order, Order) else None
    invoice = magento.read_invoice(magento.parse(raw), whole)
    if isinstance(invoice, Problem):
        return invoice.document, invoice
    outcome = book_invoice(invoice, whole, context, rules, entries)
    return (outcome[0].key if isinstance(outcome, tuple) else outcome.document), outcome
