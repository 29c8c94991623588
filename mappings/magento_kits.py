"""Which rows of an order are bundles, and of what.

A fixed bundle's price is on its own row and its articles have none; a dynamic one's is on both (Magento 2.4.7).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from mappings.kits import Kit, Part
from mappings.magento_fields import Document, amounts, texts, whole
from mappings.model import Line

BUNDLE: Final = "bundle"
Rows = Mapping[int, Document]


def with_kits(lines: Sequence[Line], items: Sequence[dict[str, Any]]) -> list[Line]:
    """The lines, each with the bundle that it is or belongs to."""
    if not any(item.get("product_type") == BUNDLE for item in items):
        return list(lines)
    rows: dict[int, Document] = {item_id: item for item in items if (item_id := whole(item, "item_id"))}
    return [replace(line, kit=_kit(line, rows)) for line in lines]


def _kit(line: Line, rows: Rows) -> Kit | None:
    parent = whole(rows[line.item_id], "parent_item_id")
    if parent is not None and parent in rows and rows[parent].get("product_type") == BUNDLE:
        (sold,) = amounts(rows[parent], ("qty_ordered",))
        sku, name = texts(rows[parent], ("sku", "name"))
        return Kit("dynamic", parent, sku, name, line.quantity / sold) if sold > 0 else None
    if line.product_type != BUNDLE:
        return None
    parts = [row for row in rows.values() if whole(row, "parent_item_id") == line.item_id]
    found = tuple(_part(row, line.quantity) for row in parts)
    return Kit("fixed", line.item_id, line.sku, line.name, Decimal(1), found) if found else None


def _part(row: Document, sold: Decimal) -> Part:
    quantity, price = amounts(row, ("qty_ordered", "base_price"))
    sku, name = texts(row, ("sku", "name"))
    return Part(sku, name, whole(row, "product_id"), quantity / sold, price)
