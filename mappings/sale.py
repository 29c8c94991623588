"""What an order, a Magento invoice and a cancelled rest have in common: lines, shipping, discount, tax and a total."""

from dataclasses import dataclass, replace
from decimal import Decimal

from mappings.model import ZERO, AppliedTax, Invoice, Line, Order, Totals


@dataclass(frozen=True, slots=True)
class Sale:
    """The parts of a document that become lines. Amounts in base currency, up to four decimals; `source` is the
    Magento document that they come from (`order` or `invoice`)."""

    lines: tuple[Line, ...]
    totals: Totals
    shipping_taxes: tuple[AppliedTax, ...]
    source: str = "order"


def of_order(order: Order) -> Sale:
    """The whole order as it was placed."""
    return Sale(order.lines, order.totals, order.shipping_taxes)


def of_invoice(invoice: Invoice, order: Order) -> Sale:
    """One Magento invoice. Invoices name no tax rates for shipping: they are the order's, with this invoice's tax."""
    return Sale(invoice.lines, invoice.totals, share(order.shipping_taxes, invoice.totals.shipping_tax), "invoice")


def of_rest(order: Order) -> Sale:
    """What was cancelled after a part of the order had been invoiced, line by line as quantities say.

    Magento keeps the cancelled tax and shipping on the order as a whole; the lines' shares add up to it only up to
    rounding, which the rendering treats like any other rounding.
    """
    lines = tuple(_canceled(line) for line in order.lines if line.quantity_canceled > 0)
    discount = sum((line.discount - line.compensation for line in lines), ZERO)
    totals = Totals(
        subtotal=sum((line.gross for line in lines), ZERO),
        discount=-discount,
        shipping=order.shipping_canceled,
        shipping_discount=ZERO,
        shipping_tax=ZERO,
        tax=order.tax_canceled,
        compensation=ZERO,
        shipping_compensation=ZERO,
        gift_cards=ZERO,
        store_credit=ZERO,
        reward=ZERO,
        grand_total=order.canceled,
    )
    return Sale(lines, totals, ())


def share(taxes: tuple[AppliedTax, ...], amount: Decimal) -> tuple[AppliedTax, ...]:
    """The same rates over another amount of tax; the last rate takes what division leaves."""
    whole = sum((tax.amount for tax in taxes), ZERO)
    if not taxes or whole == amount:
        return taxes
    parts = [(tax.amount * amount / whole if whole else ZERO).quantize(Decimal("0.0001")) for tax in taxes]
    parts[-1] += amount - sum(parts, ZERO)
    return tuple(replace(tax, amount=part) for tax, part in zip(taxes, parts, strict=True))


def _canceled(line: Line) -> Line:
    part = line.quantity_canceled / line.quantity
    tax = (line.tax * part).quantize(Decimal("0.0001"))
    return replace(
        line,
        quantity=line.quantity_canceled,
        gross=line.gross * part,
        discount=line.discount * part,
        compensation=line.compensation * part,
        tax=tax,
        taxes=share(line.taxes, tax),
    )
