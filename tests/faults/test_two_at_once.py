"""The same command twice, one after the other and at the same time."""

from tests.faults import compare
from tests.faults.company import PREFECT, Open, finish

pytestmark = PREFECT


def test_the_same_command_a_second_time_posts_nothing(company: Open) -> None:
    one = company(12)
    assert one.sync().status == 0
    before = compare.in_books(one)
    again = one.sync()
    assert (again.status, again.data["posted"], compare.in_books(one)) == (0, 0, before)
    compare.settled(one)


def test_two_commands_at_once_share_the_work_and_post_every_document_once(company: Open) -> None:
    one = company(60, extra={"QUICKBOOKS_BATCH_SIZE": "3"})
    both = [one.start() for _ in range(2)]
    done = [finish(process) for process in both]
    assert {each.status for each in done} <= {0, 1}, done  # 1: the other one's documents are still on their way
    assert one.books.violations == 0
    last = one.sync()
    assert (last.status, last.data["unknown"], last.data["waiting"]) == (0, 0, 0)
    compare.settled(one)


def test_two_commands_at_once_while_answers_are_lost(company: Open) -> None:
    one = company(30, extra={"QUICKBOOKS_BATCH_SIZE": "3"})
    one.books.faults.random_drops(0.15, 3)
    both = [one.start() for _ in range(2)]
    done = [finish(process) for process in both]
    assert {each.status for each in done} <= {0, 1, 4}, done
    one.books.faults.clear()
    assert one.sync().status == 0
    compare.settled(one)
