"""Attributes of the shop's customers and products in custom fields of QuickBooks Desktop's customers and items."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deploy.cli.causes import waiting
from deploy.sandbox.desktop import CompanyFile
from mappings import qbxml
from mappings.entry import Party
from mappings.keys import digest
from state import outbox
from state.outbox_rows import again
from tests.gateway.desk import Desk, open_desk
from tests.gateway.test_kept_lists import CATALOGUE, ada, customer_added, edit, moved, rule
from tests.mappings.qbxml_schema import validate

ROUTE = '\n[[field]]\nid = "route"\nfrom = "{customer.attribute.route}"\nto = "Customer.CustomField.Route"\n'
COLOUR = '\n[[field]]\nid = "name"\nfrom = "{line.name|first:9}"\nto = "Item.CustomField.Shop name"\n'
ADA = f"customer/{digest('email:' + digest('ada@lab.example'))}"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Every message is valid by Intuit's schema; QuickBooks has both fields."""
    with open_desk(tmp_path / "home") as opened:
        opened.file.custom_fields = {"Customer": {"Route"}, "Item": {"Shop name"}}
        process = opened.file.process

        def checked(request: str) -> str:
            validate(request.encode())
            return process(request)

        opened.file.process = checked  # type: ignore[method-assign]
        yield opened


def routed(desk: Desk, route: str) -> None:
    """Ada's attribute in the shop."""
    desk.shop.edit("customers", 1, custom_attributes=[{"attribute_code": "route", "value": route}])


def ran(desk: Desk) -> int:
    """Read the shop's customers and update; how many rows were new."""
    queued = desk.queue_list("customers").get("queued", 0)
    assert desk.update().result in ("done", "none")
    return queued


def begun(desk: Desk, keep: str, route: str = "North") -> None:
    rule(desk, keep=keep, more=ROUTE)
    desk.update()
    routed(desk, route)
    ran(desk)


def value(file: CompanyFile, list_id: str, entity: str = "Customer") -> str | None:
    """What the object's custom field shows to who asks for the owner 0."""
    query = f"<{entity}QueryRq><ListID>{list_id}</ListID><OwnerID>0</OwnerID></{entity}QueryRq>"
    [ret] = qbxml.read(file.process(qbxml.message([("1", query)], "13.0").decode())).replies["1"].rets
    return next((each["DataExtValue"] for each in ret.each("DataExtRet")), None)


def route_of(desk: Desk) -> str | None:
    return value(desk.file, ada(desk)["ListID"])


def typed(desk: Desk, text: str, operation: str = "Mod") -> None:
    """A bookkeeper's own value in Ada's field."""
    body = (
        f"<OwnerID>0</OwnerID><DataExtName>Route</DataExtName><ListDataExtType>Customer</ListDataExtType>"
        f"<ListObjRef><ListID>{ada(desk)['ListID']}</ListID></ListObjRef><DataExtValue>{text}</DataExtValue>"
    )
    request = f"<DataExt{operation}Rq><DataExt{operation}>{body}</DataExt{operation}></DataExt{operation}Rq>"
    answer = qbxml.read(desk.file.process(qbxml.message([("1", request)], "13.0").decode())).replies["1"]
    assert answer.status == 0, answer.message


def values(desk: Desk) -> dict[str, str]:
    """The rows for values of fields: key to state."""
    return {row.key: row.status for row in desk.rows() if row.entity == "DataExt"}


def test_a_customer_is_created_with_its_attribute_in_the_field_in_one_update(desk: Desk) -> None:
    begun(desk, "create")
    assert route_of(desk) == "North"
    assert values(desk) == {f"{ADA}/field/Route": "posted"}
    assert ran(desk) == 0
    assert desk.problems() == {}


def test_under_create_the_field_is_set_once(desk: Desk) -> None:
    begun(desk, "create")
    routed(desk, "South")
    assert ran(desk) == 0
    assert route_of(desk) == "North"


def test_under_update_the_field_follows_the_attribute_and_stays_when_the_shop_says_nothing(desk: Desk) -> None:
    begun(desk, "update")
    for at, route in enumerate(("South", "West"), start=2):
        routed(desk, route)
        assert ran(desk) == 1
        assert route_of(desk) == route
        assert values(desk)[f"{ADA}/field/Route/{at}"] == "posted"
    routed(desk, "")
    assert ran(desk) == 0
    assert route_of(desk) == "West"


def test_a_value_and_an_address_that_change_together_are_both_written(desk: Desk) -> None:
    begun(desk, "update")
    moved(desk)
    routed(desk, "South")
    assert ran(desk) == 2
    assert (route_of(desk), ada(desk)["BillAddress"]["City"]) == ("South", "Dallas")
    assert set(desk.states()) == {"posted"}


def test_a_value_that_changes_before_anything_went_out_goes_out_as_it_is_last(desk: Desk) -> None:
    rule(desk, more=ROUTE)
    desk.update()
    for route in ("North", "South"):
        routed(desk, route)
        desk.queue_list("customers")
    desk.update()
    assert route_of(desk) == "South"
    assert values(desk) == {f"{ADA}/field/Route": "posted"}


def test_a_bookkeepers_own_value_is_left_and_shown(desk: Desk) -> None:
    begun(desk, "update")
    typed(desk, "Ask Jane")
    routed(desk, "South")
    ran(desk)
    assert route_of(desk) == "Ask Jane"
    assert desk.problems() == {ADA: "changed-in-quickbooks"}
    assert set(desk.states()) == {"posted"}


def test_a_value_that_quickbooks_has_already_is_not_written(desk: Desk) -> None:
    begun(desk, "update")
    typed(desk, "South")
    before = ada(desk)["EditSequence"]
    routed(desk, "South")
    ran(desk)
    assert ada(desk)["EditSequence"] == before
    assert desk.problems() == {}


@pytest.mark.parametrize(("keep", "shown"), [("create", None), ("update", "North")])
def test_a_customer_that_quickbooks_had_before_gets_the_field_only_when_kept_up_to_date(
    desk: Desk, keep: str, shown: str | None
) -> None:
    customer_added(desk, Party("k", "Ada Lovelace", "ada@lab.example"))
    begun(desk, keep)
    assert route_of(desk) == shown


@pytest.mark.parametrize("times", [1, 2], ids=["to the question", "to the value"])
def test_a_lost_answer_is_settled_by_looking(desk: Desk, times: int) -> None:
    begun(desk, "update")
    routed(desk, "South")
    desk.queue_list("customers")
    writes = desk.file.processed.writes
    desk.cut("processed", times=times)
    assert desk.update().result == "done"
    assert desk.file.processed.writes == writes + 1
    assert route_of(desk) == "South"
    assert values(desk) == {f"{ADA}/field/Route": "posted", f"{ADA}/field/Route/2": "posted"}


def test_a_field_that_quickbooks_lacks_is_named_with_what_to_do_and_goes_out_after_a_retry(desk: Desk) -> None:
    desk.file.custom_fields["Customer"].clear()
    begun(desk, "create")
    assert ada(desk)["Name"] == "Ada Lovelace"
    [row] = [row for row in desk.rows() if row.entity == "DataExt"]
    assert (row.status, row.error_code) == ("rejected", "custom-field")
    with desk.reading() as conn:
        [cause] = waiting(conn)
    assert (cause.code, cause.documents) == ("custom-field", (row.key,))
    assert "Custom field 'Route': " in cause.reason
    assert "Define Fields" in cause.fix
    assert ran(desk) == 0
    desk.file.custom_fields["Customer"].add("Route")
    with desk.writing() as conn:
        assert outbox.retry(conn, [row.key], desk.clock()) == [row.key]
    desk.update()
    assert route_of(desk) == "North"


def test_a_text_that_is_too_long_is_shortened_and_told(desk: Desk) -> None:
    begun(desk, "create", "x" * 300)
    assert len(route_of(desk) or "") == 255
    [row] = [row for row in desk.rows() if row.entity == "DataExt"]
    assert '["CustomField.Route","shortened",300]' in row.entry


def test_an_item_gets_what_the_product_says(desk: Desk) -> None:
    rule(desk, more=CATALOGUE.replace("create", "update") + COLOUR)
    desk.update()
    desk.queue_list("products")
    desk.update()
    mug: Any = desk.file.find("ItemNonInventory", "MUG-BLUE")
    assert value(desk.file, mug["ListID"], "Item") == "Blue Mug"
    product = next(one for one in desk.shop.products if one["sku"] == "MUG-BLUE")
    desk.shop.edit("products", product["id"], name="Deep Mug")
    desk.queue_list("products")
    desk.update()
    assert value(desk.file, mug["ListID"], "Item") == "Deep Mug"
    mug = desk.file.find("ItemNonInventory", "MUG-BLUE")
    assert mug["SalesOrPurchase"]["Desc"] == "Deep Mug"
    assert set(desk.states()) == {"posted"}


def test_an_inactive_customer_gets_no_value(desk: Desk) -> None:
    customer_added(desk, Party("k", "Ada Lovelace", "ada@lab.example"))
    edit(desk, "IsActive", "false")
    begun(desk, "update")
    assert values(desk) == {}
    assert desk.problems() == {ADA: "inactive"}


def test_a_value_that_changes_while_another_one_is_under_way_follows_it(desk: Desk) -> None:
    begun(desk, "update")
    routed(desk, "South")
    desk.queue_list("customers")
    desk.cut("processed", times=2)
    routed(desk, "West")
    ran(desk)
    ran(desk)
    assert route_of(desk) == "West"


def test_a_value_that_the_shop_takes_back_before_quickbooks_has_it_is_not_sent(desk: Desk) -> None:
    begun(desk, "update")
    routed(desk, "South")
    desk.queue_list("customers")
    routed(desk, "North")
    ran(desk)
    assert (route_of(desk), values(desk)) == ("North", {f"{ADA}/field/Route": "posted"})


def test_a_value_that_waits_for_its_customer_does_not_keep_the_next_one_from_being_asked_about(tmp_path: Path) -> None:
    with open_desk(tmp_path / "home", QBWC_MESSAGE_SIZE="1") as desk:
        desk.file.custom_fields = {"Customer": {"Route"}}
        begun(desk, "update")
        typed(desk, "private")
        with desk.writing() as conn:
            [first] = [row for row in outbox.rows(conn) if row.entity == "DataExt"]
            blocked = replace(again(first), key="customer/0/field/Route", depends=("customer/0",))
            outbox.put(conn, [blocked], desk.clock())
        routed(desk, "South")
        ran(desk)
        assert route_of(desk) == "private"
        assert set(desk.problems().values()) == {"changed-in-quickbooks"}
