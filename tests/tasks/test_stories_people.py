"""Customers and items that QuickBooks has already, in a state that a person has to look at."""

from datetime import UTC, datetime
from typing import Any

from deploy.sandbox.seeds_cart import Cart
from deploy.sandbox.seeds_shapes import Document
from state import problems
from tests.tasks.company import PREFECT, Company, Open, number

pytestmark = PREFECT
ADDRESS = {"firstname": "Mary", "lastname": "Major", "company": "", "street": ["12 North Street, Apt. 4"]}
TOWN = {"city": "Austin", "postcode": "78701-1234", "region_code": "TX", "country_id": "US"}


def order_of(acme: Company, email: str) -> Document:
    order = acme.shop.place(Cart(method="braintree"), paid=True)
    order |= {
        "customer_email": email,
        "customer_is_guest": 1,
        "customer_firstname": "Mary",
        "customer_lastname": "Major",
    }
    order["billing_address"] |= {**ADDRESS, **TOWN}
    return acme.shop.touch(number(order))


def switch(acme: Company, entity: str, one: dict[str, Any], active: bool) -> None:
    """Somebody makes it (in)active in QuickBooks."""
    shown = acme.books.read(entity, one["Id"])
    body = {"Id": shown["Id"], "SyncToken": shown["SyncToken"], "sparse": True, "Active": active}
    acme.books.write(entity, "update", body)


def customer(acme: Company, email: str) -> dict[str, Any]:
    found = [one for one in acme.books.documents("Customer") if one.get("PrimaryEmailAddr") == {"Address": email}]
    assert len(found) == 1
    return found[0]


def test_an_order_of_an_inactive_customer_is_held_and_makes_no_second_one(company: Open) -> None:
    acme = company()
    order_of(acme, "mary@example.com")
    acme.sync()
    mary, there = customer(acme, "mary@example.com"), acme.count("Customer")
    switch(acme, "Customer", mary, active=False)
    second = order_of(acme, "Mary@Example.com")
    acme.sync()
    assert acme.problems(hold=True) == {f"order/{number(second)}": "inactive"}
    assert acme.count("Customer") == there
    switch(acme, "Customer", mary, active=True)
    acme.sync()
    assert acme.states(second) == {f"order/{number(second)}": "posted"}
    assert (acme.count("Customer"), acme.problems()) == (there, {})


def test_of_two_customers_with_one_mailbox_the_active_one_is_used(company: Open) -> None:
    acme = company()
    mail = {"PrimaryEmailAddr": {"Address": "mary@example.com"}}
    used = acme.books.write("Customer", "create", {"DisplayName": "Mary the Second", **mail})
    old = acme.books.write("Customer", "create", {"DisplayName": "Zz old Mary", **mail})
    switch(acme, "Customer", old, active=False)
    order = order_of(acme, "mary@example.com")
    acme.sync()
    assert acme.document("SalesReceipt", number(order))["CustomerRef"]["value"] == used["Id"]


def test_an_inactive_item_holds_its_orders_also_where_unknown_ones_have_a_fallback(company: Open) -> None:
    acme = company()
    acme.rules(('unknown_item   = "create"', 'unknown_item   = "fallback"'))
    account = acme.books.find("Account", "4000 Sales")
    assert account is not None
    order = order_of(acme, "mary@example.com")
    sku = str(order["items"][0]["sku"])
    body = {"Name": sku, "Sku": sku, "Type": "NonInventory", "IncomeAccountRef": {"value": account["Id"]}}
    item = acme.books.write("Item", "create", body)
    switch(acme, "Item", item, active=False)
    acme.sync()
    assert acme.problems(hold=True) == {f"order/{number(order)}": "inactive"}
    with acme.reading() as conn:
        [found] = problems.open_problems(conn)
    assert repr(sku) in found.problem.reason
    switch(acme, "Item", item, active=True)
    acme.sync()
    assert acme.problems() == {}


def already_there(acme: Company, **more: Any) -> dict[str, Any]:
    """A customer that somebody entered in QuickBooks, without an e-mail."""
    address = {"Line1": "12 N. STREET", "Line2": "apartment 4", "City": "AUSTIN", "PostalCode": "78701"}
    return acme.books.write("Customer", "create", {"DisplayName": "MARY Major", "BillAddr": address, **more})


def test_somebody_of_the_same_name_and_address_without_an_email_is_asked_about(company: Open) -> None:
    acme = company()
    known = already_there(acme)
    there = acme.count("Customer")
    order = order_of(acme, "mary@example.com")
    acme.sync()
    assert acme.problems(hold=True) == {f"order/{number(order)}": "customer-alike"}
    body = {"Id": known["Id"], "SyncToken": "0", "sparse": True, "PrimaryEmailAddr": {"Address": "mary@example.com"}}
    acme.books.write("Customer", "update", body)
    acme.sync()
    assert acme.document("SalesReceipt", number(order))["CustomerRef"]["value"] == known["Id"]
    assert (acme.count("Customer"), acme.problems()) == (there, {})
    assert acme.books.read("Customer", known["Id"])["BillAddr"]["Line1"] == "12 N. STREET"


def test_a_released_order_gets_a_customer_of_its_own(company: Open) -> None:
    acme = company()
    already_there(acme)
    order = order_of(acme, "mary@example.com")
    acme.sync()
    with acme.writing() as conn:
        problems.approve(conn, f"order/{number(order)}", "bookkeeper", datetime.now(UTC))
    acme.sync()
    assert customer(acme, "mary@example.com")["DisplayName"] == "Mary Major (2)"
    assert acme.problems() == {}


def test_another_address_or_an_email_of_its_own_is_somebody_else(company: Open) -> None:
    acme = company()
    already_there(acme, DisplayName="Mary Major", PrimaryEmailAddr={"Address": "other@example.com"})
    order = order_of(acme, "mary@example.com")
    acme.sync()
    assert acme.states(order) == {f"order/{number(order)}": "posted"}
    assert customer(acme, "mary@example.com")["DisplayName"] == "Mary Major (2)"
