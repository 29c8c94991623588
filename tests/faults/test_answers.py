"""What may come instead of an answer: repeated by the policy, and the books end as if nothing had happened."""

from collections.abc import Callable

import httpx
import pytest

from deploy.sandbox.faults import Faults
from tasks.clients.quickbooks import QuickBooks
from tests.faults import compare
from tests.faults.company import PREFECT, Open, at_work

pytestmark = PREFECT
Break = Callable[[Faults, str], None]

INSTEAD_OF_AN_ANSWER: dict[str, Break] = {
    "a page under 503": lambda faults, path: faults.status_next(1, 503, html=True, only=path),
    "a page under 200": lambda faults, path: faults.status_next(1, 200, html=True, only=path),
    "500": lambda faults, path: faults.status_next(1, 500, only=path),
    "half a text": lambda faults, path: faults.truncate_next(1, only=path),
    "a reset": lambda faults, path: faults.reset_next(1, only=path),
    "silence after the work": lambda faults, path: faults.drop_next(1, only=path),
    "429": lambda faults, path: faults.throttle_next(1, only=path),
    "429 with a wait": lambda faults, path: faults.throttle_next(2, 1, only=path),
}


@pytest.mark.parametrize("broken", INSTEAD_OF_AN_ANSWER.values(), ids=INSTEAD_OF_AN_ANSWER)
def test_a_batch_that_gets_no_answer_is_sent_again_and_stands_once(company: Open, broken: Break) -> None:
    one = at_work(company)
    broken(one.books.faults, "/batch")
    done = one.sync()
    assert (done.status, done.data["posted"], one.books.faults.struck > 0) == (0, 3, True), done
    compare.settled(one)


@pytest.mark.parametrize("broken", ["a page under 503", "half a text", "a reset", "429 with a wait"])
def test_a_page_of_orders_that_does_not_come_is_read_again(company: Open, broken: str) -> None:
    one = at_work(company)
    INSTEAD_OF_AN_ANSWER[broken](one.shop.faults, "/orders")
    assert (one.sync().status, one.shop.faults.struck > 0) == (0, True)
    compare.settled(one)


def test_a_batch_that_takes_too_long_is_settled_though_quickbooks_goes_on_working(
    company: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(QuickBooks.__init__.__kwdefaults__, "timeout", httpx.Timeout(0.5))
    one = at_work(company)
    batches: list[int] = []

    def slow_once(path: str, number: int) -> None:
        batches.extend([number] if path.endswith("/batch") else [])
        one.books.faults.slow(1.5 if len(batches) == 1 else 0)

    one.books.on_call(slow_once)
    assert one.sync().status == 0
    compare.settled(one)


def test_an_access_token_that_ends_during_the_run_is_renewed_and_the_run_goes_on(company: Open) -> None:
    one = at_work(company)
    refreshed = one.books.token_calls
    one.world.tokens.expire_access()
    assert (one.sync().status, one.books.token_calls - refreshed) == (0, 1)
    compare.settled(one)


def test_two_answers_of_401_in_a_row_end_the_run_and_the_next_one_goes_on(company: Open) -> None:
    one = at_work(company)
    one.books.faults.status_next(50, 401, only="/batch")
    done = one.sync()
    assert done.status == 3
    assert "magebooks connect quickbooks" in done.out
    assert {row.status for row in one.rows()} == {"posted", "ready"}
    one.books.faults.clear()
    assert one.sync().status == 0
    compare.settled(one)
