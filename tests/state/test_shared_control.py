"""Limits, leases and the breaker: what all processes of a home agree on."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.engine import Engine

from state import breaker, leases, limits
from state import ledger as ledgers
from state.breaker import COOL_OFF, FAILURES, PROBE, Verdict
from state.leases import LeaseLost
from state.limits import Window
from tests.state.processes import finish, start
from tests.state.rows import LEASE, NOW

SECOND = timedelta(seconds=1)


def _reserve(ledger: Engine, now: datetime, limit: int = 3, name: str = "batches") -> float:
    with ledgers.begin(ledger) as conn:
        return limits.reserve(conn, [Window(name, limit, 60)], now)


def test_no_window_ever_holds_more_grants_than_the_limit(ledger: Engine) -> None:
    granted: list[datetime] = []
    now = NOW
    for step in range(400):
        now += timedelta(seconds=(step * 7) % 11)
        if _reserve(ledger, now) == 0:
            granted.append(now)
    assert len(granted) > 50
    assert all(late - early > timedelta(seconds=60) for early, late in zip(granted, granted[3:], strict=False))


def test_the_wait_is_exactly_as_long_as_it_takes(ledger: Engine) -> None:
    assert [_reserve(ledger, NOW + number * SECOND) for number in range(3)] == [0, 0, 0]
    assert _reserve(ledger, NOW + 10 * SECOND) == 51
    assert _reserve(ledger, NOW + timedelta(seconds=60.9)) == pytest.approx(0.1)
    assert _reserve(ledger, NOW + timedelta(seconds=61)) == 0
    assert _reserve(ledger, NOW + timedelta(seconds=61)) == 1.0


def test_a_limit_can_be_changed_while_its_window_is_full(ledger: Engine) -> None:
    assert [_reserve(ledger, NOW) for _ in range(4)] == [0, 0, 0, 61]
    assert _reserve(ledger, NOW, limit=5) == 0
    assert _reserve(ledger, NOW + 30 * SECOND, limit=2) == 31


def test_a_slow_clock_writes_no_grant_into_the_past(ledger: Engine) -> None:
    assert _reserve(ledger, NOW, limit=1) == 0
    assert _reserve(ledger, NOW - 5 * SECOND, limit=1) == 66


def test_a_pause_stops_everybody_and_a_shorter_one_does_not_shorten_it(ledger: Engine) -> None:
    with ledgers.begin(ledger) as conn:
        limits.pause(conn, "batches", NOW + 60 * SECOND)
        limits.pause(conn, "batches", NOW + 10 * SECOND)
    assert _reserve(ledger, NOW + 20 * SECOND) == 40
    assert _reserve(ledger, NOW + 20 * SECOND, name="requests") == 0
    assert _reserve(ledger, NOW + 60 * SECOND) == 0


def test_old_grants_are_pruned(ledger: Engine) -> None:
    for number in range(250):
        assert _reserve(ledger, NOW + number * 30 * SECOND, limit=10) == 0
    with ledgers.reading(ledger) as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM limit_grant").scalar_one() < 60


def test_two_processes_together_stay_within_the_limit(ledger: Engine, ledger_url: str) -> None:
    times = sorted(float(line) for lines in finish(*(start("go", ledger_url, "12") for _ in "ab")) for line in lines)
    assert len(times) == 24
    assert all(late - early >= 0.4 for early, late in zip(times, times[5:], strict=False))


def test_a_lease_has_one_holder_until_its_end_and_then_the_next_epoch(ledger: Engine) -> None:
    with ledgers.begin(ledger) as conn:
        first = leases.acquire(conn, "refresh", "one", NOW, LEASE)
        assert first is not None and first.epoch == 1
        assert leases.acquire(conn, "refresh", "two", NOW, LEASE) is None
        assert leases.acquire(conn, "refresh", "one", NOW, LEASE) is None
        assert leases.acquire(conn, "mart", "two", NOW, LEASE) is not None
        assert leases.holder(conn, "refresh", NOW) == "one"
        assert leases.holder(conn, "refresh", NOW + LEASE) is None
        second = leases.acquire(conn, "refresh", "two", NOW + LEASE, LEASE)
        assert second is not None and second.epoch == 2
        for act in (leases.check, lambda conn, lease: leases.renew(conn, lease, NOW, LEASE)):
            with pytest.raises(LeaseLost):
                act(conn, first)
        leases.release(conn, first)
        assert leases.holder(conn, "refresh", NOW + LEASE) == "two"


def test_a_lease_is_renewed_released_and_ended_for_the_dead(ledger: Engine) -> None:
    with ledgers.begin(ledger) as conn:
        lease = leases.acquire(conn, "refresh", "one", NOW, LEASE)
        assert lease is not None
        renewed = leases.renew(conn, lease, NOW + LEASE / 2, LEASE)
        assert renewed.epoch == lease.epoch and renewed.until == NOW + LEASE * 1.5
        assert leases.acquire(conn, "refresh", "two", NOW + LEASE, LEASE) is None
        leases.release(conn, renewed)
        third = leases.acquire(conn, "refresh", "two", NOW, LEASE)
        assert third is not None and third.epoch == 2
        leases.expire(conn, "refresh")
        assert leases.acquire(conn, "refresh", "three", NOW, LEASE) is not None


def _fail(ledger: Engine, times: int, now: datetime = NOW) -> None:
    for _ in range(times):
        with ledgers.begin(ledger) as conn:
            breaker.record(conn, "quickbooks", False, now)


def _allow(ledger: Engine, now: datetime) -> Verdict:
    with ledgers.begin(ledger) as conn:
        return breaker.allow(conn, "quickbooks", now)


def test_the_breaker_opens_after_failures_in_a_row_only(ledger: Engine) -> None:
    _fail(ledger, FAILURES - 1)
    assert _allow(ledger, NOW) == Verdict(True, "closed")
    with ledgers.begin(ledger) as conn:
        breaker.record(conn, "quickbooks", True, NOW)
    _fail(ledger, FAILURES - 1)
    assert _allow(ledger, NOW)
    _fail(ledger, 1)
    assert _allow(ledger, NOW + SECOND) == Verdict(False, "open", 59.0)
    with ledgers.begin(ledger) as conn:
        assert breaker.allow(conn, "magento", NOW)


def test_after_the_cool_off_one_call_probes_and_its_success_closes(ledger: Engine) -> None:
    _fail(ledger, FAILURES)
    later = NOW + COOL_OFF
    assert _allow(ledger, later) == Verdict(True, "half-open")
    assert not _allow(ledger, later)
    with ledgers.begin(ledger) as conn:
        breaker.record(conn, "quickbooks", True, later)
    assert _allow(ledger, later) == Verdict(True, "closed")


def test_a_failing_probe_opens_for_another_cool_off(ledger: Engine) -> None:
    _fail(ledger, FAILURES)
    later = NOW + COOL_OFF
    assert _allow(ledger, later).state == "half-open"
    _fail(ledger, 1, later)
    assert _allow(ledger, later) == Verdict(False, "open", COOL_OFF.total_seconds())


def test_calls_that_began_before_the_breaker_opened_do_not_keep_it_open(ledger: Engine) -> None:
    _fail(ledger, FAILURES)
    _fail(ledger, 3, NOW + 30 * SECOND)
    assert _allow(ledger, NOW + COOL_OFF).state == "half-open"


def test_a_probe_whose_process_died_is_forgotten(ledger: Engine) -> None:
    _fail(ledger, FAILURES)
    assert _allow(ledger, NOW + COOL_OFF).state == "half-open"
    assert not _allow(ledger, NOW + COOL_OFF + PROBE - SECOND)
    assert _allow(ledger, NOW + COOL_OFF + PROBE).state == "half-open"


def test_looking_at_the_breaker_takes_no_probe(ledger: Engine) -> None:
    with ledgers.begin(ledger) as conn:
        assert breaker.standing(conn, "quickbooks", NOW) == Verdict(True, "closed")
    _fail(ledger, FAILURES)
    with ledgers.begin(ledger) as conn:
        assert breaker.standing(conn, "quickbooks", NOW) == Verdict(False, "open", 60.0)
        assert breaker.standing(conn, "quickbooks", NOW + COOL_OFF) == Verdict(True, "half-open")
    assert _allow(ledger, NOW + COOL_OFF).state == "half-open"


def test_across_processes_there_is_one_holder_and_one_probe(ledger: Engine, ledger_url: str) -> None:
    _fail(ledger, FAILURES)
    got = sorted(lines[0] for lines in finish(*(start("hold", ledger_url, owner) for owner in "abc")))
    assert [line.split()[0] for line in got].count("True") == 1
    assert [line.split()[1] for line in got].count("half-open") == 1
