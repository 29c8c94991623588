"""What mapping some orders comes to: rows for the outbox, members of summaries, problems. Pure: any process can do it.

The unit is an order with its invoices and credit memos, so an invoice never meets an order that was decided without it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from mappings import linking, revisions, summary
from mappings.catalogue import problem
from mappings.context import Context
from mappings.entry_booked import Posted
from mappings.keys import Symbol
from mappings.linking import Creation, Linked
from mappings.magento import parse, read_order
from mappings.model import Problem, Waiting
from mappings.rules import Rules
from mappings.waiting_reasons import WITH_HELD
from state.outbox import NewRow
from state.staging_families import Family
from state.summaries import Member
from tasks.outcomes import Outcome, outcomes_of
from tasks.rows import document_rows, members


class Terms(NamedTuple):
    """What is the same for all orders of a run: its id, the rules, and the folded symbols that QuickBooks has."""

    run: str
    rules: Rules
    known: frozenset[Symbol]


class Orders(NamedTuple):
    """Orders to map, all that booking asks about them, and what stands in the books for them, by document."""

    families: Sequence[Family]
    context: Context
    posted: Mapping[str, Posted]


@dataclass(slots=True)
class Mapped:
    """What mapping some orders found: rows to queue, members of daily summaries, what to create first, problems by
    document, documents that simply wait, the number of the order that each document belongs to, and how many rows had
    text that had to be changed to fit QuickBooks. `defers` is whether revenue waits for shipments of any."""

    rows: list[NewRow] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)
    creations: dict[str, Creation] = field(default_factory=dict)
    found: dict[str, list[Problem]] = field(default_factory=dict)
    waiting: list[Waiting] = field(default_factory=list)
    numbers: dict[str, str] = field(default_factory=dict)
    adjusted: int = 0
    defers: bool = False

    def add(self, other: "Mapped") -> None:
        """Take in what was found in the orders that follow."""
        self.rows += other.rows
        self.members += other.members
        self.creations |= other.creations
        self.found |= other.found
        self.waiting += other.waiting
        self.numbers |= other.numbers
        self.adjusted += other.adjusted
        self.defers |= other.defers


class Begun(NamedTuple):
    """Orders that have been mapped before their turn, and what that found."""

    orders: Orders
    mapped: Mapped


def map_orders(orders: Orders, terms: Terms) -> Mapped:
    """Map orders, each by itself."""
    mapped = Mapped()
    for family in orders.families:
        _map(family, orders, terms, mapped)
    return mapped


def map_rest(orders: Orders, begun: Begun | None, terms: Terms) -> Mapped:
    """Map orders of which the first have been mapped; all of them when the books say something else since then."""
    if begun is None or begun.orders.context != orders.context or begun.orders.posted != orders.posted:
        return map_orders(orders, terms)
    rest = orders._replace(families=orders.families[len(begun.orders.families) :])
    begun.mapped.add(map_orders(rest, terms))
    return begun.mapped


def _clash(family: Family, posted: Mapping[str, Posted]) -> Problem | None:
    """Why nothing of an order is booked whose number another order in the books has: its payments and refunds would
    belong to that one's sale."""
    stands = posted.get(family.key)
    if stands is None or stands.entry.source_id == family.order_id:
        return None
    return problem(
        "number-clash", family.key, "increment_id", f"Two Magento documents have the number of {family.key}."
    )


def _map(family: Family, orders: Orders, terms: Terms, into: Mapped) -> None:
    """Map an order with its invoices and memos; what depends on a held order waits with it."""
    rules, context = terms.rules, orders.context
    order = None if family.order is None else read_order(parse(family.order))
    clash = _clash(family, orders.posted)
    outcomes = {family.key: clash} if clash else outcomes_of(family, order, context, rules)
    entries = tuple(entry for outcome in outcomes.values() if isinstance(outcome, tuple) for entry in outcome)
    revised = revisions.revise(entries, orders.posted, context, rules)
    shown = tuple(summary.as_posted(entry, rules) for entry in revised.entries)
    there = (terms.known, context.inactive, context.approved)
    linked = linking.link(shown, rules, context.books, *there) if entries else None
    if isinstance(linked, Problem):
        outcomes = _with(linked, outcomes)
    elif linked is not None:
        into.creations.update({creation.key: creation for creation in linked.creations})
        linked = linked.alone()
        into.defers |= any(line.role == "deferred" for entry in linked.entries for line in entry.lines)
        into.rows += document_rows(linked, rules, terms.run, family.key)
        into.members += members(revised.entries, rules, family.key)
        into.adjusted += sum(bool(request.adjusted) for request in linked.requests)
    for number, _ in family.invoices:  # what was said under the key that other rules gave it is over, too
        into.found |= {f"invoice/{number}": [], f"payment/{number}": []}
    for key, outcome in outcomes.items():
        into.found[key] = [outcome] if isinstance(outcome, Problem) else []
        if family.number:
            into.numbers[key] = family.number
        if isinstance(outcome, Waiting):
            into.waiting.append(outcome)
    for seen in (*revised.problems, *(linked.problems if isinstance(linked, Linked) else ())):
        into.found.setdefault(seen.document, []).append(seen)


def _with(held: Problem, outcomes: Mapping[str, Outcome]) -> dict[str, Outcome]:
    """What becomes of a family of which one document cannot be written: the others wait with it."""
    waiting = {key: Waiting(key, WITH_HELD) if isinstance(each, tuple) else each for key, each in outcomes.items()}
    return {**waiting, held.document: held}
