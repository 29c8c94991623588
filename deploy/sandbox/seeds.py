"""Makes a shop's history: orders of every kind, in the shares that a real shop has, repeatable by seed.

`make_orders(500, seed=1)` always gives the same documents. About 2 % are broken on purpose and listed in
`Seeds.held` with the problem code that a careful bookkeeper would give them.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from deploy.sandbox import seeds_changes as changes
from deploy.sandbox import seeds_memos as memos
from deploy.sandbox import seeds_shipments as shipments
from deploy.sandbox.seeds_cart import Cart, Cashier
from deploy.sandbox.seeds_money import ZERO
from deploy.sandbox.seeds_shapes import Counters, Document

BASE_TIME = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DAYS = 30


@dataclass(slots=True)
class Seeds:
    """A shop's documents, oldest first, as they stand at `now`. `held` maps order numbers to problem codes."""

    template: str
    now: datetime
    counters: Counters
    cashier: Cashier
    orders: list[Document] = field(default_factory=list)
    invoices: list[Document] = field(default_factory=list)
    creditmemos: list[Document] = field(default_factory=list)
    shipments: list[Document] = field(default_factory=list)
    held: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recipe:
    """A kind of order: its share of all orders (in thousandths), its cart, and what happened to it since."""

    name: str
    share: int
    cart: Cart
    then: Callable[["Story"], None]


@dataclass(slots=True)
class Story:
    """One order being told: `later(minutes)` is a time after it was placed, as Magento writes times."""

    seeds: Seeds
    order: Document
    placed: datetime
    chance: random.Random

    def later(self, minutes: int) -> str:
        return stamp(min(self.placed + timedelta(minutes=minutes), self.seeds.now))

    def invoice(self, minutes: int, quantities: dict[str, Decimal] | None = None, transaction: str = "") -> None:
        document = changes.invoice(self.order, self.seeds.counters, self.later(minutes), quantities, transaction)
        self.seeds.invoices.append(document)

    def refund(self, minutes: int, quantities: dict[str, Decimal] | None = None, **more: object) -> None:
        memo = memos.refund(self.order, self.seeds.counters, self.later(minutes), quantities, **more)  # type: ignore[arg-type]
        self.seeds.creditmemos.append(memo)


def stamp(moment: datetime) -> str:
    """A moment as Magento writes it: UTC without zone."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def captured(story: Story) -> None:
    """Paid online at once."""
    story.invoice(1, transaction=transaction(story.order))


def transaction(order: Document) -> str:
    """The processor's reference of an online payment; empty for the methods without one."""
    offline = ("checkmo", "banktransfer", "cashondelivery", "purchaseorder", "free")
    return "" if order["payment"]["method"] in offline else f"TXN{order['entity_id']:08d}"


def completed(story: Story) -> None:
    """Paid and shipped."""
    captured(story)
    when = story.later(60 * 26)
    if not story.order["is_virtual"]:
        story.seeds.shipments.append(shipments.ship(story.order, story.seeds.counters, when))
    for item in story.order["items"]:
        item["qty_shipped"] = item["qty_invoiced"]
    changes.move(story.order, "complete", when)


def nothing(story: Story) -> None:
    """Placed and not paid."""


def authorised(story: Story) -> None:
    """Card authorised, to be captured on shipment."""
    story.order["payment"]["base_amount_authorized"] = story.order["base_grand_total"]
    story.order["payment"]["last_trans_id"] = f"AUTH{story.order['entity_id']:08d}"
    changes.move(story.order, "processing", story.later(1))


def paid_later(story: Story) -> None:
    """The check or transfer came days after the order."""
    story.invoice(60 * 24 * 3)


def partly(story: Story) -> None:
    """The first line is invoiced, the rest is open."""
    first = story.order["items"][0]
    story.invoice(60 * 20, {first["sku"]: first["qty_ordered"]}, transaction(story.order))


def in_parts(story: Story) -> None:
    """Two invoices, one part of the first line in each."""
    first = story.order["items"][0]
    story.invoice(60 * 5, {first["sku"]: Decimal(1)})
    story.invoice(60 * 30)


def canceled(story: Story) -> None:
    """Cancelled before any invoice."""
    changes.cancel(story.order, story.later(60 * 4))


def rest_canceled(story: Story) -> None:
    """Cancelled after a part was invoiced."""
    partly(story)
    changes.cancel(story.order, story.later(60 * 28))


def holded(story: Story) -> None:
    """On hold."""
    changes.hold(story.order, story.later(30))


def refunded(story: Story) -> None:
    """Paid and wholly refunded."""
    captured(story)
    story.refund(60 * 48)


def partly_refunded(story: Story) -> None:
    """Paid, one line came back, less a fee."""
    captured(story)
    first = story.order["items"][0]
    story.refund(60 * 48, {first["sku"]: Decimal(1)}, shipping=False, adjustment=Decimal("-0.10"))


def in_state(state: str, status: str = "") -> Callable[[Story], None]:
    """An order that waits in one of Magento's other states."""

    def then(story: Story) -> None:
        changes.move(story.order, state, story.later(2), status)

    return then


def edited(story: Story) -> None:
    """Cancelled by an edit; the successor `…-1` is paid."""
    seeds, old = story.seeds, story.order
    changes.cancel(old, story.later(10))
    number = f"{old['increment_id']}-1"
    new = seeds.cashier.again(old, seeds.counters, story.later(10), number)
    old |= {"relation_child_id": str(new["entity_id"]), "relation_child_real_id": number}
    new |= {
        "edit_increment": 1,
        "original_increment_id": old["increment_id"],
        "relation_parent_id": str(old["entity_id"]),
        "relation_parent_real_id": old["increment_id"],
    }
    new.pop("remote_ip", None)
    seeds.orders.append(new)
    Story(seeds, new, story.placed, story.chance).invoice(12)


def broken(code: str, breakage: Callable[[Document], None]) -> Callable[[Story], None]:
    """A paid order with something wrong in it that must be held under `code`."""

    def then(story: Story) -> None:
        captured(story)
        breakage(story.order)
        story.seeds.held[story.order["increment_id"]] = code

    return then


def _malformed(order: Document) -> None:
    order["items"][0]["base_price"] = "twelve fifty"


def _without_items(order: Document) -> None:
    order["items"] = []


def _unbalanced(order: Document) -> None:
    for prefix in ("base_", ""):
        order[f"{prefix}grand_total"] += Decimal("7.77")


def _unknown_state(order: Document) -> None:
    order["state"] = order["status"] = "awaiting_fraud_score"


def _untouched(order: Document) -> None:
    """The payment method alone is what nobody knows."""


US = (
    Recipe("captured", 430, Cart(), captured),
    Recipe("completed", 130, Cart(), completed),
    Recipe("bundles and options", 70, Cart(lines="composite"), captured),
    Recipe("services and downloads", 40, Cart(lines="virtual"), captured),
    Recipe("by the metre", 20, Cart(lines="fractional"), captured),
    Recipe("coupon percent", 40, Cart(coupon="percent"), captured),
    Recipe("coupon fixed", 20, Cart(coupon="fixed"), captured),
    Recipe("coupon with shipping", 15, Cart(coupon="shipping"), captured),
    Recipe("free shipping", 20, Cart(coupon="free shipping"), captured),
    Recipe("zero total", 10, Cart(coupon="all free", method="free"), nothing),
    Recipe("zero price", 4, Cart(lines="free", method="free", coupon="free shipping"), nothing),
    Recipe("odd goods", 15, Cart(lines="odd"), captured),
    Recipe("check pending", 15, Cart(method="checkmo"), nothing),
    Recipe("check came", 15, Cart(method="checkmo"), paid_later),
    Recipe("transfer came", 12, Cart(method="banktransfer"), paid_later),
    Recipe("cash on delivery", 8, Cart(method="cashondelivery"), paid_later),
    Recipe("on account", 14, Cart(method="purchaseorder", people="companies"), paid_later),
    Recipe("on account, open", 8, Cart(method="purchaseorder", people="companies"), nothing),
    Recipe("authorised", 10, Cart(method="braintree"), authorised),
    Recipe("partly invoiced", 10, Cart(lines="several"), partly),
    Recipe("invoiced in parts", 10, Cart(method="cashondelivery", lines="several", coupon="percent"), in_parts),
    Recipe("cancelled", 12, Cart(method="checkmo"), canceled),
    Recipe("rest cancelled", 6, Cart(lines="several"), rest_canceled),
    Recipe("transfer for a part", 4, Cart(method="banktransfer", lines="several"), partly),
    Recipe("edited", 4, Cart(method="checkmo"), edited),
    Recipe("on hold", 3, Cart(method="banktransfer"), holded),
    Recipe("payment review", 3, Cart(method="paypal_express"), in_state("payment_review")),
    Recipe("suspected fraud", 2, Cart(method="paypal_express"), in_state("payment_review", "fraud")),
    Recipe("pending payment", 3, Cart(method="paypal_express"), in_state("pending_payment")),
    Recipe("refunded", 3, Cart(), refunded),
    Recipe("partly refunded", 3, Cart(lines="several"), partly_refunded),
    Recipe("german", 15, Cart(people="germans", store=2), captured),
    Recipe("german coupon", 8, Cart(people="germans", store=2, coupon="percent"), captured),
    Recipe("german coupon with shipping", 4, Cart(people="germans", store=2, coupon="shipping"), captured),
)
BROKEN = (
    Recipe("klarna", 8, Cart(method="klarna_kp"), broken("unknown-payment-method", _untouched)),
    Recipe("malformed price", 4, Cart(), broken("malformed-record", _malformed)),
    Recipe("missing items", 3, Cart(), broken("missing-items", _without_items)),
    Recipe("unbalanced", 3, Cart(), broken("unbalanced", _unbalanced)),
    Recipe("unknown state", 3, Cart(), broken("unknown-state", _unknown_state)),
)
_EU_ONLY_US = ("german", "german coupon", "german coupon with shipping")


def make_orders(
    n: int, seed: int = 1, template: str = "us_retail", *, broken_share: bool = True, now: datetime = BASE_TIME
) -> Seeds:
    """`n` orders (an edited one counts as two) of the last 30 days before `now`, with invoices and credit memos.

    `template` is "us_retail" (base USD, tax added, a German store view shown in EUR) or "eu_vat" (base EUR, tax
    included). `broken_share=False` leaves out the orders that must be held. ValueError for another template.
    """
    if template not in ("us_retail", "eu_vat"):
        raise ValueError(f"unknown template {template!r}")
    chance = random.Random(f"{seed}/{template}")
    seeds = Seeds(template, now, Counters(), Cashier(template, chance))
    recipes = _cast(n, chance, template, broken_share)
    step = timedelta(days=DAYS) / max(n, 1)
    start = now - timedelta(days=DAYS)
    for at, recipe in enumerate(recipes):
        if len(seeds.orders) >= n:
            break
        placed = start + step * at + step * chance.random() * 0.9
        _tell(seeds, recipe, placed, chance)
    return seeds


def _tell(seeds: Seeds, recipe: Recipe, placed: datetime, chance: random.Random) -> None:
    draft = seeds.cashier.draft(recipe.cart)
    order = seeds.cashier.place(draft, seeds.counters, stamp(placed))
    seeds.orders.append(order)
    recipe.then(Story(seeds, order, placed, chance))


def _cast(n: int, chance: random.Random, template: str, with_broken: bool) -> list[Recipe]:
    """Which recipes are told, in which order: each share of `n`, at least once when there is room for all."""
    recipes = [r for r in US + (BROKEN if with_broken else ()) if template == "us_retail" or r.name not in _EU_ONLY_US]
    fewest = 1 if n >= 3 * len(recipes) else 0
    cast = [r for r in recipes[1:] for _ in range(max(fewest, n * r.share // 1000))]
    if with_broken and not fewest:
        cast += [r for r in BROKEN[: n // 10] if r not in cast]
    double = sum(1 for r in cast if r.then is edited)
    cast = cast[: max(n - double, 0)]
    cast += [recipes[0]] * (n - double - len(cast))
    chance.shuffle(cast)
    return cast


def total(documents: list[Document], name: str = "base_grand_total") -> Decimal:
    """The sum of one column over documents."""
    return sum((document[name] for document in documents), ZERO)
