"""A connector that vanishes, a QuickBooks that forgets: every document is in the company file once, and the ledger
knows it."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from deploy.sandbox.connector import Cut
from state import outbox
from tests.gateway.desk import Desk, open_desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Twelve orders wait, and QuickBooks' lists are known."""
    with open_desk(tmp_path / "home", QBWC_MESSAGE_SIZE="5") as opened:
        opened.update()
        opened.sell(12)
        opened.queue()
        yield opened


def settled(desk: Desk) -> None:
    """Two updates later everything is in the books, once."""
    desk.update()
    desk.update()
    assert set(desk.states()) == {"posted"}
    desk.audit()


def lose_the_answer_to(desk: Desk, request: str) -> None:
    """A session ends when QuickBooks has done what holds `request`; then a backup without its memory is restored."""
    client, process, handed = desk.connector(), desk.file.process, [""]

    def remember(message: str) -> str:
        handed.append(message)
        return process(message)

    desk.file.process = remember  # type: ignore[method-assign]
    client.cut = lambda step: step == "processed" and request in handed[-1]
    with pytest.raises(Cut):
        client.run()
    desk.file.forget_message_sets()
    desk.clock.later(minutes=6)


@pytest.mark.parametrize(
    "step",
    [
        "authenticate.before",
        "authenticate.after",
        "sendRequestXML.before",
        "sendRequestXML.after",
        "processed",
        "receiveResponseXML.before",
        "receiveResponseXML.after",
        "closeConnection.before",
    ],
)
@pytest.mark.parametrize("times", [1, 3])
def test_a_connector_may_vanish_at_any_step(desk: Desk, step: str, times: int) -> None:
    if times > 1 and step.startswith(("authenticate", "closeConnection")):
        times = 1
    desk.cut(step, times)
    settled(desk)


def test_what_was_committed_before_the_answer_was_lost_is_found_and_not_written_again(desk: Desk) -> None:
    desk.cut("processed", times=3)
    assert desk.file.processed.writes
    settled(desk)
    assert desk.file.processed.writes == len(desk.rows())


def test_a_message_that_never_arrived_is_sent_again_as_it_was(desk: Desk) -> None:
    handed: list[str] = []
    process = desk.file.process

    def remember(request: str) -> str:
        handed.append(request)
        return process(request)

    desk.file.process = remember  # type: ignore[method-assign]
    desk.cut("sendRequestXML.after", times=2)
    with desk.reading() as conn:
        [batch] = outbox.due(conn, datetime.now(UTC) + timedelta(hours=1))
    stored = batch.body.decode()
    assert stored not in handed
    desk.update()
    assert handed.count(stored) == 1
    settled(desk)


def test_a_restored_backup_that_forgot_all_messages_makes_no_document_twice(desk: Desk) -> None:
    desk.cut("processed", times=3)
    desk.file.forget_message_sets()
    settled(desk)


def test_a_credit_that_was_set_before_the_memory_was_lost_is_found_at_its_invoice(desk: Desk) -> None:
    """The payment that sets a credit is of zero, and QuickBooks keeps no transaction of it."""
    settled(desk)
    [order] = desk.sell(1, paid=False)
    number = order["increment_id"]
    half = {item["sku"]: Decimal(1) for item in order["items"][:1]}
    desk.queue()
    desk.shop.invoice(number, half)
    desk.shop.cancel(number)
    desk.queue()
    lose_the_answer_to(desk, "SetCredit")
    settled(desk)
    [memo] = desk.file.documents("CreditMemo")
    [invoice] = [one for one in desk.file.documents("Invoice") if one["RefNumber"] == number]
    assert (memo["CreditRemaining"], invoice["BalanceRemaining"]) == (0, 0)


def test_a_refund_whose_answer_was_lost_is_found_at_its_number(desk: Desk) -> None:
    settled(desk)
    [order] = desk.sell(1)
    desk.queue()
    desk.shop.refund(order["increment_id"])
    desk.queue()
    lose_the_answer_to(desk, "ARRefundCreditCardAdd")
    settled(desk)
    [refund] = desk.file.documents("ARRefundCreditCard")
    assert refund["TotalAmount"] == order["base_grand_total"]
    [memo] = desk.file.documents("CreditMemo")
    assert memo["CreditRemaining"] == 0


def test_a_quickbooks_that_dies_in_the_middle_of_a_message_keeps_what_it_did_and_gets_the_rest(desk: Desk) -> None:
    desk.file.crash_after(2)
    outcome = desk.update()
    assert outcome.result == "error"
    assert any("next update" in words for words in outcome.said)
    settled(desk)


def test_an_answer_that_is_delivered_twice_counts_once(desk: Desk) -> None:
    client = desk.connector()
    call = client.soap.call

    def twice(method: str, *values: str) -> str:
        first = call(method, *values)
        return call(method, *values) if method == "receiveResponseXML" else first

    client.soap.call = twice  # type: ignore[method-assign]
    assert client.run().result == "done"
    settled(desk)


def test_an_answer_that_comes_after_its_session_was_given_up_changes_nothing(desk: Desk) -> None:
    late = desk.connector()
    held: list[tuple[str, ...]] = []
    call = late.soap.call

    def keep(method: str, *values: str) -> str:
        if method == "receiveResponseXML" and len(held) < 3:
            held.append(values)
            if len(held) == 3:
                raise Cut("kept back")
        return call(method, *values)

    late.soap.call = keep  # type: ignore[method-assign]
    with pytest.raises(Cut):
        late.run()
    desk.clock.later(minutes=6)
    settled(desk)
    assert call("receiveResponseXML", *held[-1]) == "-1"
    desk.audit()


@pytest.mark.parametrize("answer", ["", "<QBXML>", "no XML at all", '<!DOCTYPE a [<!ENTITY b "c">]><QBXML/>'])
def test_an_answer_that_cannot_be_read_is_asked_for_again(desk: Desk, answer: str) -> None:
    process, spoiled = desk.file.process, []

    def spoil(request: str) -> str:
        made = process(request)
        if "AddRq" in request and not spoiled:
            spoiled.append(made)
            return answer
        return made

    desk.file.process = spoil  # type: ignore[method-assign]
    desk.update()
    assert spoiled
    settled(desk)


def test_forty_random_cuts_lose_nothing_and_double_nothing(desk: Desk) -> None:
    chance, client, cuts = random.Random(3), desk.connector(), 0
    while cuts < 40:
        at, seen = chance.randrange(4, 24), 0

        def here(step: str, at: int = at) -> bool:
            nonlocal seen
            seen += 1
            return seen >= at

        client.cut = here
        try:
            client.run()
        except Cut:
            cuts += 1
            desk.clock.later(minutes=6)
        else:
            desk.sell(3)
            desk.queue()
    settled(desk)
