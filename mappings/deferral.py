"""Revenue that is earned when goods leave: what a sale defers, and which pieces of it each later document moves.

A deferred line is booked net of its discount on a liability. Its pieces leave that account in the order in which
shipments take them from the front and refunds of what has not been shipped, and cancellations, from the back; an
amount is what the pieces up to there come to, rounded, less the same before. So whatever the parts are, they add up
to the cent. Magento does not say which pieces a refund gives back: those that have not left come first.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from mappings.booking_kind import as_placed
from mappings.booking_tax import cents
from mappings.context import Context
from mappings.decide import decide
from mappings.deferred import Deferral
from mappings.facts import line_facts, order_facts
from mappings.model import ZERO, CreditMemo, Line, Order
from mappings.rules import Rules
from mappings.shipment import Shipment

NEVER_SHIPPED: Final = ("virtual", "downloadable")


@dataclass(frozen=True, slots=True)
class Taken:
    """Pieces of one order line that leave the deferred account: how many, and their share in cents before discount
    and after it."""

    line: Line
    pieces: Decimal
    gross: Decimal
    net: Decimal


Moves = Mapping[str, Mapping[int, Taken]]
"""By a document's key, what it takes of each order line."""


def deferred(order: Order, context: Context, rules: Rules) -> dict[int, Deferral]:
    """Where the revenue of an order's lines waits, by the lines' ids: of a sale that stands as the books have it, of
    another, and of lines that are new in it, by the rules. Goods that never ship are earned when they are sold, and an
    order that stands without anything deferred stays so."""
    stands = context.deferred.get(order.key)
    if stands is None and order.key in context.dated:
        return {}
    known: Mapping[str, Deferral | None] = stands.lines if stands is not None else {}
    found = {line.item_id: waits for line in order.lines if (waits := known.get(line.path)) is not None}
    fresh = [line for line in order.lines if line.path not in known and line.product_type not in NEVER_SHIPPED]
    if fresh and rules.defers:
        facts = as_placed(order_facts(order, context, rules.books.on_account, timezone=rules.books.timezone))
        for line in fresh:
            row = decide(line_facts(facts, line, context), rules.deferral).row
            if row is not None and row.revenue == "on_shipment":
                found[line.item_id] = Deferral(row.id, *rules.deferral_item(row))
    return found


def marked(order: Order, context: Context, rules: Rules) -> tuple[Line, ...]:
    """The lines of an order, those that are deferred with where they wait."""
    rows = deferred(order, context, rules)
    return tuple(replace(line, deferral=rows[line.item_id]) if line.item_id in rows else line for line in order.lines)


def moves(
    order: Order, shipments: Iterable[Shipment], memos: Iterable[CreditMemo], context: Context, rules: Rules
) -> Moves:
    """What each shipment and each credit memo takes of the deferred lines, in the order of time. A memo that gave no
    money back takes nothing."""
    rows = deferred(order, context, rules)
    if not rows:
        return {}
    events: list[Shipment | CreditMemo] = [*shipments, *(memo for memo in memos if memo.refunded)]
    events.sort(key=lambda each: (each.created_at, isinstance(each, CreditMemo), each.entity_id))
    found: dict[str, dict[int, Taken]] = {event.key: {} for event in events}
    for line in order.lines:
        if line.item_id in rows:
            for event, taken in _taken(line, events):
                found[event.key][line.item_id] = taken
    return found


def _taken(line: Line, events: Sequence[Shipment | CreditMemo]) -> Iterable[tuple[Shipment | CreditMemo, Taken]]:
    front, back = ZERO, line.quantity - line.quantity_canceled
    for event in events:
        wanted = min(_pieces(event, line), back - front)
        if wanted <= 0:
            continue
        if isinstance(event, CreditMemo):
            back -= wanted
            yield event, _share(line, back, wanted)
        else:
            yield event, _share(line, front, wanted)
            front += wanted


def _pieces(event: Shipment | CreditMemo, line: Line) -> Decimal:
    if isinstance(event, CreditMemo):
        return sum((each.quantity for each in event.lines if each.item_id == line.item_id), ZERO)
    return event.quantities.get(line.item_id, ZERO)


def _share(line: Line, start: Decimal, pieces: Decimal) -> Taken:
    gross, net = cents(line.gross), cents(line.gross - line.discount + line.compensation)

    def upto(amount: Decimal, position: Decimal) -> Decimal:
        return cents(amount * position / line.quantity)

    end = start + pieces
    return Taken(line, pieces, upto(gross, end) - upto(gross, start), upto(net, end) - upto(net, start))


def parted(lines: Iterable[Line], taken: Mapping[int, Taken], rows: Mapping[int, Deferral]) -> tuple[Line, ...]:
    """The lines of a credit memo, each in what it takes from the deferred account and what it takes back of sales."""
    return tuple(part for line in lines for part in _parted(line, taken.get(line.item_id), rows))


def _parted(line: Line, taken: Taken | None, rows: Mapping[int, Deferral]) -> tuple[Line, ...]:
    if taken is None:
        return (line,)
    part = taken.pieces / line.quantity
    unearned = replace(
        _scaled(line, part), gross=taken.net, discount=ZERO, compensation=ZERO, deferral=rows[line.item_id]
    )
    return (unearned,) if part == 1 else (unearned, _scaled(line, 1 - part))


def _scaled(line: Line, part: Decimal) -> Line:
    return replace(
        line,
        quantity=line.quantity * part,
        gross=line.gross * part,
        discount=line.discount * part,
        compensation=line.compensation * part,
        tax=line.tax * part,
        taxes=tuple(replace(tax, amount=tax.amount * part) for tax in line.taxes),
    )


def cancelled_rest(order: Order, lines: Iterable[Line], context: Context, rules: Rules) -> tuple[Line, ...]:
    """The cancelled rest of an order: its pieces are the last ones, and none of them was earned."""
    rows = deferred(order, context, rules)
    ordered = {line.item_id: line for line in order.lines}
    taken = {}
    for line in lines:
        if line.item_id in rows:
            whole = ordered[line.item_id]
            taken[line.item_id] = _share(whole, whole.quantity - line.quantity, line.quantity)
    return parted(lines, taken, rows)
