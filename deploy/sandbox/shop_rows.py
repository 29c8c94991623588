"""The forms in which Magento's versions show the row totals of an order's items over REST.

The sandbox keeps orders as Magento 2.4.7 shows them. `as_shown` turns an order into another form, after the source of
that version (`Sales/Model/Order/Webapi/ChangeOutputArray.php`, `Sales/Block/Adminhtml/Items/Column/DefaultColumn.php`);
"incl" is the store that displays sales prices with tax (`tax/sales_display/price` = 2). Invoices and credit memos show
their rows alike in every version.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final, Literal, NamedTuple, get_args

from deploy.sandbox.seeds_money import ZERO, cents
from deploy.sandbox.seeds_shapes import Document

Form = Literal["2.4.7", "2.4.8", "2.4.8 incl", "newest incl", "gross"]
FORMS: Final[tuple[Form, ...]] = get_args(Form)


class _Row(NamedTuple):
    """A row as the database keeps it: `total` and `total_incl` before discount."""

    total: Decimal
    total_incl: Decimal
    price: Decimal
    price_incl: Decimal
    discount: Decimal
    tax: Decimal


_ROW_TOTALS: Final[Mapping[str, Callable[[_Row], Decimal]]] = MappingProxyType(
    {
        "2.4.8": lambda row: max(ZERO, row.price - row.discount),
        "2.4.8 incl": lambda row: max(ZERO, row.price_incl - row.discount - row.tax),
        "newest incl": lambda row: max(ZERO, row.total_incl - row.discount - row.tax),
        "gross": lambda row: row.total,
    }
)


def as_shown(order: Document, form: Form) -> Document:
    """The order as a shop of this form answers it; the order itself stays as it is."""
    if form == "2.4.7" or not order.get("items"):
        return order
    items = [_item(item, form) for item in order["items"]]
    if form == "newest incl":
        _prices_of_bundles(items)
    return {**order, "items": items}


def _item(item: Document, form: Form) -> Document:
    shown = dict(item)
    for prefix in ("base_", ""):
        row = _row(item, prefix)
        if row is None:
            continue
        shown[f"{prefix}row_total"] = _ROW_TOTALS[form](row)
        if form == "gross":
            shown[f"{prefix}row_total_incl_tax"] = row.total_incl
    return shown


def _row(item: Document, prefix: str) -> _Row | None:
    """The row in one currency; None for one that is broken on purpose."""
    names = ("row_total", "discount_amount", "tax_amount", "price", "price_incl_tax")
    values = [item.get(prefix + name, ZERO) for name in names]
    if not all(isinstance(value, Decimal | int) for value in values):
        return None
    net, discount, tax, price, price_incl = map(Decimal, values)
    total = net + discount if net else item.get(f"_{prefix}gross", discount)
    total_incl = item.get(f"_{prefix}gross_incl", cents(price_incl * item["qty_ordered"]))
    return _Row(total, total_incl, price, price_incl, discount, tax)


def _prices_of_bundles(items: list[Document]) -> None:
    """The newest version shows a bundle's price on parts that have none, in the order's currency only."""
    bundles = {item["item_id"]: item["price"] for item in items if item["product_type"] == "bundle"}
    for item in items:
        if not item["price"] and item.get("parent_item_id") in bundles:
            item["price"] = bundles[item["parent_item_id"]]
