"""Several real processes at one outbox: sharing, dying, waking too late."""

import threading
from collections import Counter

import pytest
from sqlalchemy.engine import Engine

from state import ledger as ledgers
from state import outbox
from state.outbox import StaleClaim
from tests.state.processes import finish, kill_inside, start
from tests.state.rows import LATER, LEASE, NOW, body, keys, new, posted, put, row, send, settle, states


def test_two_processes_never_claim_the_same_row(ledger: Engine, ledger_url: str) -> None:
    put(ledger, *(new(f"customer/{number:03}", rank=0) for number in range(30)))
    put(ledger, *(new(f"order/{number:03}", depends=(f"customer/{number % 30:03}",)) for number in range(150)))
    taken = Counter(key for lines in finish(*(start("drain", ledger_url, name) for name in "ab")) for key in lines)
    assert set(taken.values()) == {1}
    waiting = [key for key, status in states(ledger).items() if status == "ready"]
    # A process stops when the other holds the customers that its orders need; nothing may be lost by that.
    assert len(taken) + len(waiting) == 180
    if waiting:
        finish(start("drain", ledger_url, "c"))
    assert set(states(ledger).values()) == {"posted"}


def test_rows_queued_while_their_dependencies_are_being_posted_are_never_forgotten(
    ledger: Engine, ledger_url: str
) -> None:
    put(ledger, *(new(f"order/{number}") for number in range(50)))
    queueing = [start("queue", ledger_url, "0"), start("queue", ledger_url, "100")]
    draining = start("drain", ledger_url, "a")
    finish(*queueing, draining)
    finish(start("drain", ledger_url, "b"))
    assert Counter(states(ledger).values()) == {"posted": 250}


def test_a_claim_skips_rows_that_another_transaction_is_claiming(ledger: Engine) -> None:
    if ledger.dialect.name == "sqlite":
        pytest.skip("write transactions of SQLite follow each other")
    put(ledger, new("order/1"), new("order/2"), new("payment/1", rank=2))
    with ledgers.begin(ledger) as first, ledgers.begin(ledger) as second:
        assert keys(outbox.claim(first, 2, "one", NOW, LEASE)) == ["order/1", "order/2"]
        assert keys(outbox.claim(second, 2, "two", NOW, LEASE)) == ["payment/1"]


@pytest.mark.parametrize("step", ["hang_in_claim", "hang_in_settle"])
def test_a_process_killed_inside_a_transaction_leaves_nothing_torn(ledger: Engine, ledger_url: str, step: str) -> None:
    put(ledger, new("order/1"), new("order/2"), new("payment/1", rank=2, depends=("order/1",)))
    kill_inside(start(step, ledger_url))
    with ledgers.reading(ledger) as conn:
        batches = conn.exec_driver_sql("SELECT state, body FROM batch").all()
        references = conn.exec_driver_sql("SELECT count(*) FROM reference").scalar_one()
    orders = "ready" if step == "hang_in_claim" else "sent"
    assert states(ledger) == {"order/1": orders, "order/2": orders, "payment/1": "ready"}
    assert references == 0
    assert [(state, bytes(text)) for state, text in batches] == (
        [] if step == "hang_in_claim" else [("sent", b"order/1,order/2")]
    )
    assert row(ledger, "payment/1").blockers == 1


def test_after_a_crash_the_next_process_repeats_the_same_id_and_bytes(ledger: Engine, ledger_url: str) -> None:
    put(ledger, new("order/1"), new("order/2"))
    kill_inside(start("hang_in_settle", ledger_url))
    with ledgers.begin(ledger) as conn:
        (batch,) = outbox.due(conn, LATER)
        batch = outbox.take_over(conn, batch.id, "two", LATER, LEASE)
        assert batch.id == outbox.request_id([one for _, one in batch.items])
        assert batch.body == body(batch) == b"order/1,order/2"
        outbox.guard(conn, batch.id, batch.epoch, batch.body)
        outbox.settle(conn, batch.id, batch.epoch, [posted(bid) for bid, _ in batch.items], LATER)
    assert set(states(ledger).values()) == {"posted"}


def test_of_several_threads_that_take_over_one_batch_only_one_wins(ledger: Engine) -> None:
    put(ledger, new("order/1"))
    sleeper = send(ledger)
    won: list[str] = []

    def take(owner: str) -> None:
        try:
            with ledgers.begin(ledger) as conn:
                outbox.take_over(conn, sleeper.batch_id, owner, LATER, LEASE)
            won.append(owner)
        except StaleClaim:
            pass

    threads = [threading.Thread(target=take, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    with pytest.raises(StaleClaim):
        settle(ledger, sleeper)
    assert row(ledger, "order/1").status == "sent"
