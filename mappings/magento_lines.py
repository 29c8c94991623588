"""The priced lines of orders and invoices: which rows carry the price, and what they come to before discount.

Magento lists a configurable twice (the parent has the price, the child none; both the child's SKU) and a bundle with
its parts: a fixed bundle's price is on the parent, a dynamic one's on both, where only the parts have their discount.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from mappings.magento_fields import Document, Unreadable, amounts, identifier, rows, texts, whole, within
from mappings.magento_kits import with_kits
from mappings.magento_taxes import NO_TAXES, OrderTaxes, Taxes, line_taxes, split
from mappings.magento_totals import must_equal
from mappings.model import CENT, ZERO, Amounts, Line, Order, Totals

_HALF_CENT: Final = Decimal("0.005")
_FOURTH: Final = Decimal("0.0001")
_NAMES: Final = ("sku", "name", "product_type")
_ORDERED: Final = (
    "base_price",
    "base_row_total",
    "qty_ordered",
    "base_discount_amount",
    "base_tax_amount",
    "base_discount_tax_compensation_amount",
    "tax_percent",
    "qty_canceled",
)
_HIDDEN: Final = ("base_row_invoiced", "qty_invoiced", "base_price_incl_tax")
_TAKEN: Final = (
    "base_row_invoiced",
    "base_discount_invoiced",
    "base_tax_invoiced",
    "base_discount_tax_compensation_invoiced",
    "qty_invoiced",
)
_INVOICED: Final = (
    "base_row_total",
    "qty",
    "base_price",
    "base_discount_amount",
    "base_tax_amount",
    "base_discount_tax_compensation_amount",
)


def order_lines(order: Document, totals: Totals, taxes: OrderTaxes) -> tuple[Line, ...]:
    """The lines of an order that carry a price, adding up to its header.

    Raises `Unreadable`: `missing-items`, `malformed-record` with the field's path, or `unbalanced`.
    """
    items = _items(order)
    priced = _priced(items) if any(item.get("parent_item_id") for item in items) else enumerate(items)
    lines: list[Line] = []
    uncertain: list[int] = []
    for index, item in priced:
        path = f"items[{index}]"
        try:
            line, certain = _order_line(item, path, taxes)
        except Unreadable as fault:
            raise fault.inside(path) from None
        if not certain:
            uncertain.append(len(lines))
        lines.append(line)
    if len(uncertain) == 1:
        lines[uncertain[0]] = _proven(lines, uncertain[0], totals.subtotal)
    _must_add_up(lines, totals, totals.shipping_discount)
    return tuple(with_kits(lines, items))


def invoice_lines(invoice: Document, totals: Totals, order: Order | None) -> tuple[tuple[Line, ...], Decimal]:
    """The lines of an invoice that carry a price, and the discount on its shipping (positive).

    An invoice's rows are gross already, those without a price have no `base_row_total`, and only the order knows the
    tax rates. The shipping discount is what the lines leave of the header's discount: invoices do not state it.
    """
    lines = _billed(_items(invoice), order)
    shipping_discount = max(ZERO, -totals.discount - sum(line.discount for line in lines))
    _must_add_up(lines, totals, shipping_discount)
    return lines, shipping_discount


def memo_lines(memo: Document, totals: Totals, order: Order | None) -> tuple[tuple[Line, ...], Totals]:
    """The lines of a credit memo that carry a price, none for one that adjusts only, and its header with the parts on
    shipping told apart: Magento states neither its discount, nor its compensation, which stands inside the lines'."""
    lines = _billed(rows(memo, "items"), order)
    shipping_discount = max(ZERO, -totals.discount - sum(line.discount for line in lines))
    compensation = sum((line.compensation for line in lines), ZERO)
    _must_add_up(lines, totals, shipping_discount)
    return lines, replace(
        totals,
        shipping_discount=shipping_discount,
        compensation=compensation,
        shipping_compensation=totals.compensation - compensation,
    )


def _billed(items: Sequence[dict[str, Any]], order: Order | None) -> tuple[Line, ...]:
    """The priced rows of an invoice or a credit memo."""
    ordered = {line.item_id: line for line in order.lines} if order else {}
    return tuple(
        within(f"items[{index}]", _invoice_line, item, f"items[{index}]", ordered)
        for index, item in enumerate(items)
        if item.get("base_row_total") is not None and not _is_zero(item.get("qty"))
    )


def _items(document: Document) -> list[dict[str, Any]]:
    items = rows(document, "items")
    if not items:
        raise Unreadable("items", "is empty: there is nothing to book", "missing-items")
    return items


def _priced(items: Sequence[dict[str, Any]]) -> Iterable[tuple[int, dict[str, Any]]]:
    """The rows that carry a price, with their place.

    Dynamic bundles are known by parts with a price: there the parent repeats the parts' sum without their discount.
    """
    ids = [within(f"items[{index}]", whole, item, "item_id") for index, item in enumerate(items)]
    parents = [within(f"items[{index}]", whole, item, "parent_item_id") for index, item in enumerate(items)]
    types = {item_id: item.get("product_type") for item_id, item in zip(ids, items, strict=True)}
    dynamic = {
        parent
        for index, (parent, item) in enumerate(zip(parents, items, strict=True))
        if parent
        and types.get(parent) == "bundle"
        and any(within(f"items[{index}]", amounts, item, ("base_price", "base_row_total")))
    }
    for index, item in enumerate(items):
        parent = parents[index]
        is_part = parent and parent in types
        if parent in dynamic if is_part else ids[index] not in dynamic:
            yield index, item


def _order_line(item: dict[str, Any], path: str, taxes: OrderTaxes) -> tuple[Line, bool]:
    """One line, and whether its gross is certain."""
    price, net, quantity, discount, tax, compensation, percent, canceled = amounts(item, _ORDERED, 3)
    if quantity <= 0:
        raise Unreadable("qty_ordered", "is not above zero")
    item_id = identifier(item, "item_id")
    sku, name, product_type = texts(item, _NAMES)
    gross, certain = net + discount, bool(net) or not discount
    if not certain:
        gross, certain = _hidden_gross(item, price, quantity, discount, tax + compensation)
    line = Line(
        item_id,
        whole(item, "product_id"),
        sku,
        name,
        product_type,
        quantity,
        price,
        gross,
        discount,
        tax,
        compensation,
        percent,
        line_taxes(item, item_id, tax, percent, taxes),
        canceled,
        path,
        _taken(item, quantity - canceled) if canceled else None,
    )
    return line, certain


def _taken(item: Document, kept: Decimal) -> Amounts | None:
    """What Magento's invoices took of a row of which `kept` pieces were not cancelled; None where they do not account
    for all of those, or where the document does not say all of it."""
    row, discount, tax, compensation, quantity = amounts(item, _TAKEN)
    known = quantity == kept and None not in map(item.get, _TAKEN)
    return Amounts(row, discount, tax, compensation) if known else None


def _hidden_gross(
    item: Document, price: Decimal, quantity: Decimal, discount: Decimal, taxed: Decimal
) -> tuple[Decimal, bool]:
    """The gross of an order row whose net shows zero, and whether that is certain.

    REST shows max(0, gross - discount). In a tax-inclusive store the discount may exceed the net row, so the gross
    lies at or below the discount: what was invoiced, once all is; else the price on the shelf times quantity without
    `taxed`, all the tax in it (on what was paid, and the compensation); else the rounded net price times quantity.
    """
    invoiced, quantity_invoiced, shelf = amounts(item, _HIDDEN)
    if quantity_invoiced == quantity and ZERO < invoiced <= discount:
        return invoiced, True
    unit = CENT if quantity == quantity.to_integral_value() else _FOURTH
    gross = price * quantity
    exact = shelf * quantity - taxed
    if abs(exact - gross) <= _rounding(quantity):
        gross = exact
    return min(discount, gross.quantize(unit, ROUND_HALF_UP)), False


def _rounding(quantity: Decimal) -> Decimal:
    """How far a row may lie from its unit price, rounded to cents, times quantity: its tax is rounded as well, and
    takes over what the tax of the row before was rounded by."""
    return _HALF_CENT * (quantity + 2)


def _proven(lines: Sequence[Line], place: int, subtotal: Decimal) -> Line:
    """The one line of uncertain gross, put right by the subtotal when rounding of its unit price explains it."""
    line = lines[place]
    residual = subtotal - sum(other.gross for other in lines)
    gross = line.gross + residual
    if residual and abs(residual) <= _rounding(line.quantity) and gross <= line.discount:
        return replace(line, gross=gross)
    return line


def _invoice_line(item: dict[str, Any], path: str, ordered: dict[int, Line]) -> Line:
    gross, quantity, price, discount, tax, compensation = amounts(item, _INVOICED, 3)
    if quantity < 0:
        raise Unreadable("qty", "is below zero")
    item_id = identifier(item, "order_item_id")
    sku, name = texts(item, _NAMES[:2])
    line = ordered.get(item_id)
    return Line(
        item_id,
        whole(item, "product_id"),
        sku,
        name,
        line.product_type if line else "",
        quantity,
        price,
        gross,
        discount,
        tax,
        compensation,
        line.tax_percent if line else ZERO,
        invoiced_taxes(line.taxes, tax) if line else NO_TAXES,
        ZERO,
        path,
        kit=line.kit if line else None,
    )


def invoiced_taxes(ordered: Taxes, tax: Decimal) -> Taxes:
    """The order's rates brought to the tax of one invoice line (or of its shipping), which they add up to."""
    return ordered if sum(rate.amount for rate in ordered) == tax else split(ordered, tax)


def _must_add_up(lines: Sequence[Line], totals: Totals, shipping_discount: Decimal) -> None:
    """Gross, discount and tax of the lines (and of shipping) are those of the header."""
    gross = discount = tax = ZERO
    for line in lines:
        gross += line.gross
        discount += line.discount
        tax += line.tax
    must_equal("base_subtotal", "subtotal", totals.subtotal, gross)
    must_equal("base_discount_amount", "discount", -totals.discount, discount + shipping_discount)
    must_equal("base_tax_amount", "tax", totals.tax, tax + totals.shipping_tax + totals.gift_wrap_tax)


def _is_zero(value: object) -> bool:
    """Compared without arithmetic: damaged numbers raise in any other way."""
    return isinstance(value, Decimal) and value.is_zero()
