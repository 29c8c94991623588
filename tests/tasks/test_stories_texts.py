"""Whatever people typed in the shop: orders book on QuickBooks Online, and SKUs find their item."""

from datetime import UTC, datetime
from typing import Any

import pytest

from deploy.sandbox.seeds_cart import Cart
from deploy.sandbox.seeds_shapes import Document
from state import watermarks
from tests.tasks.company import PREFECT, Company, Open, number

pytestmark = PREFECT
ODD = "\x02\u2028 \u200b\ufeff\u202e\t "
FIELDS = (
    '[[field]]\nid = "note"\nfrom = "{customer.name}"\nto = "PrivateNote"\n'
    '[[field]]\nid = "memo"\nfrom = "{customer.name}"\nto = "CustomerMemo"\n'
)


def odd(text: str) -> str:
    return f"{ODD}{text}{ODD}\x9f{text}\u00a0 {ODD}"


def typed(acme: Company, order: Document) -> None:
    """Odd characters in every text that a buyer or merchant writes."""
    order |= {name: odd("Ada") for name in ("customer_firstname", "customer_lastname")}
    order |= {
        "customer_is_guest": 0,
        "shipping_description": odd("Flat Rate"),
        "customer_email": "odd@example.com\u200b",
    }
    shipped = order["extension_attributes"]["shipping_assignments"][0]["shipping"]["address"]
    for address in (order["billing_address"], shipped):
        names = ("firstname", "lastname", "company", "city", "region", "postcode", "telephone")
        address |= {name: odd("12") for name in names} | {"region_code": "", "street": [odd("1 Main St"), ODD]}
    for item in order["items"]:
        item["name"] = odd("Mug")
    acme.shop.touch(number(order))


def sell(acme: Company, *skus: str) -> list[Document]:
    """An order of one piece for each SKU."""
    orders = []
    for sku in skus:
        order = acme.shop.place(Cart(lines="several", method="braintree"), paid=True)
        for item in order["items"]:
            item |= {"sku": sku, "product_id": 90_001}  # an article that has left the catalogue
        orders.append(acme.shop.touch(number(order)))
    return orders


def items(acme: Company, order: Document) -> set[str]:
    """The items of the goods on an order's receipt, by their ids."""
    ours = {one["Id"] for one in acme.books.documents("Item") if not one.get("Sku")}
    lines = acme.document("SalesReceipt", number(order))["Line"]
    details = [line["SalesItemLineDetail"]["ItemRef"]["value"] for line in lines if "SalesItemLineDetail" in line]
    return set(details) - ours


def test_an_order_with_odd_characters_in_every_text_books(company: Open) -> None:
    acme = company()
    path = acme.home / "rules.toml"
    path.write_text(f"{path.read_text()}\n{FIELDS}", encoding="utf-8")
    order = acme.shop.place(Cart(lines="several", method="braintree"), paid=True)
    typed(acme, order)
    acme.sync()
    assert set(acme.states(order).values()) == {"posted"}
    assert acme.problems() == {}
    receipt = acme.document("SalesReceipt", number(order))
    assert receipt["BillAddr"]["City"] == "12 12"
    assert receipt["PrivateNote"].endswith("\nAda\nAda\nAda\nAda")
    assert receipt["BillEmail"] == {"Address": "odd@example.com"}
    again = acme.sync()
    assert (again["queued"], acme.problems()) == (0, {})


@pytest.mark.parametrize("spelled", [" 24-MB01x", "24-mb01X", "24-MB01x\u00a0", "\u200b24-Mb01X"])
def test_an_item_in_quickbooks_is_found_however_the_shop_spells_its_sku(company: Open, spelled: str) -> None:
    acme = company()
    account = next(one["Id"] for one in acme.books.documents("Account") if one["Name"].startswith("4000"))
    body = {"Name": "24-MB01x", "Sku": "24-MB01x", "Type": "Service", "IncomeAccountRef": {"value": account}}
    made = acme.books.write("Item", "create", body)
    [order] = sell(acme, spelled)
    acme.sync()
    assert items(acme, order) == {made["Id"]}
    assert acme.problems() == {}


def test_skus_that_differ_only_in_case_and_blanks_are_one_item(company: Open) -> None:
    acme = company()
    orders = sell(acme, "Zed-1", "ZED-1", "zed-1 ", "Zed-1")
    acme.sync()
    later = sell(acme, " ZED-1")
    acme.sync()
    found = [items(acme, order) for order in (*orders, *later)]
    assert len(set.union(*found)) == 1
    assert acme.problems() == {}


def test_skus_that_make_the_same_name_are_two_items(company: Open) -> None:
    acme = company()
    orders = sell(acme, "A:B", "A B", "a:b")
    acme.sync()
    [colon, blank, small] = [items(acme, order) for order in orders]
    assert colon == small != blank
    assert acme.problems() == {}


def test_a_sku_too_long_for_quickbooks_finds_its_item_after_the_lists_were_read_again(company: Open) -> None:
    acme = company()
    long = "engraved-" + "y" * 120
    orders = sell(acme, long, f"{long}z")
    acme.sync()
    with acme.writing() as conn:
        watermarks.put(conn, "references", datetime.now(UTC), at=None)
    orders += sell(acme, f" {long.upper()}")
    acme.sync()
    assert acme.problems() == {}
    [first, other, again] = [items(acme, order) for order in orders]
    assert first == again != other


@pytest.mark.parametrize("sku", ["", "  ", "\u200b\t"])
def test_goods_without_a_sku_are_booked_whole_on_the_fallback_item(company: Open, sku: str) -> None:
    acme = company()
    fallback = (acme.books.find("Item", "Magento sales") or {})["Id"]
    [order] = sell(acme, sku)
    acme.sync()
    receipt = acme.document("SalesReceipt", number(order))
    refs = [
        line["SalesItemLineDetail"]["ItemRef"]["value"] for line in receipt["Line"] if "SalesItemLineDetail" in line
    ]
    assert refs.count(fallback) == len(order["items"])
    assert (receipt["TotalAmt"], acme.problems()) == (order["base_grand_total"], {})


def refused(acme: Company) -> list[Any]:
    return [key for key, state in acme.states().items() if state == "rejected"]


def test_an_e_mail_that_quickbooks_refuses_stops_no_order(company: Open) -> None:
    acme = company()
    bad = acme.shop.place(Cart(method="braintree"), paid=True)
    bad["customer_email"] = "ada at example"
    acme.shop.touch(number(bad))
    good = acme.shop.place(Cart(method="braintree"), paid=True)
    acme.sync()
    assert refused(acme) == []
    assert set(acme.states(bad).values()) == set(acme.states(good).values()) == {"posted"}
    assert "ada at example" in acme.document("SalesReceipt", number(bad))["PrivateNote"]
