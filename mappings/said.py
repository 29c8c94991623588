"""What the shop says of a document that the books depend on, as a digest kept beside each entry.

By it a change in Magento is told from a change of the rules: states, notes, what was paid, invoiced or cancelled since,
and how rows are shown afterwards leave it as it is.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from mappings.keys import digest
from mappings.model import AppliedTax, CreditMemo, Invoice, Line, Order, Totals


def said(document: Order | Invoice | CreditMemo) -> str:
    """The digest of a document's amounts, articles, taxes, day, and, for an order, its buyer and payment method."""
    return digest("\n".join(map(_text, _parts(document))))


def _parts(document: Order | Invoice | CreditMemo) -> Iterator[object]:
    yield from (document.store_id, document.currency, document.created_at.isoformat())
    yield from _totals(document.totals)
    for line in document.lines:
        yield from _line(line)
    yield from _taxes(document.shipping_taxes)
    if isinstance(document, CreditMemo):
        yield from (document.adjustment, document.fee)
    if isinstance(document, Order):
        yield from (document.buyer.email.strip().casefold(), document.buyer.group_id)
        yield from (document.payment_method, document.coupon)
        for address in (document.billing, document.shipping_address):
            yield from (address.country, address.region_code, address.region) if address else ()


def _totals(totals: Totals) -> Iterator[object]:
    yield from (totals.subtotal, totals.discount, totals.shipping, totals.shipping_tax, totals.tax)
    yield from (totals.gift_cards, totals.store_credit, totals.reward)
    yield from (totals.gift_wrap, totals.fixed_tax, totals.grand_total)


def _line(line: Line) -> Iterator[object]:
    """Without the gross: REST shows it otherwise once a discounted row was invoiced."""
    yield from (line.sku, line.quantity, line.price, line.discount, line.tax)
    yield from _taxes(line.taxes)


def _taxes(taxes: Iterable[AppliedTax]) -> Iterator[object]:
    for tax in taxes:
        yield from (tax.code, tax.percent, tax.amount)


def _text(part: object) -> str:
    return format(part.normalize(), "f") if isinstance(part, Decimal) else str(part)
