"""What happens to an order after it was placed: invoices, cancellation, credit memos, holds.

Each function changes the order document in place, as Magento changes its rows, and returns the new document if
there is one. Amounts are portioned by quantity and rounded to cents; the last portion is what is left. Shipping is
wholly on the first invoice. Which changes move `updated_at` was observed on 2.4.7 (all of these do).
"""

from collections.abc import Mapping
from decimal import Decimal

from deploy.sandbox.seeds_document import Counters, Document
from deploy.sandbox.seeds_money import ONE, ZERO, cents

PREFIXES = ("base_", "")
_COPIED = (
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


def invoice(
    order: Document,
    counters: Counters,
    when: str,
    quantities: Mapping[str, Decimal] | None = None,
    transaction: str = "",
) -> Document:
    """Invoices and captures `quantities` by SKU of top lines, or all that is open. ValueError when nothing is."""
    wanted = _wanted(order, quantities, ("qty_invoiced", "qty_canceled"))
    if not any(wanted.values()):
        raise ValueError(f"order {order['increment_id']} has nothing left to invoice")
    first = "base_total_invoiced" not in order
    counters.invoice += 1
    id = counters.invoice
    lines = [_invoice_line(item, wanted[item["item_id"]], id, counters) for item in order["items"]]
    lines = [line for line in lines if line]
    document: Document = {name: order[name] for name in _COPIED} | {
        "can_void_flag": 0,
        "created_at": when,
        "entity_id": id,
        "increment_id": counters.number("invoice", order["store_id"]),
        "order_id": order["entity_id"],
        "state": 2,
        "total_qty": sum((line["qty"] for line in lines), ZERO),
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
        document |= _invoice_header(order, lines, prefix, first)
        _book_invoice(order, document, prefix, first)
    if transaction:
        document["transaction_id"] = transaction
        order["payment"]["last_trans_id"] = transaction
    order["base_total_invoiced_cost"] = 0
    for item in order["items"]:
        item["updated_at"] = when
    state = "complete" if order["is_virtual"] and _open(order) == ZERO else "processing"
    _move(order, state, when)
    return document


def cancel(order: Document, when: str) -> None:
    """Cancels all that is not invoiced: the whole order, or the rest after a partial invoice (state stays)."""
    partly = "base_total_invoiced" in order
    for item in order["items"]:
        item["qty_canceled"] = item["qty_ordered"] - item["qty_invoiced"] - item["qty_canceled"]
        if item["_role"] != "sum parent" and "tax_percent" in item:
            item["tax_canceled"] = item["tax_amount"] - item["tax_invoiced"]
        if "discount_tax_compensation_amount" in item:
            done = item.get("discount_tax_compensation_invoiced", ZERO)
            item["discount_tax_compensation_canceled"] = item["discount_tax_compensation_amount"] - done
        item["updated_at"] = when
    total = order["extension_attributes"]["shipping_assignments"][0]["shipping"]["total"]
    for prefix in PREFIXES:
        for name in ("subtotal", "tax"):
            whole = order[f"{prefix}{name}" if name == "subtotal" else f"{prefix}tax_amount"]
            order[f"{prefix}{name}_canceled"] = whole - order.get(f"{prefix}{name}_invoiced", ZERO)
        shipping = order[f"{prefix}shipping_amount"] - order.get(f"{prefix}shipping_invoiced", ZERO)
        order[f"{prefix}shipping_canceled"] = total[f"{prefix}shipping_canceled"] = shipping
        discount = abs(order[f"{prefix}discount_amount"]) - abs(order.get(f"{prefix}discount_invoiced", ZERO))
        order[f"{prefix}discount_canceled"] = discount
        left = order[f"{prefix}grand_total"] - order.get(f"{prefix}total_paid", ZERO)
        order[f"{prefix}total_canceled"] = order[f"{prefix}total_due"] = left
    _move(order, order["state"] if partly else "canceled", when)


def hold(order: Document, when: str) -> None:
    """Puts an order on hold, remembering where it was."""
    order["hold_before_state"], order["hold_before_status"] = order["state"], order["status"]
    _move(order, "holded", when)


def release(order: Document, when: str) -> None:
    """Takes an order off hold."""
    _move(order, order.pop("hold_before_state"), when)
    order["status"] = order.pop("hold_before_status")


def move(order: Document, state: str, when: str, status: str = "") -> None:
    """Sets state and status (the same word unless given) and the time of change."""
    _move(order, state, when)
    order["status"] = status or order["status"]


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
    wanted = _wanted(order, quantities, ("qty_refunded",), of="qty_invoiced")
    counters.memo += 1
    id = counters.memo
    lines = [_memo_line(item, wanted[item["item_id"]], id, counters) for item in order["items"]]
    lines = [line for line in lines if line]
    document: Document = {name: order[name] for name in _COPIED} | {
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
    whole = order["base_total_refunded"] == order["base_total_paid"]
    _move(order, "closed" if whole else order["state"], when)
    return document


def _move(order: Document, state: str, when: str) -> None:
    status = {"new": "pending"}.get(state, state)
    order |= {"state": state, "status": status, "updated_at": when}


def _open(order: Document) -> Decimal:
    return sum((i["qty_ordered"] - i["qty_invoiced"] - i["qty_canceled"] for i in order["items"]), ZERO)


def _wanted(
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


def _line(item: Document, quantity: Decimal, done: str, opened: Decimal, parent_id: int, id: int) -> Document:
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


def _invoice_line(item: Document, quantity: Decimal, invoice_id: int, counters: Counters) -> Document:
    if not quantity:
        return {}
    opened = item["qty_ordered"] - item["qty_invoiced"] - item["qty_canceled"]
    whole = item["qty_canceled"] == 0
    counters.invoice_item += 1
    line = _line(item, quantity, "invoiced", opened if whole else -ONE, invoice_id, counters.invoice_item)
    item["qty_invoiced"] += quantity
    for prefix in PREFIXES:
        item[f"{prefix}row_invoiced"] = item.get(f"_{prefix}gross_invoiced", ZERO)
        item.setdefault(f"{prefix}discount_tax_compensation_invoiced", ZERO)
    item["weee_tax_applied"] = "[]"
    return line


def _memo_line(item: Document, quantity: Decimal, memo_id: int, counters: Counters) -> Document:
    if not quantity:
        return {}
    opened = item["qty_ordered"] - item["qty_refunded"]
    counters.memo_item += 1
    line = _line(item, quantity, "refunded", opened, memo_id, counters.memo_item)
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


def _of(lines: list[Document], name: str) -> Decimal:
    return sum((line.get(name, ZERO) for line in lines), ZERO)


def _invoice_header(order: Document, lines: list[Document], prefix: str, first: bool) -> Document:
    header = {
        f"{prefix}subtotal": _of(lines, f"{prefix}row_total"),
        f"{prefix}subtotal_incl_tax": _of(lines, f"{prefix}row_total_incl_tax"),
        f"{prefix}tax_amount": _of(lines, f"{prefix}tax_amount"),
        f"{prefix}discount_amount": -_of(lines, f"{prefix}discount_amount"),
        f"{prefix}discount_tax_compensation_amount": _of(lines, f"{prefix}discount_tax_compensation_amount"),
    }
    extra = ZERO
    if first:
        for name in ("shipping_amount", "shipping_incl_tax", "shipping_tax_amount"):
            header[prefix + name] = order[prefix + name]
        header[shipping_compensation(prefix)] = order[shipping_compensation(prefix)]
        header[f"{prefix}tax_amount"] += order[f"{prefix}shipping_tax_amount"]
        header[f"{prefix}discount_amount"] -= order[f"{prefix}shipping_discount_amount"]
        extra = order[f"{prefix}shipping_amount"] + order[shipping_compensation(prefix)]
    names = ("subtotal", "tax_amount", "discount_amount", "discount_tax_compensation_amount")
    header[f"{prefix}grand_total"] = sum((header[prefix + name] for name in names), extra)
    return header


def _add(order: Document, name: str, amount: Decimal) -> None:
    order[name] = order.get(name, ZERO) + amount


def _book_invoice(order: Document, document: Document, prefix: str, first: bool) -> None:
    for name, source in (
        ("discount_invoiced", "discount_amount"),
        ("discount_tax_compensation_invoiced", "discount_tax_compensation_amount"),
        ("subtotal_invoiced", "subtotal"),
        ("tax_invoiced", "tax_amount"),
        ("total_invoiced", "grand_total"),
        ("total_paid", "grand_total"),
    ):
        _add(order, prefix + name, document[prefix + source])
    payment = order["payment"]
    _add(payment, f"{prefix}amount_paid", document[f"{prefix}grand_total"])
    if first:
        shipping = document[f"{prefix}shipping_amount"]
        order[f"{prefix}shipping_invoiced"] = payment[f"{prefix}shipping_captured"] = shipping
        total = order["extension_attributes"]["shipping_assignments"][0]["shipping"]["total"]
        total[f"{prefix}shipping_invoiced"] = shipping
    due = order[f"{prefix}grand_total"] - order[f"{prefix}total_paid"]
    order[f"{prefix}total_due"] = cents(due) if due else ZERO


def _memo_header(order: Document, lines: list[Document], prefix: str, shipping: bool, adjustment: Decimal) -> Document:
    ship = {
        name: order[prefix + name] if shipping else ZERO
        for name in ("shipping_amount", "shipping_incl_tax", "shipping_tax_amount", "shipping_discount_amount")
    }
    compensation = _of(lines, f"{prefix}discount_tax_compensation_amount")
    header = {
        f"{prefix}subtotal": _of(lines, f"{prefix}row_total"),
        f"{prefix}subtotal_incl_tax": _of(lines, f"{prefix}row_total_incl_tax"),
        f"{prefix}tax_amount": _of(lines, f"{prefix}tax_amount") + ship["shipping_tax_amount"],
        f"{prefix}discount_amount": -_of(lines, f"{prefix}discount_amount") - ship.pop("shipping_discount_amount"),
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
        _add(order, prefix + name, memo[prefix + source])
    _add(order["payment"], f"{prefix}amount_refunded", memo[f"{prefix}grand_total"])
    _add(order["payment"], f"{prefix}shipping_refunded", memo[f"{prefix}shipping_amount"])
    total = order["extension_attributes"]["shipping_assignments"][0]["shipping"]["total"]
    for name in ("shipping_refunded", "shipping_tax_refunded"):
        total[prefix + name] = order[prefix + name]
