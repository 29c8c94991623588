"""Retrying, progress, and the page that a run leaves behind."""

import asyncio
from threading import Event

import pytest
from prefect import task
from prefect.client.schemas.objects import State
from prefect.states import Failed

from tasks import progress
from tasks.clients.errors import CallFailed, NeedsPerson, Refused, TryLater, Unknown
from tasks.notices import summary_line, summary_page
from tasks.retrying import POLICY, may_succeed_later

COUNTS = {
    "landed": 31,
    "posted": 25,
    "held": 3,
    "rejected": 1,
    "unknown": 0,
    "waiting": 2,
    "skipped": 4,
    "seconds": 1.5,
    "posted_by_kind": {"sales_receipt": 20, "invoice": 5},
    "totals": {"USD": {"store": "1204.10", "books": "1204.10", "difference": "0.00"}},
    "held_by_cause": {"unknown-payment-method": 2, "closed-period": 1},
}


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (TryLater("Magento", "Busy"), True),
        (Unknown("QuickBooks", "No answer came"), True),
        (NeedsPerson("QuickBooks", "Reconnect"), False),
        (Refused("QuickBooks", "No"), False),
        (ValueError("a mistake of ours"), False),
    ],
)
def test_only_what_may_succeed_later_is_tried_again(error: Exception, again: bool) -> None:
    @task(**POLICY)
    async def work() -> None: ...

    state: State[None] = Failed(data=error)
    assert may_succeed_later(work, None, state) is again  # type: ignore[arg-type]  # the run is not looked at


def test_a_task_keeps_no_result_and_waits_longer_each_time() -> None:
    assert POLICY["persist_result"] is False
    delays = POLICY["retry_delay_seconds"](POLICY["retries"])
    assert delays == sorted(set(delays))


def test_errors_of_calls_say_which_side_and_no_more() -> None:
    assert "Magento" in str(TryLater("Magento", "Busy"))
    assert isinstance(TryLater("Magento", "Busy"), CallFailed)


def test_progress_reaches_the_listener_of_its_own_run_alone() -> None:
    heard: dict[str, list[tuple[str, int]]] = {"a": [], "b": []}

    async def run(name: str) -> None:
        with progress.listen(lambda stage, done, total, unit: heard[name].append((stage, done))):
            for done in range(3):
                progress.report(name, done, None, "documents")
                await asyncio.sleep(0)

    async def both() -> None:
        await asyncio.gather(run("a"), run("b"))

    asyncio.run(both())
    progress.report("nobody listens", 1, 1, "documents")
    assert heard == {"a": [("a", 0), ("a", 1), ("a", 2)], "b": [("b", 0), ("b", 1), ("b", 2)]}


def test_a_wish_to_stop_is_seen_while_it_is_listened_to() -> None:
    stop = Event()
    with progress.listen(lambda *_: None, stop):
        assert not progress.stop_requested()
        stop.set()
        assert progress.stop_requested()
    assert not progress.stop_requested()


def test_a_runs_page_says_what_is_done_and_what_to_do() -> None:
    page = summary_page("20261121-034501-ab12", COUNTS)
    assert page.startswith("# 25 posted, 4 need your attention\n")
    assert "| USD | 1204.10 | 1204.10 | 0.00 |" in page
    assert page.index("| 2 |") < page.index("| 1 |")  # the cause with the most documents first
    assert "unknown-payment-method" not in page  # words for people, no codes
    assert "| Not sent yet | 2 |" in page
    assert "magebooks held" in page


def test_a_runs_page_without_anything_to_do_says_so() -> None:
    page = summary_page("20261121-034501-ab12", {"posted": 1})
    assert "Nothing needs your attention." in page
    assert summary_line({"posted": 1, "held": 1}) == "1 posted, 1 needs your attention"
