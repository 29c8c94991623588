"""A restored ledger on QuickBooks Desktop, when a document would be sent with another amount, day or memo than it was
posted with: it is found by its number, its customer and the order in its memo, and never posted a second time."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from deploy.sandbox.seeds_cart import Cart
from state import outbox
from tests.gateway.desk import Desk, open_desk
from tests.gateway.restoring import reopened
from tests.gateway.test_summaries import together
from tests.ledgers import back_up, restore_ledger

CHECK = Cart(lines="several", method="checkmo")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """QuickBooks' lists are known, and the first orders are in the books."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with open_desk(tmp_path / "home") as opened:
        opened.update()
        opened.sell(2)
        opened.sell(1, CHECK, paid=False)
        opened.queue()
        opened.update()
        yield opened


@pytest.fixture
def restored(desk: Desk, tmp_path: Path) -> Iterator[Desk]:
    """A paid order, a refunded one, an invoice and a payment are in the books, and the ledger is one from before."""
    backup = back_up(desk.home, tmp_path / "backup")
    desk.shop.invoice(desk.shop.orders[-1]["increment_id"])
    desk.sell(1)
    [refunded] = desk.sell(1)
    desk.sell(1, CHECK, paid=False)
    desk.queue()
    desk.update()
    desk.shop.refund(refunded["increment_id"])
    desk.queue()
    desk.update()
    desk.update()
    assert set(desk.states()) == {"posted"}
    restore_ledger(desk.engine, desk.home, backup)
    with reopened(desk, desk.home) as again:
        yield again


def newest(desk: Desk, entity: str) -> dict[str, Any]:
    """The newest document of a kind as the company file keeps it: what is changed in it is changed there."""
    found: dict[str, Any] = desk.file.objects(entity)[-1]
    return found


def sync(desk: Desk) -> None:
    desk.queue()
    desk.update()
    desk.update()


@pytest.mark.parametrize("entity", ["SalesReceipt", "Invoice", "CreditMemo"])
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Subtotal": Decimal("1.23"), "TotalAmount": Decimal("1.23")}, "total-differs"),
        ({"TxnDate": date(2026, 1, 5)}, "day-differs"),
    ],
)
def test_a_document_posted_with_another_amount_or_day_is_found_and_shown_as_different(
    restored: Desk, entity: str, change: dict[str, Any], code: str
) -> None:
    document, written = newest(restored, entity), restored.file.processed.writes
    document |= change
    sync(restored)
    assert restored.file.processed.writes == written
    assert set(restored.states()) == {"posted"}
    [key] = [row.key for row in restored.rows() if row.qb_id == document["TxnID"]]
    assert restored.problems()[key] == code


def test_a_payment_posted_with_another_amount_is_found_and_shown_as_different(restored: Desk) -> None:
    payment, written = newest(restored, "ReceivePayment"), restored.file.processed.writes
    payment["TotalAmount"] -= Decimal("0.07")
    sync(restored)
    assert restored.file.processed.writes == written
    assert [code for key, code in restored.problems().items() if key.startswith("payment/")] == ["total-differs"]


def test_a_document_that_somebody_entered_under_its_number_is_shown_to_a_person(restored: Desk) -> None:
    document, written = newest(restored, "SalesReceipt"), restored.file.processed.writes
    document |= {"Memo": "entered by hand", "Subtotal": Decimal("1.23"), "TotalAmount": Decimal("1.23")}
    sync(restored)
    [row] = [row for row in restored.rows() if row.number == document["RefNumber"] and row.kind == "sales_receipt"]
    assert (row.status, row.look_up_first) == ("rejected", True)
    assert f"QuickBooks has a sales receipt with number {row.number} already" in row.error_words
    document["RefNumber"] = "BY-HAND"
    with restored.writing() as conn:
        outbox.retry(conn, [row.key], restored.clock())
    restored.update()
    assert restored.file.processed.writes == written + 1
    assert set(restored.states()) == {"posted"}


def test_the_same_number_of_another_customer_without_the_order_is_no_hindrance(restored: Desk) -> None:
    document, written = newest(restored, "SalesReceipt"), restored.file.processed.writes
    document["Memo"] = "entered by hand"
    document["CustomerRef"] = restored.file.objects("SalesReceipt")[0]["CustomerRef"]
    sync(restored)
    assert restored.file.processed.writes == written + 1
    assert set(restored.states()) == {"posted"}


def test_a_day_summed_up_otherwise_after_the_restore_is_not_posted_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with open_desk(tmp_path / "home", QBWC_MESSAGE_SIZE="5") as desk:
        together(desk)
        desk.update()
        backup = back_up(desk.home, tmp_path / "backup")
        desk.sell(2)
        desk.queue()
        desk.clock.later(days=2)
        sync(desk)
        assert {row.status for row in desk.rows()} == {"posted"}
        assert desk.file.objects("SalesReceipt")
        posted = len(desk.file.objects("SalesReceipt"))
        restore_ledger(desk.engine, desk.home, backup)
        with reopened(desk, desk.home) as again:
            again.sell(1)
            sync(again)
            assert len(again.file.objects("SalesReceipt")) == posted
            assert "total-differs" in again.problems().values()
