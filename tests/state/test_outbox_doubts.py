"""What QuickBooks may have already is looked up before it goes out, and no attempt is ever used twice."""

import pytest
from sqlalchemy.engine import Engine

from state import ledger as ledgers
from state import outbox
from state.outbox import Outcome
from tests.state.rows import NOW, new, posted, put, row, send, settle


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
