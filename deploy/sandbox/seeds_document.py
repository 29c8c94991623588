"""Draws a Magento 2.4.7 order document as `GET /V1/orders` answers it, amounts as `Decimal`.

Columns that Magento leaves out are absent, not null. Keys that begin with an underscore are the sandbox's own
notes (gross amounts that REST never shows); `seeds_wire` leaves them out.
"""

import hashlib

from deploy.sandbox.seeds_catalogue import Person
from deploy.sandbox.seeds_items import items_of, weight
from deploy.sandbox.seeds_money import ONE, ZERO, Charge, Coupon, cents
from deploy.sandbox.seeds_shapes import Counters, Document, Draft, added
from deploy.sandbox.seeds_taxes import taxes_of

STORE_NAMES = {
    1: "Main Website\nMain Website Store\nDefault Store View",
    2: "EU Website\nEU Store\nDeutsch",
}
TITLES = {
    "checkmo": "Check / Money order",
    "banktransfer": "Bank Transfer Payment",
    "cashondelivery": "Cash On Delivery",
    "purchaseorder": "Purchase Order",
    "paypal_express": "PayPal Express Checkout",
    "braintree": "Credit Card (Braintree)",
    "free": "No Payment Information Required",
    "klarna_kp": "Klarna Payments",
    "mysterypay": "Mystery Pay",
}


def order(draft: Draft, counters: Counters, created: str, number: str = "") -> Document:
    """The document of a new, unpaid order (state new, status pending)."""
    counters.order += 1
    id = counters.order
    number = number or counters.number("order", draft.store)
    items = items_of(draft, counters, id, created)
    billing, shipping = _addresses(draft, counters, id)
    base, shown = _header(draft, "base_", draft.base), _header(draft, "", draft.shown)
    document: Document = {
        **base,
        **shown,
        **_coupon(draft.coupon),
        **_buyer(draft.person),
        "base_currency_code": draft.base_currency,
        "base_to_global_rate": ONE,
        "base_to_order_rate": draft.rate,
        "billing_address_id": billing["entity_id"],
        "created_at": created,
        "customer_note_notify": 1,
        "email_sent": 1,
        "entity_id": id,
        "global_currency_code": draft.base_currency,
        "increment_id": number,
        "is_virtual": int(draft.virtual),
        "order_currency_code": draft.currency,
        "protect_code": hashlib.md5(number.encode(), usedforsecurity=False).hexdigest(),
        "quote_id": id + 4,
        "remote_ip": f"203.0.113.{id % 250 + 1}",
        "x_forwarded_for": f"198.51.100.{id % 250 + 1}",
        "state": "new",
        "status": "pending",
        "store_currency_code": draft.base_currency,
        "store_id": draft.store,
        "store_name": STORE_NAMES[draft.store],
        "store_to_base_rate": 0,
        "store_to_order_rate": 0,
        "total_item_count": sum(1 for pick in draft.picks if pick.parent is None),
        "total_qty_ordered": sum((pick.quantity for pick in draft.picks if pick.parent is None), ZERO),
        "updated_at": created,
        "weight": sum((weight(pick) for pick in draft.picks), ZERO),
        "items": items,
        "billing_address": billing,
        "payment": _payment(draft, id, shown, base),
        "status_histories": [],
        "extension_attributes": _extension(draft, counters, id, items, shipping, base, shown),
    }
    if not draft.virtual:
        document["shipping_description"] = draft.shipping
    return document


def _header(draft: Draft, prefix: str, charges: tuple[Charge, ...]) -> Document:
    *lines, ship = charges
    compensation = added([line.compensation for line in lines])
    total = added([line.row - line.discount + line.tax + line.compensation for line in charges])
    short = "base_shipping_discount_tax_compensation_amnt" if prefix else "shipping_discount_tax_compensation_amount"
    return {
        f"{prefix}discount_amount": -added([line.discount for line in charges]),
        f"{prefix}discount_tax_compensation_amount": compensation,
        f"{prefix}grand_total": total,
        f"{prefix}shipping_amount": ship.row,
        f"{prefix}shipping_discount_amount": ship.discount,
        short: ship.compensation,
        f"{prefix}shipping_incl_tax": ship.row_incl,
        f"{prefix}shipping_tax_amount": ship.tax,
        f"{prefix}subtotal": added([line.row for line in lines]),
        f"{prefix}subtotal_incl_tax": added([line.row_incl for line in lines]),
        f"{prefix}tax_amount": added([line.tax for line in charges]),
        f"{prefix}total_due": cents(total),
    }


def _coupon(coupon: Coupon | None) -> Document:
    if coupon is None:
        return {}
    return {
        "applied_rule_ids": coupon.rule,
        "coupon_code": coupon.code,
        "discount_description": f"{coupon.code} label",
    }


def _buyer(person: Person) -> Document:
    buyer: Document = {
        "customer_email": person.email,
        "customer_firstname": person.first,
        "customer_group_id": person.group,
        "customer_is_guest": int(person.customer_id is None),
        "customer_lastname": person.last,
    }
    if person.customer_id is not None:
        buyer["customer_id"] = person.customer_id
    if person.vat:
        buyer["customer_taxvat"] = person.vat
    return buyer


def _addresses(draft: Draft, counters: Counters, order_id: int) -> tuple[Document, Document | None]:
    person, place = draft.person, draft.place
    common: Document = {
        "city": place.city,
        "country_id": place.country,
        "email": person.email,
        "firstname": person.first,
        "lastname": person.last,
        "parent_id": order_id,
        "postcode": place.postcode,
        "street": list(place.street),
        "telephone": "+1 512 555 0101" if place.country == "US" else "+49 211 1",
    }
    if place.region:
        common |= {"region": place.region, "region_code": place.region_code, "region_id": place.region_id}
    if person.company:
        common["company"] = person.company
    if person.vat:
        common["vat_id"] = person.vat
    shipping = None
    if not draft.virtual:
        counters.address += 1
        shipping = {"address_type": "shipping", "entity_id": counters.address, **common}
    counters.address += 1
    return {"address_type": "billing", "entity_id": counters.address, **common}, shipping


def _payment(draft: Draft, id: int, shown: Document, base: Document) -> Document:
    payment: Document = {
        "account_status": None,
        "additional_information": [TITLES[draft.method]],
        "amount_ordered": cents(shown["grand_total"]),
        "base_amount_ordered": cents(base["base_grand_total"]),
        "base_shipping_amount": base["base_shipping_amount"],
        "cc_last4": None,
        "entity_id": id,
        "method": draft.method,
        "parent_id": id,
        "shipping_amount": shown["shipping_amount"],
    }
    if draft.method in ("banktransfer", "cashondelivery"):
        payment["additional_information"].append(None)
    if draft.method == "braintree":
        payment |= {"cc_exp_month": "7", "cc_exp_year": "2029", "cc_last4": "1111", "cc_type": "VI"}
        payment["additional_information"] += ["xxxx-1111", "device-fingerprint-4f2a", "tok_sandbox_secret"]
    if draft.method == "paypal_express":
        payment["additional_information"] += ["EC-5XL82437", "PAYERID42", draft.person.email]
    if draft.po_number:
        payment["po_number"] = draft.po_number
    return payment


def _extension(
    draft: Draft,
    counters: Counters,
    id: int,
    items: list[Document],
    shipping: Document | None,
    base: Document,
    shown: Document,
) -> Document:
    short = ("base_shipping_discount_tax_compensation_amnt", "shipping_discount_tax_compensation_amount")
    names = ("shipping_amount", "shipping_discount_amount", "shipping_incl_tax", "shipping_tax_amount")
    total = {f"base_{name}": base[f"base_{name}"] for name in names} | {short[0]: base[short[0]]}
    total |= {name: shown[name] for name in names} | {short[1]: shown[short[1]]}
    ship: Document = {"total": total}
    if shipping is not None:
        method = "freeshipping_freeshipping" if draft.shipping.startswith("Free") else "flatrate_flatrate"
        ship = {"address": shipping, "method": method, "total": total}
    return {
        "shipping_assignments": [{"shipping": ship}],
        "payment_additional_info": [{"key": "method_title", "value": TITLES[draft.method]}],
        **taxes_of(draft, counters, id, items),
        "converting_from_quote": False,
    }
