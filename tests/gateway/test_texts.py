"""Whatever people typed in the shop: orders book on QuickBooks Desktop, and SKUs find their item."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.sandbox.seeds_cart import Cart
from mappings.texts import clean
from tests.gateway.desk import Desk, open_desk

ODD = "\x02\u2028 \u200b\ufeff\u202e\t "


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path / "home") as opened:
        assert opened.update().result == "done"
        yield opened


def sell(desk: Desk, *skus: str) -> None:
    """An order for each SKU, of an article that has left the catalogue."""
    for sku in skus:
        [order] = desk.sell(cart=Cart(lines="several", method="braintree"))
        for item in order["items"]:
            item |= {"sku": sku, "product_id": 90_001}
        desk.shop.touch(order["increment_id"])
    desk.queue()


def items(desk: Desk) -> list[str]:
    """The names of the items that were created for SKUs."""
    made = (row.payload for row in desk.rows() if row.kind == "item")
    return sorted(re.findall(r"<Name>(.*?)</Name>", " ".join(made)))


def test_an_order_with_odd_characters_in_every_text_books(desk: Desk) -> None:
    [order] = desk.sell(cart=Cart(lines="several", method="braintree"))
    odd = f"{ODD}Ada{ODD}\x9fAda\u00a0 {ODD}"
    order |= {"customer_firstname": odd, "customer_lastname": odd, "shipping_description": odd}
    for name in ("firstname", "lastname", "company", "city", "region", "postcode", "telephone"):
        order["billing_address"][name] = odd
    order["billing_address"] |= {"region_code": "", "street": [odd, ODD]}
    for item in order["items"]:
        item["name"] = odd
    desk.shop.touch(order["increment_id"])
    desk.queue()
    assert desk.update().result == "done"
    assert (set(desk.states()), desk.problems()) == ({"posted"}, {})
    [receipt] = desk.file.documents("SalesReceipt")
    assert receipt["BillAddress"]["City"] == clean(odd) == "Ada Ada"
    desk.audit()


def test_skus_that_differ_only_in_case_and_blanks_are_one_item(desk: Desk) -> None:
    sell(desk, "Zed-1", "ZED-1", "zed-1 ", "LONG-" + "X" * 59, "long-" + "x" * 59)
    assert desk.update().result == "done"
    sell(desk, "\u200b zed-1", "Long-" + "X" * 59)
    assert desk.update().result == "done"
    assert set(desk.states()) == {"posted"}
    assert len(items(desk)) == 2
    desk.audit()


def test_skus_that_make_the_same_name_are_two_items(desk: Desk) -> None:
    sell(desk, "A:B", "A B", "a:b")
    assert desk.update().result == "done"
    assert set(desk.states()) == {"posted"}
    assert [name.partition("~")[0].upper() for name in items(desk)] == ["A B", "A B"]


@pytest.mark.parametrize("sku", ["", "  ", "\u200b\t"])
def test_goods_without_a_sku_are_booked_whole_on_the_fallback_item(desk: Desk, sku: str) -> None:
    sell(desk, sku)
    assert desk.update().result == "done"
    assert (items(desk), set(desk.states()), desk.problems()) == ([], {"posted"}, {})
    [receipt] = desk.file.documents("SalesReceipt")
    assert receipt["TotalAmount"] == desk.shop.orders[0]["base_grand_total"]
    desk.audit()
