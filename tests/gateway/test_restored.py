"""A ledger that was restored from a backup, or moved: QuickBooks Desktop has every document once all the same."""

import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from deploy.sandbox.connector import Cut
from deploy.sandbox.seeds_cart import Cart
from mappings import qbxml
from state import outbox
from tests.gateway.desk import Desk, open_desk
from tests.gateway.restoring import reopened
from tests.ledgers import back_up, restore_ledger


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The state directory of this machine's user."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture
def desk(tmp_path: Path, state: Path) -> Iterator[Desk]:
    """Orders of all kinds wait, some were posted, and QuickBooks' lists are known."""
    with open_desk(tmp_path / "home", QBWC_MESSAGE_SIZE="7") as opened:
        opened.update()
        sell(opened)
        opened.queue()
        yield opened


CHECK = Cart(lines="several", method="checkmo")


def sell(desk: Desk) -> None:
    """Seven paid orders, one of them refunded, and two on account."""
    desk.sell(6)
    [refunded] = desk.sell(1)
    desk.sell(2, CHECK, paid=False)
    desk.queue()
    desk.shop.refund(refunded["increment_id"])


def pay(desk: Desk) -> None:
    """The newest invoice is paid."""
    desk.shop.invoice(desk.shop.orders[-1]["increment_id"])


def settled(desk: Desk) -> None:
    """Two updates later everything is in the books, once, and both sides agree."""
    desk.update()
    desk.update()
    assert set(desk.states()) == {"posted"}
    desk.audit()
    assert sum(desk.file.trial_balance().values(), Decimal(0)) == 0


def asked_by(desk: Desk) -> list[str]:
    """The messages that the company file is given from now on and that ask for documents by number or day."""
    asked: list[str] = []
    process = desk.file.process

    def listen(request: str) -> str:
        if "<RefNumber>" in request and "QueryRq" in request and "AddRq" not in request:
            asked.append(request)
        return process(request)

    desk.file.process = listen  # type: ignore[method-assign]
    return asked


@pytest.mark.parametrize("size", ["1", "4", "50"])
def test_nothing_is_doubled_after_an_old_ledger_was_restored_whatever_the_message_size(
    desk: Desk, tmp_path: Path, size: str
) -> None:
    settled(desk)
    pay(desk)
    sell(desk)
    desk.queue()
    backup = back_up(desk.home, tmp_path / "backup")
    settled(desk)
    written = desk.file.processed.writes
    restore_ledger(desk.engine, desk.home, backup)
    with reopened(desk, desk.home, QBWC_MESSAGE_SIZE=size) as again:
        settled(again)
        assert desk.file.processed.writes == written


def test_what_the_restored_ledger_has_never_heard_of_is_found_too(desk: Desk, tmp_path: Path) -> None:
    settled(desk)
    backup = back_up(desk.home, tmp_path / "backup")
    sell(desk)
    desk.queue()
    settled(desk)
    written = desk.file.processed.writes
    restore_ledger(desk.engine, desk.home, backup)
    with reopened(desk, desk.home, QBWC_MESSAGE_SIZE="3") as again:
        again.queue()
        assert all(row.look_up_first for row in again.rows() if row.status == "ready")
        settled(again)
        assert desk.file.processed.writes == written
        again.sell(2)
        again.queue()
        settled(again)


def test_what_was_not_sent_before_goes_out_after_the_look_up(desk: Desk, tmp_path: Path) -> None:
    backup = back_up(desk.home, tmp_path / "backup")
    desk.cut("processed", times=3)
    assert desk.file.processed.writes
    restore_ledger(desk.engine, desk.home, backup)
    desk.file.forget_message_sets()
    with reopened(desk, desk.home, QBWC_MESSAGE_SIZE="5") as again:
        settled(again)


@pytest.mark.parametrize("step", ["sendRequestXML.after", "processed", "receiveResponseXML.after"])
@pytest.mark.parametrize("times", [2, 3, 4])
def test_a_session_may_end_anywhere_between_look_up_and_answer(
    desk: Desk, tmp_path: Path, step: str, times: int
) -> None:
    backup = back_up(desk.home, tmp_path / "backup")
    desk.cut("processed", times=3)
    restore_ledger(desk.engine, desk.home, backup)
    with reopened(desk, desk.home, QBWC_MESSAGE_SIZE="4") as again:
        try:
            again.cut(step, times)
        except Cut:
            raise AssertionError("the cut was not handled") from None
        again.file.forget_message_sets()
        settled(again)


def test_a_whole_home_that_was_restored_is_noticed_by_the_witness_outside_it(desk: Desk, tmp_path: Path) -> None:
    backup = back_up(desk.home, tmp_path / "backup")
    settled(desk)
    written = desk.file.processed.writes
    desk.engine.dispose()
    shutil.rmtree(desk.home)
    shutil.copytree(backup, desk.home)
    with reopened(desk, desk.home, QBWC_MESSAGE_SIZE="2") as again:
        settled(again)
        assert desk.file.processed.writes == written


def test_a_home_on_a_machine_that_has_never_seen_its_ledger_counts_as_restored(
    desk: Desk, tmp_path: Path, state: Path
) -> None:
    desk.update()
    desk.sell(3)
    desk.queue()
    backup = back_up(desk.home, tmp_path / "machine two")
    settled(desk)
    written = desk.file.processed.writes
    shutil.rmtree(state)
    with reopened(desk, backup, QBWC_MESSAGE_SIZE="2") as again:
        settled(again)
        assert desk.file.processed.writes == written


def test_without_a_restore_nothing_is_looked_up(desk: Desk) -> None:
    asked = asked_by(desk)
    settled(desk)
    with reopened(desk, desk.home, QBWC_MESSAGE_SIZE="2") as again:
        sell(again)
        again.queue()
        assert not any(row.look_up_first for row in again.rows())
        settled(again)
    assert asked == []


def test_a_look_up_that_is_not_answered_keeps_its_document_back_until_it_is(desk: Desk, tmp_path: Path) -> None:
    backup = back_up(desk.home, tmp_path / "backup")
    settled(desk)
    written = desk.file.processed.writes
    restore_ledger(desk.engine, desk.home, backup)
    with reopened(desk, desk.home) as again:
        process, spoiled = desk.file.process, []

        def spoil(request: str) -> str:
            if "QueryRq" in request and "<RefNumber>" in request and not spoiled:
                spoiled.append(request)
                return "<QBXML/>"
            return process(request)

        desk.file.process = spoil  # type: ignore[method-assign]
        again.update()
        assert spoiled
        again.clock.later(minutes=11)
        settled(again)
        assert desk.file.processed.writes == written


def test_a_sale_that_was_posted_in_another_form_is_shown_to_a_person_and_not_posted_again(
    desk: Desk, tmp_path: Path
) -> None:
    settled(desk)
    backup = back_up(desk.home, tmp_path / "backup")
    [order] = desk.sell(1, CHECK, paid=False)
    desk.queue()
    settled(desk)
    pay(desk)
    desk.queue()
    settled(desk)
    written, key = desk.file.processed.writes, f"order/{order['increment_id']}"
    restore_ledger(desk.engine, desk.home, backup)
    with reopened(desk, desk.home) as again:
        again.queue()
        again.update()
        again.update()
        assert desk.file.processed.writes == written
        [row] = [row for row in again.rows() if row.status != "posted"]
        assert (row.key, row.kind, row.status) == (key, "sales_receipt", "rejected")
        assert f"QuickBooks has an invoice with number {order['increment_id']} already" in row.error_words
        assert f"magebooks retry {key}" in row.error_words
        delete(desk, "ReceivePayment", order["base_grand_total"])
        delete(desk, "Invoice", order["base_grand_total"])
        with again.writing() as conn:
            outbox.retry(conn, [key], again.clock())
        settled(again)


def delete(desk: Desk, entity: str, total: Decimal) -> None:
    """What a person does in QuickBooks with the one document of this kind and amount."""
    [found] = [one["TxnID"] for one in desk.file.documents(entity) if one["TotalAmt"] == total]
    request = f"<TxnDelRq><TxnDelType>{entity}</TxnDelType><TxnID>{found}</TxnID></TxnDelRq>"
    assert 'statusCode="0"' in desk.file.process(qbxml.message([("1", request)], "13.0").decode())
