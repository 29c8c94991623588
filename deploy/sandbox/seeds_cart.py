"""Fills carts: picks articles, buyer, payment method and coupon by chance, and charges them in both currencies."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from deploy.sandbox.seeds_catalogue import (
    ARTICLES,
    COMPANIES,
    DE_PLACES,
    GERMANS,
    PEOPLE,
    US_PLACES,
    Article,
    Person,
    Place,
)
from deploy.sandbox.seeds_document import order
from deploy.sandbox.seeds_money import HUNDRED, ONE, ZERO, Cost, Coupon, Rate, cents, charge
from deploy.sandbox.seeds_shapes import Counters, Document, Draft, Pick, Role

Lines = Literal["any", "several", "composite", "virtual", "fractional", "free", "odd"]
EUR_PER_USD = Decimal("0.9137")

COUPONS = {
    "percent": Coupon("PCT10", "1", percent=Decimal(10)),
    "fixed": Coupon("FIX15", "2", amount=Decimal(15)),
    "shipping": Coupon("PCT33SHIP", "6", percent=Decimal("33.33"), shipping=True),
    "free shipping": Coupon("FREESHIP", "3", free_shipping=True),
    "all free": Coupon("ALLFREE", "5", percent=HUNDRED, shipping=True),
}
SIMPLE = ("MUG-BLUE", "MUG-RED", "TEE-PLAIN", "PEN-CHEAP", "DESK-OAK", "BOOK-DE", "HOODIE-RED", "TEA-日本")
COMPOSITE = ("HOODIE", "BUNDLE-DYN", "BUNDLE-FIX", "ENGRAVED", "GROUPED")
CHOICES: dict[Lines, tuple[str, ...]] = {
    "any": SIMPLE,
    "several": SIMPLE,
    "composite": COMPOSITE,
    "virtual": ("EBOOK", "SERVICE-1H", "WARRANTY-2Y"),
    "fractional": ("FABRIC-M", "CHEESE-KG"),
    "free": ("SAMPLE-FREE",),
    "odd": ("SKU WITH SPACE/SLASH & AMP", "LONG-" + "X" * 59, "MUG-????", "Shipping"),
}


@dataclass(frozen=True, slots=True)
class Cart:
    """What a recipe wants in a cart. An empty method means: card or PayPal."""

    lines: Lines = "any"
    method: str = ""
    coupon: str = ""
    people: Literal["anybody", "companies", "germans"] = "anybody"
    store: int = 1


@dataclass(slots=True)
class Cashier:
    """Charges carts in one shop. `drafts` remembers what was placed, so that an edit can place it again."""

    template: str
    chance: random.Random
    drafts: dict[int, Draft] = field(default_factory=dict)

    @property
    def europe(self) -> bool:
        return self.template == "eu_vat"

    def draft(self, cart: Cart, buyer: Draft | None = None) -> Draft:
        """A charged cart, not yet an order; of the buyer of another draft, where one is given."""
        person, place = (buyer.person, buyer.place) if buyer else self._who(cart)
        picks = self._picks(cart)
        virtual = all(pick.article.type in ("virtual", "downloadable") for pick in picks)
        coupon = COUPONS[cart.coupon] if cart.coupon else None
        inclusive = self.europe or cart.store == 2
        rate = EUR_PER_USD if cart.store == 2 and not self.europe else ONE
        postage = ZERO if virtual or (coupon is not None and coupon.free_shipping) else self._postage(inclusive)
        costs = _costs(picks, place, postage)
        shown = [Cost(cents(cost.price * rate), cost.quantity, cost.rates) for cost in costs]
        discount = coupon if coupon is None or not coupon.free_shipping else None
        method = "mysterypay" if self.europe and cart.method == "klarna_kp" else cart.method  # eu_vat knows Klarna
        method = method or ("braintree" if self.chance.random() < 0.6 else "paypal_express")
        return Draft(
            picks=picks,
            base=charge(costs, inclusive=inclusive, coupon=discount),
            shown=charge(shown, inclusive=inclusive, coupon=discount, scale=rate),
            person=person,
            place=place,
            store=cart.store,
            base_currency="EUR" if self.europe else "USD",
            currency="EUR" if inclusive else "USD",
            rate=rate,
            coupon=coupon,
            method=method,
            virtual=virtual,
            shipping="Free Shipping - Free" if not postage else "Flat Rate - Fixed",
            po_number=f"PO-{self.chance.randrange(1000, 9999)}/Ä" if method == "purchaseorder" else "",
        )

    def place(self, draft: Draft, counters: Counters, created: str, number: str = "") -> Document:
        """Places the order."""
        document = order(draft, counters, created, number)
        self.drafts[document["entity_id"]] = draft
        return document

    def again(self, old: Document, counters: Counters, created: str, number: str) -> Document:
        """Places the same cart once more, as an edit in Magento's admin does."""
        return self.place(self.drafts[old["entity_id"]], counters, created, number)

    def _postage(self, inclusive: bool) -> Decimal:
        if inclusive:
            return Decimal("5.90" if self.europe else "6.54")
        return Decimal("7.50")

    def _who(self, cart: Cart) -> tuple[Person, Place]:
        if self.europe or cart.people == "germans":
            people: Sequence[Person] = GERMANS + PEOPLE[:12] if self.europe else GERMANS
            return self.chance.choice(people), self.chance.choice(DE_PLACES)
        people = COMPANIES if cart.people == "companies" else PEOPLE
        return self.chance.choice(people), self.chance.choice(US_PLACES)

    def _picks(self, cart: Cart) -> tuple[Pick, ...]:
        choices = CHOICES[cart.lines]
        many = self.chance.randint(2, 4) if cart.lines == "several" else self.chance.choice((1, 1, 2, 3))
        picks: list[Pick] = []
        for sku in self.chance.sample(choices, min(many, len(choices))):
            picks += self._pick(sku, len(picks), least=2 if cart.lines == "several" else 1)
        return tuple(picks)

    def _pick(self, sku: str, at: int, least: int) -> list[Pick]:
        quantity = Decimal(self.chance.choice((1, 1, 1, 2, 3)) if least == 1 else self.chance.randint(least, 4))
        if sku == "GROUPED":
            return [Pick(_grouped(), quantity, "MUG-BLUE")]
        article = BY_SKU[sku]
        if article.decimal:
            return [Pick(article, Decimal(self.chance.choice(("2.75", "0.333", "1.25"))), sku)]
        if article.children:
            return _composite(article, quantity, at)
        if sku == "ENGRAVED":
            options = {"custom_options": [{"option_id": "1", "option_value": "Für Anna & “Bob” <3"}]}
            return [Pick(article, quantity, "ENGRAVED-ENGR-BOX-L", option=options)]
        if article.type == "downloadable":
            return [Pick(article, quantity, sku, option={"downloadable_option": {"downloadable_links": [2]}})]
        return [Pick(article, quantity, sku)]


BY_SKU = {article.sku: article for article in ARTICLES}


def _grouped() -> Article:
    """A member of a grouped product: the simple article, sold under the product type `grouped`."""
    mug = BY_SKU["MUG-BLUE"]
    return Article(mug.id, mug.sku, mug.name, "grouped", mug.price, mug.weight)


def _composite(article: Article, quantity: Decimal, at: int) -> list[Pick]:
    children = [(BY_SKU[sku], each * quantity) for sku, each in article.children]
    option: dict[str, Any]
    if article.type == "configurable":
        option = {"configurable_item_options": [{"option_id": "93", "option_value": 5}]}
        sku = children[0][0].sku
        return [
            Pick(article, quantity, sku, "parent", option=option),
            Pick(children[0][0], quantity, sku, "silent child", at),
        ]
    option = {
        "bundle_options": [
            {"option_id": 3 + i, "option_qty": each, "option_selections": [2 + i]}
            for i, (_, each) in enumerate(article.children)
        ]
    }
    dynamic = not article.price
    parent = Pick(article, quantity, article.sku, "sum parent" if dynamic else "parent", option=option)
    role: Role = "priced child" if dynamic else "silent child"
    return [parent, *(Pick(child, amount, child.sku, role, at) for child, amount in children)]


def _costs(picks: Sequence[Pick], place: Place, postage: Decimal) -> list[Cost]:
    rates = _rates(place.taxes)
    reduced = _rates(place.reduced)
    lines = [
        Cost(pick.article.price, pick.quantity, reduced if pick.article.reduced else rates)
        for pick in picks
        if pick.charged
    ]
    return [*lines, Cost(postage, ONE, rates if postage else ())]


def _rates(taxes: tuple[tuple[str, str], ...]) -> tuple[Rate, ...]:
    return tuple(Rate(code, Decimal(percent)) for code, percent in taxes)
