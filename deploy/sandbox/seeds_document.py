"""Draws a Magento 2.4.7 order document as `GET /V1/orders` answers it, amounts as `Decimal`.

Columns that Magento leaves out are absent, not null. Keys that begin with an underscore are the sandbox's own
notes (gross amounts that REST never shows); `wire` leaves them out and adds the repetitions: `parent_item`
copies and the items inside `shipping_assignments`.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from deploy.sandbox.seeds_catalogue import Article, Person, Place
from deploy.sandbox.seeds_money import ONE, ZERO, Charge, Coupon, Rate, basis, cents

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Pick:
    """An article in a cart. `role` says where the price is: on a line, on the parent (child shown at 0), or on the
    children (the parent repeats their sum)."""

    article: Article
    quantity: Decimal
    sku: str
    role: str = "line"  # line | parent | silent child | sum parent | priced child
    parent: int | None = None
    option: Mapping[str, Any] | None = None

    @property
    def charged(self) -> bool:
        """Whether the price stands on this row (and not on its parent or children)."""
        return self.role in ("line", "parent", "priced child")


@dataclass(frozen=True, slots=True)
class Draft:
    """All that is known of an order before it gets its numbers."""

    picks: tuple[Pick, ...]
    base: tuple[Charge, ...]
    shown: tuple[Charge, ...]
    person: Person
    place: Place
    store: int
    base_currency: str
    currency: str
    rate: Decimal
    coupon: Coupon | None
    method: str
    virtual: bool
    shipping: str
    po_number: str = ""


@dataclass(slots=True)
class Counters:
    """Magento's auto-increment ids, and increment ids per store and document type."""

    order: int = 0
    item: int = 0
    address: int = 0
    tax: int = 0
    tax_item: int = 0
    invoice: int = 0
    invoice_item: int = 0
    memo: int = 0
    memo_item: int = 0
    numbers: dict[tuple[str, int], int] | None = None

    def number(self, kind: str, store: int) -> str:
        """The next increment id: `000000007` in the first store, `2000000007` in the second."""
        numbers = self.numbers = self.numbers if self.numbers is not None else {}
        numbers[kind, store] = count = numbers.get((kind, store), 0) + 1
        return f"{count:09d}" if store == 1 else f"{store}{count:09d}"


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
    items = _items(draft, counters, id, created)
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
        "weight": sum((_weight(pick) for pick in draft.picks), ZERO),
        "items": items,
        "billing_address": billing,
        "payment": _payment(draft, id, shown, base),
        "status_histories": [],
        "extension_attributes": _extension(draft, counters, id, items, shipping, base, shown),
    }
    if not draft.virtual:
        document["shipping_description"] = draft.shipping
    return document


def wire(document: Document) -> bytes:
    """The document as JSON bytes, written as PHP writes it (`\\/`, `\\u00fc`, integral numbers without a point)."""
    full = dict(document)
    if "shipping_assignments" in full.get("extension_attributes", {}):
        full = _repeated(full)
    text = json.dumps(_public(full), separators=(",", ":"), default=plain)
    return text.replace("/", "\\/").encode()


def plain(amount: object) -> int | float:
    """A Decimal as JSON number. Four decimals and ten digits survive a double's shortest repr unchanged."""
    if not isinstance(amount, Decimal):
        raise TypeError(f"no JSON for {type(amount).__name__}")
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def _public(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _public(inner) for key, inner in value.items() if not key.startswith("_")}
    return [_public(inner) for inner in value] if isinstance(value, list) else value


def _repeated(document: Document) -> Document:
    by_id = {item["item_id"]: item for item in document.get("items", ())}
    items = [
        {**item, "parent_item": by_id[item["parent_item_id"]]} if item.get("parent_item_id") in by_id else item
        for item in document.get("items", ())
    ]
    extension = dict(document["extension_attributes"])
    extension["shipping_assignments"] = [{**one, "items": items} for one in extension["shipping_assignments"]]
    repeated = {**document, "extension_attributes": extension}
    if "items" in document:
        repeated["items"] = items
    return repeated


def _sum(amounts: Sequence[Decimal]) -> Decimal:
    return sum(amounts, ZERO)


def _header(draft: Draft, prefix: str, charges: tuple[Charge, ...]) -> Document:
    *lines, ship = charges
    compensation = _sum([line.compensation for line in lines])
    total = _sum([line.row - line.discount + line.tax + line.compensation for line in charges])
    short = "base_shipping_discount_tax_compensation_amnt" if prefix else "shipping_discount_tax_compensation_amount"
    return {
        f"{prefix}discount_amount": -_sum([line.discount for line in charges]),
        f"{prefix}discount_tax_compensation_amount": compensation,
        f"{prefix}grand_total": total,
        f"{prefix}shipping_amount": ship.row,
        f"{prefix}shipping_discount_amount": ship.discount,
        short: ship.compensation,
        f"{prefix}shipping_incl_tax": ship.row_incl,
        f"{prefix}shipping_tax_amount": ship.tax,
        f"{prefix}subtotal": _sum([line.row for line in lines]),
        f"{prefix}subtotal_incl_tax": _sum([line.row_incl for line in lines]),
        f"{prefix}tax_amount": _sum([line.tax for line in charges]),
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


def _weight(pick: Pick) -> Decimal:
    if pick.parent is not None or pick.article.weight is None:
        return ZERO
    return pick.article.weight * pick.quantity


def _items(draft: Draft, counters: Counters, order_id: int, created: str) -> list[Document]:
    charges = iter(range(len(draft.base) - 1))
    numbered = [(pick, next(charges) if pick.charged else None) for pick in draft.picks]
    first = counters.item + 1
    items = []
    for pick, at in numbered:
        counters.item += 1
        items.append(_item(draft, pick, at, counters.item, first, order_id, created))
    for item, (pick, _) in zip(items, numbered, strict=True):
        if pick.role == "sum parent":
            _sum_children(item, [child for child in items if child.get("parent_item_id") == item["item_id"]])
    return items


def _item(draft: Draft, pick: Pick, at: int | None, id: int, first: int, order_id: int, created: str) -> Document:
    article = pick.article
    item: Document = {
        "amount_refunded": ZERO,
        "base_amount_refunded": ZERO,
        "created_at": created,
        "discount_percent": draft.coupon.percent if draft.coupon and pick.role in ("line", "parent") else 0,
        "free_shipping": 0,
        "is_qty_decimal": int(article.decimal),
        "is_virtual": int(article.type in ("virtual", "downloadable")),
        "item_id": id,
        "name": article.name,
        "no_discount": 0,
        "order_id": order_id,
        "product_id": article.id,
        "product_type": article.type,
        "qty_canceled": ZERO,
        "qty_invoiced": ZERO,
        "qty_ordered": pick.quantity,
        "qty_refunded": ZERO,
        "qty_shipped": ZERO,
        "quote_item_id": id + 22,
        "row_weight": _weight(pick),
        "sku": pick.sku,
        "store_id": draft.store,
        "updated_at": created,
        "extension_attributes": {"itemized_taxes": []},
    }
    for prefix, charges in (("base_", draft.base), ("", draft.shown)):
        item |= _amounts(prefix, charges[at] if at is not None else None)
    if article.weight is not None:
        item["weight"] = article.weight
    if pick.parent is not None:
        item["parent_item_id"] = first + pick.parent
    if pick.option is not None:
        item["product_option"] = {"extension_attributes": dict(pick.option)}
    if pick.role != "sum parent":
        item["tax_percent"] = _sum([rate.percent for rate, _ in draft.base[at].taxes]) if at is not None else 0
    if draft.coupon is not None and pick.role in ("line", "parent", "sum parent"):
        item["applied_rule_ids"] = draft.coupon.rule
    item["_role"] = pick.role
    item["_at"] = at
    return item


def _amounts(prefix: str, charge: Charge | None) -> Document:
    """A priced row, or one that carries no price: then the columns that Magento leaves NULL are left out."""
    zeros = {f"{prefix}{name}": ZERO for name in ("discount_invoiced", "row_invoiced", "tax_invoiced")}
    if charge is None:
        amounts = {
            f"{prefix}{name}": ZERO
            for name in ("discount_amount", "price", "row_total", "row_total_incl_tax", "tax_amount")
        }
        return zeros | amounts | ({} if prefix else {"original_price": ZERO})
    net = max(ZERO, charge.row - charge.discount)
    return zeros | {
        f"{prefix}discount_amount": charge.discount,
        f"{prefix}discount_tax_compensation_amount": charge.compensation,
        f"{prefix}original_price": charge.price,
        f"{prefix}price": charge.price,
        f"{prefix}price_incl_tax": charge.price_incl,
        f"{prefix}row_total": net,
        f"{prefix}row_total_incl_tax": max(ZERO, charge.row - charge.discount + charge.tax + charge.compensation),
        f"{prefix}tax_amount": charge.tax,
        f"_{prefix}gross": charge.row,
        f"_{prefix}gross_incl": charge.row_incl,
    }


def _sum_children(parent: Document, children: list[Document]) -> None:
    for prefix in ("base_", ""):
        gross = _sum([child[f"_{prefix}gross"] for child in children])
        incl = _sum([child[f"_{prefix}gross_incl"] for child in children])
        tax = _sum([child[f"{prefix}tax_amount"] for child in children])
        each = parent["qty_ordered"]
        parent |= {
            f"{prefix}original_price": basis(gross / each),
            f"{prefix}price": cents(gross / each),
            f"{prefix}price_incl_tax": cents(incl / each),
            f"{prefix}row_total": gross,
            f"{prefix}row_total_incl_tax": gross + tax,
            f"{prefix}tax_amount": tax,
        }


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
        **_taxes(draft, counters, id, items),
        "converting_from_quote": False,
    }


def _taxes(draft: Draft, counters: Counters, order_id: int, items: list[Document]) -> Document:
    """`applied_taxes`, `item_applied_taxes`, `taxes` and the itemised lists; also fills the items' own."""
    if not _sum([charge.tax for charge in draft.base]):
        return {name: [] for name in ("applied_taxes", "item_applied_taxes", "taxes", "additional_itemized_taxes")}
    rows = [(items_by_at(items).get(at), at) for at in (len(draft.base) - 1, *range(len(draft.base) - 1))]
    sums: dict[Rate, list[Decimal]] = {}
    tax_ids: dict[Rate, int] = {}
    by_item: list[Document] = []
    extra: list[Document] = []
    for item, at in rows:
        parts = []
        for (rate, base), (_, shown) in zip(draft.base[at].taxes, draft.shown[at].taxes, strict=True):
            if rate not in sums:
                counters.tax += 1
                sums[rate], tax_ids[rate] = [ZERO, ZERO], counters.tax
            sums[rate] = [sums[rate][0] + base, sums[rate][1] + shown]
            parts.append({**_named(rate), "amount": shown, "base_amount": base})
            counters.tax_item += 1
            one = _itemized(rate, base, shown, counters.tax_item, tax_ids[rate], item)
            (extra if item is None else item["extension_attributes"]["itemized_taxes"]).append(one)
        if parts:
            where = {"type": "shipping"} if item is None else {"type": "product", "item_id": item["item_id"]}
            by_item.append({**where, "applied_taxes": parts})
    applied = [{**_named(rate), "amount": shown, "base_amount": base} for rate, (base, shown) in sums.items()]
    taxes = [
        {
            "tax_id": tax_ids[rate],
            "order_id": order_id,
            **_named(rate),
            "amount": shown,
            "base_amount": base,
            "base_real_amount": base,
            "priority": 0,
            "position": 0,
            "process": 0,
        }
        for rate, (base, shown) in sums.items()
    ]
    return {
        "applied_taxes": applied,
        "item_applied_taxes": by_item,
        "taxes": taxes,
        "additional_itemized_taxes": extra,
    }


def items_by_at(items: list[Document]) -> dict[int, Document]:
    """Items by the position of their charge."""
    return {item["_at"]: item for item in items if item["_at"] is not None}


def _named(rate: Rate) -> Document:
    return {"code": rate.code, "title": rate.code, "percent": rate.percent}


def _itemized(rate: Rate, base: Decimal, shown: Decimal, tax_item: int, tax: int, item: Document | None) -> Document:
    return {
        "tax_item_id": tax_item,
        "tax_id": tax,
        **({} if item is None else {"item_id": item["item_id"]}),
        "tax_code": rate.code,
        "tax_percent": rate.percent,
        "amount": shown,
        "base_amount": base,
        "real_amount": shown,
        "real_base_amount": base,
        "taxable_item_type": "shipping" if item is None else "product",
    }
