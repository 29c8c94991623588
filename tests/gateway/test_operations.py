"""The eight operations, called by zeep from the WSDL that the gateway shows."""

import logging
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx
import pytest
import zeep
from lxml import etree

from deploy.gateway.operations import OPERATIONS
from deploy.gateway.server import Gateway
from deploy.gateway.wsdl import wsdl
from tests.gateway.clerk import PASSWORD, TICKET, USERNAME, Clerk
from tests.gateway.conftest import Ask, Open
from tests.gateway.wire import call

INTUITS = Path(__file__).parents[3] / "shared/reference/qbwc/QBWebConnectorSvc.wsdl"
LOGIN = call("authenticate", strUserName=USERNAME, strPassword=PASSWORD)
XSD = "{http://www.w3.org/2001/XMLSchema}"
WSDL = "{http://schemas.xmlsoap.org/wsdl/}"


@pytest.fixture
def service(gateway: Gateway) -> Iterator[Any]:
    with zeep.Client(gateway.url + "?wsdl") as client:
        yield client.service


def test_a_whole_session_goes_through(service: Any, clerk: Clerk) -> None:
    assert service.serverVersion() == f"MageBooks {version('magebooks')}"
    assert service.clientVersion("2.3.0.215") is None  # an empty text: go on
    assert service.authenticate(USERNAME, PASSWORD) == [TICKET, None]
    assert service.sendRequestXML(TICKET, "<HostQueryRs/>", r"C:\Books\Acme.qbw", "US", 16, 0) == "<QBXML/>"
    assert service.receiveResponseXML(TICKET, "<QBXML>é & <b/>\r\n</QBXML>", "", "") == 100
    assert service.getLastError(TICKET) == "NoOp"
    assert service.connectionError(TICKET, "0x80040408", "Could not start QuickBooks.") == "done"
    assert service.closeConnection(TICKET) == "Goodbye."
    assert clerk.heard == [
        ("authenticate", ()),
        ("sendRequestXML", (TICKET, "<HostQueryRs/>", r"C:\Books\Acme.qbw", "US", 16, 0)),
        ("receiveResponseXML", (TICKET, "<QBXML>é & <b/>\r\n</QBXML>", "", "")),
        ("getLastError", (TICKET,)),
        ("connectionError", (TICKET, "0x80040408", "Could not start QuickBooks.")),
        ("closeConnection", (TICKET,)),
    ]


def test_every_part_of_what_a_login_answers_arrives(service: Any, clerk: Clerk) -> None:
    clerk.on["authenticate"] = lambda: [TICKET, r"C:\Books\Ünïcode & Söhne.qbw", "0", "60"]
    assert service.authenticate(USERNAME, PASSWORD) == [TICKET, r"C:\Books\Ünïcode & Söhne.qbw", "0", "60"]


@pytest.mark.parametrize(
    ("username", "password"),
    [(USERNAME, "guess"), ("someone", PASSWORD), ("", ""), (PASSWORD, USERNAME), ("é", "\u20ac")],
)
def test_a_wrong_login_is_answered_nvu_and_never_reaches_the_service(
    service: Any, clerk: Clerk, username: str, password: str
) -> None:
    ticket, verdict = service.authenticate(username, password)
    assert verdict == "nvu"
    assert len(ticket) == len(TICKET)
    assert clerk.heard == []


@pytest.mark.parametrize("unset", ["QBWC_USERNAME", "QBWC_PASSWORD"])
def test_an_unset_secret_refuses_everything(clerk: Clerk, tmp_path: Path, unset: str) -> None:
    from state.settings import load_settings

    given = {"QBWC_USERNAME": USERNAME, "QBWC_PASSWORD": PASSWORD}
    given.pop(unset)
    with Gateway(clerk, load_settings(tmp_path, given)) as gateway:
        for username, password in ((given.get("QBWC_USERNAME", ""), given.get("QBWC_PASSWORD", "")), ("", "")):
            body = call("authenticate", strUserName=username, strPassword=password)
            answer = httpx.post(gateway.url, content=body, headers={"Content-Type": "text/xml"})
            assert b"<string>nvu</string>" in answer.content
    assert clerk.heard == []


@pytest.mark.parametrize(
    ("client", "welcome"), [("2.0.0.139", ""), ("2.3", ""), ("x", ""), ("1.5.0.49", "W:"), ("1", "")]
)
def test_an_old_web_connector_is_warned(ask: Ask, client: str, welcome: str) -> None:
    (said,) = ask(call("clientVersion", strVersion=client)).results
    assert said.startswith(welcome)
    assert bool(said) == bool(welcome)


def test_what_is_left_out_is_empty(ask: Ask, clerk: Clerk) -> None:
    ask(call("sendRequestXML", ticket=TICKET))
    assert clerk.given("sendRequestXML") == [(TICKET, "", "", "", 0, 0)]


def test_serverversion_takes_the_ticket_that_intuits_guide_gives_it(ask: Ask) -> None:
    assert ask(call("serverVersion", ticket=TICKET)).results == [f"MageBooks {version('magebooks')}"]


def test_an_error_of_the_service_becomes_a_fault_without_its_words(
    ask: Ask, clerk: Clerk, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> str:
        raise ValueError("Jane Doe, 12 Main Street")

    clerk.on["sendRequestXML"] = fail
    with caplog.at_level(logging.DEBUG, "magebooks"):
        answer = ask(call("sendRequestXML", ticket=TICKET))
    assert (answer.status, answer.fault) == (500, "Server")
    assert b"Jane" not in answer.body
    assert b"ValueError" not in answer.body
    assert "Jane" not in caplog.text
    assert "sendRequestXML failed: ValueError at fail" in caplog.text


def test_neither_passwords_nor_documents_are_logged(ask: Ask, clerk: Clerk, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        ask(call("authenticate", strUserName="hush-user", strPassword="hush-password"))
        ask(call("receiveResponseXML", ticket="hush-ticket", response="hush-body", hresult="", message=""))
        ask(b"<hush-unparsable")
    assert "a login was refused" in caplog.text
    assert "hush" not in caplog.text


def test_characters_that_xml_does_not_have_do_not_stop_an_answer(ask: Ask, clerk: Clerk) -> None:
    clerk.on["getLastError"] = lambda _ticket: "a\x00b\x0bc\ufffe"
    assert ask(call("getLastError", ticket=TICKET)).results == ["a\ufffdb\ufffdc\ufffd"]
    clerk.on["authenticate"] = lambda: [TICKET, "C:\\a\x1f.qbw"]
    assert ask(LOGIN).results == [TICKET, "C:\\a\ufffd.qbw"]


def test_the_interactive_operations_are_answered_with_a_fault(ask: Ask) -> None:
    for operation in ("getInteractiveURL", "interactiveDone", "interactiveRejected"):
        answer = ask(call(operation, ticket=TICKET))
        assert (answer.status, answer.fault) == (500, "Client")


def test_the_wsdl_names_the_public_address(opened: Open) -> None:
    gateway = opened(public="https://books.example.com/magebooks")
    shown = httpx.get(gateway.url, params={"WSDL": ""})
    assert shown.headers["content-type"].startswith("text/xml")
    assert b'location="https://books.example.com/magebooks/qbwc"' in shown.content


def test_the_wsdl_names_the_address_it_was_asked_at(gateway: Gateway) -> None:
    assert f'location="{gateway.url}"'.encode() in httpx.get(gateway.url + "?wsdl").content


@pytest.mark.skipif(not INTUITS.exists(), reason="Intuit's WSDL is not here")
def test_the_wsdl_describes_what_intuits_describes() -> None:
    ours, theirs = etree.fromstring(wsdl("http://localhost/")), etree.parse(INTUITS).getroot()
    assert described(ours) == described(theirs)
    assert set(actions(ours)) == set(actions(theirs)) == {f"http://developer.intuit.com/{name}" for name in OPERATIONS}


def described(root: etree._Element) -> dict[str, list[tuple[str, str, str, str]]]:
    """Each element of the schema with its parts: name, type, how few, how many."""
    return {
        str(element.get("name")): [
            (
                str(part.get("name")),
                str(part.get("type")).rpartition(":")[2],
                *map(str, map(part.get, ("minOccurs", "maxOccurs"))),
            )
            for part in element.iter(XSD + "element")
            if part is not element
        ]
        for element in root.findall(f"{WSDL}types/{XSD}schema/{XSD}element")
    }


def actions(root: etree._Element) -> list[str]:
    """All SOAPActions."""
    return [str(each.get("soapAction")) for each in root.iter("{http://schemas.xmlsoap.org/wsdl/soap/}operation")]
