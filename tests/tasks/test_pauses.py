"""Waits that the shop, QuickBooks and other processes ask for: named, kept for everybody, an hour at most."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import time_machine
from prefect.states import Failed

from flows.deliveries import deliver
from state import leases, ledger, limits, outbox
from state.announcing import listening
from state.settings import load_settings
from tasks import connections
from tasks.breaking import NotNow, guarded
from tasks.clients.errors import TooLong, TryLater
from tasks.judging import PATIENCE, judge
from tasks.limiter import Rate, SharedLimiter
from tasks.retrying import POLICY, may_succeed_later
from tasks.tokens import HELD_FOR, LOCK
from tests.state.rows import new
from tests.tasks.company import PREFECT, Company, open_company

pytestmark = PREFECT
CLOCK = r"\d\d:\d\d:\d\d"


@dataclass
class Time:
    """All clocks of this process, moved by who sleeps: nobody waits."""

    travel: time_machine.Traveller
    past: float = 0.0
    heard: list[str] = field(default_factory=list)

    def monotonic(self) -> float:
        return 1000.0 + self.past

    async def sleep(self, seconds: float) -> None:
        self.past += seconds
        self.travel.shift(timedelta(seconds=seconds))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Time]:
    with time_machine.travel(datetime(2026, 12, 1, 9, 30, tzinfo=UTC), tick=False) as travel:
        clock = Time(travel)
        monkeypatch.setattr("state.announcing.asyncio", SimpleNamespace(sleep=clock.sleep))
        monkeypatch.setattr("state.announcing.time", clock)
        monkeypatch.setattr("tasks.clients.http.time", clock)
        with listening(lambda sentence, _: clock.heard.append(sentence)):
            yield clock


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Company]:
    opened = open_company(tmp_path / "home")
    yield opened
    opened.engine.dispose()
    opened.world.__exit__(None, None, None)


async def ask_shop() -> None:
    async with guarded("Magento"):
        await connections.current().magento.groups()


def test_the_shop_is_left_alone_for_as_long_as_it_asks_and_the_wait_is_named(one: Company, clock: Time) -> None:
    async def work() -> None:
        async with connections.session(load_settings(one.home), "run"):
            one.shop.faults.throttle_next(1, retry_after=1200)
            with pytest.raises(TryLater) as asked:
                await ask_shop()
            assert not isinstance(asked.value, TooLong)
            await ask_shop()

    asyncio.run(work())
    assert clock.past == 1200
    [sentence] = clock.heard
    assert re.fullmatch(rf"Waiting for Magento, which asked for a pause, until {CLOCK}\.", sentence)


def test_another_process_keeps_the_pause_too(one: Company, clock: Time) -> None:
    async def process(*, throttled: bool) -> None:
        async with connections.session(load_settings(one.home), "run"):
            if throttled:
                with pytest.raises(TryLater):
                    await ask_shop()
            else:
                await ask_shop()

    one.shop.faults.throttle_next(1, retry_after=1200)
    asyncio.run(process(throttled=True))
    asyncio.run(process(throttled=False))
    assert clock.past == 1200


@pytest.mark.parametrize("asked", [3600, 90_000])
def test_a_shop_that_asks_for_an_hour_or_longer_ends_the_run_at_once(one: Company, clock: Time, asked: float) -> None:
    async def work() -> TooLong:
        async with connections.session(load_settings(one.home), "run"):
            one.shop.faults.throttle_next(1, retry_after=asked)
            with pytest.raises(TooLong) as ended:
                await ask_shop()
            return ended.value

    ended = asyncio.run(work())
    assert clock.past == 0
    words = rf"Magento: It asks for a pause until {CLOCK} or later, and a run waits for an hour at most\."
    assert re.fullmatch(words, str(ended))
    assert not may_succeed_later(None, None, Failed(data=ended))  # type: ignore[arg-type]


def test_a_shop_that_asks_again_and_again_is_waited_for_an_hour_in_all(one: Company, clock: Time) -> None:
    async def work() -> None:
        async with connections.session(load_settings(one.home), "run"):
            one.shop.faults.throttle_next(100, retry_after=1000)
            while True:
                try:
                    await ask_shop()
                except TooLong:
                    return
                except TryLater:
                    continue

    asyncio.run(work())
    assert clock.past == 3000


def test_quickbooks_pause_is_named_and_waited_for(one: Company, clock: Time) -> None:
    limiter = SharedLimiter(one.engine, {"requests": (Rate(100, 60.0),)})

    async def work() -> None:
        await limiter.pause("requests", 1200)
        await limiter.take("requests")

    asyncio.run(work())
    assert clock.past == 1200
    words = "QuickBooks to take calls again (its limit of calls, or a pause that it asked for)"
    assert re.fullmatch(rf"Waiting for {re.escape(words)}, until {CLOCK}\.", clock.heard[0])


@pytest.mark.parametrize("pause", [3_600, 90_000])
def test_a_pause_of_an_hour_or_longer_in_the_ledger_ends_the_run_and_is_over_in_an_hour(
    one: Company, clock: Time, pause: float
) -> None:
    limiter = SharedLimiter(one.engine, {"requests": (Rate(100, 60.0),)})

    async def work() -> None:
        await limiter.pause("requests", pause)
        with pytest.raises(TooLong):
            await limiter.take("requests")
        await clock.sleep(3_000)
        await limiter.take("requests")

    asyncio.run(work())
    assert clock.past == 3_600


def test_a_pause_that_others_make_longer_all_the_time_ends_the_run(one: Company, clock: Time) -> None:
    limiter = SharedLimiter(one.engine, {"requests": (Rate(100, 60.0),)})

    async def again(seconds: float) -> None:
        await clock.sleep(seconds)
        await limiter.pause("requests", 900)

    async def work() -> None:
        await limiter.pause("requests", 900)
        await limiter.take("requests")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("state.announcing.asyncio", SimpleNamespace(sleep=again))
        with pytest.raises(TooLong, match=rf"pause until {CLOCK} or later"):
            asyncio.run(work())
    assert clock.past == 2700


def test_rows_that_are_put_off_are_waited_for_and_named(one: Company, clock: Time) -> None:
    with one.writing() as conn:
        outbox.put(conn, [new("order/1")], datetime.now(UTC) + timedelta(seconds=30))

    async def work() -> None:
        async with connections.session(load_settings(one.home), "run"):
            with pytest.raises(RuntimeError, match="sent"):
                await deliver()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flows.deliveries.post_batch", _sent)
        asyncio.run(work())
    assert clock.past == 30
    assert clock.heard[0].startswith("Waiting for documents that QuickBooks could not take at once, to send them again")


async def _sent(_ticket: object) -> None:
    raise RuntimeError("sent")


def test_another_process_that_renews_the_connection_is_named_and_waited_for_as_long_as_it_may_take(
    one: Company, clock: Time
) -> None:
    with one.writing() as conn:  # by a process whose clock was hours ahead, and which is gone
        assert leases.acquire(conn, LOCK, "another-machine:1:1", datetime.now(UTC), timedelta(hours=9))

    async def work() -> None:
        async with connections.session(load_settings(one.home), "run") as here:
            await here.quickbooks.query("SELECT * FROM Item")

    asyncio.run(work())
    assert clock.past == pytest.approx(HELD_FOR.total_seconds(), abs=0.2)
    [sentence] = clock.heard
    assert sentence.startswith("Waiting for another process that renews the connection to QuickBooks, until ")


def test_another_process_that_does_not_come_to_an_end_is_given_up(one: Company, clock: Time) -> None:
    def hold() -> None:
        with one.writing() as conn:
            leases.expire(conn, LOCK)
            leases.acquire(conn, LOCK, "another-machine:1:1", datetime.now(UTC), HELD_FOR)

    async def again(seconds: float) -> None:
        await clock.sleep(seconds)
        hold()

    async def work() -> None:
        async with connections.session(load_settings(one.home), "run") as here:
            with pytest.raises(TryLater, match="does not finish"):
                await here.quickbooks.query("SELECT * FROM Item")

    hold()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("state.announcing.asyncio", SimpleNamespace(sleep=again))
        asyncio.run(work())
    assert clock.past == pytest.approx(90, abs=0.2)


def test_an_open_breaker_says_at_what_time_it_is_tried_again() -> None:
    assert re.search(rf"next try in 60 s, at {CLOCK}\.$", str(NotNow("QuickBooks", 60)))


def test_the_tasks_own_waits_are_over_before_they_would_have_to_be_named() -> None:
    longest = max(POLICY["retry_delay_seconds"](POLICY["retries"])) * (1 + POLICY["retry_jitter_factor"])
    assert longest < 20


def test_a_document_that_is_only_throttled_is_never_refused(one: Company) -> None:
    with one.writing() as conn:
        outbox.put(conn, [new("order/1")], datetime.now(UTC))
    throttled = {"bId": "1", "Fault": {"Error": [{"code": "3001", "Message": "ThrottleExceeded"}]}}
    too_long = {"bId": "1", "Fault": {"Error": [{"code": "2050", "Message": "String length is too long"}]}}
    row = one.row("order/1")
    for attempt in (1, PATIENCE, 10 * PATIENCE):
        tried = type(row)(**{name: getattr(row, name) for name in row.__slots__} | {"attempt": attempt})
        assert judge("1", tried, {}, throttled, datetime.now(UTC)).outcome.status == "ready"
    assert judge("1", tried, {}, too_long, datetime.now(UTC)).outcome.status == "rejected"


def test_a_pause_kept_for_the_shop_does_not_touch_quickbooks(one: Company) -> None:
    with one.writing() as conn:
        limits.pause(conn, "magento", datetime.now(UTC) + timedelta(minutes=5))
    limiter = SharedLimiter(one.engine, {"requests": (Rate(100, 60.0),)})
    asyncio.run(asyncio.wait_for(limiter.take("requests"), 5))
    with ledger.begin(one.engine) as conn:
        assert limits.paused(conn, "magento", datetime.now(UTC)) > 200
