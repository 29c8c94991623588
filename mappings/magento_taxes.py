"""Which tax rates a line or the shipping bears, from the several places where Magento may say so.

Magento keeps the rates of an order only on the order (`item_applied_taxes`, `itemized_taxes`); an edited order loses
the link from rate to line. Amounts of one line always add up to the tax of that line, whatever the source.
"""

from dataclasses import replace
from decimal import ROUND_FLOOR, Decimal
from typing import Final

from mappings.magento_fields import Document, Unreadable, amounts, rows, texts, whole, within
from mappings.model import CENT, ZERO, AppliedTax
from mappings.records import record

Taxes = tuple[AppliedTax, ...]
NO_TAXES: Final[Taxes] = ()
_FOURTH: Final = Decimal("0.0001")
_APPLIED: Final = (("code", "title"), ("percent", "base_amount"))
_ITEMIZED: Final = (("tax_code", "tax_code"), ("tax_percent", "base_amount"))


@record(frozen=True, slots=True)
class OrderTaxes:
    """The rates of an order: by item id, on shipping, and those that Magento links to no line."""

    by_item: dict[int, Taxes]
    shipping: Taxes
    unlinked: Taxes


def order_taxes(extension: Document) -> OrderTaxes:
    """Read `item_applied_taxes` (else the header's `applied_taxes`) from an order's extension attributes."""
    by_item: dict[int, Taxes] = {}
    shipping: Taxes = NO_TAXES
    unlinked: Taxes = NO_TAXES
    for index, row in enumerate(rows(extension, "item_applied_taxes")):
        kind = row.get("type")
        try:
            taxes, item_id = _taxes(row, "applied_taxes", _APPLIED), whole(row, "item_id")
        except Unreadable as fault:
            raise fault.inside(f"item_applied_taxes[{index}]") from None
        if kind == "shipping":
            shipping += taxes
        elif kind == "product" and item_id:
            by_item[item_id] = by_item.get(item_id, NO_TAXES) + taxes
        elif kind == "product":
            unlinked += taxes
    if not by_item and not unlinked:
        unlinked = _taxes(extension, "applied_taxes", _APPLIED)
    if not shipping and "additional_itemized_taxes" in extension:
        additional = rows(extension, "additional_itemized_taxes")
        on_shipping = [row for row in additional if row.get("taxable_item_type") == "shipping"]
        shipping = _taxes({"additional_itemized_taxes": on_shipping}, "additional_itemized_taxes", _ITEMIZED)
    return OrderTaxes(by_item, shipping, unlinked)


def line_taxes(item: Document, item_id: int, tax: Decimal, percent: Decimal, taxes: OrderTaxes) -> Taxes:
    """The rates on one order line, adding up to `tax`.

    The rates linked to the line, else those itemized on it, else the order's rate of the same percent (an edited
    order), else all of the order's unlinked rates in proportion; else one rate without a name, known by its percent.
    """
    linked = taxes.by_item.get(item_id)
    if linked and (settled := settle(linked, tax)):
        return settled
    if not tax:
        return NO_TAXES
    extension = item.get("extension_attributes")
    if type(extension) is dict:
        itemized = within("extension_attributes", _taxes, extension, "itemized_taxes", _ITEMIZED)
        if itemized and (settled := settle(itemized, tax)):
            return settled
    return _guessed(taxes.unlinked, tax, percent)


def shipping_taxes(tax: Decimal, taxes: OrderTaxes) -> Taxes:
    """The rates on shipping, adding up to `tax` (the order's base_shipping_tax_amount)."""
    if taxes.shipping and (settled := settle(taxes.shipping, tax)):
        return settled
    if not tax:
        return NO_TAXES
    known = {rate.code: rate for rate in (*taxes.unlinked, *(rate for row in taxes.by_item.values() for rate in row))}
    only = next(iter(known.values())) if len(known) == 1 else AppliedTax("", "", ZERO, tax)
    return (replace(only, amount=tax),)


def _guessed(unlinked: Taxes, tax: Decimal, percent: Decimal) -> Taxes:
    for rate in unlinked:
        if rate.percent == percent:
            return (replace(rate, amount=tax),)
    if unlinked:
        return split(unlinked, tax)
    return (AppliedTax("", "", percent, tax),)


def settle(taxes: Taxes, tax: Decimal) -> Taxes:
    """`taxes` made to add up to `tax` where they differ by rounding (a cent for each rate); empty where by more."""
    total = sum(rate.amount for rate in taxes) if len(taxes) > 1 else taxes[0].amount
    if total == tax:
        return taxes
    if abs(total - tax) > CENT * len(taxes):
        return NO_TAXES
    return split(taxes, tax)


def split(taxes: Taxes, tax: Decimal) -> Taxes:
    """`tax` spread over the rates in proportion to their amounts, by largest remainder, to the cent.

    To the fourth decimal where `tax` itself has a fraction of a cent (fractional quantities).
    """
    if len(taxes) <= 1:
        return tuple(replace(rate, amount=tax) for rate in taxes)
    unit = CENT if tax == tax.quantize(CENT) else _FOURTH
    shares = _shares(taxes, tax)
    floors = [share.quantize(unit, ROUND_FLOOR) for share in shares]
    missing = tax - sum(floors)
    largest_first = sorted(range(len(taxes)), key=lambda index: floors[index] - shares[index])
    for index in largest_first:
        step = min(unit, missing)
        floors[index] += step
        missing -= step
    return tuple(replace(rate, amount=amount) for rate, amount in zip(taxes, floors, strict=True))


def _shares(taxes: Taxes, tax: Decimal) -> list[Decimal]:
    weights = [abs(rate.amount) for rate in taxes]
    weight = sum(weights)
    if not weight:
        return [tax, *(ZERO for _ in weights[1:])]
    return [tax * part / weight for part in weights]


def _taxes(document: Document, name: str, fields: tuple[tuple[str, str], tuple[str, str]]) -> Taxes:
    taxes = []
    for index, row in enumerate(rows(document, name)):
        try:
            code, title = texts(row, fields[0])
            percent, amount = amounts(row, fields[1])
        except Unreadable as fault:
            raise fault.inside(f"{name}[{index}]") from None
        taxes.append(AppliedTax(code, title or code, percent, amount))
    return tuple(taxes)
