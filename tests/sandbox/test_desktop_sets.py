"""Message sets of the sandbox's company file: a message that is sent again is answered again and not done again."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from lxml import etree

from deploy.sandbox.desktop import CompanyFile, Thrown

from .test_desktop import message, ref, replies, rq, sale


@pytest.fixture
def company() -> CompanyFile:
    return CompanyFile()


def body(*numbers: str) -> list[str]:
    return [rq("SalesReceiptAdd", sale(number=number), number) for number in numbers]


def status(answer: str) -> str | None:
    return etree.fromstring(answer.encode())[0].get("messageSetStatusCode")


def test_the_same_message_again_gives_the_same_answer_and_no_second_document(company: CompanyFile) -> None:
    whole = message(*body("1", "2"), newMessageSetID="a" * 24)
    first = company.process(whole)
    assert company.process(whole) == first
    assert status(first) == "0"
    assert len(company.documents("SalesReceipt")) == 2
    assert company.processed.writes == 2


def test_a_refused_request_is_part_of_the_stored_answer(company: CompanyFile) -> None:
    whole = message(rq("SalesReceiptAdd", sale(CustomerRef=ref("Ann"))), newMessageSetID="a")
    assert replies(company.process(whole))[0].status == 3140
    company.process(message(rq("CustomerAdd", [("Name", "Ann")])))
    assert replies(company.process(whole))[0].status == 3140


def test_without_an_id_a_message_is_done_again(company: CompanyFile) -> None:
    for _ in range(2):
        company.process(message(*body("1")))
    assert company.duplicates() == [("SalesReceipt", "1")]


def test_another_body_under_the_same_id_is_9001_and_not_done(company: CompanyFile) -> None:
    company.process(message(*body("1"), newMessageSetID="a"))
    answer = company.process(message(*body("2"), newMessageSetID="a"))
    assert (status(answer), replies(answer)) == ("9001", [])
    assert [one["RefNumber"] for one in company.documents("SalesReceipt")] == ["1"]


def test_an_id_of_more_than_24_characters_is_9004_and_not_done(company: CompanyFile) -> None:
    assert status(company.process(message(*body("1"), newMessageSetID="a" * 25))) == "9004"
    assert company.documents("SalesReceipt") == []


def test_an_old_id_clears_what_was_stored(company: CompanyFile) -> None:
    whole = message(*body("1"), newMessageSetID="a")
    company.process(whole)
    assert status(company.process(message(oldMessageSetID="a"))) == "0"
    assert status(company.process(message(oldMessageSetID="a"))) == "600"
    company.process(whole)
    assert len(company.documents("SalesReceipt")) == 2
    company.process(message(oldMessageSetID="CLR-ALL-MSG-SETS"))
    company.process(whole)
    assert len(company.documents("SalesReceipt")) == 3
    next_one = company.process(message(*body("2"), newMessageSetID="b", oldMessageSetID="a"))
    assert (status(next_one), len(company.documents("SalesReceipt"))) == ("0", 4)


def test_a_restored_backup_has_forgotten_every_answer(company: CompanyFile) -> None:
    whole = message(*body("1"), newMessageSetID="a")
    company.process(whole)
    company.forget_message_sets()
    company.process(whole)
    assert company.duplicates() == [("SalesReceipt", "1")]


def test_quickbooks_dying_in_the_middle_leaves_half_a_set_and_no_answer(company: CompanyFile) -> None:
    whole = message(*body("1", "2", "3"), newMessageSetID="a")
    company.crash_after(2)
    with pytest.raises(Thrown, match="0x80010105"):
        company.process(whole)
    assert [one["RefNumber"] for one in company.documents("SalesReceipt")] == ["1", "2"]
    answer = company.process(whole)
    assert (status(answer), replies(answer)) == ("9002", [])
    assert len(company.documents("SalesReceipt")) == 2


def test_many_threads_with_the_same_message_make_its_documents_once(company: CompanyFile) -> None:
    whole = [message(*body(f"{at}a", f"{at}b"), newMessageSetID=f"set-{at}") for at in range(20)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(company.process, whole * 3))
    assert answers[:20] == answers[20:40] == answers[40:]
    assert len(company.documents("SalesReceipt")) == 40
    assert company.duplicates() == []
