"""Reads Magento's REST documents into orders, invoices and credit memos; a bad document becomes a `Problem`.

Facts about the documents are those of Magento Open Source 2.4.7 and 2.4.8 and of Adobe's `admin-schema`: amounts are
numbers with up to four decimals, `base_...` in the base currency; times are UTC; null columns are left out. Pure: knows
no HTTP, no store and no rules.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, TypeVar

from mappings.catalogue import problem
from mappings.magento_charged import as_charged, is_charged_apart, read_rates, with_charged
from mappings.magento_customers import read_customer
from mappings.magento_fees import read_custom_fees
from mappings.magento_fields import (
    Document,
    Unreadable,
    amounts,
    currency,
    identifier,
    moment,
    needed,
    rows,
    section,
    text,
    texts,
    whole,
    within,
)
from mappings.magento_json import parse
from mappings.magento_lines import invoice_lines, invoiced_taxes, memo_lines, order_lines
from mappings.magento_people import read_billing, read_buyer, read_shipping
from mappings.magento_shipments import shipped_quantities
from mappings.magento_shop import read_groups, read_product, read_stores
from mappings.magento_taxes import NO_TAXES, order_taxes, shipping_taxes
from mappings.magento_totals import adjustments, read_totals
from mappings.model import CreditMemo, Invoice, Order, Problem
from mappings.shipment import Shipment

__all__ = [
    "parse",
    "read_credit_memo",
    "read_customer",
    "read_groups",
    "read_invoice",
    "read_order",
    "read_product",
    "read_shipment",
    "read_stores",
]

STATES: Final = frozenset(
    ("new", "pending_payment", "processing", "complete", "closed", "canceled", "holded", "payment_review")
)
_PAID: Final = 2  # of a credit memo: refunded
_CANCELED: Final = 3
_BILLED_STATES: Final = frozenset((1, _PAID, _CANCELED))  # 1 is open
_PROGRESS: Final = (
    "base_total_paid",
    "base_total_refunded",
    "base_total_canceled",
    "base_tax_canceled",
    "base_shipping_canceled",
)
_ORDER_TEXTS: Final = (
    "status",
    "shipping_description",
    "coupon_code",
    "relation_parent_real_id",
    "relation_child_real_id",
)
_FURTHER: Final = ("discount_description", "ext_order_id", "store_name")
_WORDS: Final = MappingProxyType(
    {"order": "Order", "invoice": "Invoice", "creditmemo": "Credit memo", "shipment": "Shipment"}
)
Read = TypeVar("Read")


def read_order(raw: Mapping[str, Any]) -> Order | Problem:
    """An order with its priced lines, or what is wrong with it. Never raises on a bad document."""
    read = _read(raw, "order", _order)
    if isinstance(read, Problem) or not is_charged_apart(raw):
        return read
    return with_charged(read, _read(as_charged(raw), "order", _order))


def read_invoice(raw: Mapping[str, Any], order: Order | None = None) -> Invoice | Problem:
    """A Magento invoice, or what is wrong with it. Only its `order` knows the rates behind the taxes."""
    read = _read(raw, "invoice", lambda document: _invoice(document, order))
    if isinstance(read, Problem) or not is_charged_apart(raw):
        return read
    ordered = _charged(order)
    return with_charged(read, _read(as_charged(raw), "invoice", lambda document: _invoice(document, ordered)))


def read_credit_memo(raw: Mapping[str, Any], order: Order | None = None) -> CreditMemo | Problem:
    """A Magento credit memo, or what is wrong with it. Only its `order` knows the rates behind the taxes."""
    read = _read(raw, "creditmemo", lambda document: _credit_memo(document, order))
    if isinstance(read, Problem) or not is_charged_apart(raw):
        return read
    ordered = _charged(order)
    return with_charged(read, _read(as_charged(raw), "creditmemo", lambda document: _credit_memo(document, ordered)))


def _charged(order: Order | None) -> Order | None:
    """The order in the currency that the customer paid in; its lines know the rates of tax."""
    return order.charged if order is not None and isinstance(order.charged, Order) else None


def read_shipment(raw: Mapping[str, Any], order: Order, ordered: Mapping[str, Any]) -> Shipment | Problem:
    """A Magento shipment, or what is wrong with it; `ordered` is the document that `order` was read from."""
    return _read(raw, "shipment", lambda document: _shipment(document, order, ordered))


def _read(raw: Document, kind: str, read: Callable[[Document], Read]) -> Read | Problem:
    try:
        return read(raw)
    except Unreadable as fault:
        number = raw.get("increment_id")
        entity_id = raw.get("entity_id")
        if not (isinstance(number, str) and number):
            number = f"id-{entity_id}"[:30] if isinstance(entity_id, Decimal) else "unknown"
        code = raw.get("base_currency_code")
        return problem(
            fault.code,
            f"{kind}/{number}",
            fault.field,
            f"{_WORDS[kind]} {number}: {fault.field} {fault.reason}.",
            amount=fault.amount,
            currency=code if isinstance(code, str) else "",
        )


def _order(raw: Document) -> Order:
    number = needed(raw, "increment_id")
    status, shipping_description, coupon, parent_number, child_number = texts(raw, _ORDER_TEXTS)
    extension = section(raw, "extension_attributes")
    taxes = within("extension_attributes", order_taxes, extension)
    lines, totals = order_lines(raw, read_totals(raw, custom=read_custom_fees(raw)), taxes)
    paid, refunded, canceled, tax_canceled, shipping_canceled = amounts(raw, _PROGRESS)
    method, po_number, transaction_id = _payment(raw, extension)
    billing = read_billing(raw)
    shipping_address, shipping_method = within("extension_attributes", read_shipping, extension)
    return Order(
        entity_id=identifier(raw, "entity_id"),
        number=number,
        store_id=whole(raw, "store_id") or 0,
        state=_state(raw),
        status=status,
        created_at=moment(raw, "created_at"),
        updated_at=moment(raw, "updated_at"),
        currency=currency(raw, "base_currency_code"),
        order_currency=currency(raw, "order_currency_code"),
        order_grand_total=amounts(raw, ("grand_total",), 1)[0],
        totals=totals,
        paid=paid,
        refunded=refunded,
        canceled=canceled,
        tax_canceled=tax_canceled,
        shipping_canceled=shipping_canceled,
        payment_method=method,
        transaction_id=transaction_id,
        po_number=po_number,
        buyer=read_buyer(raw, billing),
        billing=billing,
        shipping_address=shipping_address,
        shipping_description=shipping_description,
        coupon=coupon,
        virtual=bool(whole(raw, "is_virtual")),
        lines=lines,
        shipping_taxes=shipping_taxes(totals.shipping_tax, taxes),
        parent_number=parent_number,
        child_number=child_number,
        attributes=_attributes(raw, shipping_method),
        rates=read_rates(raw),
    )


def _state(raw: Document) -> str:
    state = raw.get("state")
    if type(state) is str and state in STATES:
        return state
    told = repr(state[:40]) if isinstance(state, str) else "not told in words"
    raise Unreadable("state", f"is {told}, which MageBooks does not know", "unknown-state")


def _payment(raw: Document, extension: Document) -> tuple[str, str, str]:
    """The payment's method, purchase order number and transaction."""
    payment = section(raw, "payment")
    method, po_number, transaction_id = within("payment", texts, payment, ("method", "po_number", "last_trans_id"))
    return method, po_number, transaction_id or _transaction(extension)


def _transaction(extension: Document) -> str:
    """The gateway's transaction in `payment_additional_info`, for methods that leave `last_trans_id` empty."""
    for index, info in enumerate(within("extension_attributes", rows, extension, "payment_additional_info")):
        if info.get("key") in ("transaction_id", "txn_id", "last_trans_id"):
            return within(f"extension_attributes.payment_additional_info[{index}]", text, info, "value")
    return ""


def _attributes(raw: Document, shipping_method: str) -> dict[str, str]:
    """Further facts in words, only those the order has."""
    attributes = {name: value for name, value in zip(_FURTHER, texts(raw, _FURTHER), strict=True) if value}
    if shipping_method:
        attributes["shipping_method"] = shipping_method
    return attributes


def _invoice(raw: Document, order: Order | None) -> Invoice:
    number = needed(raw, "increment_id")
    state = _billed_state(raw)
    order_id = _order_of(raw, order)
    entity_id, ordered = identifier(raw, "entity_id"), order.totals.custom_fees if order else ()
    header = read_totals(raw, custom=tuple(fee for fee in ordered if fee.invoice_id == entity_id))
    lines, totals = invoice_lines(raw, header, order)
    return Invoice(
        entity_id=entity_id,
        number=number,
        order_id=order_id,
        store_id=whole(raw, "store_id") or 0,
        captured=state == _PAID,
        canceled=state == _CANCELED,
        created_at=moment(raw, "created_at"),
        updated_at=moment(raw, "updated_at"),
        currency=currency(raw, "base_currency_code"),
        totals=totals,
        transaction_id=text(raw, "transaction_id"),
        lines=lines,
        shipping_taxes=invoiced_taxes(order.shipping_taxes, totals.shipping_tax) if order else NO_TAXES,
        rates=read_rates(raw),
    )


def _billed_state(raw: Document) -> int:
    """The state of an invoice or a credit memo. REST always sends it: without it nobody knows whether money moved."""
    state = whole(raw, "state")
    if state is None or state not in _BILLED_STATES:
        why = "is missing" if state is None else f"is {state}, which MageBooks does not know"
        raise Unreadable("state", why, "unknown-state")
    return state


def _credit_memo(raw: Document, order: Order | None) -> CreditMemo:
    number, state, order_id = needed(raw, "increment_id"), _billed_state(raw), _order_of(raw, order)
    entity_id, ordered = identifier(raw, "entity_id"), order.totals.custom_fees if order else ()
    custom = tuple(fee for fee in ordered if fee.memo_id == entity_id)
    lines, totals = memo_lines(raw, read_totals(raw, True, custom), order)
    adjustment, fee = adjustments(raw)
    return CreditMemo(
        entity_id=entity_id,
        number=number,
        order_id=order_id,
        invoice_id=whole(raw, "invoice_id") or None,
        store_id=whole(raw, "store_id") or 0,
        created_at=moment(raw, "created_at"),
        currency=currency(raw, "base_currency_code"),
        totals=totals,
        adjustment=adjustment,
        fee=fee,
        transaction_id=text(raw, "transaction_id"),
        lines=lines,
        shipping_taxes=invoiced_taxes(order.shipping_taxes, totals.shipping_tax) if order else NO_TAXES,
        rates=read_rates(raw),
        refunded=state == _PAID,
        canceled=state == _CANCELED,
    )


def _shipment(raw: Document, order: Order, ordered: Document) -> Shipment:
    return Shipment(
        entity_id=identifier(raw, "entity_id"),
        number=needed(raw, "increment_id"),
        order_id=_order_of(raw, order),
        created_at=moment(raw, "created_at"),
        quantities=shipped_quantities(raw, order, ordered),
    )


def _order_of(raw: Document, order: Order | None) -> int:
    order_id = identifier(raw, "order_id")
    if order is not None and order.entity_id != order_id:
        raise Unreadable("order_id", f"names another order than {order.number}")
    return order_id
