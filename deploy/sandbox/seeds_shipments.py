"""Shipments: what leaves the warehouse, and what that leaves of an order. Bundles are packed together."""

from collections.abc import Mapping
from decimal import Decimal

from deploy.sandbox.seeds_money import ZERO
from deploy.sandbox.seeds_portions import enter, open_quantity
from deploy.sandbox.seeds_shapes import Counters, Document

_NOT_PACKED = ("virtual", "downloadable")


def ship(order: Document, counters: Counters, when: str, quantities: Mapping[str, Decimal] | None = None) -> Document:
    """Ships `quantities` by SKU of top lines, or all that may leave. ValueError when nothing is left."""
    counters.shipment += 1
    id = counters.shipment
    lines = []
    for item in order["items"]:
        left = _open(item)
        wanted = left if quantities is None else min(Decimal(quantities.get(item["sku"], 0)), left)
        if wanted > 0 and not item.get("parent_item_id") and item["product_type"] not in _NOT_PACKED:
            item["qty_shipped"] = item.get("qty_shipped", ZERO) + wanted
            lines.append(_line(item, wanted, id, counters))
    if not lines:
        raise ValueError(f"order {order['increment_id']} has nothing left to ship")
    state = "processing" if open_quantity(order) or _left(order) else "complete"
    enter(order, state, when)
    return {
        "billing_address_id": order["billing_address_id"],
        "created_at": when,
        "entity_id": id,
        "increment_id": counters.number("shipment", order["store_id"]),
        "order_id": order["entity_id"],
        "packages": [],
        "store_id": order["store_id"],
        "total_qty": sum((line["qty"] for line in lines), ZERO),
        "updated_at": when,
        "items": lines,
        "tracks": [],
        "comments": [],
        "extension_attributes": {"source_code": "default"},
    }


def _open(item: Document) -> Decimal:
    """Magento 2.4.7, `Order\\Item::getSimpleQtyToShip`."""
    gone = max(item.get("qty_shipped", ZERO), item["qty_refunded"])
    return Decimal(item["qty_ordered"] - gone - item["qty_canceled"])


def _left(order: Document) -> Decimal:
    packed = (item for item in order["items"] if not item.get("parent_item_id"))
    return sum((_open(item) for item in packed if item["product_type"] not in _NOT_PACKED), ZERO)


def _line(item: Document, quantity: Decimal, shipment_id: int, counters: Counters) -> Document:
    counters.shipment_item += 1
    return {
        "entity_id": counters.shipment_item,
        "name": item["name"],
        "parent_id": shipment_id,
        "price": item["price"],
        "product_id": item["product_id"],
        "sku": item["sku"],
        "weight": item.get("weight", 0),
        "order_item_id": item["item_id"],
        "qty": quantity,
    }
