"""No wait is silent: what for and until when is announced at its start, or once it has lasted five seconds."""

import asyncio
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from state import announcing, staging
from state.announcing import Wait, announce, listening
from state.staging import StagingBusy


@dataclass
class Time:
    """A clock that sleeping moves: nobody waits for it."""

    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Time:
    clock = Time()
    monkeypatch.setattr("state.announcing.time", clock)
    return clock


@pytest.fixture
def heard() -> Iterator[list[tuple[str, float]]]:
    found: list[tuple[str, float]] = []
    with listening(lambda sentence, seconds: found.append((sentence, seconds))):
        yield found


def test_a_long_wait_names_its_reason_and_its_end_at_once(clock: Time, heard: list[tuple[str, float]]) -> None:
    Wait("Magento, which asked for a pause").block(1200)
    [(sentence, seconds)] = heard
    assert re.fullmatch(r"Waiting for Magento, which asked for a pause, until \d\d:\d\d:\d\d\.", sentence)
    assert (seconds, clock.slept) == (1200, [1200])


def test_the_end_is_a_local_time(clock: Time, heard: list[tuple[str, float]]) -> None:
    before, wait = announcing.clock(60), Wait("it")
    wait.block(60)
    assert before <= heard[0][0][-9:-1] <= announcing.clock(60) or announcing.clock(60) < before  # past midnight


def test_a_short_wait_says_nothing(clock: Time, heard: list[tuple[str, float]]) -> None:
    Wait("it").block(4.9)
    assert heard == []


def test_a_wait_of_many_short_sleeps_is_named_when_it_has_lasted_five_seconds(
    clock: Time, heard: list[tuple[str, float]]
) -> None:
    wait = Wait("another process", at_most=90)
    while wait.lasted < 60:
        wait.block(0.1)
        assert len(heard) == (wait.lasted > 4.95)
    [(sentence, seconds)] = heard
    assert sentence.startswith("Waiting for another process, until ")
    assert sentence.endswith(" at the latest.")
    assert seconds == 90


def test_a_wait_that_takes_longer_than_was_said_is_named_again(clock: Time, heard: list[tuple[str, float]]) -> None:
    wait = Wait("it")
    for seconds in (30, 2, 30):
        wait.block(seconds)
    assert [seconds for _, seconds in heard] == [30, 62]


def test_without_a_listener_a_long_wait_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    announce("Waiting for it, until 14:20:00.", 19)
    assert caplog.records == []
    announce("Waiting for it, until 14:20:00.", 21)
    assert [(one.name, one.getMessage()) for one in caplog.records] == [
        ("magebooks.waiting", "Waiting for it, until 14:20:00.")
    ]


def test_listeners_hear_their_own_context_alone_and_all_of_it() -> None:
    heard: list[str] = []

    async def both() -> None:
        with listening(lambda sentence, _: heard.append(f"outer {sentence}")):
            with listening(lambda sentence, _: heard.append(f"inner {sentence}")):
                await asyncio.to_thread(announce, "one", 1.0)
            announce("two", 1.0)

    asyncio.run(both())
    announce("three", 1.0)
    assert heard == ["outer one", "inner one", "outer two"]


def test_a_staging_file_that_another_process_holds_is_named(
    heard: list[tuple[str, float]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "staging.duckdb"
    for seconds, sentences in ((5.0, 0), (0.3, 1)):
        monkeypatch.setattr(announcing, "NAMED_FROM", seconds)
        with held(path), pytest.raises(StagingBusy), staging.open(path, wait=0.6):
            pass
        assert len(heard) == sentences
    assert "for another MageBooks process that uses this company's staging file, until" in heard[0][0]


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Another process has the file open."""
    script = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        yield
        other.communicate()
