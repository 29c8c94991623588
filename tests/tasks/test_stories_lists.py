"""Registered customers and products brought into QuickBooks Online on their own, by rule."""

import asyncio
import subprocess
import sys
from typing import Any

from deploy.sandbox.seeds_cart import Cart
from deploy.sandbox.seeds_shapes import Document
from flows.customers import customers
from flows.products import products
from mappings.keys import digest
from state import outbox
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


def test_a_change_in_the_shop_reaches_a_customer_that_is_kept_up_to_date(company: Open) -> None:
    acme = company()
    keep_customers(acme, "update")
    acme.sync()
    assert acme.sync()["queued"] == 0
    ada = moved(acme)
    assert acme.sync()["queued"] == 1
    shown = books_customer(acme)
    assert (shown["BillAddr"]["City"], shown["ShipAddr"]["City"]) == ("Dallas", "Dallas")
    assert shown["PrimaryPhone"] == {"FreeFormNumber": "+1 555 0199"}
    assert acme.sync()["queued"] == 0
    assert acme.row(f"{creation_of(acme, ada)}/2").status == "posted"


def test_a_changed_name_does_not_rename_the_customer(company: Open) -> None:
    acme = company()
    keep_customers(acme, "update")
    acme.sync()
    acme.shop.edit("customers", shop_customer(acme)["id"], lastname="King")
    acme.sync()
    shown = books_customer(acme)
    assert (shown["DisplayName"], shown["FamilyName"]) == ("Ada Lovelace", "King")


def test_what_a_bookkeeper_changed_in_quickbooks_is_left_and_shown(company: Open) -> None:
    acme = company()
    keep_customers(acme, "update")
    acme.sync()
    shown = books_customer(acme)
    edit(acme, shown, PrimaryPhone={"FreeFormNumber": "private"})
    ada = moved(acme)
    acme.sync()
    shown = books_customer(acme)
    assert shown["PrimaryPhone"] == {"FreeFormNumber": "private"}
    assert shown["BillAddr"]["City"] == "Dallas"
    assert acme.problems(hold=False) == {creation_of(acme, ada): "changed-in-quickbooks"}


def test_somebody_who_changes_the_customer_at_that_moment_is_read_again_and_not_overwritten(company: Open) -> None:
    acme = company()
    keep_customers(acme, "update")
    acme.sync()
    ada = moved(acme)
    meddled: list[int] = []

    def meddle(path: str, _number: int) -> None:
        if "batch" in path and not meddled:
            with acme.reading() as conn:
                queued = outbox.get(conn, f"{creation_of(acme, ada)}/2")
            if queued is not None:
                meddled.append(1)
                edit(acme, books_customer(acme), PrimaryPhone={"FreeFormNumber": "private"})

    acme.books.on_call(meddle)
    acme.sync()
    assert meddled
    shown = books_customer(acme)
    assert (shown["PrimaryPhone"]["FreeFormNumber"], shown["BillAddr"]["City"]) == ("private", "Dallas")
    assert acme.row(f"{creation_of(acme, ada)}/2").status == "posted"
    assert acme.problems() == {creation_of(acme, ada): "changed-in-quickbooks"}


def test_a_customer_that_quickbooks_had_before_keeps_its_own_values_and_gets_what_it_lacks(company: Open) -> None:
    acme = company()
    body = {"DisplayName": "A. Lovelace", "PrimaryEmailAddr": {"Address": "Ada@Lab.example"}, "GivenName": "Augusta"}
    acme.books.write("Customer", "create", body)
    keep_customers(acme, "update")
    acme.sync()
    shown = books_customer(acme)
    assert (shown["DisplayName"], shown["GivenName"], shown["FamilyName"]) == ("A. Lovelace", "Augusta", "Lovelace")
    assert shown["BillAddr"]["City"] == "Austin"
    assert set(acme.problems(hold=False).values()) == {"changed-in-quickbooks"}


def test_a_product_that_is_renamed_in_the_shop_gets_another_description(company: Open) -> None:
    acme = company()
    keep_products(acme, 'keep = "update"\nwhen = { "line.sku" = "MUG-BLUE" }')
    acme.sync()
    mug = next(one for one in acme.shop.products if one["sku"] == "MUG-BLUE")
    acme.shop.edit("products", mug["id"], name="Deep Blue Mug")
    acme.sync()
    [item] = [one for one in acme.books.documents("Item") if one.get("Sku") == "MUG-BLUE"]
    assert (item["Name"], item["Description"]) == ("MUG-BLUE", "Deep Blue Mug")


def shop_customer(acme: Company) -> Document:
    return next(one for one in acme.shop.customers if one["email"] == "ada@lab.example")


def moved(acme: Company) -> Document:
    """Ada has moved to Dallas and has another telephone number."""
    ada = shop_customer(acme)
    [address] = ada["addresses"]
    new = {**address, "city": "Dallas", "telephone": "+1 555 0199"}
    return acme.shop.edit("customers", ada["id"], addresses=[new])


def books_customer(acme: Company) -> dict[str, Any]:
    [found] = [
        one
        for one in acme.books.documents("Customer")
        if one.get("PrimaryEmailAddr", {}).get("Address", "").casefold() == "ada@lab.example"
    ]
    return found


def edit(acme: Company, shown: dict[str, Any], **changes: Any) -> None:
    """A bookkeeper's edit in QuickBooks."""
    acme.books.write(
        "Customer", "update", {**{name: shown[name] for name in ("Id", "SyncToken")}, "sparse": True, **changes}
    )


def creation_of(acme: Company, customer: Document) -> str:
    return f"customer/{digest('email:' + digest(customer['email'].casefold()))}"


def test_a_lost_answer_to_a_change_is_settled_without_a_second_one(company: Open) -> None:
    acme = company()
    keep_customers(acme, "update")
    acme.sync()
    ada = moved(acme)
    acme.books.faults.drop_next(1, only="/batch")
    acme.books.on_call(lambda _path, _number: acme.books.forget_requestids())
    acme.sync()
    shown = books_customer(acme)
    assert (shown["BillAddr"]["City"], shown["SyncToken"]) == ("Dallas", "1")
    assert acme.row(f"{creation_of(acme, ada)}/2").status == "posted"


ANOTHER_PROCESS = "import sys; from state import staging\nwith staging.open(sys.argv[1], wait=0.0): pass"


def test_the_staging_file_is_free_while_quickbooks_is_asked_what_it_shows(company: Open) -> None:
    acme = company()
    keep_customers(acme, "update")
    acme.sync()
    moved(acme)
    opened: list[int] = []

    def another(path: str, _number: int) -> None:
        command = [sys.executable, "-c", ANOTHER_PROCESS, str(acme.home / "staging.duckdb")]
        opened.append(subprocess.run(command, check=False, capture_output=True).returncode)

    acme.books.on_call(another)
    acme.sync()
    assert books_customer(acme)["BillAddr"]["City"] == "Dallas"
    assert len(opened) > 1 and not any(opened)


def test_an_item_that_was_queued_by_the_letters_of_its_sku_is_still_kept_up_to_date(company: Open) -> None:
    acme = company()
    keep_products(acme, 'keep = "update"')
    acme.sync()
    mug = next(one for one in acme.shop.products if one["sku"] == "MUG-BLUE")
    by_letters, now = f"item/{digest('MUG-BLUE')}", f"item/{digest('mug-blue')}"
    with acme.writing() as conn:  # as a ledger of before has it
        conn.execute(outbox.BOX.update().where(outbox.BOX.c.key == now).values(key=by_letters))
    acme.shop.edit("products", mug["id"], name="Bigger Blue Mug")
    acme.sync()
    assert acme.row(f"{by_letters}/2").status == "posted"
    shown = next(one for one in acme.books.documents("Item") if one.get("Sku") == "MUG-BLUE")
    assert shown["Description"] == "Bigger Blue Mug"
    assert acme.problems() == {}


def test_two_products_whose_skus_differ_only_in_case_are_one_item(company: Open) -> None:
    acme = company()
    keep_products(acme, 'keep = "update"')
    mug = next(one for one in acme.shop.products if one["sku"] == "MUG-BLUE")
    acme.shop.edit("products", mug["id"] + 1, sku="mug-blue ")
    acme.sync()
    assert len([one for one in acme.books.documents("Item") if str(one.get("Sku", "")).casefold() == "mug-blue"]) == 1
    assert acme.problems() == {}
    assert acme.sync()["queued"] == 0
