"""Store views, customer groups and products, as the shop names them."""

from decimal import Decimal as D

from mappings.magento import read_groups, read_product, read_stores
from mappings.shop import Product, StoreView
from tests.mappings.recorded import listed


def test_store_views_have_the_name_of_the_view_and_the_zone_of_its_configuration() -> None:
    stores = read_stores(listed("storeConfigs"), listed("storeViews"))
    assert stores == {
        1: StoreView(1, "default", "Default Store View", 1, "America/New_York", "USD"),
        2: StoreView(2, "de", "Deutsch", 2, "Europe/Berlin", "USD"),
    }


def test_a_store_view_without_a_name_goes_by_its_code_and_unreadable_ones_are_left_out() -> None:
    config = {"id": D(7), "code": "fr", "timezone": "Europe/Paris", "base_currency_code": "EUR"}
    stores = read_stores([config, {**config, "id": D(8), "timezone": 1}, {**config, "id": None}], [])
    assert stores == {7: StoreView(7, "fr", "fr", 0, "Europe/Paris", "EUR")}


def test_groups_are_known_by_id_and_guests_have_group_zero() -> None:
    groups = read_groups(listed("customerGroups"))
    assert groups == {0: "NOT LOGGED IN", 1: "General", 2: "Wholesale", 3: "Retailer"}
    assert read_groups([{"id": "x", "code": "A"}, {"code": "B"}, {"id": D(4)}]) == {}


def test_every_recorded_product_reads() -> None:
    products = [read_product(document) for document in listed("products")]
    assert len(products) == 27
    assert all(product.sku and product.name and product.type for product in products)


def test_a_product_keeps_its_attributes_as_text_and_its_id_to_be_found_by() -> None:
    mug = next(product for product in map(read_product, listed("products")) if product.sku == "MUG-BLUE")
    assert (mug.name, mug.type, mug.attributes["id"], mug.attributes["tax_class_id"]) == (
        "Blue Mug",
        "simple",
        "4",
        "2",
    )


def test_several_values_of_an_attribute_are_joined_and_junk_is_left_out() -> None:
    raw = {"sku": "A", "custom_attributes": [{"attribute_code": "category_ids", "value": ["3", "4"]}, "junk", {}]}
    assert read_product(raw) == Product("A", "", "", {"category_ids": "3,4"})
    assert read_product({"custom_attributes": "junk"}) == Product("", "", "", {})
