"""Order rows as Magento's database keeps them, and as REST shows them in each form, after Magento's own source
(`Sales/Model/Order/Webapi/ChangeOutputArray.php`, `Sales/Block/Adminhtml/Items/Column/DefaultColumn.php`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from tests.mappings.recorded import raw

D = Decimal
ZERO: Final = D(0)
ONE: Final = D(1)
FORMS: Final = ("2.4.7", "2.4.8", "2.4.8 incl", "newest incl", "gross")


@dataclass(frozen=True)
class Stored:
    """A row of sales_order_item, in base currency. `weee` is the fixed product tax on one piece."""

    quantity: Decimal
    price: Decimal
    price_incl: Decimal
    row: Decimal
    row_incl: Decimal
    discount: Decimal
    tax: Decimal
    compensation: Decimal
    percent: Decimal
    weee: Decimal = ZERO

    @property
    def weee_row(self) -> Decimal:
        return self.weee * self.quantity


def cents(amount: Decimal, quantity: Decimal = ONE) -> Decimal:
    return amount.quantize(D("0.01") if quantity % 1 == 0 else D("0.0001"), ROUND_HALF_UP)


def sold(
    price: str,
    quantity: str = "1",
    percent: str = "8.25",
    off: str = "0",
    *,
    included: bool = False,
    before: bool = False,
    each: bool = False,
    weee: str = "0",
) -> Stored:
    """A row of `quantity` at `price` with `off` percent discount: tax `included` in the price, calculated `before` the
    discount, rounded for `each` piece."""
    shelf, pieces, rate = D(price), D(quantity), D(percent) / 100
    if included:
        row_incl = cents(shelf * pieces, pieces)
        inside = rate / (1 + rate)
        full = cents(shelf * inside) * pieces if each else cents(row_incl * inside, pieces)
        row, unit, unit_incl = row_incl - full, cents(shelf / (1 + rate)), shelf
        discount = cents(row_incl * D(off) / 100, pieces)
        tax = full if before else cents((row_incl - discount) * inside, pieces)
        return Stored(pieces, unit, unit_incl, row, row_incl, discount, tax, full - tax, D(percent), D(weee))
    row, unit, unit_incl = cents(shelf * pieces, pieces), shelf, cents(shelf * (1 + rate))
    full = cents(shelf * rate) * pieces if each else cents(row * rate, pieces)
    discount = cents(row * D(off) / 100, pieces)
    tax = full if before else cents((row - discount) * rate, pieces)
    return Stored(pieces, unit, unit_incl, row, row + full, discount, tax, ZERO, D(percent), D(weee))


def shown(row: Stored, form: str) -> dict[str, Any]:
    """The row's fields over REST."""
    totals = {
        "2.4.7": row.row - row.discount,
        "2.4.8": row.price - row.discount,
        "2.4.8 incl": row.price_incl - row.discount - row.tax,
        "newest incl": row.row_incl - row.discount - row.tax,
        "gross": row.row,
    }
    incl = row.row + row.tax + row.compensation + row.weee - row.discount
    made = {
        "qty_ordered": row.quantity,
        "qty_invoiced": ZERO,
        "qty_canceled": ZERO,
        "tax_percent": row.percent,
        "base_price": row.price,
        "base_price_incl_tax": row.price_incl,
        "base_row_total": totals[form] if form == "gross" else max(ZERO, totals[form]),
        "base_row_total_incl_tax": row.row_incl if form == "gross" else max(ZERO, incl),
        "base_discount_amount": row.discount,
        "base_tax_amount": row.tax,
        "base_discount_tax_compensation_amount": row.compensation,
        "base_row_invoiced": ZERO,
    }
    if row.weee:
        made |= {"base_weee_tax_applied_amount": row.weee, "base_weee_tax_applied_row_amnt": row.weee_row}
    return made


def order(rows: Sequence[Stored], form: str, more_tax: Decimal = ZERO, **changes: Any) -> dict[str, Any]:
    """An order of these rows without shipping, paid in its base currency, with `more_tax` in its header alone;
    `changes` are fields of its first row (None takes the field away)."""
    document = raw("orders", "000000052")
    (like,) = document["items"]
    items = [like | {"item_id": D(900 + at)} | shown(row, form) for at, row in enumerate(rows)]
    items[0] |= changes
    document["items"] = [{name: value for name, value in item.items() if value is not None} for item in items]
    weee = sum((row.weee_row for row in rows), ZERO)
    header = {
        "subtotal": sum((row.row for row in rows), ZERO),
        "discount_amount": -sum((row.discount for row in rows), ZERO),
        "discount_tax_compensation_amount": sum((row.compensation for row in rows), ZERO),
        "tax_amount": sum((row.tax for row in rows), more_tax),
        "shipping_amount": ZERO,
        "shipping_tax_amount": ZERO,
    }
    header["grand_total"] = sum(header.values(), weee)
    for prefix in ("", "base_"):
        document.update({f"{prefix}{name}": amount for name, amount in header.items()})
    for item in document["items"]:
        if "base_weee_tax_applied_row_amnt" in item:
            item["weee_tax_applied_row_amount"] = item["base_weee_tax_applied_row_amnt"]
    document["extension_attributes"] |= {"item_applied_taxes": [], "applied_taxes": []}
    return document
