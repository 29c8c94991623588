"""What QuickBooks Desktop says is owed decides what a refund is; it answers one session later."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from deploy.sandbox.seeds_cart import Cart
from deploy.sandbox.seeds_shapes import Document
from tests.gateway.desk import Desk, open_desk

BANK = "1256 Bank transfers clearing"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path / "home") as opened:
        opened.update()
        yield opened


def on_account(desk: Desk) -> Document:
    """A purchase order in the books, which Magento says is paid."""
    [order] = desk.sell(1, Cart(method="purchaseorder", lines="several"))
    desk.queue()
    desk.update()
    return order


def refunded(desk: Desk, order: Document) -> str:
    """The key of a refund of everything, which waits for QuickBooks' answer first."""
    memo = desk.shop.refund(order["increment_id"])
    key = f"creditmemo/{memo['increment_id']}"
    assert desk.queue()["held"] == 1
    assert desk.problems() == {key: "waiting-for-balance"}
    desk.update()
    desk.queue()
    assert "waiting-for-balance" not in desk.problems().values()
    desk.update()
    return key


def kinds(desk: Desk, key: str) -> dict[str, str]:
    return {row.key.removeprefix(key): row.kind for row in desk.rows() if row.key.startswith(key)}


def test_what_is_still_owed_is_lowered(desk: Desk) -> None:
    order = on_account(desk)
    key = refunded(desk, order)
    assert kinds(desk, key) == {"": "credit_memo", "/applied": "payment"}
    [invoice] = desk.file.documents("Invoice")
    assert invoice["BalanceRemaining"] == 0
    assert desk.file.trial_balance() == {}


def test_what_a_bookkeeper_received_is_paid_back(desk: Desk) -> None:
    order = on_account(desk)
    desk.file.receive(order["increment_id"], order["base_grand_total"], BANK)
    key = refunded(desk, order)
    assert kinds(desk, key) == {"": "credit_memo", "/refund": "refund"}
    assert desk.file.trial_balance() == {}


def test_what_is_partly_paid_is_divided(desk: Desk) -> None:
    order = on_account(desk)
    desk.file.receive(order["increment_id"], Decimal("7.77"), BANK)
    key = refunded(desk, order)
    assert kinds(desk, key) == {
        "": "credit_memo",
        "/applied": "payment",
        "/paid": "credit_memo",
        "/paid/refund": "refund",
    }
    amounts = {row.key.removeprefix(key): row.amount for row in desk.rows() if row.key.startswith(key)}
    assert amounts["/paid"] == Decimal("7.77")
    assert {row.status for row in desk.rows()} == {"posted"}
    assert all(len(one["RefNumber"]) <= 11 for one in desk.file.documents("CreditMemo"))
    trial = desk.file.trial_balance()
    assert sum(trial.values()) == 0
    assert not {"Accounts Receivable", BANK, "4000 Sales"} & set(trial)


def test_a_question_that_got_no_answer_is_asked_again(desk: Desk) -> None:
    order = on_account(desk)
    memo = desk.shop.refund(order["increment_id"])
    desk.queue()
    desk.cut("processed", times=1)
    desk.queue()
    assert desk.problems() == {f"creditmemo/{memo['increment_id']}": "waiting-for-balance"}
    desk.update()
    desk.queue()
    assert desk.problems() == {}
