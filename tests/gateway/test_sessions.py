"""Who may speak to QuickBooks through us, about which company file, and when."""

import threading
from pathlib import Path

import pytest

from deploy.gateway.identity import OWNER_ID
from deploy.sandbox.connector import WebConnector
from deploy.sandbox.desktop import CompanyFile
from state import connector
from tests.gateway.desk import USER, Desk, open_desk


def login(desk: Desk) -> tuple[WebConnector, str]:
    """A connector that has logged in and does no more by itself, and its ticket."""
    client = desk.connector()
    return client, client.soap.call_list("authenticate", client.username, client.password)[0]


def ask(client: WebConnector, ticket: str, hcp: str = "") -> str:
    return client.soap.call("sendRequestXML", ticket, hcp, "", "US", "16", "0")


def test_a_wrong_password_gets_no_session(desk: Desk) -> None:
    assert desk.update(password="guess").result == "nvu"
    assert not desk.file.documents("SalesReceipt")


def test_there_is_no_session_when_there_is_nothing_to_do(desk: Desk) -> None:
    assert desk.update().result == "done"
    assert desk.update().result == "none"


def test_the_answer_to_a_login_names_file_delay_and_least_interval(tmp_path: Path) -> None:
    with open_desk(tmp_path / "home", QBWC_COMPANY_FILE=r"C:\Books\Acme.QBW") as desk:
        client = desk.connector()
        ticket, path, delay, least = client.soap.call_list("authenticate", client.username, client.password)
        assert len(ticket) == 64
        assert (path, delay, least) == (r"C:\Books\Acme.QBW", "0", "60")


def test_once_it_is_known_the_company_file_is_named_by_its_path(desk: Desk) -> None:
    client, _ = login(desk)
    desk.clock.later(minutes=6)
    assert client.soap.call_list("authenticate", client.username, client.password)[1] == desk.file.path


def test_a_second_connector_is_told_that_the_company_is_busy(desk: Desk) -> None:
    client, ticket = login(desk)
    assert desk.update().result == "busy"
    assert ask(client, ticket, desk.file.hcp())


def test_of_two_connectors_at_once_one_works_and_every_document_is_there_once(desk: Desk) -> None:
    desk.sell(40)
    desk.queue()
    results: list[str] = []
    both = [threading.Thread(target=lambda: results.append(desk.update().result)) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert "done" in results
    assert set(results) <= {"done", "busy", "none"}
    desk.update()
    assert set(desk.states()) == {"posted"}
    desk.audit()


def test_a_connector_that_went_silent_is_replaced_after_five_minutes(desk: Desk) -> None:
    client, ticket = login(desk)
    desk.clock.later(minutes=6)
    assert desk.update().result == "done"
    assert ask(client, ticket) == ""
    assert "The next update begins a new one" in client.soap.call("getLastError", ticket)


@pytest.mark.parametrize("ticket", ["", "0" * 64, "' OR 1=1 --", "none"])
def test_an_invented_ticket_opens_nothing(desk: Desk, ticket: str) -> None:
    client = desk.connector()
    assert ask(client, ticket, desk.file.hcp()) == ""
    assert client.soap.call("receiveResponseXML", ticket, "<QBXML/>", "", "") == "-1"
    assert client.soap.call("connectionError", ticket, "0x80040408", "") == "done"
    assert client.soap.call("closeConnection", ticket) == "Nothing was open."
    assert not desk.file.documents("SalesReceipt")


def test_the_ticket_of_a_closed_session_is_worth_nothing(desk: Desk) -> None:
    client, ticket = login(desk)
    assert client.soap.call("closeConnection", ticket) == "Up to date."
    assert ask(client, ticket, desk.file.hcp()) == ""
    assert client.soap.call("closeConnection", ticket) == "Up to date."


def test_a_ticket_of_another_company_is_worth_nothing(desk: Desk, tmp_path: Path) -> None:
    with open_desk(tmp_path / "other") as other:
        _, stolen = login(other)
        assert ask(desk.connector(), stolen, desk.file.hcp()) == ""


def test_no_ticket_stands_in_the_ledger(desk: Desk) -> None:
    _, ticket = login(desk)
    with desk.reading() as conn:
        assert [one.ticket for one in connector.recent(conn, 1)] == [connector.digest(ticket)]
    assert ticket.encode() not in (desk.home / "ledger.sqlite").read_bytes()


def test_a_session_has_its_longest_time(desk: Desk) -> None:
    client, ticket = login(desk)
    desk.clock.later(hours=13)
    assert ask(client, ticket, desk.file.hcp()) == ""


def test_the_same_message_is_handed_out_again_to_who_asks_twice(desk: Desk) -> None:
    client, ticket = login(desk)
    first = ask(client, ticket, desk.file.hcp())
    assert first == ask(client, ticket)


def test_another_company_file_is_refused_before_anything_is_written(desk: Desk) -> None:
    wrong = CompanyFile(owner_id=OWNER_ID, file_id="{00000000-0000-0000-0000-000000000001}")
    wrong.name = "Other Shop Inc"
    outcome = desk.update(file=wrong)
    assert outcome.result == "error"
    assert any("has “Other Shop Inc” open" in words and "Nothing was written" in words for words in outcome.said)
    assert wrong.processed.writes == 0
    assert desk.update().result == "done"
    desk.audit()


def test_a_file_without_our_mark_is_known_by_its_name(desk: Desk) -> None:
    unmarked = CompanyFile()
    assert unmarked.name == desk.file.name
    assert desk.update(file=unmarked).result == "done"


def test_a_file_without_our_mark_and_of_another_name_is_refused(desk: Desk) -> None:
    wrong = CompanyFile()
    wrong.name = "Other Shop Inc"
    assert desk.update(file=wrong).result == "error"
    assert wrong.processed.writes == 0


def test_a_company_that_was_renamed_is_known_by_our_mark(desk: Desk) -> None:
    desk.file.name = "Acme Renamed"
    assert desk.update().result == "done"
    with desk.reading() as conn:
        known = connector.known(conn)
    assert known is not None
    assert known.company == "Acme Renamed"


def test_a_connector_that_says_nothing_about_the_file_is_asked(desk: Desk) -> None:
    desk.file.hcp = lambda owner_id="": ""  # type: ignore[method-assign]
    assert desk.update().result == "done"
    desk.audit()


def test_a_quickbooks_older_than_2014_is_told_so(desk: Desk) -> None:
    client, ticket = login(desk)
    assert client.soap.call("sendRequestXML", ticket, desk.file.hcp(), "", "US", "12", "0") == ""
    assert "older than 2014" in client.soap.call("getLastError", ticket)


@pytest.mark.parametrize(
    ("hresult", "words"),
    [
        ("0x80040408", "Start it, open the company file"),
        ("0x8004040A", "Another company file is open"),
        ("0x80040414", "A window is open in QuickBooks"),
        ("0x80040416", "QuickBooks is not running"),
        ("0x80040418", "never allowed MageBooks in"),
        ("0x8004041D", "Automatic login is not allowed"),
        ("0x80040422", "single-user mode"),
        ("0x8000FFFF", "QuickBooks reports 0x8000FFFF"),
    ],
)
def test_a_quickbooks_that_cannot_be_opened_is_explained_and_given_up(desk: Desk, hresult: str, words: str) -> None:
    desk.file.throw_next(hresult)
    client = desk.connector()
    outcome = client.run()
    assert outcome.result == "error"
    with desk.reading() as conn:
        [session] = connector.recent(conn, 1)
    assert words in session.said
    assert not session.open
    assert desk.update().result == "done"
    desk.audit()


def test_a_named_file_that_cannot_be_started_is_tried_as_the_open_one_once(tmp_path: Path) -> None:
    with open_desk(tmp_path / "home", QBWC_COMPANY_FILE=r"C:\Books\Acme.QBW") as desk:
        desk.file.throw_next("0x80040408")
        assert desk.update().result == "done"


def test_a_closed_company_file_with_automatic_login_is_opened_by_its_path(desk: Desk) -> None:
    desk.file.is_open, desk.file.automatic_login = False, True
    assert desk.update().result == "done"
    desk.audit()


def test_a_window_that_opens_in_the_middle_ends_the_session_with_what_to_do(desk: Desk) -> None:
    process, thrown = desk.file.process, []

    def interrupt(request: str) -> str:
        if "AddRq" in request and not thrown:
            thrown.append(1)
            desk.file.throw_next("0x80040414")
        return process(request)

    desk.file.process = interrupt  # type: ignore[method-assign]
    outcome = desk.update()
    assert outcome.result == "error"
    assert any("A window is open in QuickBooks" in words for words in outcome.said)
    assert desk.update().result == "done"
    desk.audit()


def test_a_gateway_that_is_started_anew_goes_on_in_the_middle_of_a_session(desk: Desk) -> None:
    from deploy.gateway.server import Gateway
    from deploy.gateway.session import Connector

    client, ticket = login(desk)
    request = ask(client, ticket, desk.file.hcp())
    again = Connector(desk.settings, desk.engine, desk.clock)
    with Gateway(again, desk.settings) as second, WebConnector(second.url, USER, "", desk.file) as other:
        answer = desk.file.process(request)
        assert 0 < int(other.soap.call("receiveResponseXML", ticket, answer, "", "")) <= 100
        other.soap.call("closeConnection", ticket)
    desk.update()
    desk.audit()


def test_the_gateway_answers_while_a_run_writes(desk: Desk) -> None:
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            desk.sell(2)
            desk.queue()

    writing = threading.Thread(target=write)
    writing.start()
    try:
        results = {desk.update().result for _ in range(12)}
    finally:
        stop.set()
        writing.join()
    assert results <= {"done", "none"}
    desk.update()
    desk.update()
    assert set(desk.states()) == {"posted"}
    desk.audit()
