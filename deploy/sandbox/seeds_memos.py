"""Credit memos: what comes back of an invoiced order, and what that leaves of it."""

from collections.abc import Mapping
from decimal import Decimal

from deploy.sandbox.seeds_money import ONE, ZERO, cents
from deploy.sandbox.seeds_portions import (
    COPIED,
    PREFIXES,
    add,
    column,
    document_line,
    enter,
    open_quantity,
    shipping_compensation,
    wanted_quantities,
)
from deploy.sandbox.seeds_shapes import Counters, Document


def refund(
    order: Document,
    counters: Counters,
    when: str,
    quantities: Mapping[str, Decimal] | None = None,
    *,
    shipping: bool = True,
    adjustment: Decimal = ZERO,
) -> Document:
    """An offline credit memo over `quantities` by SKU, or all that was invoiced; `adjustment` in base currency,
    negative for a fee. Shipping is refunded wholly or not at all."""
    wanted = wanted_quantities(order, quantities, ("qty_refunded",), of="qty_invoiced")
    counters.memo += 1
    id = counters.memo
    lines = [_memo_line(item, wanted[item["item_id"]], id, counters) for item in order["items"]]
    lines = [line for line in lines if line]
    document: Document = {name: order[name] for name in COPIED} | {
        "created_at": when,
        "entity_id": id,
        "increment_id": counters.number("creditmemo", order["store_id"]),
        "order_id": order["entity_id"],
        "state": 2,
        "updated_at": when,
        "items": lines,
        "comments": [],
    }
    if "discount_description" in order:
        document["discount_description"] = order["discount_description"]
    shipping_address = order["extension_attributes"]["shipping_assignments"][0]["shipping"].get("address")
    if shipping_address:
        document["shipping_address_id"] = shipping_address["entity_id"]
    for prefix in PREFIXES:
        rate = ONE if prefix else order["base_to_order_rate"]
        document |= _memo_header(order, lines, prefix, shipping, cents(adjustment * rate))
        _book_memo(order, document, prefix)
    whole = order["base_total_refunded"] == order["base_total_paid"] and not open_quantity(order)
    enter(order, "closed" if whole else order["state"], when)
    return document


def _memo_line(item: Document, quantity: Decimal, memo_id: int, counters: Counters) -> Document:
    if not quantity:
        return {}
    opened = item["qty_ordered"] - item["qty_refunded"]
    counters.memo_item += 1
    line = document_line(item, quantity, "refunded", opened, memo_id, counters.memo_item)
    item["qty_refunded"] += quantity
    for prefix in PREFIXES:
        item[f"{prefix}amount_refunded"] = item.get(f"_{prefix}gross_refunded", ZERO)
        for name in ("tax", "discount", "discount_tax_compensation"):
            item.setdefault(f"{prefix}{name}_refunded", ZERO)
    return line | {
        "base_cost": None,
        "base_weee_tax_row_disposition": 0,
        "weee_tax_applied": "[]",
        "weee_tax_applied_row_amount": 0,
        "weee_tax_row_disposition": 0,
    }


def _memo_header(order: Document, lines: list[Document], prefix: str, shipping: bool, adjustment: Decimal) -> Document:
    ship = {
        name: order[prefix + name] if shipping else ZERO
        for name in ("shipping_amount", "shipping_incl_tax", "shipping_tax_amount", "shipping_discount_amount")
    }
    compensation = column(lines, f"{prefix}discount_tax_compensation_amount")
    header = {
        f"{prefix}subtotal": column(lines, f"{prefix}row_total"),
        f"{prefix}subtotal_incl_tax": column(lines, f"{prefix}row_total_incl_tax"),
        f"{prefix}tax_amount": column(lines, f"{prefix}tax_amount") + ship["shipping_tax_amount"],
        f"{prefix}discount_amount": -column(lines, f"{prefix}discount_amount") - ship.pop("shipping_discount_amount"),
        f"{prefix}discount_tax_compensation_amount": compensation
        + (order[shipping_compensation(prefix)] if shipping else ZERO),
        f"{prefix}adjustment": adjustment,
        f"{prefix}adjustment_positive": max(adjustment, ZERO),
        f"{prefix}adjustment_negative": max(-adjustment, ZERO),
        **{prefix + name: amount for name, amount in ship.items()},
    }
    names = ("subtotal", "tax_amount", "discount_amount", "discount_tax_compensation_amount", "shipping_amount")
    header[f"{prefix}grand_total"] = sum((header[prefix + name] for name in names), adjustment)
    return header


def _book_memo(order: Document, memo: Document, prefix: str) -> None:
    for name, source in (
        ("adjustment_negative", "adjustment_negative"),
        ("adjustment_positive", "adjustment_positive"),
        ("discount_refunded", "discount_amount"),
        ("discount_tax_compensation_refunded", "discount_tax_compensation_amount"),
        ("shipping_refunded", "shipping_amount"),
        ("shipping_tax_refunded", "shipping_tax_amount"),
        ("subtotal_refunded", "subtotal"),
        ("tax_refunded", "tax_amount"),
        ("total_offline_refunded", "grand_total"),
        ("total_refunded", "grand_total"),
    ):
        add(order, prefix + name, memo[prefix + source])
    add(order["payment"], f"{prefix}amount_refunded", memo[f"{prefix}grand_total"])
    add(order["payment"], f"{prefix}shipping_refunded", memo[f"{prefix}shipping_amount"])
    total = order["extension_attributes"]["shipping_assignments"][0]["shipping"]["total"]
    for name in ("shipping_refunded", "shipping_tax_refunded"):
        total[prefix + name] = order[prefix + name]
