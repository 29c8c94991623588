"""Registered customers and products that QuickBooks shall have without an order: who, under which name and key."""

from typing import Any

import pytest

from mappings import magento
from mappings.entry import Party
from mappings.jsontext import parse
from mappings.keys import digest
from mappings.listing import Listed, list_customer, list_product
from mappings.model import Customer, Problem
from mappings.rules import Rules
from mappings.shop import Product, StoreView
from tests.mappings.qbxml_schema import valid
from tests.mappings.rules_sample import rules

STORES = {1: StoreView(1, "default", "English", 1, "America/New_York", "USD")}
GROUPS = {1: "General", 2: "Wholesale"}
EVERYBODY = '[[customer]]\nid = "all"\nuse = "own"\nkeep = "create"\n'
CATALOGUE = '[[item]]\nid = "all"\nkeep = "create"\n'
DESKTOP = '[books]\ntarget = "desktop"\n'
ADDRESS = {
    "id": 1,
    "region": {"region_code": "TX", "region": "Texas", "region_id": 57},
    "country_id": "US",
    "street": ["1 Analytical Way"],
    "postcode": "78701",
    "city": "Dallas",
    "firstname": "Ada",
    "lastname": "Lovelace",
    "telephone": "+1 555 0100",
    "default_shipping": True,
    "default_billing": True,
}
RECORD = {
    "id": 17,
    "group_id": 1,
    "email": "ada@lab.example",
    "firstname": "Ada",
    "lastname": "Lovelace",
    "store_id": 1,
    "website_id": 1,
    "addresses": [ADDRESS],
}


def customer(**changes: Any) -> Customer:
    address = {**ADDRESS, **changes.pop("address", {})}
    read = magento.read_customer({**RECORD, "addresses": [address], **changes})
    assert isinstance(read, Customer)
    return read


def listed(by: Rules, **changes: Any) -> Listed:
    found = list_customer(customer(**changes), STORES, GROUPS, by)
    assert found is not None
    return found


def product(**changes: str) -> Product:
    attributes = {"attribute_set_id": "4", "status": "1"}
    return Product(**{"sku": "MUG-BLUE", "name": "Blue Mug", "type": "simple", "attributes": attributes, **changes})  # type: ignore[arg-type]


def known(*names: str) -> set[tuple[str, str]]:
    return {("account", name.casefold()) for name in ("4000 Sales", *names)}


NAMES = [
    ({}, "", "Ada Lovelace", "Ada Lovelace"),
    ({"company": "Acme, Ltd."}, "", "Acme, Ltd.", "Acme, Ltd."),
    ({}, "  Zoé ", "Zoé Lovelace", "Zoé Lovelace"),
    ({}, "太郎", "太郎 Lovelace", "TaiLang Lovelace"),
    ({"company": "Colon: the\tname"}, "", "Colon the name", "Colon the name"),
    ({"company": "A" * 41}, "", "A" * 41, "A" * 41),
]


@pytest.mark.parametrize(("address", "first", "online", "desktop"), NAMES)
def test_persons_and_companies_are_called_as_they_are(
    address: dict[str, str], first: str, online: str, desktop: str
) -> None:
    changes = {"address": address, **({"firstname": first} if first else {})}
    assert listed(rules(EVERYBODY), **changes).creation.wanted_name == online
    assert listed(rules(DESKTOP + EVERYBODY), **changes).creation.wanted_name == desktop


def test_a_name_of_more_than_41_characters_is_told_apart_on_desktop() -> None:
    long = ["Wolfeschlegelsteinhausenbergerdorff and " + end for end in ("Sons", "Daughters")]
    names = {listed(rules(DESKTOP + EVERYBODY), address={"company": one}).creation.wanted_name for one in long}
    assert len(names) == 2
    assert {len(name) for name in names} == {41}


def test_one_mailbox_in_several_cases_is_one_customer() -> None:
    mails = ("ada@lab.example", "Ada@Lab.Example", " ADA@LAB.EXAMPLE ")
    keys = {listed(rules(EVERYBODY), email=mail).creation.key for mail in mails}
    assert keys == {f"customer/{digest('email:' + digest('ada@lab.example'))}"}


def test_a_changed_name_keeps_the_key_and_two_of_one_name_have_two() -> None:
    by = rules(EVERYBODY)
    assert listed(by).creation.key == listed(by, lastname="King").creation.key
    assert listed(by).creation.key != listed(by, email="ada@other.example").creation.key


def test_by_website_and_id_one_mailbox_may_be_two_customers() -> None:
    by = rules('[books]\ncustomer_key = "website_and_id"\n' + EVERYBODY)
    assert listed(by).creation.symbol == ("customer", "id:1:17")
    assert listed(by, website_id=2, id=18).creation.symbol == ("customer", "id:2:18")


def test_the_payload_holds_person_company_and_addresses() -> None:
    by = rules(EVERYBODY)
    payload = parse(listed(by, address={"company": "Acme"}).creation.write("Acme", by).text)
    assert payload["DisplayName"] == payload["CompanyName"] == "Acme"
    assert (payload["GivenName"], payload["FamilyName"]) == ("Ada", "Lovelace")
    assert payload["BillAddr"]["City"] == payload["ShipAddr"]["City"] == "Dallas"
    assert payload["BillAddr"]["CountrySubDivisionCode"] == "TX"


def test_a_customer_without_any_address_is_called_by_name() -> None:
    by = rules(EVERYBODY)
    found = listed(by, addresses=[])
    assert parse(found.creation.write("Ada Lovelace", by).text) == {
        "DisplayName": "Ada Lovelace",
        "GivenName": "Ada",
        "FamilyName": "Lovelace",
        "PrimaryEmailAddr": {"Address": "ada@lab.example"},
    }


def test_wholesale_customers_are_kept_and_others_come_with_their_documents() -> None:
    wholesale = '[[customer]]\nid = "w"\nwhen = { "customer.group" = "Wholesale" }\nuse = "own"\nkeep = "update"\n'
    by = rules(wholesale + '[[customer]]\nid = "rest"\nuse = "own"\n')
    assert listed(by, group_id=2).update
    assert list_customer(customer(), STORES, GROUPS, by) is None


def test_a_row_that_asks_about_an_order_does_not_decide_about_a_customer_alone() -> None:
    asks = '[[customer]]\nid = "a"\nwhen = { "payment.method" = { not = "checkmo" } }\nuse = "own"\n'
    assert listed(rules(asks + EVERYBODY)).number == "customer 17"


def test_a_custom_attribute_of_the_customer_may_decide() -> None:
    asked = '[[customer]]\nid = "a"\nwhen = { "customer.attribute.segment" = "A" }\nuse = "own"\nkeep = "create"\n'
    by = rules(asked)
    assert listed(by, custom_attributes=[{"attribute_code": "segment", "value": "A"}]).number == "customer 17"
    assert list_customer(customer(), STORES, GROUPS, by) is None


@pytest.mark.parametrize(
    ("change", "field"),
    [({"email": 5}, "email"), ({"id": None}, "id"), ({"addresses": [{**ADDRESS, "city": 5}]}, "addresses[0].city")],
)
def test_a_record_that_cannot_be_read_is_held_with_its_field(change: dict[str, Any], field: str) -> None:
    found = magento.read_customer({**RECORD, **change})
    assert isinstance(found, Problem)
    assert (found.code, found.field) == ("malformed-record", field)


def test_a_product_becomes_the_item_that_its_sales_will_ask_for() -> None:
    by = rules(CATALOGUE)
    found = list_product(product(), by, known())
    assert isinstance(found, Listed)
    assert (found.creation.symbol, found.number, found.update) == (("sku", "MUG-BLUE"), "MUG-BLUE", False)
    assert parse(found.creation.write("MUG-BLUE", by).text) == {
        "Name": "MUG-BLUE",
        "Sku": "MUG-BLUE",
        "Description": "Blue Mug",
        "Type": "NonInventory",
        "IncomeAccountRef": {"value": "@account:4000 Sales"},
    }


def test_products_of_an_attribute_set_are_inventory_items_on_their_own_account() -> None:
    machines = (
        '[accounts]\ninventory = "1400 Inventory"\ncost_of_goods = "5000 COGS"\n'
        '[[item]]\nid = "machines"\nwhen = { "product.attribute_set_id" = "9" }\ntype = "inventory"\n'
        'account = "4050 Machines"\nkeep = "create"\n'
    )
    by = rules(DESKTOP + machines)
    accounts = known("4050 Machines", "1400 Inventory", "5000 COGS")
    found = list_product(Product("M-1", "Press", "simple", {"attribute_set_id": "9"}), by, accounts)
    assert isinstance(found, Listed)
    text = found.creation.write("M-1", by).text
    assert "ItemInventoryAdd" in text
    assert "@account:4050 Machines" in text
    assert list_product(product(), by, accounts) is None


def test_an_item_whose_account_quickbooks_lacks_is_held_with_the_name() -> None:
    found = list_product(product(), rules(CATALOGUE), set())
    assert isinstance(found, Problem)
    assert (found.code, found.hold) == ("unknown-account", True)
    assert "4000 Sales" in found.reason


@pytest.mark.parametrize("kind", ["configurable", "grouped"])
def test_what_is_sold_as_its_variants_gets_no_item(kind: str) -> None:
    assert list_product(product(type=kind), rules(CATALOGUE), known()) is None


@pytest.mark.parametrize(("price_type", "made"), [("0", False), ("1", True)])
def test_a_bundle_is_an_item_when_it_has_a_price_of_its_own(price_type: str, made: bool) -> None:
    bundle = Product("SET", "Set", "bundle", {"price_type": price_type})
    assert (list_product(bundle, rules(CATALOGUE), known()) is not None) is made


def test_the_party_of_a_record_is_that_of_the_customers_orders() -> None:
    from mappings import parties

    by, ada = rules(EVERYBODY), customer()
    key = parties.identity("ADA@lab.example", 1, 17, "order:1", by)
    party = parties.own(key, ada.email, "Ada", "Lovelace", ada.billing, ada.shipping)
    assert isinstance(party, Party)
    assert f"customer/{digest(party.key)}" == listed(by).creation.key


ROUTE = '[[field]]\nid = "route"\nfrom = "{customer.attribute.route|upper}"\nto = "Customer.CustomField.Route"\n'
BRAND = '[[field]]\nid = "brand"\nfrom = "{product.brand}"\nto = "Item.CustomField.Brand"\n'


def test_a_customers_attribute_is_written_into_the_custom_field_of_its_row() -> None:
    north = {"custom_attributes": [{"attribute_code": "route", "value": "north"}]}
    found = listed(rules(DESKTOP + EVERYBODY + ROUTE), **north)
    assert list(found.fields) == ["Route"]
    assert valid(found.fields["Route"].text) == (
        "<DataExtAddRq><DataExtAdd><OwnerID>0</OwnerID><DataExtName>Route</DataExtName>"
        "<ListDataExtType>Customer</ListDataExtType>"
        f"<ListObjRef><ListID>@customer:{found.creation.symbol[1]}</ListID></ListObjRef>"
        "<DataExtValue>NORTH</DataExtValue></DataExtAdd></DataExtAddRq>"
    )
    assert listed(rules(DESKTOP + EVERYBODY + ROUTE)).fields == {}
    unseen = {"custom_attributes": [{"attribute_code": "route", "value": "\u200b"}]}
    assert listed(rules(DESKTOP + EVERYBODY + ROUTE), **unseen).fields == {}


def test_the_first_row_of_a_field_that_fits_decides_and_rows_of_items_say_nothing_of_customers() -> None:
    wholesale = ROUTE.replace('"route"', '"w"', 1).replace("from", 'when = { "customer.group" = "Wholesale" }\nfrom')
    wholesale = wholesale.replace("{customer.attribute.route|upper}", "By hand")
    by = rules(DESKTOP + EVERYBODY + CATALOGUE + wholesale + ROUTE + BRAND)
    assert "By hand" in listed(by, group_id=2).fields["Route"].text
    assert listed(by).fields == {}


def test_a_products_attribute_is_written_into_the_custom_field_of_its_item() -> None:
    by = rules(DESKTOP + EVERYBODY + CATALOGUE + ROUTE + BRAND)
    found = list_product(product(attributes={"brand": "Acme"}), by, known())  # type: ignore[arg-type]
    assert isinstance(found, Listed)
    text = valid(found.fields["Brand"].text)
    assert "<ListDataExtType>Item</ListDataExtType><ListObjRef><ListID>@sku:mug-blue</ListID></ListObjRef>" in text
