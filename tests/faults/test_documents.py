"""While a run is under way somebody works in QuickBooks: names, numbers, closed periods and accounts change."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

from deploy.sandbox.seeds_cart import Cart
from tests.faults import compare
from tests.faults.company import PREFECT, Company, Open, at_work

pytestmark = PREFECT
COMPANIES = Cart(method="purchaseorder", people="companies")


def once_sending(one: Company, entity: str, act: Callable[[], Any]) -> None:
    """Do something in QuickBooks at the last moment: when the first batch of an entity is on its way to it."""
    done: list[bool] = []

    def hook(_path: str, _number: int) -> None:
        if not done and any(row.entity == entity for row in one.rows("sent")):
            done.append(True)
            act()

    one.books.on_call(hook)


def newcomer(one: Company) -> str:
    """Place an order of somebody who is no customer yet; returns the name that the books will show."""
    known = {found.get("PrimaryEmailAddr", {}).get("Address") for found in one.books.documents("Customer")}
    for _ in range(200):
        order = one.shop.place(paid=True)
        if order["customer_email"] not in known:
            address = order["billing_address"]
            return f"{address['firstname']} {address['lastname']}"
    raise AssertionError("everybody is a customer already")


def test_a_name_that_a_vendor_takes_during_the_run_becomes_a_second_name(company: Open) -> None:
    one = company(4)
    assert one.sync().status == 0
    name = newcomer(one)
    once_sending(one, "Customer", lambda: one.books.write("Vendor", "create", {"DisplayName": name}))
    done = one.sync()
    assert done.status == 0, done
    assert one.books.find("Vendor", name) is not None
    assert one.books.find("Customer", f"{name} (2)") is not None
    compare.settled(one)


def test_a_customer_whom_somebody_enters_by_hand_during_the_run_is_taken_for_the_same_one(company: Open) -> None:
    one = company(4)
    assert one.sync().status == 0
    name = newcomer(one)
    email = {"Address": one.shop.rows("orders")[-1]["customer_email"]}
    by_hand = {"DisplayName": name, "PrimaryEmailAddr": email}
    once_sending(one, "Customer", lambda: one.books.write("Customer", "create", by_hand))
    done = one.sync()
    assert done.status == 0, done
    compare.settled(one)


def test_a_number_that_somebody_else_has_given_is_refused_and_shown_and_the_rest_goes_on(company: Open) -> None:
    one = at_work(company)
    number = one.shop.place(paid=True)["increment_id"]
    sold = one.books.documents("SalesReceipt")[0]
    theirs = {name: sold[name] for name in ("CustomerRef", "Line", "TxnDate")} | {"DocNumber": number}
    one.books.write("SalesReceipt", "create", theirs)
    done = one.sync()
    row = one.row(f"order/{number}")
    assert (done.status, row.status, row.error_code) == (1, "rejected", "duplicate-number"), row
    assert (done.data["posted"], done.data["rejected"]) == (3, 1)
    theirs = next(found for found in one.books.documents("SalesReceipt") if found["DocNumber"] == number)
    one.books.write("SalesReceipt", "delete", changed(theirs))
    assert one.command("retry", row.key).status == 0
    assert one.sync().status == 0
    compare.settled(one)


def test_books_that_are_closed_after_the_mirror_was_read_refuse_the_document_and_show_it(company: Open) -> None:
    one = at_work(company)
    once_sending(one, "SalesReceipt", lambda: one.books.close(date(2026, 12, 31)))
    done = one.sync()
    refused = {row.key: row.error_code for row in one.rows("rejected")}
    assert (done.status, set(refused.values())) == (1, {"closed-period"}), (done, refused)
    one.books.hooks.clear()
    one.books.close(None)
    assert one.command("retry", "--all").status == 0
    assert one.sync().status == 0
    compare.settled(one)


def test_an_account_that_vanishes_between_queueing_and_claiming_is_named_and_the_rest_goes_on(company: Open) -> None:
    one = company(4)
    assert one.sync().status == 0
    paid = one.shop.place(Cart(method="checkmo"), paid=True)["increment_id"]
    one.shop.place(COMPANIES)
    one.books.faults.status_next(50, 401, only="/batch")
    assert one.sync().status == 3
    one.books.faults.clear()
    account = deposit_account(one, paid)
    one.books.write("Account", "update", changed(account, Active=False))
    done = one.sync()
    row = one.row(f"order/{paid}")
    assert (done.status, row.status, row.error_code) == (1, "rejected", "unknown-reference"), row
    assert account["Name"].casefold() in row.error_words.casefold()
    assert done.data["posted"] == 1
    account = next(found for found in one.books.documents("Account") if found["Id"] == account["Id"])
    one.books.write("Account", "update", changed(account, Active=True))
    assert one.command("retry", row.key).status == 0
    assert one.sync().status == 0
    compare.settled(one)


def test_an_account_that_vanishes_while_the_batch_is_on_its_way_is_refused_by_quickbooks_and_shown(
    company: Open,
) -> None:
    one = at_work(company)
    paid = one.shop.place(Cart(method="checkmo"), paid=True)["increment_id"]

    def close() -> None:
        one.books.write("Account", "update", changed(deposit_account(one, paid), Active=False))

    once_sending(one, "SalesReceipt", close)
    done = one.sync()
    row = one.row(f"order/{paid}")
    assert (done.status, row.status, row.error_code) == (1, "rejected", "unknown-reference"), row
    compare.agree(one)


def deposit_account(one: Company, order: str) -> dict[str, Any]:
    """The account in QuickBooks into which the money of a queued sale goes."""
    symbol = json.loads(one.row(f"order/{order}").payload)["DepositToAccountRef"]["value"]
    name = symbol.partition(":")[2].casefold()
    return next(found for found in one.books.documents("Account") if found["Name"].casefold() == name)


def changed(found: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A sparse update of an object as it now is."""
    latest = {"Id": found["Id"], "SyncToken": found["SyncToken"], "sparse": True}
    return {**latest, **changes}
