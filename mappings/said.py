"""What the shop says of a document that the books depend on, as a digest kept beside each entry.

By it a change in Magento is told from a change of the rules: states, notes, what was paid, invoiced or cancelled since,
and how rows are shown afterwards leave it as it is.
"""

from collections.abc import Iterable
from decimal import Decimal

from mappings.keys import digest
from mappings.model import AppliedTax, CreditMemo, Invoice, Order, Totals


def said(document: Order | Invoice | CreditMemo) -> str:
    """The digest of a document's amounts, articles, taxes, day, and, for an order, its buyer and payment method."""
    words = [str(document.store_id), document.currency, document.created_at.isoformat()]
    numbers = [*_totals(document.totals)]
    for line in document.lines:
        # Without the gross: REST shows it otherwise once a discounted row was invoiced.
        words.append(line.sku)
        numbers += (line.quantity, line.price, line.discount, line.tax)
        _taxes(line.taxes, words, numbers)
    _taxes(document.shipping_taxes, words, numbers)
    if isinstance(document, CreditMemo):
        numbers += (document.adjustment, document.fee)
    elif isinstance(document, Order):
        words += _buyer(document)
    # Every document of every page comes by here: one call for all numbers, and a number has one text.
    return digest("\n".join([*words, *map(str, map(Decimal.normalize, numbers))]))


def _buyer(order: Order) -> Iterable[str]:
    yield from (order.buyer.email.strip().casefold(), str(order.buyer.group_id), order.payment_method, order.coupon)
    for address in (order.billing, order.shipping_address):
        yield from (address.country, address.region_code, address.region) if address else ()


def _totals(totals: Totals) -> tuple[Decimal, ...]:
    return (
        *(totals.subtotal, totals.discount, totals.shipping, totals.shipping_tax, totals.tax),
        *(totals.gift_cards, totals.store_credit, totals.reward),
        *(totals.gift_wrap, totals.fixed_tax, totals.grand_total),
    )


def _taxes(taxes: Iterable[AppliedTax], words: list[str], numbers: list[Decimal]) -> None:
    for tax in taxes:
        words.append(tax.code)
        numbers += (tax.percent, tax.amount)
