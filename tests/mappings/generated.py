"""Orders as Magento would have made them, for hypothesis.

In the recorded JSON, by Magento's arithmetic (rows, discounts, taxes and hidden tax rounded, their remainders carried
on; the sandbox's, which is checked against the recordings), then invoiced in parts, cancelled and given back in parts
as Magento does it.
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from deploy.sandbox import seeds_changes as changes
from deploy.sandbox import seeds_memos as memos
from deploy.sandbox.seeds_catalogue import AUSTIN, BERLIN, NEW_YORK, PEOPLE, PORTLAND, Article, Place
from deploy.sandbox.seeds_document import order
from deploy.sandbox.seeds_money import ONE, ZERO, Cost, Coupon, Rate, cents, charge
from deploy.sandbox.seeds_shapes import Counters, Document, Draft, Pick
from deploy.sandbox.seeds_wire import wire
from mappings.magento import parse
from mappings.model import CENT

D = Decimal
EUR_PER_USD = D("0.9137")
PLACED, LATER = "2026-11-18 15:20:00", "2026-11-20 15:20:00"
prices = st.decimals("1", "900", places=2)  # what costs less than a few cents is rounded to nothing, part by part
whole_quantities = st.sampled_from([1, 2, 3, 4, 8, 10])
fractions = st.decimals("0.1", "9", places=3)
measured_prices = st.decimals("0.5", "90", places=2)  # a row of less than a cent of tax would fall below zero
coupons = st.one_of(
    st.none(),
    st.builds(lambda percent, ship: Coupon("PCT", "1", percent=percent, shipping=ship),
              st.decimals("0.01", "100", places=2), st.booleans()),
    st.builds(lambda amount: Coupon("FIX", "2", amount=amount), st.decimals("0.01", "300", places=2)),
)  # fmt: skip


_PRICED = ("line", "parent", "priced child")


@dataclass(slots=True)
class History:
    """An order as it was placed and as it stands, with its Magento invoices and credit memos: all as JSON read back
    from the wire.

    `told` is what a failing test shows of it.
    """

    placed: dict[str, Any]
    now: dict[str, Any] = field(default_factory=dict)
    invoices: list[dict[str, Any]] = field(default_factory=list)
    memos: list[dict[str, Any]] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text("; ".join(self.told))

    @property
    def fractional(self) -> bool:
        """Whether a quantity is not whole, so that amounts have four decimals."""
        return any(item["qty_ordered"] % 1 for item in self.now["items"])


@st.composite
def _picks(draw: Any, at: int, place: int) -> list[Pick]:
    """One article of any kind: its rows, of which the first stands at `place` in the order."""
    kind = draw(st.sampled_from(["simple", "simple", "fractional", "virtual", "configurable", "bundle"]))
    quantity = D(draw(fractions)) if kind == "fractional" else D(draw(whole_quantities))
    measured = kind == "fractional"
    price, reduced = D(draw(measured_prices if measured else prices)), draw(st.booleans())
    type_ = "simple" if measured else kind
    made = Article(at, f"SKU-{at}", f"Article {at}", type_, price, reduced=reduced, decimal=measured)
    if kind == "configurable":
        child = Article(at + 100, made.sku, made.name, "simple", ZERO)
        return [Pick(made, quantity, made.sku, "parent"), Pick(child, quantity, made.sku, "silent child", place)]
    if kind != "bundle":
        return [Pick(made, quantity, made.sku)]
    parts = [
        Article(at + 100 * each, f"{made.sku}-{each}", f"Part {each}", "simple", D(draw(prices))) for each in (1, 2)
    ]
    quantity = D(draw(st.sampled_from([1, 2, 4])))
    children = [Pick(part, quantity * (each + 1), part.sku, "priced child", place) for each, part in enumerate(parts)]
    return [Pick(made, quantity, made.sku, "sum parent"), *children]


@st.composite
def _drafts(draw: Any, abroad: bool) -> Draft:
    """A charged cart; `abroad` is the German store of the American shop, with VAT in its prices, shown in euros."""
    picks: list[Pick] = []
    for at in range(1, draw(st.integers(1, 5)) + 1):
        picks += draw(_picks(at, len(picks)))
    place: Place = BERLIN if abroad else draw(st.sampled_from([AUSTIN, NEW_YORK, PORTLAND]))
    virtual = all(pick.article.type == "virtual" for pick in picks)
    postage = ZERO if virtual else D(draw(st.decimals("0", "40", places=2)))
    costs = [
        Cost(pick.article.price, pick.quantity, _rates(place, pick.article.reduced)) for pick in picks if pick.charged
    ]
    costs.append(Cost(postage, ONE, _rates(place, False) if postage and draw(st.booleans()) else ()))
    rate = EUR_PER_USD if abroad else ONE
    shown = [Cost(cents(cost.price * rate), cost.quantity, cost.rates) for cost in costs]
    coupon = draw(coupons)
    return Draft(
        picks=tuple(picks),
        base=charge(costs, inclusive=abroad, coupon=coupon),
        shown=charge(shown, inclusive=abroad, coupon=coupon, scale=rate),
        person=draw(st.sampled_from(PEOPLE)),
        place=place,
        store=2 if abroad else 1,
        base_currency="USD",
        currency="EUR" if abroad else "USD",
        rate=rate,
        coupon=coupon,
        method=draw(st.sampled_from(["checkmo", "braintree", "banktransfer"])),
        virtual=virtual,
        shipping="Flat Rate - Fixed",
    )


def _rates(place: Place, reduced: bool) -> tuple[Rate, ...]:
    return tuple(Rate(code, D(percent)) for code, percent in (place.reduced if reduced else place.taxes))


@st.composite
def histories(draw: Any, abroad: bool) -> History:
    """An order, none to three Magento invoices over parts of it, perhaps the cancellation of what is left, and none to
    three credit memos over parts of what was invoiced."""
    counters = Counters()
    made = order(draw(_drafts(abroad)), counters, PLACED)
    history = History(_read(copy.deepcopy(made)))
    for _ in range(draw(st.integers(0, 3)) if made["base_grand_total"] else 0):
        wanted = _part(draw, made, "qty_ordered", "qty_invoiced")
        if any(wanted.values()):
            history.invoices.append(
                _read(changes.invoice(made, counters, LATER, wanted, draw(st.sampled_from(["", "T1"]))))
            )
    if made["base_total_due"] and draw(st.booleans()):
        changes.cancel(made, LATER)
    for at in range(draw(st.integers(0, 3)) if history.invoices else 0):
        history.memos += _memo(draw, made, counters, first=not at)
    history.now = _read(made)
    history.told = _told(history)
    return history


def _memo(draw: Any, made: Document, counters: Counters, *, first: bool) -> list[dict[str, Any]]:
    """A credit memo over part of what was invoiced, the first with or without shipping; none where nothing is left.

    More or less may be given back: never more than was paid, and Magento refuses what would cost the buyer money.
    """
    wanted, shipping = _part(draw, made, "qty_invoiced", "qty_refunded"), first and draw(st.booleans())
    if not (any(wanted.values()) or (shipping and made["base_shipping_amount"])):
        return []
    plain = memos.refund(copy.deepcopy(made), copy.deepcopy(counters), LATER, wanted, shipping=shipping)
    given = plain["base_grand_total"]
    left = made["base_total_paid"] - made.get("base_total_refunded", ZERO) - given
    if given <= 0 or left < 0:
        return []
    fee = max(cents(given) - CENT, ZERO)
    adjustment = D(draw(st.one_of(st.just(ZERO), st.decimals(-fee, cents(left), places=2))))
    return [_read(memos.refund(made, counters, LATER, wanted, shipping=shipping, adjustment=adjustment))]


def _told(history: History) -> list[str]:
    names = ("sku", "product_type", "qty_ordered", "base_price", "base_discount_amount", "tax_percent")
    ordered = [" ".join(str(item.get(name)) for name in names) for item in history.now["items"]]
    parts = [" + ".join(f"{item['qty']} {item['sku']}" for item in invoice["items"]) for invoice in history.invoices]
    given = [
        f"back {memo['base_grand_total']}, shipping {memo['base_shipping_amount']}, {memo['base_adjustment']}: "
        + " + ".join(f"{item['qty']} {item['sku']}" for item in memo["items"])
        for memo in history.memos
    ]
    return [f"{history.now['state']} {history.now['base_grand_total']}", *ordered, *parts, *given]


def _part(draw: Any, made: Document, of: str, but: str) -> Mapping[str, Decimal]:
    """Quantities of top lines to invoice or to give back: whole pieces, or all of what is sold by measure. Bundles go
    as one. What is left is `of` less `but`.

    So does all that a coupon made free, or nearly: Magento rounds each part, and one may come out a cent below zero.
    """
    wanted = {}
    free = any(item["base_row_total"] < item["qty_ordered"] for item in made["items"] if item["_role"] in _PRICED)
    for item in made["items"]:
        if "parent_item_id" not in item:
            left = item[of] - item[but]
            cut = item["is_qty_decimal"] or item["product_type"] == "bundle" or not left or free
            wanted[item["sku"]] = left * draw(st.integers(0, 1)) if cut else D(draw(st.integers(0, int(left))))
    return wanted


def _read(document: Document) -> dict[str, Any]:
    return parse(wire(document))
