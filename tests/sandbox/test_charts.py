"""The sandbox's books have every account and item that the rules templates name, each item on the template's account:
else what they add up to would not be what the rules said."""

from collections.abc import Iterator

import pytest

from deploy.sandbox.books import Books
from deploy.sandbox.desktop import CompanyFile
from mappings.rules import load, template
from mappings.rules_needs import NeededItem, needs

ENTITIES = ("ItemService", "ItemOtherCharge", "ItemDiscount")


def needed(name: str) -> list[NeededItem]:
    """The items that a template's rules need."""
    found = list(needs(load(template(name))).items)
    assert found
    return found


def income(file: CompanyFile, name: str) -> Iterator[str]:
    """The accounts of the items with this name."""
    for entity in ENTITIES:
        item = file.find(entity, name)
        if item is not None:
            yield (item.get("SalesOrPurchase") or item)["AccountRef"]["FullName"]


@pytest.mark.parametrize("name", ["us_retail", "eu_vat"])
def test_quickbooks_online_has_each_item_of_the_template_on_its_account(name: str) -> None:
    books = Books(name)
    accounts = {one["Id"]: one["Name"] for one in books.documents("Account")}
    for item in needed(name):
        found = books.find("Item", item.name)
        assert found is not None, item.name
        assert accounts[found["IncomeAccountRef"]["value"]] == item.account, item.name


def test_a_company_file_has_each_item_of_the_template_on_its_account() -> None:
    file = CompanyFile("us_desktop")
    for item in needed("us_desktop"):
        assert list(income(file, item.name)) == [item.account], item.name
