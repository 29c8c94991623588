"""What QuickBooks may have is looked up before it goes out: found by what identifies it, and never taken twice."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from deploy.sandbox.books_fault import Fault
from deploy.sandbox.seeds_cart import Cart
from mappings import qbo
from state import outbox, tables
from state.outbox import Row
from state.settings import load_settings
from tasks import connections
from tasks.inquiry import LookUp
from tasks.judging import PATIENCE, judge
from tests.tasks.company import PREFECT, Company, Open, number

pytestmark = PREFECT
NOW = datetime(2026, 12, 1, tzinfo=UTC)


def queued(acme: Company, orders: int) -> list[str]:
    """Orders whose documents are queued and marked to be looked up, as after a restored backup."""
    numbers = [number(acme.shop.place(Cart(method="checkmo"), paid=True)) for _ in range(orders)]
    acme.sync()
    with acme.writing() as conn:
        box = tables.outbox
        keys = [f"order/{one}" for one in numbers]
        back: dict[str, Any] = {"status": "ready", "batch_id": None, "qb_id": None, "attempt": 1}
        conn.execute(box.update().where(box.c.key.in_(keys)).values(back))
        outbox.look_up_first(conn, keys)
    return numbers


def look_up(acme: Company, *rows: tuple[Row, dict[str, Any]]) -> list[dict[str, Any] | None]:
    """Look rows up with these payloads, as those of one batch."""

    async def asked() -> list[dict[str, Any] | None]:
        async with connections.session(load_settings(acme.home), "test") as here:
            looking = LookUp(here.quickbooks, here.ledger)
            return [await looking.find(row, sent) for row, sent in rows]

    return asyncio.run(asked())


def as_sent(row: Row, kept: dict[str, Any]) -> dict[str, Any]:
    """A row's payload with QuickBooks' ids, as it went out."""
    return {name: kept[name] for name in qbo.parse(row.payload)}


def test_documents_that_are_in_the_books_are_found_and_the_others_are_sent(company: Open) -> None:
    acme = company()
    acme.books.numbers_repeat = True
    numbers = queued(acme, 4)
    lost = acme.document("SalesReceipt", numbers[2])
    acme.books.write("SalesReceipt", "delete", {"Id": lost["Id"], "SyncToken": lost["SyncToken"]})
    acme.sync()
    assert [acme.row(f"order/{one}").status for one in numbers] == ["posted"] * 4
    assert sorted(found["DocNumber"] for found in acme.books.documents("SalesReceipt")) == numbers
    assert not any(acme.row(f"order/{one}").look_up_first for one in numbers)


def test_a_document_whose_total_quickbooks_changed_is_found_and_shown_as_different(company: Open) -> None:
    acme = company()
    acme.books.numbers_repeat = True
    [sold] = queued(acme, 1)
    kept = acme.document("SalesReceipt", sold)
    kept["TotalAmt"] += Decimal("0.07")
    acme.sync()
    assert (acme.row(f"order/{sold}").status, acme.problems()) == ("posted", {f"order/{sold}": "total-differs"})
    assert acme.count("SalesReceipt") == 1


def test_a_document_of_the_same_number_that_is_no_sale_of_ours_is_not_taken_for_it(company: Open) -> None:
    acme = company()
    [sold] = queued(acme, 1)
    acme.document("SalesReceipt", sold)["PrivateNote"] = "entered by hand"
    acme.sync()
    row = acme.row(f"order/{sold}")
    assert (row.status, row.error_code) == ("rejected", "unknown-outcome")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"TxnDate": "2026-01-05"}, "day-differs"),
        ({"TotalAmt": Decimal("1.23"), "PaymentRefNum": "OTHER"}, "total-differs"),
    ],
)
def test_a_document_posted_with_another_day_or_amount_is_found_by_the_order_in_its_note(
    company: Open, change: dict[str, Any], code: str
) -> None:
    acme = company()
    acme.books.numbers_repeat = True
    [sold] = queued(acme, 1)
    kept = acme.document("SalesReceipt", sold)
    kept.update(change, PrivateNote=f"{kept['PrivateNote']}, in other words")
    acme.sync()
    assert (acme.row(f"order/{sold}").status, acme.problems()) == ("posted", {f"order/{sold}": code})
    assert acme.count("SalesReceipt") == 1


def test_a_document_of_the_same_number_and_customer_is_not_doubled_where_numbers_may_repeat(company: Open) -> None:
    acme = company()
    acme.books.numbers_repeat = True
    [sold] = queued(acme, 1)
    kept = acme.document("SalesReceipt", sold)
    kept["PrivateNote"] = "entered by hand"
    acme.sync()
    row = acme.row(f"order/{sold}")
    assert (row.status, row.look_up_first, acme.count("SalesReceipt")) == ("rejected", True, 1)
    assert f"QuickBooks has a sales receipt with number {sold} already" in row.error_words
    kept["DocNumber"] = "BY-HAND"
    with acme.writing() as conn:
        outbox.retry(conn, [row.key], NOW)
    acme.sync()
    assert (acme.row(row.key).status, acme.count("SalesReceipt")) == ("posted", 2)


def test_a_payment_posted_with_another_amount_is_found_by_the_invoice_in_its_note(company: Open) -> None:
    acme = company()
    order = acme.shop.place(Cart(method="checkmo"))
    acme.sync()
    paid = acme.shop.invoice(number(order))
    acme.sync()
    [kept] = acme.books.documents("Payment")
    sent = as_sent(acme.row(f"payment/{number(paid)}"), kept)
    kept["TotalAmt"] -= Decimal("0.07")
    [found] = look_up(acme, (acme.row(f"payment/{number(paid)}"), sent))
    assert found and found["Id"] == kept["Id"]


def test_of_two_payments_that_are_alike_each_row_gets_its_own(company: Open) -> None:
    acme = company()
    order = acme.shop.place(Cart(method="checkmo"))
    acme.sync()
    paid = acme.shop.invoice(number(order))
    acme.sync()
    row = acme.row(f"payment/{number(paid)}")
    [first] = acme.books.documents("Payment")
    sent = as_sent(row, first)
    second = acme.books.write("Payment", "create", {**sent, "Line": []})
    second["Line"] = first["Line"]
    another = Row(**{name: getattr(row, name) for name in row.__slots__} | {"key": "payment/another"})
    found = look_up(acme, (row, sent), (another, sent))
    assert [one and one["Id"] for one in found] == [first["Id"], second["Id"]]
    assert look_up(acme, (another, sent | {"Line": []})) == [None]


def test_the_object_that_another_row_created_is_not_found_for_this_one(company: Open) -> None:
    acme = company()
    order = acme.shop.place(Cart(method="checkmo"))
    acme.sync()
    paid = acme.shop.invoice(number(order))
    acme.sync()
    row = acme.row(f"payment/{number(paid)}")
    [kept] = acme.books.documents("Payment")
    with acme.writing() as conn:
        copy = {name: getattr(row, name) for name in row.__slots__} | {"key": "payment/another", "qb_id": None}
        conn.execute(tables.outbox.insert().values(copy))
    sent = as_sent(row, kept)
    assert look_up(acme, (acme.row("payment/another"), sent)) == [None]
    assert [one and one["Id"] for one in look_up(acme, (row, sent))] == [kept["Id"]]


def test_a_document_that_was_only_throttled_is_never_refused_and_none_of_its_attempts_is_used_up(
    company: Open,
) -> None:
    acme = company()
    order = acme.shop.place(Cart(method="checkmo"))
    acme.sync()
    row = acme.row(f"order/{number(order)}")
    tired = Row(**{name: getattr(row, name) for name in row.__slots__} | {"attempt": PATIENCE + 3})
    fault = {"Error": [{"code": "3001", "Message": "ThrottleExceeded"}], "type": "SERVICE"}
    outcome = judge("1", tired, {}, {"bId": "1", "Fault": fault}, NOW).outcome
    assert (outcome.status, outcome.counts) == ("ready", False)


@pytest.mark.parametrize("form", ["SalesReceipt", "Invoice"])
def test_a_document_that_quickbooks_cannot_be_asked_about_is_shown_and_the_others_are_booked(
    company: Open, form: str
) -> None:
    acme = company()
    acme.books.numbers_repeat = True
    numbers = queued(acme, 3)
    if form == "Invoice":  # the other form of the sale is asked for where its own is not there
        lost = acme.document("SalesReceipt", numbers[1])
        acme.books.write("SalesReceipt", "delete", {"Id": lost["Id"], "SyncToken": lost["SyncToken"]})
    query = acme.books.query

    def refuse(statement: str) -> Any:
        if numbers[1] in statement and f"FROM {form} " in statement:
            raise Fault("4002", "Error parsing query")
        return query(statement)

    acme.books.query = refuse  # type: ignore[method-assign]
    acme.sync()
    row = acme.row(f"order/{numbers[1]}")
    assert (row.status, row.error_code, row.look_up_first) == ("rejected", "unknown-outcome", True)
    assert [acme.row(f"order/{one}").status for one in (numbers[0], numbers[2])] == ["posted"] * 2
    acme.books.query = query  # type: ignore[method-assign]
    with acme.writing() as conn:
        outbox.retry(conn, [row.key], NOW)
    acme.sync()
    assert acme.row(row.key).status == "posted"
    assert sorted(found["DocNumber"] for found in acme.books.documents("SalesReceipt")) == numbers
