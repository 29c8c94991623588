"""What rules and value templates may ask about a document: a closed, documented dictionary of facts.

A name never changes its meaning. Amounts are in the base currency unless the label says otherwise; dates are days
in the store's time zone, written 2026-11-21. Card data and network addresses are no facts. `FACTS` feeds
`magebooks rules facts`, the help and the checks of a rules file; `order_facts` and its companions fill it in.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from mappings.context import Context
from mappings.facts_list import FACTS, Fact, is_personal, known_fact, nearest_fact
from mappings.model import ZERO, Address, AppliedTax, CreditMemo, Invoice, Line, Order
from mappings.shipment import Shipment

FactValue = str | Decimal | bool | int | None
Facts = Mapping[str, FactValue]

UTC: Final = "UTC"
_NO_REFUND: Final[dict[str, FactValue]] = dict.fromkeys(
    ("refund.number", "refund.date", "refund.total", "refund.adjustment", "refund.fee", "refund.online")
)

__all__ = [
    "FACTS",
    "Fact",
    "FactValue",
    "Facts",
    "bounds",
    "credit_facts",
    "fee_facts",
    "is_personal",
    "known_fact",
    "line_facts",
    "local",
    "nearest_fact",
    "order_facts",
    "settlement_facts",
    "summary_facts",
    "tax_facts",
    "zone_of",
]


def order_facts(
    order: Order,
    context: Context,
    on_account: tuple[str, ...] | list[str],
    invoice: Invoice | None = None,
    timezone: str = "store",
    memo: CreditMemo | None = None,
    shipment: Shipment | None = None,
) -> dict[str, FactValue]:
    """The facts of an order, of one of its Magento invoices, of one of its credit memos or shipments.

    `on_account` lists payment methods whose money is not there when Magento says so (`purchaseorder`). `paid` is
    true when nothing is owed: the total is zero, or the method is not on account and all of it has been captured
    (with an invoice: that invoice). `timezone` is a zone name, or `store` for the store view's own.
    """
    # What is asked is asked in base currency, whichever the document is booked in.
    order, invoice, memo = order.base or order, invoice and (invoice.base or invoice), memo and (memo.base or memo)
    store, zone = context.stores.get(order.store_id), zone_of(order, context, timezone)
    totals = order.totals
    later = order.payment_method in on_account
    captured = order.paid >= totals.grand_total if invoice is None else invoice.captured
    owed = totals.grand_total if invoice is None else invoice.totals.grand_total
    facts: dict[str, FactValue] = {
        "order.number": order.number,
        "order.state": order.state,
        "order.status": order.status,
        "order.date": local(order.created_at, zone),
        "order.total": totals.grand_total,
        "order.subtotal": totals.subtotal,
        "order.tax": totals.tax,
        "order.discount": -totals.discount,
        "order.currency": order.currency,
        "order.shown_currency": order.order_currency,
        "order.paid": order.paid,
        "order.refunded": order.refunded,
        "order.canceled": order.state == "canceled" or order.canceled > 0,
        "order.edited": bool(order.parent_number or order.child_number),
        "order.replaces": order.parent_number,
        "order.po_number": order.po_number,
        "order.lines": len(order.lines),
        "paid": captured and not later if owed else True,
        "captured": captured,
        "on_account": later,
        "payment.method": order.payment_method,
        "payment.transaction": order.transaction_id,
        "store": store.code if store else None,
        "store.name": store.name if store else None,
        "website": store.website_id if store else None,
        **_customer(order, context),
        "shipping.amount": totals.shipping,
        "shipping.tax": totals.shipping_tax,
        "shipping.description": order.shipping_description,
        "coupon": order.coupon,
        "virtual": order.virtual,
        **_later(invoice, memo, shipment, zone),
    }
    _place(facts, "bill", order.billing)
    # A download has no shipping address; its buyer's country then decides what shipping rules ask.
    _place(facts, "ship", order.shipping_address or order.billing)
    return facts


def line_facts(document_facts: Facts, line: Line, context: Context) -> dict[str, FactValue]:
    """The document's facts and those of one of its lines, with the product's attributes where they are known."""
    line = line.base or line
    facts = {
        **document_facts,
        "line.sku": line.sku,
        "line.name": line.name,
        "line.type": line.product_type,
        "line.kit": line.kit.kind if line.kit else None,
        "line.kit_sku": line.kit.sku if line.kit else None,
        "line.price": line.price,
        "line.quantity": line.quantity,
        "line.amount": line.gross,
        "line.discount": line.discount,
        "line.tax": line.tax,
        "line.tax_rate": line.tax_percent,
    }
    product = context.products.get(line.sku)
    if product is not None:
        facts |= {f"product.{name}": value for name, value in product.attributes.items()}
    return facts


def tax_facts(document_facts: Facts, tax: AppliedTax | None) -> dict[str, FactValue]:
    """The document's facts and those of one applied tax; without one (`None`), the rate is zero and unnamed."""
    if tax is None:
        return {**document_facts, "tax.code": "", "tax.title": "", "tax.rate": ZERO}
    return {**document_facts, "tax.code": tax.code, "tax.title": tax.title, "tax.rate": tax.percent}


def credit_facts(document_facts: Facts, kind: str, amount: Decimal) -> dict[str, FactValue]:
    """The document's facts and what was paid with a credit: `kind` is gift_card, store_credit or reward."""
    return {**document_facts, "credit.kind": kind, "credit.amount": amount}


def fee_facts(
    document_facts: Facts, kind: str, amount: Decimal, label: str = "", code: str = ""
) -> dict[str, FactValue]:
    """The document's facts and what was charged beside goods and shipping: `kind` is gift_wrap, fixed_tax or
    custom_fee, which alone has a `label` and a `code`."""
    return {**document_facts, "fee.kind": kind, "fee.amount": amount, "fee.label": label, "fee.code": code}


def settlement_facts(processor: str, currency: str) -> dict[str, FactValue]:
    """All that rules may ask about a payout: it is of many orders and knows none of their facts."""
    return {"settlement.processor": processor, "settlement.currency": currency}


def summary_facts(day: date, sequence: int) -> dict[str, FactValue]:
    """All that a daily summary knows: it is of many orders and has none of their facts."""
    return {"summary.date": day.isoformat(), "summary.sequence": sequence}


def zone_of(order: Order, context: Context, timezone: str) -> str:
    """The time zone of an order's days: `timezone`, or its store view's own where that is `store`."""
    store = context.stores.get(order.store_id)
    return (store.timezone if store else UTC) if timezone == "store" else timezone


def local(moment: datetime, zone: str) -> str:
    """The day of `moment` in a time zone, as 2026-11-21; a zone that nobody knows counts as UTC."""
    return moment.astimezone(_known(zone)).date().isoformat()


def bounds(day: date, zone: str) -> tuple[datetime, datetime]:
    """The instants in UTC at which `day` begins and ends in a time zone; a zone that nobody knows counts as UTC."""
    begins, ends = (datetime.combine(each, time(), _known(zone)) for each in (day, day + timedelta(days=1)))
    return begins.astimezone(ZoneInfo(UTC)), ends.astimezone(ZoneInfo(UTC))


def _known(zone: str) -> ZoneInfo:
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(UTC)


def _customer(order: Order, context: Context) -> dict[str, FactValue]:
    buyer = order.buyer
    return {
        "guest": buyer.guest,
        "customer.group": context.groups.get(buyer.group_id),
        "customer.id": buyer.id,
        "customer.email": buyer.email,
        "customer.email_domain": buyer.email.rpartition("@")[2],
        "customer.name": f"{buyer.first_name} {buyer.last_name}".strip(),
        "customer.company": order.billing.company,
        "customer.tax_id": buyer.tax_id,
    }


def _later(
    invoice: Invoice | None, memo: CreditMemo | None, shipment: Shipment | None, zone: str
) -> dict[str, FactValue]:
    """What came of the order: the facts of a document that belongs to it, without a value where it is of another."""
    number = None if shipment is None else shipment.number
    return {**_invoiced(invoice, zone), **_refund(memo, zone), "shipment.number": number}


def _invoiced(invoice: Invoice | None, zone: str) -> dict[str, FactValue]:
    return {
        "invoice.number": invoice.number if invoice else None,
        "invoice.date": local(invoice.created_at, zone) if invoice else None,
        "invoice.total": invoice.totals.grand_total if invoice else None,
    }


def _refund(memo: CreditMemo | None, zone: str) -> dict[str, FactValue]:
    if memo is None:
        return _NO_REFUND
    return {
        "refund.number": memo.number,
        "refund.date": local(memo.created_at, zone),
        "refund.total": memo.totals.grand_total,
        "refund.adjustment": memo.adjustment,
        "refund.fee": memo.fee,
        "refund.online": bool(memo.transaction_id),
    }


def _place(facts: dict[str, FactValue], name: str, address: Address) -> None:
    facts[f"{name}.country"] = address.country
    facts[f"{name}.region"] = address.region_code or address.region
    facts[f"{name}.postcode"] = address.postcode
    facts[f"{name}.city"] = address.city
