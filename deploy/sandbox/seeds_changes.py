"""What happens to an order after it was placed: invoices, cancellation, credit memos, holds.

Each function changes the order document in place, as Magento changes its rows, and returns the new document if
there is one. Amounts are portioned by quantity and rounded to cents; the last portion is what is left. Shipping is
wholly on the first invoice. Which changes move `updated_at` was observed on 2.4.7 (all of these do).
"""

from collections.abc import Iterable, Mapping
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


def invoice(
    order: Document,
    counters: Counters,
    when: str,
    quantities: Mapping[str, Decimal] | None = None,
    transaction: str = "",
) -> Document:
    """Invoices and captures `quantities` by SKU of top lines, or all that is open. ValueError when nothing is."""
    wanted = wanted_quantities(order, quantities, ("qty_invoiced", "qty_canceled"))
    if not any(wanted.values()):
        raise ValueError(f"order {order['increment_id']} has nothing left to invoice")
    first = "base_total_invoiced" not in order
    counters.invoice += 1
    id = counters.invoice
    lines = [_invoice_line(item, wanted[item["item_id"]], id, counters) for item in order["items"]]
    lines = [line for line in lines if line]
    document: Document = {name: order[name] for name in COPIED} | {
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
    state = "complete" if order["is_virtual"] and open_quantity(order) == ZERO else "processing"
    enter(order, state, when)
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
    enter(order, order["state"] if partly else "canceled", when)


def deny(order: Document, invoices: Iterable[Document], when: str) -> None:
    """The payment was denied in review: its Magento invoices are cancelled (state 3) and so is the order, of which
    nothing was invoiced or paid then (`Invoice::cancel`, `Order::registerCancellation`)."""
    for document in invoices:
        document |= {"state": 3, "updated_at": when}
    for name in [name for name in order if name.endswith(("_invoiced", "total_paid", "total_invoiced_cost"))]:
        del order[name]
    for item in order["items"]:
        item["qty_invoiced"] = item["tax_invoiced"] = ZERO
        item.pop("discount_tax_compensation_invoiced", None)
    cancel(order, when)


def hold(order: Document, when: str) -> None:
    """Puts an order on hold, remembering where it was."""
    order["hold_before_state"], order["hold_before_status"] = order["state"], order["status"]
    enter(order, "holded", when)


def release(order: Document, when: str) -> None:
    """Takes an order off hold."""
    enter(order, order.pop("hold_before_state"), when)
    order["status"] = order.pop("hold_before_status")


def move(order: Document, state: str, when: str, status: str = "") -> None:
    """Sets state and status (the same word unless given) and the time of change."""
    enter(order, state, when)
    order["status"] = status or order["status"]


def _invoice_line(item: Document, quantity: Decimal, invoice_id: int, counters: Counters) -> Document:
    if not quantity:
        return {}
    opened = item["qty_ordered"] - item["qty_invoiced"] - item["qty_canceled"]
    whole = item["qty_canceled"] == 0
    counters.invoice_item += 1
    line = document_line(item, quantity, "invoiced", opened if whole else -ONE, invoice_id, counters.invoice_item)
    item["qty_invoiced"] += quantity
    for prefix in PREFIXES:
        item[f"{prefix}row_invoiced"] = item.get(f"_{prefix}gross_invoiced", ZERO)
        item.setdefault(f"{prefix}discount_tax_compensation_invoiced", ZERO)
    item["weee_tax_applied"] = "[]"
    return line


def _invoice_header(order: Document, lines: list[Document], prefix: str, first: bool) -> Document:
    header = {
        f"{prefix}subtotal": column(lines, f"{prefix}row_total"),
        f"{prefix}subtotal_incl_tax": column(lines, f"{prefix}row_total_incl_tax"),
        f"{prefix}tax_amount": column(lines, f"{prefix}tax_amount"),
        f"{prefix}discount_amount": -column(lines, f"{prefix}discount_amount"),
        f"{prefix}discount_tax_compensation_amount": column(lines, f"{prefix}discount_tax_compensation_amount"),
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


def _book_invoice(order: Document, document: Document, prefix: str, first: bool) -> None:
    for name, source in (
        ("discount_invoiced", "discount_amount"),
        ("discount_tax_compensation_invoiced", "discount_tax_compensation_amount"),
        ("subtotal_invoiced", "subtotal"),
        ("tax_invoiced", "tax_amount"),
        ("total_invoiced", "grand_total"),
        ("total_paid", "grand_total"),
    ):
        add(order, prefix + name, document[prefix + source])
    payment = order["payment"]
    add(payment, f"{prefix}amount_paid", document[f"{prefix}grand_total"])
    if first:
        shipping = document[f"{prefix}shipping_amount"]
        order[f"{prefix}shipping_invoiced"] = payment[f"{prefix}shipping_captured"] = shipping
        total = order["extension_attributes"]["shipping_assignments"][0]["shipping"]["total"]
        total[f"{prefix}shipping_invoiced"] = shipping
    due = order[f"{prefix}grand_total"] - order[f"{prefix}total_paid"]
    order[f"{prefix}total_due"] = cents(due) if due else ZERO
