"""A clock that was fast and is right again: no stamp that it left makes anybody wait longer than its window."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.engine import Engine

from state import breaker, connector, leases, limits, outbox
from state import ledger as ledgers
from state.breaker import COOL_OFF, FAILURES, PROBE
from state.limits import LONGEST_PAUSE, Window
from state.outbox import Outcome
from state.outbox_claims import LONGEST_LEASE
from tests.state.rows import LEASE, NOW, keys, new, put, send, settle

SECOND = timedelta(seconds=1)
FAST = NOW + timedelta(hours=5)
MINUTE = Window("batches", 3, 60)


def reserve(ledger: Engine, now: datetime) -> float:
    with ledgers.begin(ledger) as conn:
        return limits.reserve(conn, [MINUTE], now)


def test_grants_of_a_fast_clock_count_as_given_now(ledger: Engine) -> None:
    assert [reserve(ledger, FAST) for _ in range(3)] == [0, 0, 0]
    assert reserve(ledger, NOW) == 61
    assert reserve(ledger, NOW + 61 * SECOND) == 0


def test_a_pause_of_a_fast_clock_ends_as_soon_as_it_would_have_by_the_right_one(ledger: Engine) -> None:
    assert reserve(ledger, FAST) == 0
    with ledgers.begin(ledger) as conn:
        limits.pause(conn, MINUTE.name, FAST + 50 * SECOND)
    assert reserve(ledger, NOW) == 50
    assert reserve(ledger, NOW + 30 * SECOND) == 20
    assert reserve(ledger, NOW + 50 * SECOND) == 0


def test_no_pause_is_longer_than_an_hour_from_when_it_is_first_met(ledger: Engine) -> None:
    with ledgers.begin(ledger) as conn:
        limits.pause(conn, MINUTE.name, FAST)
        limits.pause(conn, "magento", FAST)
    assert reserve(ledger, NOW) == LONGEST_PAUSE.total_seconds()
    assert reserve(ledger, NOW + LONGEST_PAUSE - SECOND) == 1
    assert reserve(ledger, NOW + LONGEST_PAUSE) == 0
    with ledgers.begin(ledger) as conn:
        assert limits.paused(conn, "magento", NOW) == LONGEST_PAUSE.total_seconds()
        assert limits.paused(conn, "magento", NOW + LONGEST_PAUSE) == 0
        assert limits.paused(conn, "another", NOW) == 0


def test_a_breaker_that_a_fast_clock_opened_is_tried_after_its_cool_off(ledger: Engine) -> None:
    with ledgers.begin(ledger) as conn:
        for _ in range(FAILURES):
            breaker.record(conn, "quickbooks", False, FAST)
        assert breaker.standing(conn, "quickbooks", NOW).wait_seconds == COOL_OFF.total_seconds()
        assert breaker.allow(conn, "quickbooks", NOW).wait_seconds == COOL_OFF.total_seconds()
        assert breaker.allow(conn, "quickbooks", NOW + COOL_OFF).state == "half-open"


def test_a_probe_that_a_fast_clock_took_is_forgotten_in_its_time(ledger: Engine) -> None:
    with ledgers.begin(ledger) as conn:
        for _ in range(FAILURES):
            breaker.record(conn, "quickbooks", False, FAST)
        assert breaker.allow(conn, "quickbooks", FAST + COOL_OFF).state == "half-open"
        assert breaker.allow(conn, "quickbooks", NOW).wait_seconds == PROBE.total_seconds()
        assert breaker.allow(conn, "quickbooks", NOW + PROBE).state == "half-open"


def test_a_lease_that_a_fast_clock_took_ends_in_its_own_length(ledger: Engine) -> None:
    with ledgers.begin(ledger) as conn:
        assert leases.acquire(conn, "refresh", "one", FAST, LEASE)
        assert leases.acquire(conn, "refresh", "two", NOW, LEASE) is None
        assert leases.acquire(conn, "refresh", "two", NOW + LEASE - SECOND, LEASE) is None
        assert leases.acquire(conn, "refresh", "two", NOW + LEASE, LEASE)


def test_a_batch_that_a_fast_clock_sent_is_taken_over_in_its_time(ledger: Engine) -> None:
    put(ledger, new("order/1"))
    send(ledger, now=FAST)
    with ledgers.begin(ledger) as conn:
        assert outbox.due(conn, NOW) == []
        assert outbox.due(conn, NOW + LONGEST_LEASE - SECOND) == []
        [batch] = outbox.due(conn, NOW + LONGEST_LEASE)
        assert outbox.take_over(conn, batch.id, "two", NOW + LONGEST_LEASE, LEASE).epoch == 2


def test_rows_that_a_fast_clock_claimed_and_never_sent_are_given_back_in_their_time(ledger: Engine) -> None:
    put(ledger, new("order/1"))
    with ledgers.begin(ledger) as conn:
        assert outbox.claim(conn, 30, "one", FAST, LEASE)
        assert outbox.claim(conn, 30, "two", NOW, LEASE) is None
        assert keys(outbox.claim(conn, 30, "two", NOW + LONGEST_LEASE, LEASE)) == ["order/1"]


def test_a_row_that_a_fast_clock_queued_or_put_off_is_sent_at_once(ledger: Engine) -> None:
    put(ledger, new("order/1"))
    settle(ledger, send(ledger), Outcome("1", "ready", not_before=FAST + SECOND))
    with ledgers.begin(ledger) as conn:
        outbox.put(conn, [new("order/2")], FAST)
        assert outbox.claimable(conn, NOW) == 2
        assert outbox.next_ready(conn, NOW) == NOW
        assert keys(outbox.claim(conn, 30, "one", NOW, LEASE)) == ["order/1", "order/2"]


def test_a_row_that_is_put_off_by_a_right_clock_keeps_its_time(ledger: Engine) -> None:
    put(ledger, new("order/1"))
    settle(ledger, send(ledger), Outcome("1", "ready", not_before=NOW + 20 * SECOND))
    with ledgers.begin(ledger) as conn:
        assert outbox.claimable(conn, NOW) == 0
        assert outbox.next_ready(conn, NOW) == NOW + 20 * SECOND


def test_a_connectors_session_that_a_fast_clock_opened_is_over_when_it_is_silent(ledger: Engine) -> None:
    with ledgers.begin(ledger) as conn:
        ticket, _ = connector.open_session(conn, FAST)
        assert connector.occupied(conn, NOW)
        assert connector.session_of(conn, ticket, NOW + SECOND)
        assert connector.occupied(conn, NOW + connector.QUIET - SECOND)
        assert not connector.occupied(conn, NOW + connector.QUIET)


def test_the_silence_after_a_visit_by_a_fast_clock_is_counted_from_when_it_is_noticed(ledger: Engine) -> None:
    with ledgers.begin(ledger) as conn:
        connector.visited(conn, FAST)
        connector.in_time(conn, NOW)
        known = connector.known(conn)
        assert known is not None
        assert known.missed(NOW + 2 * known.interval) == 2
        connector.visited(conn, NOW + SECOND)
        assert connector.get(conn).visits == (NOW, NOW + SECOND)


@pytest.mark.parametrize("hours", [1, 5, 24 * 365])
def test_however_fast_the_clock_was_the_next_call_goes_at_once(ledger: Engine, hours: int) -> None:
    assert reserve(ledger, NOW + timedelta(hours=hours)) == 0
    assert reserve(ledger, NOW) == 0
