"""Revenue that is earned when goods leave, in QuickBooks Desktop."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.gateway.desk import Desk, open_desk

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
