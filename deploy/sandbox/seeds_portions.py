"""Parts of an order: which quantities, which share of each amount, and what an invoice or memo copies."""

from collections.abc import Mapping
from decimal import Decimal

from deploy.sandbox.seeds_money import ZERO, cents
from deploy.sandbox.seeds_shapes import Document

PREFIXES = ("base_", "")
COPIED = (
    "base_currency_code",
    "base_to_global_rate",
    "base_to_order_rate",
    "billing_address_id",
    "global_currency_code",
    "order_currency_code",
    "store_currency_code",
    "store_id",
    "store_to_base_rate",
    "store_to_order_rate",
)


def shipping_compensation(prefix: str) -> str:
    """The column of hidden tax in a shipping discount; Magento cuts the base column's name short."""
    return f"{prefix}shipping_discount_tax_compensation_{'amnt' if prefix else 'amount'}"


def portion(whole: Decimal, done: Decimal, quantity: Decimal, ordered: Decimal, opened: Decimal) -> Decimal:
    """The part of `whole` for `quantity` of `ordered`; what is left when `quantity` is all that is open."""
    return whole - done if quantity == opened else cents(whole * quantity / ordered)


def enter(order: Document, state: str, when: str) -> None:
    """Moves an order into a state, with the state's own status."""
    status = {"new": "pending"}.get(state, state)
    order |= {"state": state, "status": status, "updated_at": when}


def open_quantity(order: Document) -> Decimal:
    """How many pieces are neither invoiced nor cancelled."""
    return sum((item["qty_ordered"] - item["qty_invoiced"] - item["qty_canceled"] for item in order["items"]), ZERO)


def wanted_quantities(
    order: Document, quantities: Mapping[str, Decimal] | None, done: tuple[str, ...], of: str = "qty_ordered"
) -> dict[int, Decimal]:
    """Quantity by item id; children follow their parent in proportion."""
    wanted: dict[int, Decimal] = {}
    by_id = {item["item_id"]: item for item in order["items"]}
    for item in order["items"]:
        left = item[of] - sum((item[name] for name in done), ZERO)
        parent = by_id.get(item.get("parent_item_id"))
        if quantities is None:
            wanted[item["item_id"]] = left
        elif parent is None:
            wanted[item["item_id"]] = min(Decimal(quantities.get(item["sku"], 0)), left)
        else:
            share = wanted[parent["item_id"]] / parent["qty_ordered"]
            wanted[item["item_id"]] = item["qty_ordered"] * share
    return wanted


def document_line(item: Document, quantity: Decimal, done: str, opened: Decimal, parent_id: int, id: int) -> Document:
    """An invoice's or memo's line over `quantity` of an item; `done` says which columns remember it."""
    line: Document = {
        "entity_id": id,
        "name": item["name"],
        "order_item_id": item["item_id"],
        "parent_id": parent_id,
        "product_id": item["product_id"],
        "qty": quantity,
        "sku": item["sku"],
    }
    for prefix in PREFIXES:
        line[f"{prefix}price"] = item[f"{prefix}price"]
        if f"{prefix}price_incl_tax" in item:
            line[f"{prefix}price_incl_tax"] = item[f"{prefix}price_incl_tax"]
        if f"_{prefix}gross" not in item:
            continue
        for name, whole, so_far in (
            ("row_total", f"_{prefix}gross", f"_{prefix}gross_{done}"),
            ("row_total_incl_tax", f"_{prefix}gross_incl", f"_{prefix}gross_incl_{done}"),
            ("tax_amount", f"{prefix}tax_amount", f"{prefix}tax_{done}"),
            ("discount_amount", f"{prefix}discount_amount", f"{prefix}discount_{done}"),
            (
                "discount_tax_compensation_amount",
                f"{prefix}discount_tax_compensation_amount",
                f"{prefix}discount_tax_compensation_{done}",
            ),
        ):
            part = portion(item[whole], item.get(so_far, ZERO), quantity, item["qty_ordered"], opened)
            item[so_far] = item.get(so_far, ZERO) + part
            if part or name != "discount_amount":
                line[f"{prefix}{name}"] = part
    return line


def column(lines: list[Document], name: str) -> Decimal:
    """The sum of one column over lines that may lack it."""
    return sum((line.get(name, ZERO) for line in lines), ZERO)


def add(order: Document, name: str, amount: Decimal) -> None:
    """Adds to a column that may not be there yet."""
    order[name] = order.get(name, ZERO) + amount
