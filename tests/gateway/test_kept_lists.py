"""Registered customers and products that the rules keep in QuickBooks Desktop on their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gateway.desk import Desk, open_desk

OWN = '[[customer]]\nid  = "anything else"\nuse = "own"\n'
CATALOGUE = '\n[[item]]\nid = "catalogue"\nkeep = "create"\n'


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path / "home") as opened:
        yield opened


def rule(desk: Desk, *, keep: str = "create", more: str = "") -> None:
    path = desk.home / "rules.toml"
    text = path.read_text(encoding="utf-8")
    assert OWN in text
    path.write_text(text.replace(OWN, f'{OWN}keep = "{keep}"\n') + more, encoding="utf-8")


def names(desk: Desk, *entities: str) -> set[str]:
    return {str(one["Name"]) for entity in entities for one in desk.file.objects(entity)}


def test_registered_customers_come_with_names_that_fit_and_differ(desk: Desk) -> None:
    rule(desk)
    desk.update()
    before, balance = names(desk, "Customer"), desk.file.trial_balance()
    queued = desk.queue_list("customers")
    assert queued["queued"] == len(desk.shop.customers)
    assert desk.update().result == "done"
    made = names(desk, "Customer") - before
    assert len(made) == len(desk.shop.customers)
    assert {"Conor O'Brien", 'Müller & Söhne GmbH "Köln"'} <= made
    assert all(len(name) <= 41 for name in made)
    assert desk.queue_list("customers").get("queued", 0) == 0
    assert desk.file.trial_balance() == balance
    assert desk.problems() == {}


def test_the_catalogue_becomes_items_on_the_account_of_the_row(desk: Desk) -> None:
    rule(desk, more=CATALOGUE)
    desk.update()
    desk.queue_list("products")
    assert desk.update().result == "done"
    mug = desk.file.find("ItemNonInventory", "MUG-BLUE")
    assert mug is not None
    assert mug["SalesOrPurchase"]["AccountRef"]["FullName"] == "4000 Sales"
    items = names(desk, "ItemNonInventory")
    assert all(len(name) <= 31 and ":" not in name for name in items)
    assert len([name for name in items if name.startswith("LONG-")]) == 1
    assert desk.problems() == {}


def test_a_document_uses_the_item_that_the_list_brought(desk: Desk) -> None:
    rule(desk, more=CATALOGUE)
    desk.update()
    desk.queue_list("products")
    desk.update()
    items = len(names(desk, "ItemNonInventory"))
    desk.sell(2)
    desk.queue()
    assert desk.update().result == "done"
    assert len(names(desk, "ItemNonInventory")) == items
    desk.audit()
