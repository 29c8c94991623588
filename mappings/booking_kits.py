"""Bundles as an item row says: a fixed one as its articles, so that stock moves, or a dynamic one as the bundle."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from mappings.booking_tax import spread
from mappings.entry import EntryLine
from mappings.kits import Kit
from mappings.model import CENT, ZERO, Line


@dataclass(frozen=True, slots=True)
class Sold:
    """A line as it was made of a row of Magento's, with the bundle that it is summed onto, if it is."""

    line: EntryLine
    quantity: Decimal = ZERO
    onto: Kit | None = None


def articles(made: EntryLine, line: Line) -> list[EntryLine]:
    """A fixed bundle's line as one line for each of its articles. What the bundle came to is spread by their prices
    and pieces, by pieces alone where Magento says no prices, and adds up to it (largest remainder first)."""
    if line.kit is None or not line.kit.parts:
        return [made]
    parts = line.kit.parts
    prices = [part.price * part.quantity for part in parts]
    weights = prices if any(prices) else [part.quantity for part in parts]
    whole = sum(weights, ZERO)
    if not whole:
        return [made]
    exact = {at: made.amount * weight / whole for at, weight in enumerate(weights)}
    amounts = spread(exact, made.amount, CENT * len(parts))
    return [
        replace(
            made,
            amount=amounts[at],
            sku=part.sku,
            description=f"{part.name} ({made.description})",
            quantity=part.quantity * line.quantity,
            price=None,
        )
        for at, part in enumerate(parts)
    ]


def summed(sold: Sequence[Sold], sku_of: Callable[[Kit], str]) -> list[EntryLine]:
    """The lines, with those of one dynamic bundle summed onto it: one line for each tax code and account."""
    lines: list[EntryLine] = []
    places: dict[tuple[object, ...], int] = {}
    counts: dict[int, set[Decimal]] = {}
    for each in sold:
        kit, line = each.onto, each.line
        if kit is None:
            lines.append(line)
            continue
        at = places.setdefault((kit.item_id, line.tax_code, line.account, line.item), len(lines))
        counts.setdefault(at, set()).add(each.quantity / kit.pieces)
        if at == len(lines):
            lines.append(replace(line, sku=sku_of(kit), description=kit.name, price=None))
        else:
            whole = lines[at]
            lines[at] = replace(whole, amount=whole.amount + line.amount, source=(*whole.source, *line.source))
        # Half a bundle may come back: how many there were is told only where all its articles agree.
        agreed = next(iter(counts[at])) if len(counts[at]) == 1 else None
        lines[at] = replace(lines[at], quantity=agreed)
    return lines
