"""QuickBooks answers a document with a fault and may have booked it: looked up, there once, never shown as refused.

The company of these tests lets two documents have one number, so that nothing but the look-ups keeps them apart.
"""

from collections import Counter
from datetime import timedelta

from deploy.sandbox.seeds_cart import Cart
from state import tables
from tests.faults import compare
from tests.faults.company import PREFECT, Company, Open, at_work

pytestmark = PREFECT
CODES = ("600", "1000", "1010", "1020", "10000", "9999", "")
CHECKS = Cart(lines="several", method="checkmo")


def minutes_pass(one: Company) -> None:
    """Longer than QuickBooks may still be at work on a request."""
    with one.writing() as conn:
        table = tables.batch
        for batch in conn.execute(table.select().where(table.c.state != "settled")).mappings().all():
            ago = {"sent_at": batch["sent_at"] - timedelta(minutes=5), "lease_until": batch["sent_at"]}
            conn.execute(table.update().where(table.c.id == batch["id"]).values(ago))


def nothing_in_the_books_is_shown_as_refused(one: Company) -> None:
    numbers = {found.get("DocNumber") for entity in compare.SALES for found in one.books.documents(entity)}
    assert [row.key for row in one.rows("rejected") if row.number in numbers] == []


def run_until_settled(one: Company, runs: int = 40) -> None:
    for _ in range(runs):
        done = one.sync()
        assert done.status in (0, 1), done
        nothing_in_the_books_is_shown_as_refused(one)
        if {row.status for row in one.rows()} == {"posted"}:
            return
        minutes_pass(one)
    raise AssertionError(Counter((row.status, row.error_code, row.attempt) for row in one.rows()))


def test_120_orders_are_booked_once_each_though_a_third_of_all_answers_is_in_doubt(company: Open) -> None:
    one = company(0)
    one.books.numbers_repeat = True
    assert one.sync().status == 0
    numbers = [one.shop.place(CHECKS)["increment_id"] for _ in range(40)]
    for _ in range(60):
        one.shop.place(paid=True)
    one.books.faults.fail_items(CODES, 0.33, seed=7)
    run_until_settled(one)
    for number in numbers[:20]:
        one.shop.invoice(number)
    for number in numbers[20:30]:
        one.shop.cancel(number)
    for _ in range(20):
        one.shop.place(paid=True)
    run_until_settled(one)
    assert one.books.faults.struck > 60
    one.books.faults.clear()
    assert one.sync().status == 0
    compare.settled(one)


def test_documents_that_are_only_put_off_end_the_run_and_none_of_them_is_refused(company: Open) -> None:
    one = at_work(company)
    one.books.faults.fail_items(["3001"], 1, done=0)
    done = one.sync()
    assert (done.status, "took nothing 10 times in a row" in done.out, "Nothing is lost" in done.out) == (4, True, True)
    assert {row.status for row in one.rows()} == {"posted", "ready"}
    one.books.faults.clear()
    assert one.sync().status == 0
    compare.settled(one)
    assert {row.attempt for row in one.rows()} == {1}
