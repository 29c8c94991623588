"""QuickBooks refuses a document, and it comes back later: by other rules, by a corrected company, after it was held."""

import json
from datetime import date, timedelta
from typing import Any

from deploy.sandbox.books_fault import Fault
from deploy.sandbox.seeds_cart import Cart
from deploy.sandbox.seeds_shapes import Document
from tests.tasks.company import PREFECT, Company, Open, number

pytestmark = PREFECT
CARD = Cart(method="braintree")


def at_work(company: Open) -> Company:
    """A company that has booked its first order, so that its customers and items are known."""
    acme = company()
    acme.shop.place(CARD, paid=True)
    acme.sync()
    return acme


def refused_and_held(company: Open) -> tuple[Company, Document]:
    """An order that QuickBooks refused because its month is closed, and that is held since it shipped."""
    acme = at_work(company)
    order = acme.shop.place(CARD, paid=True)
    acme.books.close(date.fromisoformat(order["created_at"][:10]) + timedelta(days=1))
    acme.sync()
    assert acme.states(order) == {f"order/{number(order)}": "rejected"}
    acme.shop.ship(number(order))
    acme.sync()
    assert acme.states(order) == {}
    assert acme.problems(hold=True) == {f"order/{number(order)}": "closed-period"}
    return acme, order


def is_booked_once(acme: Company, order: Document) -> None:
    assert acme.states(order) == {f"order/{number(order)}": "posted"}
    assert acme.document("SalesReceipt", number(order))["TotalAmt"] == order["base_grand_total"]
    assert acme.problems(hold=True) == {}


def test_a_document_of_a_closed_month_is_booked_once_the_rules_date_it_on_the_first_open_day(company: Open) -> None:
    acme, order = refused_and_held(company)
    acme.rules(('closed_period  = "hold"', 'closed_period  = "first_open_day"'))
    acme.sync()
    is_booked_once(acme, order)
    later = acme.shop.place(CARD, paid=True)
    acme.sync()
    is_booked_once(acme, later)


def test_a_document_of_a_closed_month_is_booked_once_the_month_is_open_again(company: Open) -> None:
    acme, order = refused_and_held(company)
    acme.books.close(None)
    acme.sync()
    is_booked_once(acme, order)


def test_a_refused_document_is_booked_after_the_rules_were_corrected_with_a_typing_error_on_the_way(
    company: Open,
) -> None:
    acme = at_work(company)
    order = acme.shop.place(CARD, paid=True)
    write = acme.books.write

    def refuse(entity: str, operation: Any, body: dict[str, Any], *more: Any) -> Any:
        if entity == "SalesReceipt" and body.get("DocNumber") == number(order):
            raise Fault("6430", "Invalid account type")
        return write(entity, operation, body, *more)

    acme.books.write = refuse  # type: ignore[method-assign]
    acme.sync()
    assert acme.states(order) == {f"order/{number(order)}": "rejected"}
    acme.books.write = write  # type: ignore[method-assign]
    old = json.loads(acme.row(f"order/{number(order)}").payload)["DepositToAccountRef"]["value"].partition(":")[2]
    kind = acme.books.find("Account", old) or {}
    acme.books.write("Account", "create", {"Name": "1259 Card clearing", "AccountType": kind["AccountType"]})
    acme.rules((f'"{old}"', '"1259 Card claering"'))
    acme.sync()
    assert (acme.states(order), acme.problems()) == ({}, {f"order/{number(order)}": "unknown-account"})
    acme.rules(('"1259 Card claering"', '"1259 Card clearing"'))
    for _ in range(2):
        acme.sync()
        is_booked_once(acme, order)
