"""QuickBooks did the work and its answer was lost: found, repeated or refused, and never there twice."""

from datetime import timedelta

import pytest

from deploy.sandbox.seeds_cart import Cart
from state import tables
from tests.faults import compare
from tests.faults.company import PREFECT, Company, Open, at_work, finish

pytestmark = PREFECT
CHECKS = Cart(lines="several", method="checkmo")


def dies_after_commit(one: Company, what: str) -> None:
    """Run the real command; QuickBooks carries out its first batch of `what`, and the process dies unanswered."""
    process = one.start()
    already = len(one.books.documents(what))

    def cut(path: str, _number: int) -> None:
        if len(one.books.documents(what)) > already:
            process.kill()
        elif any(row.entity == what for row in one.rows("sent")):
            one.books.faults.drop_next(1, only="/batch")

    one.books.on_call(cut)
    finish(process)
    one.books.hooks.clear()
    one.books.faults.clear()
    assert len(one.books.documents(what)) > already
    assert [row for row in one.rows() if row.entity == what and row.status in ("sent", "unknown")]


@pytest.mark.parametrize(("what", "forgets"), [("SalesReceipt", True), ("Payment", True), ("Payment", False)], ids=str)
def test_what_stands_in_the_books_is_found_whether_quickbooks_remembers_the_request_or_not(
    company: Open, what: str, forgets: bool
) -> None:
    one = waiting_for_payment(company) if what == "Payment" else at_work(company)
    dies_after_commit(one, what)
    if forgets:
        one.books.forget_requestids()
    done = one.sync()
    assert done.status == 0, done
    compare.settled(one)


def waiting_for_payment(company: Open) -> Company:
    """A company with posted invoices that were paid in the shop meanwhile."""
    one = company(4)
    numbers = [one.shop.place(CHECKS)["increment_id"] for _ in range(3)]
    assert one.sync().status == 0
    for number in numbers:
        one.shop.invoice(number)
    return one


def partly(one: Company, what: str, keep: int) -> None:
    """Take all but `keep` of the newest documents back out, as if QuickBooks had stopped in the middle."""
    sent = [row for row in one.rows() if row.entity == what and row.status in ("sent", "unknown")]
    assert len(sent) > keep
    for found in one.books.documents(what)[-len(sent) + keep :]:
        one.books.write(what, "delete", {"Id": found["Id"], "SyncToken": found["SyncToken"]})


@pytest.mark.parametrize("what", ["SalesReceipt", "Payment"])
def test_of_a_batch_that_was_carried_out_in_part_only_the_rest_is_sent_again(company: Open, what: str) -> None:
    one = waiting_for_payment(company) if what == "Payment" else three_receipts(company)
    dies_after_commit(one, what)
    partly(one, what, 1)
    one.books.forget_requestids()
    minutes_pass(one)
    done = one.sync()
    assert (done.status, done.data["posted"]) == (0, 3), done
    compare.settled(one)


def three_receipts(company: Open) -> Company:
    """A shop that has sold three times since the first run, to known customers."""
    one = company(4)
    assert one.sync().status == 0
    for _ in range(3):
        one.shop.place(paid=True)
    return one


def minutes_pass(one: Company) -> None:
    """Longer than QuickBooks may still be at work on a request."""
    with one.writing() as conn:
        table = tables.batch
        found = conn.execute(table.select().where(table.c.state != "settled")).mappings().all()
        for batch in found:
            sent_at = batch["sent_at"] - timedelta(minutes=5)
            conn.execute(table.update().where(table.c.id == batch["id"]).values(sent_at=sent_at))
