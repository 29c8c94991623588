"""Rules that change and come back while documents wait for the Web Connector."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from deploy.sandbox.seeds_cart import Cart
from state import watermarks
from tests.gateway.desk import Desk, open_desk
from tests.gateway.test_kept_lists import CATALOGUE, rule

MEMO, OTHER = 'memo           = "Magento order', 'memo           = "Web order'


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path / "home") as opened:
        opened.update()
        yield opened


def changed(desk: Desk, old: str, new: str) -> None:
    path = desk.home / "rules.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def memos(desk: Desk, words: str) -> int:
    """How many documents of orders say so in their memo."""
    return sum(words in row.payload for row in desk.rows() if row.key.startswith("order/"))


def test_a_run_that_is_cut_off_under_other_rules_leaves_nothing_of_them_when_the_old_ones_return(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.sell(3)
    desk.queue()
    changed(desk, MEMO, OTHER)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(watermarks, "reached_by_rules", killed)
        desk.queue()
    assert memos(desk, "Web order") == 3
    changed(desk, OTHER, MEMO)
    desk.queue()
    assert (memos(desk, "Web order"), memos(desk, "Magento order")) == (0, 3)


def test_rules_of_a_list_that_return_look_at_the_whole_list_again(desk: Desk) -> None:
    rule(desk, more=CATALOGUE)
    waiting = desk.queue_list("products")["looked_at"]
    changed(desk, 'keep = "create"', 'keep = "update"')
    assert desk.queue_list("products")["looked_at"] == waiting
    changed(desk, 'keep = "update"', 'keep = "create"')
    assert desk.queue_list("products")["looked_at"] == waiting
    assert desk.queue_list("products").get("looked_at", 0) == 0


LEFT_OUT = '[[document]]\nid   = "second"\nwhen = { "invoice.number" = "000000002" }\nmake = "skip"\n\n'


def test_an_invoice_of_a_posted_order_that_the_rules_left_out_is_booked_once_they_do_not(desk: Desk) -> None:
    changed(desk, 'post_on        = "order"', 'post_on        = "invoice"')
    changed(desk, '[[document]]\nid   = "review state"', f'{LEFT_OUT}[[document]]\nid   = "review state"')
    [order] = desk.sell(1, Cart(lines="several"), paid=False)
    first, *_ = order["items"]
    desk.shop.invoice(order["increment_id"], {first["sku"]: Decimal(1)})
    desk.shop.invoice(order["increment_id"])
    desk.queue()
    desk.update()
    assert [row.key for row in desk.rows() if row.order_key] == ["invoice/000000001"]
    changed(desk, LEFT_OUT, "")
    desk.queue()
    desk.update()
    assert {row.key: row.status for row in desk.rows() if row.order_key} == {
        "invoice/000000001": "posted",
        "invoice/000000002": "posted",
    }


def test_a_payment_that_was_left_to_a_bookkeeper_stays_so_when_only_the_rules_change(desk: Desk) -> None:
    desk.sell(1, Cart(method="purchaseorder", lines="several"))
    desk.queue()
    desk.update()
    changed(desk, 'on_account     = ["purchaseorder"]', "on_account     = []")
    assert desk.queue() == {}
    assert desk.problems() == {}
