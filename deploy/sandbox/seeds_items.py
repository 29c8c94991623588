"""The item rows of an order document, one for each pick; unpriced rows leave out what Magento leaves NULL."""

from decimal import Decimal

from deploy.sandbox.seeds_money import ZERO, Charge, basis, cents
from deploy.sandbox.seeds_shapes import Counters, Document, Draft, Pick, added


def weight(pick: Pick) -> Decimal:
    """What a pick weighs in all; parts weigh nothing beside the whole they belong to."""
    if pick.parent is not None or pick.article.weight is None:
        return ZERO
    return pick.article.weight * pick.quantity


def items_of(draft: Draft, counters: Counters, order_id: int, created: str) -> list[Document]:
    """The rows of a drafted order; `counters` gives them their ids, `created` is Magento's text of the time."""
    charges = iter(range(len(draft.base) - 1))
    numbered = [(pick, next(charges) if pick.charged else None) for pick in draft.picks]
    first = counters.item + 1
    items = []
    for pick, at in numbered:
        counters.item += 1
        items.append(_item(draft, pick, at, counters.item, first, order_id, created))
    for item, (pick, _) in zip(items, numbered, strict=True):
        if pick.role == "sum parent":
            _repeat_sums(item, [child for child in items if child.get("parent_item_id") == item["item_id"]])
    return items


def _item(draft: Draft, pick: Pick, at: int | None, id: int, first: int, order_id: int, created: str) -> Document:
    article = pick.article
    item: Document = {
        "amount_refunded": ZERO,
        "base_amount_refunded": ZERO,
        "created_at": created,
        "discount_percent": draft.coupon.percent if draft.coupon and pick.role in ("line", "parent") else 0,
        "free_shipping": 0,
        "is_qty_decimal": int(article.decimal),
        "is_virtual": int(article.type in ("virtual", "downloadable")),
        "item_id": id,
        "name": article.name,
        "no_discount": 0,
        "order_id": order_id,
        "product_id": article.id,
        "product_type": article.type,
        "qty_canceled": ZERO,
        "qty_invoiced": ZERO,
        "qty_ordered": pick.quantity,
        "qty_refunded": ZERO,
        "qty_shipped": ZERO,
        "quote_item_id": id + 22,
        "row_weight": weight(pick),
        "sku": pick.sku,
        "store_id": draft.store,
        "updated_at": created,
        "extension_attributes": {"itemized_taxes": []},
    }
    for prefix, charges in (("base_", draft.base), ("", draft.shown)):
        item |= _amounts(prefix, charges[at] if at is not None else None)
    if article.weight is not None:
        item["weight"] = article.weight
    if pick.parent is not None:
        item["parent_item_id"] = first + pick.parent
    if pick.option is not None:
        item["product_option"] = {"extension_attributes": dict(pick.option)}
    if pick.role != "sum parent":
        item["tax_percent"] = added([rate.percent for rate, _ in draft.base[at].taxes]) if at is not None else 0
    if draft.coupon is not None and pick.role in ("line", "parent", "sum parent"):
        item["applied_rule_ids"] = draft.coupon.rule
    item["_role"] = pick.role
    item["_at"] = at
    return item


def _amounts(prefix: str, charge: Charge | None) -> Document:
    """A priced row, or one that carries no price: then the columns that Magento leaves NULL are left out."""
    zeros = {f"{prefix}{name}": ZERO for name in ("discount_invoiced", "row_invoiced", "tax_invoiced")}
    if charge is None:
        amounts = {
            f"{prefix}{name}": ZERO
            for name in ("discount_amount", "price", "row_total", "row_total_incl_tax", "tax_amount")
        }
        return zeros | amounts | ({} if prefix else {"original_price": ZERO})
    net = max(ZERO, charge.row - charge.discount)
    return zeros | {
        f"{prefix}discount_amount": charge.discount,
        f"{prefix}discount_tax_compensation_amount": charge.compensation,
        f"{prefix}original_price": charge.price,
        f"{prefix}price": charge.price,
        f"{prefix}price_incl_tax": charge.price_incl,
        f"{prefix}row_total": net,
        f"{prefix}row_total_incl_tax": max(ZERO, charge.row - charge.discount + charge.tax + charge.compensation),
        f"{prefix}tax_amount": charge.tax,
        f"_{prefix}gross": charge.row,
        f"_{prefix}gross_incl": charge.row_incl,
    }


def _repeat_sums(parent: Document, children: list[Document]) -> None:
    for prefix in ("base_", ""):
        gross = added([child[f"_{prefix}gross"] for child in children])
        incl = added([child[f"_{prefix}gross_incl"] for child in children])
        tax = added([child[f"{prefix}tax_amount"] for child in children])
        each = parent["qty_ordered"]
        parent |= {
            f"{prefix}original_price": basis(gross / each),
            f"{prefix}price": cents(gross / each),
            f"{prefix}price_incl_tax": cents(incl / each),
            f"{prefix}row_total": gross,
            f"{prefix}row_total_incl_tax": gross + tax,
            f"{prefix}tax_amount": tax,
        }
