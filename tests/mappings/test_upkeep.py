"""What is written over a customer or an item, and what is left because somebody changed it in QuickBooks."""

from collections.abc import Mapping
from typing import Any

import pytest

from mappings import qbxml, upkeep
from mappings.entry import Party
from mappings.jsontext import dumps, parse
from mappings.qbo import customer_payload
from mappings.qbxml import Ret
from mappings.upkeep import Verdict
from tests.mappings.qbxml_schema import valid
from tests.mappings.sales import AUSTIN

ADA = Party("email:1", "Ada", "ada@lab.example", "Ada", "Lovelace", "", "555-0100", AUSTIN, AUSTIN)
Simple = dict[str, str]


def fields(values: Simple) -> Mapping[str, Mapping[str, str]]:
    return {name: {"": value} for name, value in values.items()}


@pytest.mark.parametrize(
    ("wanted", "written", "present", "write", "left"),
    [
        ({"Phone": "2"}, {"Phone": "1"}, {"Phone": "1"}, ("Phone",), ()),  # ours, and the shop changed it
        ({"Phone": "1"}, {"Phone": "1"}, {"Phone": "9"}, (), ()),  # theirs, and the shop did not change it
        ({"Phone": "2"}, {"Phone": "1"}, {"Phone": "9"}, (), ("Phone",)),  # both changed it
        ({"Phone": "2"}, {"Phone": "1"}, {"Phone": "2"}, (), ()),  # both say the same by now
        ({"Phone": "2"}, {}, {}, ("Phone",), ()),  # nobody has written it
        ({"Phone": "2"}, {}, {"Phone": "9"}, (), ("Phone",)),  # it was there before us
        ({"Phone": "2"}, {"Phone": "1"}, {}, ("Phone",), ()),  # emptied in QuickBooks
        ({"Name": "ADA  King"}, {"Name": "Ada King"}, {"Name": "X"}, (), ()),  # case and blanks say nothing
        ({}, {"Phone": "1"}, {"Phone": "1"}, (), ()),  # what the shop no longer says stays
    ],
)
def test_a_field_is_written_while_quickbooks_shows_what_we_wrote(
    wanted: Simple, written: Simple, present: Simple, write: tuple[str, ...], left: tuple[str, ...]
) -> None:
    assert upkeep.judge(fields(wanted), fields(written), fields(present)) == Verdict(write, left)


def test_an_address_is_one_field_and_the_countrys_spelling_says_nothing() -> None:
    wanted = upkeep.online_fields("Customer", parse_payload())
    shown = parse_payload() | {"Id": "7", "SyncToken": "3"}
    shown["BillAddr"] = {**shown["BillAddr"], "Country": "USA", "Id": "12", "Lat": "1", "Long": "2"}
    assert upkeep.changed(wanted, upkeep.online_fields("Customer", shown)) == ()
    shown["BillAddr"] = {**shown["BillAddr"], "Line4": "care of Babbage"}
    assert upkeep.changed(wanted, upkeep.online_fields("Customer", shown)) == ("BillAddr",)


def test_the_sparse_update_holds_only_what_is_written() -> None:
    text = upkeep.online_update("Customer", dumped(), ("FamilyName",), {"Id": 7, "SyncToken": "3"})
    assert parse(text) == {"Id": "7", "SyncToken": "3", "sparse": True, "FamilyName": "Lovelace"}


def test_what_was_written_last_counts_field_by_field() -> None:
    assert upkeep.merged([fields({"A": "1", "B": "1"}), fields({"B": "2"})]) == fields({"A": "1", "B": "2"})


def test_the_mod_of_a_customer_is_valid_and_empties_lines_that_are_gone() -> None:
    add = qbxml.customer_add(ADA, "Ada").text
    present = {"BillAddress": {"Addr1": "x", "Addr5": "old", "City": "Austin"}}
    request = upkeep.desktop_update(("customer", "email:1"), add, ("BillAddress", "Phone"), present)
    text = valid(request.text)
    assert text.startswith("<CustomerModRq><CustomerMod><ListID>@customer:email:1</ListID><EditSequence>@sync:email:1")
    assert "<Addr5></Addr5>" in text
    assert "<Phone>555-0100</Phone>" in text
    assert "Name>" not in text
    assert upkeep.desktop_fields(text)["Phone"] == {"": "555-0100"}


@pytest.mark.parametrize("kind", ["service", "noninventory", "inventory"])
def test_the_mod_of_an_item_is_valid_and_says_its_description(kind: str) -> None:
    add = qbxml.item_add(kind, "MUG", "MUG", "Blue Mug", "Sales", asset_account="Stock", cost_account="COGS").text
    text = valid(upkeep.desktop_update(("sku", "mug"), add, ("Desc",), {}).text)
    assert upkeep.desktop_fields(text) == upkeep.desktop_fields(add) == {"Desc": {"": "Blue Mug"}}
    assert "AccountRef" not in text


def test_what_quickbooks_desktop_shows_is_read_by_field() -> None:
    shown = {"ListID": "1", "Name": "Ada", "Phone": "5", "BillAddress/Addr1": "x", "BillAddress/City": "Austin"}
    assert upkeep.desktop_present(Ret("Customer", shown, {})) == {
        "Phone": {"": "5"},
        "BillAddress": {"Addr1": "x", "City": "Austin"},
    }
    for path in ("SalesOrPurchase/Desc", "SalesDesc"):
        assert upkeep.desktop_present(Ret("ItemService", {path: "Mug"}, {})) == {"Desc": {"": "Mug"}}


def parse_payload() -> dict[str, Any]:
    found: dict[str, Any] = parse(dumped())
    return found


def dumped() -> str:
    return dumps(customer_payload(ADA, "Ada"))
