"""The sandbox shop shows order rows in every form that a real Magento has, and MageBooks reads the same orders."""

from decimal import Decimal
from typing import Any

import httpx
import pytest

from deploy.sandbox.seeds import make_orders
from deploy.sandbox.seeds_wire import wire
from deploy.sandbox.shop_rows import FORMS, Form, as_shown
from deploy.sandbox.world import Sandbox
from mappings.magento import parse, read_order
from mappings.model import Order, Problem

SEEDS = {template: make_orders(400, 5, template) for template in ("us_retail", "eu_vat")}


def item(**more: Any) -> dict[str, Any]:
    """Three lamps of 40.00 less 10 %, with 8.25 % tax, as recorded on Magento 2.4.8."""
    amounts = {
        "price": Decimal("40.00"),
        "price_incl_tax": Decimal("43.30"),
        "row_total": Decimal("108.00"),
        "row_total_incl_tax": Decimal("116.91"),
        "discount_amount": Decimal("12.00"),
        "tax_amount": Decimal("8.91"),
    }
    both = {f"{prefix}{name}": amount for prefix in ("base_", "") for name, amount in amounts.items()}
    return {"item_id": 1, "product_type": "simple", "qty_ordered": Decimal(3), **both, **more}


@pytest.mark.parametrize(
    ("form", "row_total", "with_tax"),
    [
        ("2.4.7", "108.00", "116.91"),
        ("2.4.8", "28.00", "116.91"),
        ("2.4.8 incl", "22.39", "116.91"),
        ("newest incl", "108.99", "116.91"),
        ("gross", "120.00", "129.90"),
    ],
)
def test_a_row_looks_as_it_was_recorded(form: Form, row_total: str, with_tax: str) -> None:
    (shown,) = as_shown({"items": [item()]}, form)["items"]
    for prefix in ("base_", ""):
        assert shown[f"{prefix}row_total"] == Decimal(row_total)
        assert shown[f"{prefix}row_total_incl_tax"] == Decimal(with_tax)


def test_a_part_of_a_bundle_shows_the_price_of_the_whole_in_the_newest_form() -> None:
    part = dict.fromkeys(item(), Decimal(0)) | {"item_id": 2, "parent_item_id": 1, "product_type": "simple"}
    _, shown = as_shown({"items": [item(product_type="bundle"), part]}, "newest incl")["items"]
    assert (shown["price"], shown["base_price"]) == (Decimal("40.00"), 0)


def read(template: str, form: Form) -> dict[str, Order | Problem]:
    return {order["increment_id"]: read_order(parse(wire(as_shown(order, form)))) for order in SEEDS[template].orders}


def amounts(found: Order | Problem) -> Any:
    """What an order comes to, line by line, in base currency and as charged; the code of one that is held."""
    if isinstance(found, Problem):
        return found.code
    return [*_lines(found), *(_lines(found.charged) if isinstance(found.charged, Order) else [found.charged])]


def _lines(order: Order) -> list[tuple[str, Decimal, Decimal, Decimal]]:
    return [(line.path, line.gross, line.discount, line.tax) for line in order.lines]


@pytest.mark.parametrize("form", FORMS[1:])
@pytest.mark.parametrize("template", ["us_retail", "eu_vat"])
def test_every_form_is_read_as_that_of_2_4_7(template: str, form: Form) -> None:
    plain = read(template, "2.4.7")
    found = read(template, form)
    assert {number: amounts(one) for number, one in found.items()} == {
        number: amounts(one) for number, one in plain.items()
    }
    differing = sum(wire(order) != wire(as_shown(order, form)) for order in SEEDS[template].orders)
    assert differing > 30


def test_the_shop_changes_its_form_without_touching_an_order() -> None:
    with Sandbox(orders=5, rows="2.4.8", broken=False) as world:

        def orders() -> list[dict[str, Any]]:
            url = f"{world.shop_url}/rest/V1/orders?searchCriteria="
            answer = httpx.get(url, headers={"Authorization": f"Bearer {world.shop.keys.token}"})
            return list(answer.json()["items"])

        before = orders()
        world.shop.show_rows("gross")
        after = orders()
    assert [one["updated_at"] for one in after] == [one["updated_at"] for one in before]
    assert [one["items"] for one in after] != [one["items"] for one in before]
    repeated = [one["extension_attributes"]["shipping_assignments"][0]["items"] for one in after]
    assert repeated == [one["items"] for one in after]


def test_the_shop_says_its_version_to_anybody_unless_that_is_switched_off() -> None:
    with Sandbox(orders=0) as world:
        answer = httpx.get(f"{world.shop_url}/magento_version")
        assert (answer.status_code, answer.text) == (200, "Magento/2.4 (Community)")
        world.shop.version = None
        assert httpx.get(f"{world.shop_url}/magento_version").status_code == 404
