"""What QuickBooks may have already is looked up before it goes out, and no attempt is ever used twice."""

import pytest
from sqlalchemy.engine import Engine

from state import ledger as ledgers
from state import outbox
from state.outbox import Outcome
from tests.state.rows import LATER, LEASE, NOW, keys, new, posted, put, row, send, settle, states


def mark(ledger: Engine, *keys: str) -> int:
    """Have these rows looked up, or all."""
    with ledgers.begin(ledger) as conn:
        return outbox.look_up_first(conn, keys or None)


def marked(ledger: Engine) -> list[str]:
    """The keys of the rows to be looked up."""
    with ledgers.reading(ledger) as conn:
        return [one.key for one in outbox.rows(conn) if one.look_up_first]


def discard(ledger: Engine, *keys: str) -> list[str]:
    with ledgers.begin(ledger) as conn:
        return outbox.discard(conn, keys)


def test_rows_are_marked_by_key_or_all_that_are_not_posted(ledger: Engine) -> None:
    put(ledger, new("order/1"), new("order/2"), new("order/3"), new("order/4"))
    settle(ledger, send(ledger, size=2), posted("1"), Outcome("2", "rejected"))
    assert mark(ledger, "order/1", "order/3", "order/9") == 1
    assert marked(ledger) == ["order/3"]
    assert mark(ledger) == 2
    assert marked(ledger) == ["order/2", "order/3", "order/4"]
    assert mark(ledger) == 0


def test_other_content_a_retry_and_another_attempt_keep_the_mark(ledger: Engine) -> None:
    put(ledger, new("order/1"), new("order/2"))
    settle(ledger, send(ledger, size=1), Outcome("1", "rejected"))
    mark(ledger)
    with ledgers.begin(ledger) as conn:
        outbox.retry(conn, None, NOW)
    put(ledger, new("order/2", payload="{}"))
    assert marked(ledger) == ["order/1", "order/2"]
    settle(ledger, send(ledger), Outcome("1", "ready"), Outcome("2", "ready"))
    assert marked(ledger) == ["order/1", "order/2"]


@pytest.mark.parametrize("outcome", [posted("1"), Outcome("1", "rejected", code="2010")], ids=["posted", "rejected"])
def test_a_certain_outcome_takes_the_mark_away(ledger: Engine, outcome: Outcome) -> None:
    put(ledger, new("order/1"))
    mark(ledger)
    settle(ledger, send(ledger), outcome)
    assert marked(ledger) == []


def test_what_was_refused_and_taken_out_comes_back_as_a_later_attempt_that_is_looked_up(ledger: Engine) -> None:
    put(ledger, new("order/1"))
    first = send(ledger)
    for attempt in (2, 3):
        settle(ledger, first, Outcome("1", "rejected", code="6210"))
        assert discard(ledger, "order/1") == ["order/1"]
        put(ledger, new("order/1", payload=f'{{"attempt":{attempt}}}'))
        found = row(ledger, "order/1")
        assert (found.attempt, found.look_up_first, found.status) == (attempt, True, "ready")
        again = send(ledger)
        assert again.batch_id != first.batch_id
        first = again


def test_what_was_never_sent_comes_back_as_it_was(ledger: Engine) -> None:
    put(ledger, new("order/1"), new("order/2"))
    mark(ledger, "order/2")
    discard(ledger, "order/1", "order/2")
    put(ledger, new("order/1"), new("order/2"))
    assert [(one.attempt, one.look_up_first) for one in (row(ledger, "order/1"), row(ledger, "order/2"))] == [
        (1, False),
        (2, True),
    ]


def test_an_answer_in_doubt_leaves_its_row_unknown_and_every_other_answer_final(ledger: Engine) -> None:
    put(ledger, *(new(f"order/{number}") for number in (1, 2, 3, 4)))
    claim = send(ledger)
    doubt = Outcome("3", "doubtful", code="quickbooks-refused", words="Application error")
    settle(ledger, claim, posted("1"), Outcome("2", "rejected", code="2010"), doubt, Outcome("4", "ready"))
    assert states(ledger) == {"order/1": "posted", "order/2": "rejected", "order/3": "unknown", "order/4": "ready"}
    assert row(ledger, "order/3").error_words == "Application error"
    with ledgers.begin(ledger) as conn:
        (batch,) = outbox.due(conn, NOW)
        assert (batch.state, keys(batch)) == ("answered", ["order/1", "order/2", "order/3"])
        taken = outbox.take_over(conn, batch.id, "two", NOW, LEASE)
        outbox.settle(conn, batch.id, taken.epoch, [posted("3")], NOW)
    assert states(ledger)["order/3"] == "posted"
    with ledgers.reading(ledger) as conn:
        assert outbox.due(conn, LATER) == []


def test_a_batch_with_a_doubt_is_never_sent_again_even_where_another_item_has_no_answer(ledger: Engine) -> None:
    put(ledger, new("order/1"), new("order/2"), new("order/3"))
    settle(ledger, send(ledger), Outcome("1", "doubtful"), Outcome("3", "rejected"))
    assert states(ledger) == {"order/1": "unknown", "order/2": "unknown", "order/3": "rejected"}
    with ledgers.reading(ledger) as conn:
        assert [batch.state for batch in outbox.due(conn, NOW)] == ["answered"]


def test_rows_that_quickbooks_did_nothing_with_go_out_again_in_the_same_attempt_under_another_id(
    ledger: Engine,
) -> None:
    put(ledger, new("order/1"))
    first = send(ledger)
    settle(ledger, first, Outcome("1", "ready", counts=False))
    again = send(ledger)
    assert ([one.attempt for _, one in again.items], again.batch_id != first.batch_id) == ([1], True)


def test_rows_of_a_refused_batch_go_out_in_halves_until_one_is_alone(ledger: Engine) -> None:
    put(ledger, *(new(f"order/{number}") for number in range(5)))
    sizes: list[int] = []
    while not (sizes and sizes[-1] == 1):
        claim = send(ledger)
        sizes.append(len(claim.items))
        settle(ledger, claim, *(Outcome(bid, "ready", counts=False, halve=True) for bid, _ in claim.items))
    assert sizes == [5, 3, 2, 1]
    assert keys(send(ledger)) == ["order/0"]
    assert [keys(send(ledger)), keys(send(ledger)), keys(send(ledger))] == [
        ["order/1"],
        ["order/2"],
        ["order/3", "order/4"],
    ]


def test_a_document_that_another_row_created_is_not_what_a_look_up_found_for_this_one(ledger: Engine) -> None:
    put(ledger, new("payment/1", rank=2), new("payment/2", rank=2), new("payment/3", rank=2, entity="Payment"))
    settle(ledger, send(ledger, size=1), posted("1", qb_id="7"))
    looked_up = [posted("1", qb_id="7", looked_up=True), posted("2", qb_id="7", looked_up=True)]
    settle(ledger, send(ledger), *looked_up)
    assert states(ledger) == {"payment/1": "posted", "payment/2": "unknown", "payment/3": "posted"}


def test_a_row_whose_outcome_stays_unknown_can_be_sent_on_by_a_person_and_is_looked_up(ledger: Engine) -> None:
    put(ledger, new("order/1"), new("order/2"))
    settle(ledger, send(ledger), Outcome("1", "doubtful", code=outbox.UNDECIDED), Outcome("2", "doubtful", code="x"))
    with ledgers.begin(ledger) as conn:
        assert outbox.retry(conn, None, NOW) == ["order/1"]
    assert (states(ledger), marked(ledger)) == ({"order/1": "ready", "order/2": "unknown"}, ["order/1"])
    assert row(ledger, "order/1").attempt == 2
