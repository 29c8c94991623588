"""One document makes QuickBooks refuse every batch it is in: it is found by halving, and the others are booked."""

import subprocess
from functools import partial

import pytest

from state import ledger, tables
from tests.faults import compare
from tests.faults.company import PREFECT, Company, Done, Open, finish
from tests.faults.test_doubts import minutes_pass

pytestmark = PREFECT
SOLD = 16
MOST = 12  # 16, 8, 8, 4, 4, 2, 2, 1, 1, and the batches of new customers


def poisoned(company: Open, code: str, status: int) -> tuple[Company, str]:
    """A shop that has sold 16 times to known customers; QuickBooks refuses every batch that holds one of the orders."""
    one = company(4)
    numbers = [one.shop.place(paid=True)["increment_id"] for _ in range(SOLD)]
    number = numbers[5]
    one.books.faults.poison(number, code, status)
    return one, number


def batches(one: Company) -> int:
    """How many different batches were ever made."""
    with ledger.reading(one.engine) as conn:
        return len(conn.execute(tables.batch.select()).all())


def is_shown_and_the_rest_is_booked(one: Company, number: str, done: Done) -> None:
    row = one.row(f"order/{number}")
    assert (done.status, row.status, row.error_code) == (1, "rejected", "quickbooks-refused"), (done, row)
    assert "The request cannot be carried out" in row.error_words
    assert {other.status for other in one.rows() if other.key != row.key} == {"posted"}
    compare.agree(one)


@pytest.mark.parametrize(("code", "status"), [("2010", 400), ("2020", 200), ("6000", 400)])
def test_a_batch_that_is_refused_for_one_document_books_all_others_in_the_same_run(
    company: Open, code: str, status: int
) -> None:
    one, number = poisoned(company, code, status)
    before = batches(one)
    is_shown_and_the_rest_is_booked(one, number, one.sync())
    assert batches(one) - before <= MOST
    before = batches(one)
    one.sync()
    assert batches(one) == before
    one.books.faults.poison("")
    assert one.command("retry", f"order/{number}").status == 0
    assert one.sync().status == 0
    compare.settled(one)


def test_a_batch_that_ends_in_an_error_of_quickbooks_is_looked_up_and_halved_run_after_run(company: Open) -> None:
    one, number = poisoned(company, "10000", 500)
    for _ in range(20):
        done = one.sync()
        assert done.status in (0, 1), done
        with ledger.reading(one.engine) as conn:
            assert conn.execute(tables.breaker.select().where(tables.breaker.c.open_until.is_not(None))).all() == []
        minutes_pass(one)
    row = one.row(f"order/{number}")
    assert (row.status, row.error_code, row.attempt) == ("unknown", "unknown-outcome", 5)
    assert {other.status for other in one.rows() if other.key != row.key} == {"posted"}
    shown = one.command("held")
    assert shown.status == 1
    assert [(cause["code"], cause["documents"]) for cause in shown.data["held"]] == [("unknown-outcome", [row.key])]
    before = batches(one)
    assert one.sync().status in (0, 1)
    assert batches(one) == before
    one.books.faults.poison("")
    assert one.command("retry", row.key).status == 0
    assert one.sync().status == 0
    compare.settled(one)


def kill_at(one: Company, process: "subprocess.Popen[str]", batch: int, _path: str, _number: int) -> None:
    """Kill a process when QuickBooks gets its n-th batch."""
    if one.books.batches >= batch:
        process.kill()


def test_halving_goes_on_where_a_killed_process_left_it(company: Open) -> None:
    one, number = poisoned(company, "2010", 400)
    kills = 0
    for at in range(1, 9):
        process = one.start()
        until = one.books.batches + at % 3 + 1

        one.books.on_call(partial(kill_at, one, process, until))
        process.communicate(timeout=120)
        one.books.hooks.clear()
        kills += process.returncode != 1
    assert kills > 2
    done = finish(one.start())
    is_shown_and_the_rest_is_booked(one, number, done)
