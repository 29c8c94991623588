"""What a shipment's rows mean for the order's priced lines.

A shipment lists what was packed: a configurable's parent, a bundle's parent where the bundle is shipped together, its
parts where they are shipped apart. The price of a bundle may stand on the other level (Magento 2.4.7).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

from mappings.magento_fields import Document, amounts, identifier, rows, whole, within
from mappings.model import ZERO, Order

_EXACT = Decimal("1e-10")  # a third of a bundle three times is the bundle
Parts = Mapping[int, list[tuple[int, Decimal]]]


def shipped_quantities(shipment: Document, order: Order, ordered: Document) -> dict[int, Decimal]:
    """Pieces of each priced line of `order` that a shipment took; `ordered` is the order's own document. Raises
    `Unreadable` with the field's path."""
    stands = _stands_for(order, ordered)
    found: dict[int, Decimal] = {}
    for index, item in enumerate(rows(shipment, "items")):
        item_id, quantity = within(f"items[{index}]", _packed, item)
        for line_id, pieces in stands.get(item_id, ()):
            found[line_id] = found.get(line_id, ZERO) + quantity * pieces
    return {line_id: pieces.quantize(_EXACT) for line_id, pieces in found.items()}


def _packed(item: Document) -> tuple[int, Decimal]:
    return identifier(item, "order_item_id"), amounts(item, ("qty",), 1)[0]


def _stands_for(order: Order, ordered: Document) -> Parts:
    """For each row of an order, which priced lines one packed piece of it stands for, and for how many pieces."""
    lines = {line.item_id: line.quantity for line in order.lines}
    stands: defaultdict[int, list[tuple[int, Decimal]]] = defaultdict(list)
    for line_id in lines:
        stands[line_id].append((line_id, Decimal(1)))
    for parent, parts in _bundles(rows(ordered, "items")):
        id, quantity = parent
        if id in lines:  # priced as a whole, packed in parts: all parts together are all of it
            together = sum((pieces for _, pieces in parts), ZERO)
            for part, _ in parts:
                stands[part].append((id, quantity / together))
        else:
            for part, pieces in parts:
                if part in lines and quantity:
                    stands[id].append((part, pieces / quantity))
    return stands


def _bundles(items: Iterable[Document]) -> Iterable[tuple[tuple[int, Decimal], list[tuple[int, Decimal]]]]:
    """Each bundle's id and quantity, with those of its parts."""
    parts: defaultdict[int, list[tuple[int, Decimal]]] = defaultdict(list)
    bundles = []
    for item in items:
        own = identifier(item, "item_id"), amounts(item, ("qty_ordered",), 1)[0]
        parent = whole(item, "parent_item_id")
        if parent:
            parts[parent].append(own)
        elif item.get("product_type") == "bundle":
            bundles.append(own)
    return [(bundle, parts[bundle[0]]) for bundle in bundles if any(pieces for _, pieces in parts[bundle[0]])]
