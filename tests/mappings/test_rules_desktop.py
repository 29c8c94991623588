"""Rules files for QuickBooks Desktop: what it has not, and names that it could not have."""

# ruff: noqa: E501 - a wrong text and what is said about it stand on one line

import pytest

from mappings.rules import load
from mappings.rules_needs import needs
from tests.mappings.rules_sample import words

HEAD = 'version = 1\n[books]\ntarget = "desktop"\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[[class]]\nid = "a"\nclass = "Web"\ndepartment = "Austin"', 'rules.toml:7: class "a", department: QuickBooks Desktop has no locations; say class'),
        ('[[field]]\nid = "a"\nfrom = "x"\nto = "ShipMethod"', 'rules.toml:7: field "a", to: QuickBooks Desktop gets PrivateNote and CustomField.Other only'),
        ('[[field]]\nid = "a"\nfrom = "x"\nto = "CustomField.1"', 'rules.toml:7: field "a", to: QuickBooks Desktop gets PrivateNote'),
        ('[[tax]]\nid = "a"\ncode = "TAXED"', 'rules.toml:6: tax "a", code: is 5 characters long; QuickBooks Desktop takes 3'),
        ('[[tax]]\nid = "a"\nrate = "' + "x" * 32 + '"', 'rules.toml:6: tax "a", rate: is 32 characters long; QuickBooks Desktop takes 31'),
        ('[[payment]]\nid = "a"\nclearing = "' + "x" * 32 + '"', 'rules.toml:6: payment "a", clearing: is 32 characters long'),
        ('[items]\nshipping = "' + "x" * 32 + '"', "rules.toml:5: [items] shipping: is 32 characters long"),
        ('[accounts]\nsales = "Income:' + "x" * 32 + '"', "rules.toml:5: [accounts] sales: is 32 characters long"),
        ('terms = "' + "x" * 32 + '"', "rules.toml:4: [books] terms: is 32 characters long"),
        ('tax_cap_cents = -1', "rules.toml:4: [books] tax_cap_cents:"),
        ('tax_method = "own"', 'rules.toml:4: [books] tax_method: "own" is not one of first_fit, computed, own_line'),
        ('[accounts]\ninventory = "1300"\n[[item]]\nid = "a"\nitem = "Mug"\ntype = "inventory"', 'rules.toml:9: item "a", type: inventory items need the account cost_of_goods in [accounts]'),
    ],
)  # fmt: skip
def test_what_desktop_has_not_is_told_with_its_place(text: str, expected: str) -> None:
    found = words(HEAD + text + "\n")
    assert [line for line in found if expected in line], found


def test_levels_of_a_name_are_as_long_as_a_name_each() -> None:
    long = "x" * 31
    assert not words(f'{HEAD}[accounts]\nsales = "{long}:{long}"\n[items]\nshipping = "{long}:{long}"\n')


def test_what_desktop_fills_may_be_filled() -> None:
    row = '[[field]]\nid = "{}"\nfrom = "x"\nto = "{}"\n'
    assert not words(HEAD + row.format("note", "PrivateNote") + row.format("other", "CustomField.Other"))


INVENTORY = """
[accounts]
inventory = "1300 Inventory"
cost_of_goods = "5000 Cost of goods sold"
[[item]]
id = "goods"
item = "Goods"
type = "inventory"
"""


def test_inventory_items_need_two_accounts_more_and_desktop() -> None:
    wanted = needs(load(HEAD + INVENTORY))
    types = {account.name: account.type for account in wanted.accounts}
    assert types["1300 Inventory"] == "Other Current Asset"
    assert types["5000 Cost of goods sold"] == "Cost of Goods Sold"
    assert ("Goods", "Inventory") in {(item.name, item.type) for item in wanted.items}
    assert words("version = 1\n" + INVENTORY) == [
        'rules.toml:9: item "goods", type: inventory items are created in QuickBooks Desktop only'
    ]


def test_an_item_named_after_its_account_fits_a_name_on_desktop() -> None:
    row = '[[shipping]]\nid = "fr"\naccount = "4110 Shipping to France"\n'
    desktop, online = load(HEAD + row), load("version = 1\n" + row)
    assert online.shipping_item(online.shipping[0])[0] == "Magento shipping, 4110 Shipping to France"
    name = desktop.shipping_item(desktop.shipping[0])[0]
    assert len(name) == 31 and name.startswith("Magento shipping, 4110 S~")
    assert name.casefold() in desktop.own_items


def test_all_items_of_ours_are_known_by_name() -> None:
    made = load(HEAD + '[[credit]]\nid = "a"\nitem = "Gift"\naccount = "2300"\n[[tax]]\nid = "b"\nitem = "VAT"\n'
                'account = "2250"\n[[discount]]\nid = "c"\nitem = "Off"\n')  # fmt: skip
    assert made.own_items >= {"magento shipping", "magento sales tax", "gift", "vat", "off"}


KEPT = '[[customer]]\nid = "own"\nuse = "own"\nkeep = "create"\n[[item]]\nid = "goods"\nkeep = "update"\n'
LISTED = '[[field]]\nid = "{}"\nfrom = "{}"\nto = "{}"\n'


def test_custom_fields_of_customers_and_items_are_filled_from_what_these_know_alone() -> None:
    rows = LISTED.format("route", "{customer.attribute.route} {bill.city}", "Customer.CustomField.Route")
    rows += LISTED.format("brand", "{product.brand} {line.sku}", "Item.CustomField.Brand")
    assert not words(HEAD + KEPT + rows + 'when = { "product.attribute_set_id" = "4" }\n')


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (KEPT + LISTED.format("a", "{order.po_number}", "Customer.CustomField.PO"), 'rules.toml:13: field "a", from: order.po_number is not known of a customer alone, and Customer.CustomField.PO has no order'),
        (KEPT + LISTED.format("a", "{customer.group}", "Item.CustomField.PO"), 'rules.toml:13: field "a", from: customer.group is not known of a product alone, and Item.CustomField.PO has no order'),
        (KEPT + LISTED.format("a", "x", "Item.CustomField.PO") + 'when = { "payment.method" = "checkmo" }\n', 'field "a", when, payment.method: payment.method is not known of a product alone'),
        (KEPT + LISTED.format("a", "x", "Customer.CustomField." + "y" * 32), 'rules.toml:14: field "a", to: is 32 characters long; QuickBooks Desktop takes 31'),
        (KEPT + LISTED.format("a", "x", "Customer.CustomField. "), 'rules.toml:14: field "a", to: is no QuickBooks field we fill; known are CustomField.NAME, Customer.CustomField.NAME'),
        (LISTED.format("a", "x", "Customer.CustomField.PO"), 'rules.toml:7: field "a", to: needs a [[customer]] row with keep = "create" or "update", else it is never filled'),
        (KEPT.replace('keep = "update"', 'account = "4000"') + LISTED.format("a", "x", "Item.CustomField.PO"), 'field "a", to: needs a [[item]] row with keep'),
    ],
)  # fmt: skip
def test_what_custom_fields_of_customers_and_items_cannot_be_is_told(text: str, expected: str) -> None:
    found = words(HEAD + text)
    assert [line for line in found if expected in line], found


def test_a_row_that_is_off_needs_nobody_that_keeps_its_customers() -> None:
    assert not words(HEAD + LISTED.format("a", "x", "Customer.CustomField.PO") + "off = true\n")


def test_online_has_no_custom_fields_of_customers_and_items() -> None:
    assert words("version = 1\n" + KEPT + LISTED.format("a", "x", "Customer.CustomField.PO")) == [
        'rules.toml:12: field "a", to: QuickBooks Online\'s accounting API has custom fields on sales forms only, none on '
        "customers or items"
    ]
