"""Envelopes that nobody should send: each is a fault of the caller's, and nothing reaches the service."""

import time
from collections import deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.gateway import soap
from deploy.gateway.server import Gateway
from tests.gateway.clerk import TICKET, Clerk
from tests.gateway.conftest import Ask
from tests.gateway.wire import INTUIT, SOAP, Wire, call, envelope, post

CALL = f'<getLastError xmlns="{INTUIT}"/>'
LOGIN = f'<authenticate xmlns="{INTUIT}"><strUserName>&a;</strUserName></authenticate>'
LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
BOMB = f'<!DOCTYPE s [<!ENTITY a0 "ha"><!ENTITY a "&a11;">{LAUGHS}]>'
IN_ATTRIBUTE = envelope('<x y="&a;"/>', BOMB)
FILE = '<!DOCTYPE s [<!ENTITY a SYSTEM "file:///etc/hostname">]>'

WRONG = {
    "nothing": b"",
    "no XML": b"username=x&password=y",
    "half": call("getLastError", ticket=TICKET)[:-20],
    "two documents": call("getLastError", ticket=TICKET) + b"<more/>",
    "HTML": b"<html><body/></html>",
    "no body": f'<s:Envelope xmlns:s="{SOAP}"/>'.encode(),
    "empty body": envelope(""),
    "a bomb of entities": envelope(LOGIN, BOMB),
    "a bomb in an attribute": IN_ATTRIBUTE,
    "a bomb in UTF-16": IN_ATTRIBUTE.decode().replace("utf-8", "utf-16").encode("utf-16"),
    "a file as entity": envelope(LOGIN, FILE),
    "a document type alone": envelope(LOGIN.replace("&a;", "x"), "<!DOCTYPE s>"),
    "an unknown entity": envelope(LOGIN),
    "a processing instruction": envelope(LOGIN.replace("&a;", "x"), '<?xml-stylesheet href="x"?>'),
    "an unknown operation": call("dropTables", ticket=TICKET),
    "an operation of another namespace": envelope('<getLastError xmlns="urn:x"><ticket/></getLastError>'),
    "two operations": envelope(CALL * 2),
    "two bodies": envelope(f"</s:Body><s:Body>{CALL}"),
    "a header after the body": envelope(f"{CALL}</s:Body><s:Header/><s:Body>"),
    "two tickets": envelope(f'<getLastError xmlns="{INTUIT}"><ticket>a</ticket><ticket>b</ticket></getLastError>'),
    "elements in a text": envelope(f'<getLastError xmlns="{INTUIT}"><ticket><b/></ticket></getLastError>'),
    "a number that is none": call("sendRequestXML", ticket=TICKET, qbXMLMajorVers="13.0"),
    "a number too large": call("sendRequestXML", ticket=TICKET, qbXMLMajorVers="9" * 5000),
    "a number in other digits": call("sendRequestXML", ticket=TICKET, qbXMLMajorVers="١٣"),
    "depth": envelope("<a>" * 100_000),
    "width": envelope("<a/>" * 100_000),
    "width in the header": envelope(CALL, header=f"<s:Header>{'<a/>' * 100_000}</s:Header>"),
    "depth in the header": envelope(CALL, header=f"<s:Header>{'<a>' * 100}{'</a>' * 100}</s:Header>"),
    "a character that is none": call("getLastError", ticket="x").replace(b"x<", b"&#0;<"),
    "broken UTF-8": call("getLastError", ticket="x").replace(b"x<", b"\xff<"),
    "an encoding that is none": call("getLastError").replace(b"utf-8", b"klingon"),
}


@pytest.mark.parametrize("body", WRONG.values(), ids=WRONG)
def test_is_the_callers_fault(ask: Ask, clerk: Clerk, body: bytes) -> None:
    began = time.monotonic()
    answer = ask(body)
    assert (answer.status, answer.fault) == (500, "Client")
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    assert clerk.heard == []
    assert time.monotonic() - began < 2


def test_soap_1_2_is_told_that_this_is_1_1(ask: Ask, clerk: Clerk) -> None:
    body = call("getLastError", ticket=TICKET).replace(SOAP.encode(), b"http://www.w3.org/2003/05/soap-envelope")
    answer = ask(body)
    assert (answer.status, answer.fault) == (500, "VersionMismatch")
    assert clerk.heard == []


def test_a_header_that_must_be_understood_is_not(ask: Ask, clerk: Clerk) -> None:
    header = '<s:Header><x:Pay xmlns:x="urn:x" s:mustUnderstand="1"/></s:Header>'
    answer = ask(envelope(CALL, header=header))
    assert (answer.status, answer.fault) == (500, "MustUnderstand")
    assert clerk.heard == []


def test_a_header_that_need_not_be_understood_is_skipped(ask: Ask) -> None:
    header = '<s:Header><x:Trace xmlns:x="urn:x"><x:id>1</x:id></x:Trace></s:Header>'
    assert ask(envelope(CALL, header=header)).results == ["NoOp"]


@pytest.mark.parametrize("media", ["application/soap+xml", "application/json", "", "text/xml; charset=klingon"])
def test_another_content_type_is_a_fault(gateway: Gateway, clerk: Clerk, media: str) -> None:
    with Wire(gateway.port) as wire:
        request = post(call("getLastError", ticket=TICKET)).replace(b"text/xml; charset=utf-8", media.encode())
        answer = wire.send(request).read()
    assert answer is not None
    assert (answer.status, answer.fault) == (500, "Client")
    assert clerk.heard == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "windows-1252", "iso-8859-1"])
def test_a_charset_of_the_content_type_is_believed(encoding: str) -> None:
    body = call("getLastError", ticket="Müller").decode().replace('encoding="utf-8"', "").encode(encoding)
    assert soap.read(deque([body]), encoding=soap.ENCODINGS[encoding]).values == {"ticket": "Müller"}


def test_text_comes_as_it_was_sent() -> None:
    inner = (
        f'<getLastError xmlns="{INTUIT}"><ticket>a<!-- b --><![CDATA[<c>&amp;]]>&lt;&#13;\r\nd</ticket></getLastError>'
    )
    # XML makes one line feed of CR LF, and keeps a CR that is written as a reference.
    assert soap.read(deque([envelope(inner)])).values == {"ticket": "a<c>&amp;<\r\nd"}


@settings(max_examples=200)
@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")),
    st.integers(1, 50),
)
def test_any_text_arrives_in_whatever_pieces(text: str, size: int) -> None:
    body = call("getLastError", ticket=text)
    pieces = deque(body[at : at + size] for at in range(0, len(body), size))
    assert soap.read(pieces).values == {"ticket": text}


@settings(max_examples=300)
@given(st.binary(max_size=300), st.integers(0, 400))
def test_no_bytes_do_more_than_be_refused(noise: bytes, at: int) -> None:
    whole = call("receiveResponseXML", ticket=TICKET, response="x")
    try:
        soap.read(deque([whole[:at] + noise + whole[at:]]))
    except soap.Fault as fault:
        assert fault.text
