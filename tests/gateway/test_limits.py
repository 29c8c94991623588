"""How long and how much: requests that do not end, heads and bodies that are too large, and who may send more."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from deploy.gateway.server import Gateway
from tests.gateway.clerk import TICKET, Clerk
from tests.gateway.conftest import Ask, Open
from tests.gateway.wire import Wire, call, head, post

SHORT = 0.3
"""The deadline in these tests, in seconds."""
HELLO = post(call("serverVersion"))
LARGE = call("receiveResponseXML", ticket=TICKET, response="x" * 1_200_000)
STRANGE = call("receiveResponseXML", ticket="stranger", response="x" * 1_200_000)


def chunked(body: bytes, size: int = 60_000) -> bytes:
    """A body in chunks, which announces no length."""
    pieces = (body[at : at + size] for at in range(0, len(body), size))
    return head("POST", "/qbwc", "Transfer-Encoding: chunked") + b"".join(
        b"%x\r\n%b\r\n" % (len(piece), piece) for piece in (*pieces, b"")
    )


@pytest.mark.parametrize(
    ("begun", "status"),
    [
        (b"", 408),
        (b"P", 408),
        (b"\r\n", 408),
        (head()[:-2], 408),
        (head("POST", "/qbwc", "Content-Length: 1000"), 408),
        (head("POST", "/qbwc", "Content-Length: 1000") + b"<", 408),
        (head("POST", "/qbwc", "Transfer-Encoding: chunked") + b"5\r\n<", 408),
    ],
    ids=["nothing", "one byte", "an empty line", "half a head", "no body", "half a body", "half a chunk"],
)
def test_a_request_that_does_not_end_is_dropped(opened: Open, clerk: Clerk, begun: bytes, status: int) -> None:
    with Wire(opened(request_seconds=SHORT).port) as wire:
        began = time.monotonic()
        answer = wire.send(begun).read()
        assert answer is not None
        assert answer.status == status
        assert wire.ends()
        assert SHORT * 0.9 <= time.monotonic() - began < 5
    assert clerk.heard == []


@pytest.mark.parametrize("drop", [b"X-Slow: 1\r\n", b"\r\n"], ids=["headers", "empty lines before a request"])
def test_trickling_does_not_put_the_deadline_off(opened: Open, drop: bytes) -> None:
    with Wire(opened(request_seconds=SHORT).port) as wire:
        began = time.monotonic()
        wire.send(head()[:-2] if drop != b"\r\n" else b"")
        while time.monotonic() - began < 2 * SHORT:
            wire.send(drop)
            time.sleep(0.02)
        assert wire.ends()
        assert time.monotonic() - began < 5


@pytest.mark.parametrize("begun", [b"POST", b"\r\n", b"\r\nPOST"])
def test_a_second_request_has_a_deadline_of_its_own(opened: Open, begun: bytes) -> None:
    with Wire(opened(request_seconds=SHORT).port) as wire:
        first = wire.send(HELLO).read()
        assert first is not None
        assert first.status == 200
        second = wire.send(begun).read()
        assert second is None or second.status == 408


def test_a_request_begun_in_the_packet_of_another_has_a_deadline_too(opened: Open) -> None:
    with Wire(opened(request_seconds=SHORT).port) as wire:
        answer = wire.send(HELLO + b"POST").read()
        assert answer is not None
        assert answer.status == 200
        assert wire.ends()


def test_the_deadline_is_not_the_services(opened: Open, clerk: Clerk) -> None:
    def slow(*_: object) -> str:
        time.sleep(2 * SHORT)
        return "<QBXML/>"

    clerk.on["sendRequestXML"] = slow
    with Wire(opened(request_seconds=SHORT).port) as wire:
        answer = wire.send(post(call("sendRequestXML", ticket=TICKET))).read()
    assert answer is not None
    assert answer.results == ["<QBXML/>"]


def test_an_idle_connection_is_closed_in_the_end(opened: Open) -> None:
    with Wire(opened(idle_seconds=0).port) as wire:
        assert wire.send(HELLO).read() is not None
        assert wire.ends()


def test_an_answer_that_nobody_reads_is_dropped(opened: Open, clerk: Clerk) -> None:
    clerk.on["sendRequestXML"] = lambda *_: "x" * 30_000_000
    gateway = opened(request_seconds=SHORT)
    with Wire(gateway.port) as wire:
        wire.send(post(call("sendRequestXML", ticket=TICKET)))
        time.sleep(3 * SHORT)
        with pytest.raises(AssertionError, match="the answer is cut"):
            wire.read()


def test_four_hundred_slow_connections_keep_nobody_out(opened: Open) -> None:
    gateway = opened(request_seconds=5)
    slow = [Wire(gateway.port).send(head("POST", "/qbwc", "Content-Length: 9") + b"<") for _ in range(400)]
    with Wire(gateway.port) as wire:
        began = time.monotonic()
        assert wire.send(HELLO).read() is not None
        assert time.monotonic() - began < 2
    for each in slow:
        each.__exit__()


def test_a_newcomer_takes_the_place_of_an_idle_connection(opened: Open) -> None:
    gateway = opened(connections=3)
    idle = [Wire(gateway.port) for _ in range(3)]
    for wire in idle:
        assert wire.send(HELLO).read() is not None
    with Wire(gateway.port) as newcomer:
        answer = newcomer.send(HELLO).read()
        assert answer is not None
        assert answer.status == 200
    for wire in idle:
        wire.__exit__()


@pytest.mark.parametrize("large", ["one header", "many headers", "the address"])
def test_a_head_of_more_than_64_kb_is_refused(gateway: Gateway, large: str) -> None:
    lines = [f"X-{number}: {'y' * 1000}" for number in range(70)] if large == "many headers" else []
    lines += [f"X: {'y' * 70_000}"] if large == "one header" else []
    path = "/qbwc?" + "y" * 70_000 if large == "the address" else "/qbwc"
    with Wire(gateway.port) as wire:
        answer = wire.send(head("GET", path, *lines)).read()
    assert answer is not None
    assert answer.status == 431


def test_a_header_without_end_is_refused_before_it_ends(gateway: Gateway) -> None:
    with Wire(gateway.port) as wire:
        wire.send(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ")
        for _ in range(60):
            wire.send(b"y" * 10_000)
            time.sleep(0.001)
        answer = wire.read()
    assert answer is None or answer.status == 431


def test_a_head_of_60_kb_is_fine(gateway: Gateway) -> None:
    with Wire(gateway.port) as wire:
        answer = wire.send(head("GET", "/healthz", f"X: {'y' * 60_000}")).read()
    assert answer is not None
    assert answer.status == 200


def test_a_body_larger_than_its_packets_is_not_taken_for_a_head(gateway: Gateway) -> None:
    with Wire(gateway.port) as wire:
        for _ in range(3):
            answer = wire.send(post(call("receiveResponseXML", ticket="x", response="y" * 900_000))).read()
            assert answer is not None
            assert answer.results == ["100"]


@pytest.mark.parametrize("send", [post, chunked], ids=["length", "chunked"])
def test_a_stranger_may_send_a_megabyte_and_no_more(gateway: Gateway, clerk: Clerk, send: object) -> None:
    assert callable(send)
    with Wire(gateway.port) as wire:
        answer = wire.send(send(STRANGE)).read()
        assert wire.ends()
    assert answer is None or (answer.status, answer.fault) == (413, "Client")
    assert clerk.given("receiveResponseXML") == []


@pytest.mark.parametrize("send", [post, chunked], ids=["length", "chunked"])
def test_the_holder_of_a_live_ticket_may_send_more(gateway: Gateway, clerk: Clerk, send: object) -> None:
    assert callable(send)
    with Wire(gateway.port) as wire:
        answer = wire.send(send(LARGE)).read()
    assert answer is not None
    assert answer.results == ["100"]
    ((ticket, response, *_),) = clerk.given("receiveResponseXML")
    assert (ticket, len(str(response))) == (TICKET, 1_200_000)


def test_a_ticket_that_can_not_be_looked_up_is_a_strangers(gateway: Gateway, clerk: Clerk) -> None:
    def fail(_ticket: str) -> int:
        raise OSError

    clerk.on["alive"] = fail
    with Wire(gateway.port) as wire:
        answer = wire.send(post(LARGE)).read()
    assert answer is None or answer.status == 413


def test_a_ticket_deep_inside_does_not_count(gateway: Gateway, clerk: Clerk) -> None:
    body = call("receiveResponseXML", response="x" * 100_000, ticket=TICKET, message="x" * 1_200_000)
    with Wire(gateway.port) as wire:
        answer = wire.send(chunked(body)).read()
    assert answer is None or answer.status == 413
    assert clerk.given("alive") == []


@pytest.mark.parametrize("send", [post, chunked], ids=["length", "chunked"])
def test_a_live_ticket_has_a_limit_too(opened: Open, clerk: Clerk, send: object) -> None:
    assert callable(send)
    with Wire(opened(session_bytes=1_100_000).port) as wire:
        answer = wire.send(send(LARGE)).read()
    assert answer is None or answer.status == 413
    assert clerk.given("receiveResponseXML") == []


def test_what_is_announced_is_refused_before_it_comes(gateway: Gateway) -> None:
    with Wire(gateway.port) as wire:
        answer = wire.send(head("POST", "/qbwc", "Content-Length: 41943041")).read()
    assert answer is not None
    assert (answer.status, answer.fault) == (413, "Client")


def test_a_stranger_who_announces_much_is_refused_after_4_kb(gateway: Gateway) -> None:
    with Wire(gateway.port) as wire:
        answer = wire.send(head("POST", "/qbwc", f"Content-Length: {len(STRANGE)}") + STRANGE[:5000]).read()
    assert answer is not None
    assert answer.status == 413


def test_a_large_answer_of_a_session_has_more_time(opened: Open) -> None:
    with Wire(opened(request_seconds=SHORT, large_request_seconds=30).port) as wire:
        wire.send(head("POST", "/qbwc", f"Content-Length: {len(LARGE)}") + LARGE[:5000])
        time.sleep(2 * SHORT)
        answer = wire.send(LARGE[5000:]).read()
    assert answer is not None
    assert answer.results == ["100"]


def test_all_strangers_together_have_a_limit_and_small_calls_pass_it(opened: Open) -> None:
    body = call("receiveResponseXML", ticket="x", response="y" * 150_000)
    gateway = opened(waiting_bytes=len(body))
    with Wire(gateway.port) as first, Wire(gateway.port) as second, Wire(gateway.port) as third:
        first.send(post(body)[:-1])
        refused = answered = None
        deadline = time.monotonic() + 5
        while refused is None and time.monotonic() < deadline:
            refused = second.send(post(body)).read()
        answered = third.send(HELLO).read()
        assert refused is not None
        assert refused.status == 503
        assert answered is not None
        assert answered.status == 200
        end = first.send(post(body)[-1:]).read()
        assert end is not None
        assert end.status == 200
    with Wire(gateway.port) as later:
        again = later.send(post(body)).read()
        assert again is not None
        assert again.status == 200


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "identity, gzip"])
def test_a_compressed_body_is_refused(ask: Ask, clerk: Clerk, coding: str) -> None:
    answer = ask(call("getLastError", ticket=TICKET), f"Content-Encoding: {coding}")
    assert (answer.status, answer.fault) == (415, "Client")
    assert clerk.heard == []


def test_a_second_content_encoding_is_seen(ask: Ask) -> None:
    assert ask(call("getLastError"), "Content-Encoding: identity", "Content-Encoding: gzip").status == 415


def test_a_body_that_says_it_is_not_compressed_is_taken(ask: Ask) -> None:
    assert ask(call("getLastError"), "Content-Encoding: identity").status == 200


def test_who_waits_for_100_continue_is_told_to_go_on(gateway: Gateway) -> None:
    # .NET's HttpWebRequest, and so the Web Connector, asks before each POST.
    body = call("getLastError", ticket=TICKET)
    with Wire(gateway.port) as wire:
        wire.send(head("POST", "/qbwc", f"Content-Length: {len(body)}", "Expect: 100-continue"))
        assert wire.line() == "HTTP/1.1 100 Continue"
        answer = wire.send(body).read()
    assert answer is not None
    assert answer.results == ["NoOp"]


def test_the_gateway_answers_while_the_service_works(opened: Open, clerk: Clerk) -> None:
    def slow(*_: object) -> str:
        time.sleep(0.5)
        return ""

    clerk.on["sendRequestXML"] = slow
    gateway = opened()
    with ThreadPoolExecutor(4) as pool, Wire(gateway.port) as wire:
        working = [pool.submit(_ask, gateway.port, call("sendRequestXML", ticket=TICKET)) for _ in range(4)]
        began = time.monotonic()
        assert wire.send(HELLO).read() is not None
        assert time.monotonic() - began < 0.4
        assert [each.result() for each in working] == [200] * 4


def _ask(port: int, body: bytes) -> int:
    with Wire(port) as wire:
        answer = wire.send(post(body)).read()
    return answer.status if answer else 0
