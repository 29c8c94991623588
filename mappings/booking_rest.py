"""The part of an order that was cancelled after another part had been invoiced.

Magento cancels what nobody invoiced: `base_total_canceled` is the order's total less what was paid, the lines say
how many pieces, `base_tax_canceled` and `base_shipping_canceled` how much tax and shipping (Magento 2.4.7,
`Order::registerCancellation`).
"""

from dataclasses import replace
from decimal import Decimal

from mappings.booking_sheet import Parts
from mappings.model import ZERO, Amounts, AppliedTax, Line, Order, Totals


def rest_of(order: Order) -> Parts:
    """Lines by pieces cancelled, with what is left of gross, discount and tax; the header as Magento states it."""
    lines = tuple(_share(line) for line in order.lines if line.quantity_canceled)
    whole = order.totals
    part = order.shipping_canceled / whole.shipping if whole.shipping else ZERO
    shipping_taxes = _scaled(order.shipping_taxes, part)
    shipping_discount = whole.shipping_discount * part
    shipping_compensation = whole.shipping_compensation * part
    compensation = sum((line.compensation for line in lines), ZERO)
    totals = Totals(
        subtotal=sum((line.gross for line in lines), ZERO),
        discount=-sum((line.discount for line in lines), shipping_discount),
        shipping=order.shipping_canceled,
        shipping_discount=shipping_discount,
        shipping_tax=whole.shipping_tax * part,
        tax=order.tax_canceled,
        compensation=compensation,
        shipping_compensation=shipping_compensation,
        gift_cards=ZERO,
        store_credit=ZERO,
        reward=ZERO,
        grand_total=order.canceled,
    )
    return Parts(lines, totals, shipping_taxes)


def _share(line: Line) -> Line:
    """What is left of a line: its amounts less those invoiced (each rounded by Magento, so that they are no exact
    share), or by pieces where the invoiced ones are not known."""
    if line.quantity_canceled >= line.quantity:
        return line
    part, taken = line.quantity_canceled / line.quantity, line.invoiced
    left = (
        Amounts(line.gross * part, line.discount * part, line.tax * part, line.compensation * part)
        if taken is None
        else Amounts(
            line.gross - taken.gross,
            line.discount - taken.discount,
            line.tax - taken.tax,
            line.compensation - taken.compensation,
        )
    )
    share = left.tax / line.tax if line.tax else ZERO
    return replace(
        line,
        quantity=line.quantity_canceled,
        gross=left.gross,
        discount=left.discount,
        tax=left.tax,
        compensation=left.compensation,
        taxes=tuple(replace(tax, amount=tax.amount * share) for tax in line.taxes),
    )


def _scaled(taxes: tuple[AppliedTax, ...], part: Decimal) -> tuple[AppliedTax, ...]:
    if not part:
        return ()
    return tuple(replace(tax, amount=tax.amount * part) for tax in taxes)
