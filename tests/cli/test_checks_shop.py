"""What doctor says of the shop's version, and of the form in which it shows the rows of orders."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from deploy.cli.checks import Check
from deploy.cli.checks_shop import order_lines, version
from deploy.sandbox.shop_rows import FORMS, Form
from deploy.sandbox.world import Sandbox
from tasks.clients.magento import Magento, connect
from tasks.clients.magento_auth import Bearer

WORDS = {
    "2.4.7": "rows net of discount (Magento 2.4.7, or later than 2.4.8)",
    "2.4.8": "unit-price rows (Magento 2.4.8)",
    "2.4.8 incl": "unit-price rows with tax (Magento 2.4.8, sales prices displayed with tax)",
    "newest incl": "rows with tax (later than Magento 2.4.8, sales prices displayed with tax)",
    "gross": "rows before discount (older Magento)",
}


def client(world: Sandbox) -> Magento:
    return connect(f"{world.shop_url}/rest/default/V1", Bearer(world.shop.keys.token))


def looked(world: Sandbox, number: int = 200) -> list[Check]:
    async def look() -> list[Check]:
        async with client(world) as magento:
            return [check async for check in order_lines(magento, number)]

    return asyncio.run(look())


def asked(world: Sandbox) -> Check:
    async def ask() -> Check:
        async with client(world) as magento:
            return await version(magento)

    return asyncio.run(ask())


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("template", ["us_retail", "eu_vat"])
def test_the_form_is_learned_from_recent_orders(template: str, form: Form) -> None:
    with Sandbox(orders=120, template=template, rows=form) as world:
        (check,) = looked(world)
    assert check.found.startswith(f"{WORDS[form]}; ")
    assert check.level == "ok"


def test_every_recent_order_that_can_be_read_adds_up() -> None:
    with Sandbox(orders=250, rows="2.4.8", broken=False) as world:
        (check,) = looked(world)
    assert check.found == "unit-price rows (Magento 2.4.8); 200 of 200 recent orders add up"


def test_orders_of_one_piece_without_discount_show_no_form() -> None:
    with Sandbox(orders=0) as world:
        _place(world)
        (check,) = looked(world)
    assert check.found == "row totals whose form no recent order shows; 1 of 1 recent orders add up"


def test_an_order_whose_rows_do_not_add_up_is_worth_a_look() -> None:
    with Sandbox(orders=0) as world:
        _place(world)
        order = _place(world)
        for name in ("subtotal", "base_subtotal", "grand_total", "base_grand_total"):
            order[name] += Decimal("7.77")
        world.shop.touch(order["increment_id"])
        (check,) = looked(world)
    assert check.found.endswith("; 1 of 2 recent orders add up")
    assert (check.level, check.fix) == (
        "warn",
        "A sync holds the others, and magebooks held then shows what their rows come to.",
    )


def _place(world: Sandbox) -> dict[str, Any]:
    """An order of one untaxed piece without discount: every form shows it alike."""
    with Sandbox(orders=60, broken=False) as other:
        order = next(one for one in other.shop.orders if _plain(one))
    number = len(world.shop.orders) + 1
    return world.shop.place(order | {"entity_id": number, "increment_id": f"00000000{number}"})


def _plain(order: dict[str, Any]) -> bool:
    items = order["items"]
    return len(items) == 1 and items[0]["qty_ordered"] == 1 and not order["base_discount_amount"]


def test_a_shop_without_orders_says_nothing() -> None:
    with Sandbox(orders=0) as world:
        assert looked(world) == []


def test_the_version_is_what_the_shop_answers() -> None:
    with Sandbox(orders=0) as world:
        assert asked(world).found == "Magento/2.4 (Community)"


@pytest.mark.parametrize("answer", [None, "<html>Welcome</html>", "Magento/" + "x" * 100])
def test_a_shop_that_does_not_say_its_version_has_no_fault(answer: str | None) -> None:
    with Sandbox(orders=0) as world:
        world.shop.version = answer
        check = asked(world)
    assert (check.found, check.level) == ("unknown: the shop does not answer /magento_version", "ok")
