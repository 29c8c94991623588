"""Custom fields of the sandbox's company file: where a value may be written, and who is shown it."""

import pytest

from deploy.sandbox.desktop import CompanyFile

from .test_desktop import Reply, ask
from .test_desktop_lists import add_customer, change


@pytest.fixture
def company() -> CompanyFile:
    made = CompanyFile()
    made.custom_fields["Customer"].add("Route")
    return made


def put(company: CompanyFile, operation: str, id: str, value: str, name: str = "Route", of: str = "Customer") -> Reply:
    fields = [("OwnerID", "0"), ("DataExtName", name), ("ListDataExtType", of), ("ListObjRef", [("ListID", id)])]
    return ask(company, f"DataExt{operation}", [*fields, ("DataExtValue", value)])


def shown(company: CompanyFile, id: str) -> str | None:
    return ask(company, "CustomerQuery", [("ListID", id), ("OwnerID", "0")]).text("CustomerRet/DataExtRet/DataExtValue")


def test_an_add_writes_where_no_value_is_and_a_mod_where_one_is(company: CompanyFile) -> None:
    id, _ = add_customer(company, "Ann Example")
    assert put(company, "Mod", id, "North").status == 3180
    assert put(company, "Add", id, "North").text("DataExtRet/DataExtValue") == "North"
    assert put(company, "Add", id, "South").status == 3180
    assert shown(company, id) == "North"
    assert put(company, "Mod", id, "South").status == 0
    assert shown(company, id) == "South"


@pytest.mark.parametrize(
    ("value", "name", "of", "status"),
    [
        ("x", "Zone", "Customer", 3180),
        ("x", "Route", "Item", 3180),
        ("", "Route", "Customer", 3180),
        ("x" * 256, "Route", "Customer", 3070),
    ],
)
def test_what_is_not_defined_empty_or_too_long_is_refused(
    company: CompanyFile, value: str, name: str, of: str, status: int
) -> None:
    id, _ = add_customer(company, "Ann Example")
    assert put(company, "Add", id, value, name, of).status == status
    assert shown(company, id) is None


def test_an_object_that_is_not_there_is_refused(company: CompanyFile) -> None:
    assert put(company, "Add", "80000099-1700000000", "North").status == 3140


def test_a_value_changes_the_edit_sequence_survives_a_mod_and_is_shown_only_to_its_owner(company: CompanyFile) -> None:
    id, first = add_customer(company, "Ann Example")
    put(company, "Add", id, "North")
    assert change(company, id, first, ("Phone", "1")).status == 3200
    second = ask(company, "CustomerQuery", [("ListID", id)]).text("CustomerRet/EditSequence") or ""
    reply = change(company, id, second, ("Phone", "1"))
    assert (reply.status, reply.text("CustomerRet/DataExtRet/DataExtValue")) == (0, None)
    assert shown(company, id) == "North"
    assert ask(company, "CustomerQuery", [("ListID", id)]).text("CustomerRet/DataExtRet/DataExtValue") is None
