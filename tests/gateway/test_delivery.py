"""Documents on their way to QuickBooks Desktop: what each answer makes of them."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.gateway.judging import BUSY, PATIENCE
from state import tables
from tests.gateway.desk import Desk, open_desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """QuickBooks' lists are known, and it has the items and customers of earlier orders."""
    with open_desk(tmp_path / "home") as opened:
        opened.update()
        opened.sell(20)
        opened.queue()
        opened.update()
        yield opened


def sold(desk: Desk, orders: int = 4) -> list[str]:
    """Keys of further orders that wait."""
    numbers = [f"order/{order['increment_id']}" for order in desk.sell(orders)]
    desk.queue()
    return numbers


def state(desk: Desk, key: str) -> str:
    return next(row.status for row in desk.rows() if row.key == key)


def test_many_requests_go_in_one_message(tmp_path: Path) -> None:
    with open_desk(tmp_path / "home") as desk:
        desk.update()
        desk.sell(100)
        desk.queue()
        outcome = desk.update()
        assert outcome.messages <= 2 + len(desk.rows()) / 50
        assert outcome.said == (f"{len(desk.rows())} documents posted.",)
        desk.audit()


def test_the_number_of_requests_in_a_message_is_a_setting(tmp_path: Path) -> None:
    with open_desk(tmp_path / "home", QBWC_MESSAGE_SIZE="7") as desk:
        desk.update()
        desk.sell(14)
        desk.queue()
        asked: list[int] = []
        process = desk.file.process

        def count(request: str) -> str:
            asked.append(request.count("requestID="))
            return process(request)

        desk.file.process = count  # type: ignore[method-assign]
        desk.update()
        assert max(asked) == 7
        desk.audit()


def test_customers_and_items_come_before_the_documents_that_name_them(tmp_path: Path) -> None:
    with open_desk(tmp_path / "home") as desk:
        desk.update()
        desk.sell(10)
        desk.queue()
        assert desk.update().result == "done"
        assert {row.kind for row in desk.rows()} >= {"customer", "item", "sales_receipt"}
        assert desk.states() == {"posted": len(desk.rows())}


def test_an_invoice_and_its_payment_go_in_one_update_one_after_the_other(desk: Desk) -> None:
    [order] = desk.sell(1, paid=False)
    desk.queue()
    desk.update()
    desk.shop.invoice(order["increment_id"], transaction="TXN77")
    desk.queue()
    desk.update()
    [invoice] = [one for one in desk.file.documents("Invoice") if one["RefNumber"] == order["increment_id"]]
    [payment] = desk.file.documents("ReceivePayment")
    assert invoice["BalanceRemaining"] == 0
    assert payment["TotalAmt"] == invoice["TotalAmt"]
    desk.audit()


def test_a_cancelled_order_voids_its_invoice(desk: Desk) -> None:
    [order] = desk.sell(1, paid=False)
    desk.queue()
    desk.update()
    desk.shop.cancel(order["increment_id"])
    desk.queue()
    desk.update()
    [invoice] = [one for one in desk.file.documents("Invoice") if one["RefNumber"] == order["increment_id"]]
    assert invoice["TotalAmt"] == 0
    desk.audit()


@pytest.mark.parametrize("status", [3000, 3020, 3040, 3045, 3070, 3090, 3120, 3140, 3150, 3153, 3210, 3250, 3300, 9100])
def test_one_refused_request_does_not_stop_its_message(desk: Desk, status: int) -> None:
    keys = sold(desk)
    desk.file.fail_next(status, "QuickBooks says why.")
    outcome = desk.update()
    assert sorted(state(desk, key) for key in keys) == ["posted", "posted", "posted", "rejected"]
    [refused] = [row for row in desk.rows() if row.status == "rejected"]
    assert refused.error_words == f"QuickBooks says why. (QuickBooks {status})"
    assert outcome.said == ("3 documents posted, 1 document refused by QuickBooks: magebooks held shows them.",)
    desk.audit()


@pytest.mark.parametrize("status", BUSY)
def test_what_somebody_else_is_working_on_is_tried_again_in_a_moment(desk: Desk, status: int) -> None:
    [key] = sold(desk, 1)
    desk.file.fail_next(status)
    desk.update()
    assert state(desk, key) == "ready"
    desk.clock.later(minutes=6)
    desk.update()
    assert state(desk, key) == "posted"
    desk.audit()


def test_patience_ends_and_a_person_sees_quickbooks_words(desk: Desk) -> None:
    [key] = sold(desk, 1)
    for _ in range(PATIENCE):
        desk.file.fail_next(3175, "It is in use.")
        desk.update()
        desk.clock.later(minutes=6)
    [row] = [row for row in desk.rows() if row.key == key]
    assert (row.status, row.error_words) == ("rejected", "It is in use. (QuickBooks 3175)")


@pytest.mark.parametrize("status", [3260, 3261])
def test_a_missing_permission_ends_the_session_and_loses_nothing(desk: Desk, status: int) -> None:
    keys = sold(desk)
    desk.file.fail_next(status, "You do not have permission.")
    outcome = desk.update()
    assert outcome.result == "error"
    assert any("Give MageBooks the permission" in words for words in outcome.said)
    desk.clock.later(minutes=6)
    desk.update()
    assert {state(desk, key) for key in keys} == {"posted"}
    desk.audit()


def test_a_customer_whose_name_a_vendor_has_gets_another_name(desk: Desk) -> None:
    [order] = desk.sell(1)
    order["customer_email"] = "somebody.new@example.com"
    order["billing_address"]["lastname"] = order["customer_lastname"] = "of a Vendor's Name"
    desk.file.fail_next(3100, "The name is already in use.")
    desk.queue()
    desk.update()
    desk.clock.later(minutes=6)
    desk.update()
    assert desk.states() == {"posted": len(desk.rows())}
    [new] = [one for one in desk.file.objects("Customer") if one.get("Email") == "somebody.new@example.com"]
    assert new["Name"] == "Buyer of a Vendor's Name (2)"
    desk.audit()


def test_the_one_request_that_quickbooks_cannot_read_is_found_and_held(desk: Desk) -> None:
    keys = sold(desk, 9)
    with desk.writing() as conn:
        box = tables.outbox
        spoiled = "<SalesReceiptAddRq><SalesReceiptAdd><Nonsense>1</Nonsense></SalesReceiptAdd></SalesReceiptAddRq>"
        conn.execute(box.update().where(box.c.key == keys[4]).values(payload=spoiled))
    desk.update()
    desk.update()
    assert [state(desk, key) for key in keys].count("posted") == 8
    [held] = [row for row in desk.rows() if row.status == "rejected"]
    assert held.key == keys[4]
    assert "could not read this request" in held.error_words
    desk.audit()


def test_text_that_does_not_fit_is_counted_and_named_without_being_repeated(desk: Desk) -> None:
    [order] = desk.sell(1)
    order["customer_email"] = "zofia@example.com"
    order["billing_address"] |= {"city": "Łódź", "street": ["Long street name " * 15]}
    counts = desk.queue()
    assert counts["adjusted"] == 2  # the new customer and the sales receipt
    [row] = [row for row in desk.rows() if row.key == f"order/{order['increment_id']}"]
    changed = {(field, how) for field, how, _ in json.loads(row.entry)["adjusted"]}
    assert changed >= {("BillAddress/City", "transliterated"), ("BillAddress/Addr5", "shortened")}
    assert "street" not in row.entry
    desk.update()
    [receipt] = [one for one in desk.file.documents("SalesReceipt") if one["RefNumber"] == order["increment_id"]]
    assert ("Long street name " * 5).strip() in receipt["Memo"]
    desk.audit()


def test_answers_in_windows_1252_with_line_ends_of_windows_are_read(desk: Desk) -> None:
    desk.file.crlf, desk.file.encoding, desk.file.odd_enums = True, "windows-1252", True
    keys = sold(desk)
    desk.update()
    assert {state(desk, key) for key in keys} == {"posted"}
    desk.audit()


def test_a_name_that_quickbooks_lost_refuses_its_row_and_lets_the_rest_go(desk: Desk) -> None:
    keys = sold(desk)
    with desk.writing() as conn:
        box = tables.outbox
        row = next(row for row in desk.rows() if row.key == keys[0])
        conn.execute(
            box.update().where(box.c.key == keys[0]).values(payload=row.payload.replace("@account:", "@account:no "))
        )
    desk.update()
    [refused] = [row for row in desk.rows() if row.status == "rejected"]
    assert refused.error_words.startswith("QuickBooks has no account called 'no ")
    assert {state(desk, key) for key in keys[1:]} == {"posted"}
    desk.audit()
