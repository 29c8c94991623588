"""Revenue that is earned when goods leave, in QuickBooks Desktop."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.gateway.desk import Desk, open_desk
from tests.gateway.test_revisions import by_rule
from tests.gateway.test_trial_balance import agreed

DEFERRED, SALES = "2400 Deferred revenue", "4000 Sales"
ROW = '[[deferral]]\nid = "anything else"\nrevenue = "on_shipment"\naccount = "deferred"\n'


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A company that defers revenue; three orders were paid and are in the books."""
    with open_desk(tmp_path / "home") as opened:
        path = opened.home / "rules.toml"
        path.write_text(f"{path.read_text(encoding='utf-8')}\n{ROW}", encoding="utf-8")
        opened.update()
        opened.sell(3)
        opened.queue()
        opened.update()
        yield opened


def sold(desk: Desk) -> Decimal:
    """What the orders came to before tax and shipping."""
    goods: Decimal = sum((order["base_subtotal"] for order in desk.shop.orders), Decimal(0))
    return goods.quantize(Decimal("0.01"))


@pytest.mark.parametrize("fault", ["", "answer lost", "answer lost and forgotten"])
def test_shipments_and_refunds_leave_nothing_deferred_whatever_happens_to_the_connector(desk: Desk, fault: str) -> None:
    assert SALES not in desk.file.trial_balance()
    first, second, third = (str(order["increment_id"]) for order in desk.shop.orders)
    desk.shop.ship(first)
    desk.shop.refund(second)
    desk.shop.refund(third, {desk.shop.orders[2]["items"][0]["sku"]: Decimal(1)}, shipping=False)
    desk.shop.ship(third)
    desk.queue()
    if fault:
        desk.cut("processed", times=1)
    if fault.endswith("forgotten"):
        desk.file.forget_message_sets()
    for _ in range(3):
        desk.update()
    balance = desk.file.trial_balance()
    assert DEFERRED not in balance
    assert -sold(desk) < balance[SALES] < 0
    assert sum(balance.values()) == 0
    assert len(desk.file.documents("JournalEntry")) == 2
    assert desk.states() == {"posted": len(desk.rows())}
    assert desk.problems() == {}


def test_what_was_deferred_is_released_though_its_row_was_deleted(desk: Desk) -> None:
    path = desk.home / "rules.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(ROW, ""), encoding="utf-8")
    for order in desk.shop.orders:
        desk.shop.ship(str(order["increment_id"]))
    desk.queue()
    desk.update()
    balance = agreed(desk)
    assert DEFERRED not in balance
    assert balance[SALES] == -sold(desk)
    assert desk.problems() == {}


@pytest.mark.parametrize("changed", ["adjust", "repost"])
def test_an_order_that_changed_between_two_shipments_leaves_nothing_deferred(desk: Desk, changed: str) -> None:
    by_rule(desk, changed)
    first = desk.shop.orders[0]
    desk.shop.ship(str(first["increment_id"]), {first["items"][0]["sku"]: Decimal(1)})
    desk.queue()
    desk.update()
    row = first["items"][0]
    for prefix in ("", "base_"):
        more = row[f"{prefix}row_total"]
        for name in ("price", "row_total", "row_invoiced"):
            row[prefix + name] *= 2
        for name in ("subtotal", "grand_total", "total_paid", "total_invoiced", "subtotal_invoiced"):
            first[prefix + name] += more
    for order in desk.shop.orders:
        if order is not first or any(one["qty_ordered"] > one["qty_shipped"] for one in first["items"]):
            desk.shop.ship(str(order["increment_id"]))
    desk.shop.touch(str(first["increment_id"]))
    desk.queue()
    desk.update()
    balance = agreed(desk)
    assert DEFERRED not in balance
    assert balance[SALES] == -sold(desk)
    assert {f"order/{first['increment_id']}/2", f"order/{first['increment_id']}"} <= {one.key for one in desk.rows()}
    assert set(desk.problems().values()) <= {"tax-own-line"}
