"""The priced lines of orders and invoices: which rows carry the price, and what they come to before discount.

Magento lists a configurable twice (the parent has the price, the child none; both the child's SKU) and a bundle with
its parts: a fixed bundle's price is on the parent, a dynamic one's on both, where only the parts have their discount.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from mappings.magento_fees import tax_on_fixed
from mappings.magento_fields import Document, Unreadable, amounts, identifier, rows, texts, whole, within
from mappings.magento_kits import with_kits
from mappings.magento_row_totals import gross_of_rows, without_noise
from mappings.magento_taxes import NO_TAXES, OrderTaxes, Taxes, line_taxes, split
from mappings.magento_totals import TOLERANCE, must_equal
from mappings.model import ZERO, Amounts, Line, Order, Totals

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
    "base_row_total_incl_tax",
)
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


def order_lines(order: Document, totals: Totals, taxes: OrderTaxes) -> tuple[tuple[Line, ...], Totals]:
    """The lines of an order that carry a price, adding up to its header, and the header with what is read from both.

    Raises `Unreadable`: `missing-items`, `malformed-record` with the field's path, `lines-differ` or `unbalanced`.
    """
    items = _items(order)
    priced = _priced(items) if any(item.get("parent_item_id") for item in items) else enumerate(items)
    lines: list[Line] = []
    found: list[tuple[str, Document]] = []
    gross = net = ZERO
    agree = True
    for index, item in priced:
        path = f"items[{index}]"
        try:
            line, row_net = _order_line(item, path, taxes)
        except Unreadable as fault:
            raise fault.inside(path) from None
        if line is None:
            continue
        gross += line.gross
        net += row_net
        agree = agree and row_net == line.gross
        found.append((path, item))
        lines.append(line)
    if not lines:
        raise Unreadable("items", "is empty: there is nothing to book", "missing-items")
    # Fixed product taxes are inside of row totals with tax, for a piece or for the row: only all readings tell which.
    plain = not totals.fixed_tax and (agree or not _equal(net, totals.subtotal))
    if not (plain and _equal(gross, totals.subtotal)):
        grosses = gross_of_rows(found, totals.subtotal)
        lines = [replace(line, gross=without_noise(amount)) for line, amount in zip(lines, grosses, strict=True)]
    totals = _with_tax_on_fixed(order, totals, lines)
    _must_add_up(lines, totals, totals.shipping_discount)
    return tuple(with_kits(lines, items)), totals


def invoice_lines(invoice: Document, totals: Totals, order: Order | None) -> tuple[tuple[Line, ...], Totals]:
    """The lines of an invoice that carry a price, and its header with the discount on its shipping (positive).

    An invoice's rows are gross already, those without a price have no `base_row_total`, and only the order knows the
    tax rates. The shipping discount is what the lines leave of the header's discount: invoices do not state it.
    """
    lines = _billed(_items(invoice), order)
    shipping_discount = max(ZERO, -totals.discount - sum(line.discount for line in lines))
    totals = _with_tax_on_fixed(invoice, totals, lines)
    _must_add_up(lines, totals, shipping_discount)
    return lines, replace(totals, shipping_discount=shipping_discount) if shipping_discount else totals


def memo_lines(memo: Document, totals: Totals, order: Order | None) -> tuple[tuple[Line, ...], Totals]:
    """The lines of a credit memo that carry a price, none for one that adjusts only, and its header with the parts on
    shipping told apart: Magento states neither its discount, nor its compensation, which stands inside the lines'.

    The discount on shipping may be below zero, by no more than the order's own: where shipping is discounted and its
    price includes tax, a memo without shipping takes some of that discount back (recorded on 2.4.8, from
    Creditmemo/Total/Discount.php in Magento/Sales, which takes the order's shipping tax for shipping given back).
    """
    lines = _billed(rows(memo, "items"), order)
    least = -order.totals.shipping_discount if order else ZERO
    shipping_discount = max(least, -totals.discount - sum(line.discount for line in lines))
    compensation = sum((line.compensation for line in lines), ZERO)
    totals = _with_tax_on_fixed(memo, totals, lines)
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


def _order_line(item: dict[str, Any], path: str, taxes: OrderTaxes) -> tuple[Line | None, Decimal]:
    """One line by its row total with tax, and what its row total net of discount makes of its gross; no line of a row
    without pieces and amounts."""
    price, row_total, quantity, discount, tax, compensation, percent, canceled, with_tax = amounts(item, _ORDERED, 3)
    if quantity <= 0:
        amount = with_tax if item.get("base_row_total_incl_tax") is not None else row_total
        if quantity == 0 and not (discount or tax or compensation or amount):
            return None, ZERO
        raise Unreadable("qty_ordered", "is not above zero")
    gross = with_tax - tax - compensation + discount
    item_id = identifier(item, "item_id")
    sku, name, product_type = texts(item, _NAMES)
    line = Line(
        item_id,
        whole(item, "product_id"),
        sku,
        name,
        product_type,
        quantity,
        price,
        without_noise(gross),
        discount,
        tax,
        compensation,
        percent,
        line_taxes(item, item_id, tax, percent, taxes),
        canceled,
        path,
        _taken(item, quantity - canceled) if canceled else None,
    )
    return line, row_total + discount


def _taken(item: Document, kept: Decimal) -> Amounts | None:
    """What Magento's invoices took of a row of which `kept` pieces were not cancelled; None where they do not account
    for all of those, or where the document does not say all of it."""
    row, discount, tax, compensation, quantity = amounts(item, _TAKEN)
    known = quantity == kept and None not in map(item.get, _TAKEN)
    return Amounts(row, discount, tax, compensation) if known else None


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


def _with_tax_on_fixed(document: Document, totals: Totals, lines: Sequence[Line]) -> Totals:
    if not totals.fixed_tax:
        return totals
    gap = totals.tax - sum((line.tax for line in lines), totals.shipping_tax + totals.gift_wrap_tax)
    percents = {line.item_id: line.tax_percent for line in lines}
    return replace(totals, fixed_tax_tax=tax_on_fixed(document, percents, gap))


def _must_add_up(lines: Sequence[Line], totals: Totals, shipping_discount: Decimal) -> None:
    """Gross, discount and tax of the lines (and of shipping) are those of the header."""
    gross = discount = tax = ZERO
    for line in lines:
        gross += line.gross
        discount += line.discount
        tax += line.tax
    must_equal("base_subtotal", "subtotal", totals.subtotal, gross, "lines-differ")
    must_equal("base_discount_amount", "discount", -totals.discount, discount + shipping_discount)
    tax += totals.shipping_tax + totals.gift_wrap_tax + totals.fixed_tax_tax
    must_equal("base_tax_amount", "tax", totals.tax, tax)


def _equal(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) <= TOLERANCE


def _is_zero(value: object) -> bool:
    """Compared without arithmetic: damaged numbers raise in any other way."""
    return isinstance(value, Decimal) and value.is_zero()
