"""Registered customers and products that the rules keep in QuickBooks Desktop on their own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.sandbox.seeds_shapes import Document
from mappings import qbxml
from mappings.entry import Party
from mappings.keys import digest
from mappings.model import Address
from state import problems
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


def moved(desk: Desk) -> Document:
    ada = next(one for one in desk.shop.customers if one["email"] == "ada@lab.example")
    [address] = ada["addresses"]
    new = {**address, "city": "Dallas", "telephone": "+1 555 0199", "street": ["2 New Road"]}
    return desk.shop.edit("customers", ada["id"], addresses=[new])


def ada(desk: Desk) -> dict[str, Any]:
    [found] = [one for one in desk.file.objects("Customer") if one.get("Email") == "ada@lab.example"]
    return found


def edit(desk: Desk, field: str, value: str) -> None:
    """A bookkeeper's edit in QuickBooks."""
    shown = ada(desk)
    request = (
        f"<CustomerModRq><CustomerMod><ListID>{shown['ListID']}</ListID><EditSequence>{shown['EditSequence']}"
        f"</EditSequence><{field}>{value}</{field}></CustomerMod></CustomerModRq>"
    )
    desk.file.process(qbxml.message([("1", request)], "13.0").decode())


def kept_up_to_date(desk: Desk, more: str = "") -> None:
    rule(desk, keep="update", more=more)
    desk.update()
    desk.queue_list("customers")
    assert desk.update().result == "done"


def test_a_change_in_the_shop_reaches_a_customer_that_is_kept_up_to_date(desk: Desk) -> None:
    kept_up_to_date(desk)
    assert desk.queue_list("customers").get("queued", 0) == 0
    moved(desk)
    assert desk.queue_list("customers")["queued"] == 1
    assert desk.update().result == "done"
    shown = ada(desk)
    assert (shown["Phone"], shown["BillAddress"]["City"], shown["BillAddress"]["Addr2"]) == (
        "+1 555 0199",
        "Dallas",
        "2 New Road",
    )
    assert set(desk.states()) == {"posted"}
    assert desk.queue_list("customers").get("queued", 0) == 0


def test_what_a_bookkeeper_changed_is_left_and_shown_and_lines_that_are_gone_are_emptied(desk: Desk) -> None:
    kept_up_to_date(desk)
    edit(desk, "Phone", "private")
    [address] = moved(desk)["addresses"]
    desk.shop.edit("customers", 1, addresses=[{**address, "company": "Analytical Engines", "street": ["1 A", "2 B"]}])
    desk.queue_list("customers")
    desk.update()
    assert (ada(desk)["Phone"], ada(desk)["BillAddress"]["Addr4"]) == ("private", "2 B")
    assert set(desk.problems().values()) == {"changed-in-quickbooks"}
    desk.shop.edit("customers", 1, addresses=[{**address, "company": "Analytical Engines", "street": ["1 A"]}])
    desk.queue_list("customers")
    desk.update()
    assert "Addr4" not in ada(desk)["BillAddress"]


def test_when_all_that_changed_is_theirs_nothing_is_sent(desk: Desk) -> None:
    kept_up_to_date(desk)
    edit(desk, "LastName", "Byron")
    desk.shop.edit("customers", 1, lastname="King")
    desk.queue_list("customers")
    before = ada(desk)["EditSequence"]
    assert desk.update().result == "done"
    assert ada(desk)["EditSequence"] == before
    assert set(desk.states()) == {"posted"}
    assert set(desk.problems().values()) == {"changed-in-quickbooks"}


def test_an_edit_between_reading_and_writing_is_read_again_and_not_overwritten(desk: Desk) -> None:
    kept_up_to_date(desk)
    moved(desk)
    desk.queue_list("customers")
    process, meddled = desk.file.process, []

    def meddle(request: str) -> str:
        if "CustomerModRq" in request and not meddled:
            meddled.append(1)
            edit(desk, "Phone", "private")
        return process(request)

    desk.file.process = meddle  # type: ignore[method-assign]
    assert desk.update().result == "done"
    assert meddled
    assert (ada(desk)["Phone"], ada(desk)["BillAddress"]["City"]) == ("private", "Dallas")
    assert set(desk.states()) == {"posted"}


def test_a_lost_answer_to_a_change_is_settled_by_looking(desk: Desk) -> None:
    kept_up_to_date(desk)
    moved(desk)
    desk.queue_list("customers")
    desk.cut("processed", times=2)
    assert desk.update().result == "done"
    assert ada(desk)["BillAddress"]["City"] == "Dallas"
    assert [row.status for row in desk.rows() if row.kind == "customer_update"] == ["posted"]
    assert desk.problems() == {}


def test_an_item_that_we_made_gets_the_shops_new_name_as_description(desk: Desk) -> None:
    kept_up_to_date(desk, CATALOGUE.replace("create", "update"))
    desk.queue_list("products")
    desk.update()
    mug = next(one for one in desk.shop.products if one["sku"] == "MUG-BLUE")
    desk.shop.edit("products", mug["id"], name="Deep Blue Mug")
    assert desk.queue_list("products")["queued"] == 1
    assert desk.update().result == "done"
    item = desk.file.find("ItemNonInventory", "MUG-BLUE")
    assert item is not None
    assert item["SalesOrPurchase"]["Desc"] == "Deep Blue Mug"
    assert item["SalesOrPurchase"]["AccountRef"]["FullName"] == "4000 Sales"
    assert set(desk.states()) == {"posted"}


def customer_added(desk: Desk, party: Party) -> None:
    """Somebody enters a customer in QuickBooks."""
    desk.file.process(qbxml.message([("1", qbxml.customer_add(party, party.name).text)], "13.0").decode())


def test_a_registered_customer_who_is_inactive_there_is_shown_and_not_made_again(desk: Desk) -> None:
    customer_added(desk, Party("k", "Ada Lovelace", "ada@lab.example"))
    edit(desk, "IsActive", "false")
    rule(desk)
    desk.update()
    queued = desk.queue_list("customers")
    assert queued["queued"] == len(desk.shop.customers) - 1
    assert desk.problems() == {f"customer/{digest('email:' + digest('ada@lab.example'))}": "inactive"}


def test_a_registered_customer_whom_quickbooks_has_without_an_email_is_asked_about(desk: Desk) -> None:
    shop = next(one for one in desk.shop.customers if one["email"] == "ada@lab.example")
    [address] = shop["addresses"]
    billing = Address("", "", "", tuple(address["street"]), address["city"], "", "", address["postcode"], "", "")
    customer_added(desk, Party("k", "ADA Lovelace", billing=billing))
    rule(desk)
    desk.update()
    queued = desk.queue_list("customers")
    assert (queued["queued"], queued["held"]) == (len(desk.shop.customers) - 1, 1)
    [key] = desk.problems()
    assert desk.problems() == {key: "customer-alike"}
    with desk.writing() as conn:
        problems.approve(conn, key, "bookkeeper", desk.clock())
    assert desk.queue_list("customers")["queued"] == 1
    assert desk.problems() == {}


def in_town(desk: Desk, city: str) -> None:
    """Ada's address in the shop has another town, whatever it was."""
    [address] = next(one for one in desk.shop.customers if one["email"] == "ada@lab.example")["addresses"]
    desk.shop.edit("customers", 1, addresses=[{**address, "city": city}])


def test_a_change_while_another_one_is_under_way_follows_it(desk: Desk) -> None:
    kept_up_to_date(desk)
    in_town(desk, "Dallas")
    desk.queue_list("customers")
    desk.cut("processed", times=2)
    in_town(desk, "El Paso")
    assert desk.queue_list("customers").get("queued", 0) == 0
    desk.update()
    assert ada(desk)["BillAddress"]["City"] == "Dallas"
    assert desk.queue_list("customers")["queued"] == 1
    desk.update()
    assert ada(desk)["BillAddress"]["City"] == "El Paso"
    assert desk.queue_list("customers").get("looked_at", 0) == 0


def test_a_change_while_the_customer_is_being_created_follows_the_creation(desk: Desk) -> None:
    rule(desk, keep="update")
    desk.update()
    desk.queue_list("customers")
    desk.cut("processed")
    assert set(desk.states()) == {"sent"}
    in_town(desk, "El Paso")
    desk.queue_list("customers")
    desk.update()
    desk.queue_list("customers")
    desk.update()
    assert ada(desk)["BillAddress"]["City"] == "El Paso"


def test_a_change_that_the_shop_takes_back_before_quickbooks_has_it_is_not_sent(desk: Desk) -> None:
    kept_up_to_date(desk)
    before = ada(desk)
    in_town(desk, "Dallas")
    desk.queue_list("customers")
    in_town(desk, before["BillAddress"]["City"])
    desk.queue_list("customers")
    assert set(desk.states()) == {"posted"}
    desk.update()
    assert ada(desk) == before
