"""Registered customers and products brought into QuickBooks Online on their own, by rule."""

import asyncio

from deploy.sandbox.seeds_cart import Cart
from flows.customers import customers
from flows.products import products
from tests.tasks.company import PREFECT, Company, Open

pytestmark = PREFECT
OWN = '[[customer]]\nid  = "anything else"\nuse = "own"\n'
WHOLESALE = '[[customer]]\nid = "wholesale"\nwhen = { "customer.group" = "Wholesale" }\nuse = "own"\nkeep = "create"\n'


def keep_customers(acme: Company, keep: str = "create") -> None:
    acme.rules((OWN, f'{OWN}keep = "{keep}"\n'))


def keep_products(acme: Company, row: str = 'keep = "create"') -> None:
    path = acme.home / "rules.toml"
    path.write_text(f'{path.read_text()}\n[[item]]\nid = "catalogue"\n{row}\n', encoding="utf-8")


def names(acme: Company) -> set[str]:
    return {str(one["DisplayName"]) for one in acme.books.documents("Customer")}


def skus(acme: Company) -> set[str]:
    return {str(one["Sku"]) for one in acme.books.documents("Item") if "Sku" in one}


def test_without_a_rule_only_documents_bring_customers_and_items(company: Open) -> None:
    acme = company()
    before = names(acme)
    assert acme.sync()["queued"] == 0
    assert (names(acme), skus(acme)) == (before, set())


def test_every_registered_customer_is_created_once_and_two_of_one_name_are_two(company: Open) -> None:
    acme = company()
    keep_customers(acme)
    before = acme.count("Customer")
    balance = acme.books.trial_balance()
    acme.sync()
    registered = acme.shop.customers
    assert acme.count("Customer") == before + len(registered)
    assert {"Conor O'Brien", "Sam Smith", "Sam Smith (2)"} <= names(acme)
    assert acme.sync()["queued"] == 0
    assert acme.books.trial_balance() == balance
    assert acme.problems() == {}


def test_an_order_finds_the_customer_that_the_list_brought(company: Open) -> None:
    acme = company()
    keep_customers(acme)
    acme.sync(only=["customers"])
    there = acme.count("Customer")
    order = acme.shop.place(Cart(method="braintree"), paid=True)
    ada = next(one for one in acme.shop.customers if one["email"] == "ada@lab.example")
    order |= {"customer_email": "ADA@lab.example", "customer_id": ada["id"], "customer_is_guest": 0}
    acme.sync()
    assert acme.count("Customer") == there
    receipt = acme.document("SalesReceipt", order["increment_id"])
    [customer] = [one for one in acme.books.documents("Customer") if one["Id"] == receipt["CustomerRef"]["value"]]
    assert customer["PrimaryEmailAddr"] == {"Address": "ada@lab.example"}


def test_only_wholesale_customers_are_kept_when_the_rules_say_so(company: Open) -> None:
    acme = company()
    acme.rules((OWN, WHOLESALE + OWN))
    before = names(acme)
    acme.sync()
    assert names(acme) - before == {"Acme Supplies (2)", 'Hopper & Sons "Fine" Goods, Ltd.'}


def test_a_changed_rule_looks_at_the_whole_list_again(company: Open) -> None:
    acme = company()
    acme.sync()
    before = acme.count("Customer")
    keep_customers(acme)
    acme.sync()
    assert acme.count("Customer") == before + len(acme.shop.customers)


def test_a_name_that_a_vendor_has_is_told_apart(company: Open) -> None:
    acme = company()
    assert acme.books.find("Vendor", "Acme Supplies") is not None
    keep_customers(acme)
    acme.sync()
    assert {"Acme Supplies (2)"} == {name for name in names(acme) if name.startswith("Acme")}
    assert acme.problems() == {}


def test_the_catalogue_becomes_items_once_without_what_is_sold_as_its_variants(company: Open) -> None:
    acme = company()
    keep_products(acme)
    acme.sync()
    assert {"MUG-BLUE", "HOODIE-BLUE", "TEA-日本"} <= skus(acme)
    assert "HOODIE" not in skus(acme)
    assert acme.count("Item") == len({one["Name"] for one in acme.books.documents("Item")})
    assert acme.sync()["queued"] == 0


def test_a_product_called_like_our_own_item_gets_an_item_of_its_own(company: Open) -> None:
    acme = company()
    keep_products(acme)
    acme.books.write("Item", "create", _service(acme, "MUG-BLUE"))
    acme.sync()
    [mug] = [one for one in acme.books.documents("Item") if one.get("Sku") == "MUG-BLUE"]
    assert mug["Name"] == "MUG-BLUE (SKU)"


def test_an_item_whose_account_is_missing_is_held_and_comes_when_it_is_there(company: Open) -> None:
    acme = company()
    keep_products(acme, 'account = "4050 Mugs"\nkeep = "create"\nwhen = { "line.sku" = "MUG-BLUE" }')
    acme.sync()
    assert set(acme.problems(hold=True).values()) == {"unknown-account"}
    assert skus(acme) == set()
    acme.books.write("Account", "create", {"Name": "4050 Mugs", "AccountType": "Income"})
    acme.sync()
    assert skus(acme) == {"MUG-BLUE"}
    assert acme.problems() == {}


def test_the_two_lists_have_flows_of_their_own(company: Open) -> None:
    acme = company()
    keep_customers(acme)
    keep_products(acme)
    asyncio.run(customers(home=str(acme.home)))
    assert (acme.last_run().flow, acme.last_run().counts["landed"]) == ("customers", len(acme.shop.customers))
    assert "Acme Supplies (2)" in names(acme)
    assert skus(acme) == set()
    asyncio.run(products(home=str(acme.home)))
    assert acme.last_run().flow == "products"
    assert "MUG-BLUE" in skus(acme)


def _service(acme: Company, name: str) -> dict[str, object]:
    account = acme.books.find("Account", "4000 Sales")
    assert account is not None
    return {"Name": name, "Type": "Service", "IncomeAccountRef": {"value": account["Id"]}}
