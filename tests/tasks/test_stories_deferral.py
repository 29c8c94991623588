"""Revenue that is earned when goods leave, from the shop to the books."""

import asyncio
from decimal import Decimal

import pytest

from deploy.cli import previewing
from deploy.sandbox.seeds_cart import Cart
from deploy.sandbox.seeds_shapes import Document
from mappings import rules
from mappings.jsontext import parse
from state import outbox, staging
from state.settings import load_settings
from tasks import connections
from tests.tasks.company import PREFECT, Company, Open, days, number
from tests.tasks.test_trial_balance import agreed

pytestmark = PREFECT
DEFERRED, SALES = "2400 Deferred revenue", "4000 Sales"
PRICED = ("price", "row_total", "row_total_incl_tax", "row_invoiced")
PRICED += tuple(f"base_{name}" for name in PRICED)
DIRECT = 'id      = "anything else"\nrevenue = "on_shipment"'


@pytest.fixture
def acme(company: Open) -> Company:
    """A company that defers revenue."""
    made: Company = company()
    (made.home / "rules.toml").write_text(rules.template("deferred_revenue"), encoding="utf-8")
    return made


def sold(acme: Company, lines: str = "several") -> Document:
    """An order that was paid when it was placed, in the books."""
    order = acme.shop.place(Cart(lines=lines), paid=True)
    acme.sync()
    return order


def sku(order: Document) -> str:
    """A product of the order."""
    return str(order["items"][0]["sku"])


def test_a_sale_is_earned_shipment_by_shipment(acme: Company) -> None:
    order = sold(acme)
    balance = acme.books.trial_balance()
    assert SALES not in balance
    assert balance[DEFERRED] == -order["base_subtotal"] - order["base_discount_amount"]

    first = acme.shop.ship(number(order), {sku(order): Decimal(1)})
    counts = acme.sync()
    assert (counts["posted_by_kind"], counts["held"]) == ({"journal": 1}, 0)
    entry = acme.document("JournalEntry", f"S{number(first)}")
    assert entry["PrivateNote"] == f"Magento order {number(order)}, Magento shipment {number(first)}"

    acme.shop.ship(number(order))
    acme.sync()
    balance = acme.books.trial_balance()
    assert DEFERRED not in balance
    assert balance[SALES] == -order["base_subtotal"]
    assert (acme.problems(), sum(balance.values())) == ({}, 0)


def previewed(acme: Company) -> dict[str, str]:
    """The documents that a preview says would be posted now: key to kind."""
    return asyncio.run(_previewed(acme))


async def _previewed(acme: Company) -> dict[str, str]:
    path = acme.home / "preview.duckdb"
    async with connections.session(load_settings(acme.home), "preview") as here:
        await previewing.land(here, path, days("2026-01-01"))
        mapped = await previewing.map_landed(here, path)
    return {row.key: row.kind for row in mapped.rows}


def test_a_preview_shows_the_shipment_of_a_sale_that_is_in_the_books(acme: Company) -> None:
    shipment = acme.shop.ship(number(sold(acme)))
    assert previewed(acme)[f"shipment/{number(shipment)}"] == "journal"


def test_refunds_and_shipments_in_any_order_leave_nothing_deferred(acme: Company) -> None:
    order = sold(acme)
    acme.shop.refund(number(order), {sku(order): Decimal(1)}, shipping=False)
    acme.sync()
    acme.shop.ship(number(order))
    acme.sync()
    assert DEFERRED not in acme.books.trial_balance()
    acme.shop.refund(number(order))
    acme.sync()
    assert acme.books.trial_balance() == {}
    assert acme.problems() == {}


def test_an_order_and_its_shipment_read_in_one_go_are_posted_in_their_order(acme: Company) -> None:
    order = acme.shop.place(Cart(lines="several"), paid=True)
    shipment = acme.shop.ship(number(order))
    acme.sync()
    row = acme.row(f"shipment/{number(shipment)}")
    assert row.depends == (f"order/{number(order)}",)
    assert set(acme.states(order).values()) == {"posted"}
    assert DEFERRED not in acme.books.trial_balance()


def test_what_was_sold_before_revenue_was_deferred_is_shipped_without_an_entry(acme: Company) -> None:
    deferring = (acme.home / "rules.toml").read_text(encoding="utf-8")
    acme.rules((DIRECT, DIRECT.replace("on_shipment", "at_sale")))
    order = sold(acme)
    assert SALES in acme.books.trial_balance()
    (acme.home / "rules.toml").write_text(deferring, encoding="utf-8")
    acme.shop.ship(number(order))
    counts = acme.sync()
    assert (acme.count("JournalEntry"), counts["held"], acme.problems()) == (0, 0, {})


def test_what_was_deferred_is_released_though_the_rows_are_gone_or_name_another_account(acme: Company) -> None:
    first, second = sold(acme), sold(acme)
    deferring = (acme.home / "rules.toml").read_text(encoding="utf-8")
    acme.rules(('account = "deferred"', 'account = "2290 Sales tax adjustments"'))
    acme.shop.ship(number(first), {sku(first): Decimal(1)})
    acme.sync()
    kept, _, _ = deferring.partition('[[deferral]]\nid      = "gift cards"')
    (acme.home / "rules.toml").write_text(kept + deferring[deferring.index("# --- Shipping and") :], encoding="utf-8")
    acme.shop.ship(number(first))
    acme.shop.refund(number(second), {sku(second): Decimal(1)}, shipping=False)
    acme.shop.ship(number(second))
    earned = sold(acme)
    counts = acme.sync()
    balance = agreed(acme)
    assert DEFERRED not in balance and "2290 Sales tax adjustments" not in balance
    assert (counts["held"], acme.problems()) == (0, {})
    assert acme.row(f"order/{number(earned)}").kind == "sales_receipt"


@pytest.mark.parametrize("changed", ["adjust", "repost"])
def test_an_order_that_changed_between_two_shipments_leaves_nothing_deferred(acme: Company, changed: str) -> None:
    acme.rules(("[books]", f'[books]\nchanged = "{changed}"'))
    order = sold(acme)
    acme.shop.ship(number(order), {sku(order): Decimal(1)})
    acme.sync()
    dearer = {name: order["items"][0][name] * 2 for name in PRICED if name in order["items"][0]}
    more = dearer["base_row_total"] / 2
    order["items"][0] |= dearer
    for name in ("subtotal", "grand_total", "total_paid", "subtotal_incl_tax", "total_invoiced", "subtotal_invoiced"):
        order[name] += more
        order[f"base_{name}"] += more
    acme.shop.touch(number(order))
    acme.sync()
    assert acme.problems() == {}
    acme.shop.ship(number(order))
    acme.sync()
    balance = agreed(acme)
    assert DEFERRED not in balance
    assert balance[SALES] == -order["base_subtotal"]
    assert acme.problems() == {}


@pytest.mark.parametrize("kit", ["", "children", "parent"])
def test_bundles_are_earned_as_their_parts_leave(acme: Company, kit: str) -> None:
    if kit:
        row = f'[[item]]\nid = "kits"\nwhen = {{ "line.kit" = ["fixed", "dynamic"] }}\nkit = "{kit}"\n\n'
        acme.rules(('[[deferral]]\nid      = "gift cards"', f'{row}[[deferral]]\nid      = "gift cards"'))
    for _ in range(6):
        order = acme.shop.place(Cart(lines="composite"), paid=True)
        acme.sync()
        acme.shop.ship(number(order), {sku(order): Decimal(1)})
        acme.sync()
        acme.shop.ship(number(order)) if any(map(may_leave, order["items"])) else None
    acme.sync()
    balance = agreed(acme)
    assert DEFERRED not in balance
    assert acme.problems() == {}


def test_shipments_are_not_read_where_no_rule_needs_them(company: Open) -> None:
    acme = company()
    order = acme.shop.place(paid=True)
    acme.shop.ship(number(order))
    acme.sync()
    previewed(acme)
    with staging.open(acme.home / "preview.duckdb") as store:
        assert "shipment" not in staging.counts(store)
    read = acme.calls["magento"]
    (acme.home / "rules.toml").write_text(rules.template("deferred_revenue"), encoding="utf-8")
    acme.sync()
    assert acme.calls["magento"] > read


def test_a_whole_history_leaves_deferred_what_has_not_left(company: Open) -> None:
    acme = company(orders=60)
    (acme.home / "rules.toml").write_text(rules.template("deferred_revenue"), encoding="utf-8")
    acme.shop.place(Cart(lines="several"))  # nobody has paid it, and it stays
    acme.sync()
    for order in acme.shop.orders:
        if order["state"] == "processing" and any(map(may_leave, order["items"])):
            acme.shop.ship(number(order))
    acme.sync()
    balance = acme.books.trial_balance()
    waiting = sum((owed(acme, order) for order in acme.shop.orders if order["state"] in ("new", "holded")), Decimal(0))
    assert waiting < 0
    assert balance[DEFERRED] == waiting
    assert sum(balance.values()) == 0
    assert not [key for key in acme.problems() if key.startswith("shipment/")]


def may_leave(item: Document) -> bool:
    """Whether pieces of an order's top line can still be packed."""
    left = item["qty_ordered"] - max(item["qty_shipped"], item["qty_refunded"]) - item["qty_canceled"]
    return left > 0 and not item.get("parent_item_id") and item["product_type"] not in ("virtual", "downloadable")


def owed(acme: Company, order: Document) -> Decimal:
    """What the documents of one order leave on the deferred account."""
    with acme.reading() as conn:
        rows = outbox.rows(conn, order_key=f"order/{number(order)}")
    lines = [line for row in rows for line in parse(row.entry).get("lines", ())]
    return sum((Decimal(line["amount"]) for line in lines if line["account"] == DEFERRED), Decimal(0))
