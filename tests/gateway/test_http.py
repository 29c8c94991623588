"""Methods, hosts, headers and smuggling: HTTP that a scanner tries."""

from collections.abc import Iterator

import pytest

from deploy.gateway.server import Gateway
from tests.gateway.clerk import PASSWORD, TICKET, USERNAME, Clerk, settings
from tests.gateway.conftest import Open
from tests.gateway.wire import Answer, Wire, call, head, post

PATHS = ("/", "/qbwc", "/qbwc?wsdl", "/healthz", "/readyz", "/nothing", "/static/../.env")


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway behind a proxy with TLS."""
    home = tmp_path_factory.mktemp("home")
    with Gateway(Clerk(), settings(home, magebooks_gateway_url="https://books.example.com/qbwc")) as gateway:
        yield gateway


def asked(gateway: Gateway, request: bytes) -> Answer:
    with Wire(gateway.port) as wire:
        answer = wire.send(request).read()
    assert answer is not None
    return answer


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["TRACE", "OPTIONS", "PUT", "DELETE", "PATCH", "PROPFIND"])
def test_methods_that_nobody_uses_are_off_on_every_path(gateway: Gateway, method: str, path: str) -> None:
    answer = asked(gateway, head(method, path))
    assert answer.status == 405
    assert b"localhost" not in answer.body  # TRACE would show the request


@pytest.mark.parametrize(
    ("path", "status"),
    [("/", 200), ("/qbwc", 200), ("/healthz", 200), ("/readyz", 200), ("/nothing", 404), ("/qbwc/", 404)],
)
def test_get_and_head_agree(gateway: Gateway, path: str, status: int) -> None:
    assert asked(gateway, head("GET", path)).status == status
    with Wire(gateway.port) as wire:
        assert wire.send(head("HEAD", path)).line() == asked_line(status)


def asked_line(status: int) -> str:
    return {200: "HTTP/1.1 200 OK", 404: "HTTP/1.1 404 Not Found"}[status]


@pytest.mark.parametrize(("path", "status"), [("/", 405), ("/healthz", 405), ("/nothing", 404)])
def test_post_is_for_the_service_only(gateway: Gateway, path: str, status: int) -> None:
    assert asked(gateway, post(b"x").replace(b"/qbwc", path.encode())).status == status


def test_a_browser_gets_a_page_at_the_service_too(gateway: Gateway) -> None:
    for path in ("/", "/qbwc"):
        page = asked(gateway, head("GET", path))
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert b"Web Connector" in page.body


def test_the_gateway_is_not_ready_while_its_ledger_is_not(gateway: Gateway, clerk: Clerk) -> None:
    def fail(_ticket: str) -> int:
        raise OSError("no such file: /srv/acme")

    assert asked(gateway, head("GET", "/readyz")).status == 200
    clerk.on["alive"] = fail
    answer = asked(gateway, head("GET", "/readyz"))
    assert (answer.status, answer.body) == (503, b"not ready")
    assert asked(gateway, head("GET", "/healthz")).status == 200


REQUESTS = {
    "the page": head("GET", "/"),
    "a call": post(call("getLastError", ticket=TICKET)),
    "a login": post(call("authenticate", strUserName=USERNAME, strPassword=PASSWORD)),
    "a fault": post(b"x"),
    "nothing there": head("GET", "/nothing"),
    "a method": head("TRACE", "/"),
    "a stranger's host": head("GET", "/", host="evil.example"),
    "too large": head("POST", "/qbwc", "Content-Length: 99999999"),
    "not HTTP": b"\x16\x03\x01\x02\x00\r\n\r\n",
    "a long head": head("GET", "/", f"X: {'y' * 70_000}"),
}


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
def test_every_answer_forbids_caches_and_guesses(public: Gateway, request_: bytes) -> None:
    answer = asked(public, request_)
    assert answer.headers["cache-control"] == "no-store, no-cache"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    assert "server" not in answer.headers


def test_a_late_request_is_told_so_with_the_same_headers(opened: Open) -> None:
    answer = asked(opened(request_seconds=0.1), b"GET")
    assert (answer.status, answer.headers["cache-control"]) == (408, "no-store, no-cache")


def test_http_on_this_machine_asks_no_browser_for_https(gateway: Gateway) -> None:
    assert "strict-transport-security" not in asked(gateway, head("GET", "/")).headers


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST:8770",
        "127.0.0.1",
        "127.0.0.1:80",
        "[::1]:8770",
        "books.example.com",
        "Books.Example.com:443",
    ],
)
def test_the_gateway_is_known_by_its_own_names(public: Gateway, host: str) -> None:
    assert asked(public, head("GET", "/healthz", host=host)).status == 200


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "localhost.evil.example",
        "evil.example@localhost",
        "localhost/x",
        "localhost:x",
        "localhost:99999",
        "::1",
        "localhost, evil",
    ],
)
def test_other_names_are_refused(gateway: Gateway, clerk: Clerk, host: str) -> None:
    request = post(call("getLastError", ticket=TICKET)).replace(b"Host: localhost", f"Host: {host}".encode())
    assert asked(gateway, request).status in (400, 421)
    assert clerk.heard == []


def test_one_host_and_no_more(gateway: Gateway, clerk: Clerk) -> None:
    call_ = post(call("getLastError", ticket=TICKET))
    assert asked(gateway, call_.replace(b"Host: localhost\r\n", b"")).status == 400
    assert (
        asked(gateway, call_.replace(b"Host: localhost\r\n", b"Host: localhost\r\nHost: localhost\r\n")).status == 400
    )
    assert asked(gateway, b"GET /healthz HTTP/1.0\r\n\r\n").status == 400
    assert clerk.heard == []


INNER = post(call("closeConnection", ticket=TICKET))
SMUGGLED = {
    "length and chunks": head("POST", "/qbwc", f"Content-Length: {5 + len(INNER)}", "Transfer-Encoding: chunked")
    + b"0\r\n\r\n"
    + INNER,
    "two lengths": head("POST", "/qbwc", "Content-Length: 0", f"Content-Length: {len(INNER)}") + INNER,
    "a length with a sign": head("POST", "/qbwc", "Content-Length: +0") + INNER,
    "a list of lengths": head("POST", "/qbwc", "Content-Length: 0, 5") + INNER,
    "an unknown coding": head("POST", "/qbwc", "Transfer-Encoding: xchunked") + b"0\r\n\r\n" + INNER,
    "a folded coding": head("POST", "/qbwc", "Transfer-Encoding:\r\n chunked", "Content-Length: 5")
    + b"0\r\n\r\n"
    + INNER,
    "a blank before the colon": head("POST", "/qbwc", "Transfer-Encoding : chunked", "Content-Length: 5")
    + b"0\r\n\r\n"
    + INNER,
    "a chunk size that is none": head("POST", "/qbwc", "Transfer-Encoding: chunked") + b"0x0\r\n\r\n" + INNER,
    "a bare line feed": head("POST", "/qbwc", "X: 1\nTransfer-Encoding: chunked", "Content-Length: 5")
    + b"0\r\n\r\n"
    + INNER,
    "an upgrade": head("POST", "/qbwc", "Connection: Upgrade", "Upgrade: websocket") + INNER,
    "a tunnel": b"CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n" + INNER,
    "two codings": head("POST", "/qbwc", "Transfer-Encoding: gzip, chunked") + b"0\r\n\r\n" + INNER,
}


@pytest.mark.parametrize("request_", SMUGGLED.values(), ids=SMUGGLED)
def test_nothing_is_smuggled_in_behind_a_request(gateway: Gateway, clerk: Clerk, request_: bytes) -> None:
    with Wire(gateway.port) as wire:
        answer = wire.send(request_).read()
        assert answer is None or answer.status >= 400
        assert wire.ends()
    assert clerk.heard == []


def test_a_trailer_is_no_header(gateway: Gateway, clerk: Clerk) -> None:
    body = call("getLastError", ticket=TICKET)
    request = head("POST", "/qbwc", "Transfer-Encoding: chunked") + b"%x\r\n%b\r\n0\r\n" % (len(body), body)
    answer = asked(gateway, request + b"Host: evil.example\r\nContent-Encoding: gzip\r\n\r\n")
    assert answer.results == ["NoOp"]


def test_two_requests_in_one_packet_are_answered_in_turn(gateway: Gateway) -> None:
    with Wire(gateway.port) as wire:
        wire.send(post(call("getLastError", ticket=TICKET)) + post(call("closeConnection", ticket=TICKET)))
        answers = [wire.read(), wire.read()]
    assert [answer.results for answer in answers if answer] == [["NoOp"], ["Goodbye."]]
