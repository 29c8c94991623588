"""The client below both sides: what a broken connection means, and what is never done."""

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from tasks.clients import http
from tasks.clients.errors import CallFailed, NeedsPerson, Refused, TryLater, Unknown
from tests.clients.loopback import Loopback, Reply, closed_port


def send(
    url: str, method: str = "GET", *, timeout: float = 5.0, deadline: float = 20, **options: bool
) -> httpx.Response:
    async def go() -> httpx.Response:
        async with http.build(timeout=timeout) as client:
            request = client.build_request(method, url, content=b"{}" if method == "POST" else None)
            return await http.send(client, request, "QuickBooks", deadline=deadline, **options)

    return asyncio.run(go())


def test_a_request_asks_for_json_and_names_the_product() -> None:
    with Loopback(lambda _: Reply(body={})).running() as server:
        assert send(server.url).status_code == 200
    assert server.seen[0].headers["accept"] == "application/json"
    assert server.seen[0].headers["user-agent"].startswith("MageBooks/")


@pytest.mark.parametrize(("method", "kind"), [("GET", TryLater), ("POST", Unknown)])
def test_a_broken_answer_leaves_a_write_unknown_and_a_read_to_be_repeated(method: str, kind: type[CallFailed]) -> None:
    for reply in (Reply(hang_up=True), Reply(body=b"{}", promised=100)):
        with Loopback(lambda _, reply=reply: reply).running() as server, pytest.raises(kind) as caught:  # type: ignore[misc]
            send(f"{server.url}/secret?token=abc", method)
        assert "secret" not in str(caught.value)
        assert "abc" not in str(caught.value)


def test_a_post_that_only_asks_may_be_repeated() -> None:
    with Loopback(lambda _: Reply(hang_up=True)).running() as server, pytest.raises(TryLater):
        send(server.url, "POST", writes=False)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_connection_that_was_never_made_sent_nothing(method: str) -> None:
    with pytest.raises(TryLater, match="no connection"):
        send(closed_port(), method)


@pytest.mark.parametrize(("method", "kind"), [("GET", TryLater), ("POST", Unknown)])
def test_silence_ends_by_timeout_or_deadline(method: str, kind: type[CallFailed]) -> None:
    with Loopback(lambda _: Reply(body={}, delay=0.5)).running() as server:
        with pytest.raises(kind):
            send(server.url, method, timeout=0.1)
        with pytest.raises(kind):
            send(server.url, method, deadline=0.1)


def test_an_address_without_https_is_a_persons_matter() -> None:
    for address in ("shop.example", "ftp://shop.example"):
        with pytest.raises(NeedsPerson, match="https"):
            send(address)


def test_a_garbled_body_is_no_answer() -> None:
    reply = Reply(body=b"not gzip", headers={"Content-Encoding": "gzip"})
    with Loopback(lambda _: reply).running() as server, pytest.raises(TryLater):
        send(server.url)


def test_redirects_are_not_followed() -> None:
    with Loopback(lambda _: Reply(302, headers={"Location": "/elsewhere"})).running() as server:
        assert send(server.url).status_code == 302
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("", None), ("7", 7.0), ("0", 0.0), ("99999999999", 3600.0), ("soon", None), ("-3", None), ("²", None)],
)
def test_the_wished_wait_in_seconds(value: str, seconds: float | None) -> None:
    assert http.retry_after(httpx.Response(429, headers={"Retry-After": value} if value.isascii() else {})) == (
        seconds if value.isascii() else None
    )


def test_the_wished_wait_as_a_date_is_measured_by_the_other_sides_clock() -> None:
    sent = datetime(2020, 1, 1, tzinfo=UTC)
    later = format_datetime(sent + timedelta(seconds=90), usegmt=True)
    dated = {"Date": format_datetime(sent, usegmt=True), "Retry-After": later}
    assert http.retry_after(httpx.Response(503, headers=dated)) == 90
    assert http.retry_after(httpx.Response(503, headers={"Retry-After": later})) is None
    never = {"Date": later, "Retry-After": "Fri, 31 Dec 9999 23:59:59 -2300"}
    assert http.retry_after(httpx.Response(503, headers=never)) is None


@pytest.mark.parametrize(
    ("headers", "moment"),
    [
        ({"Date": "Sat, 21 Nov 2026 12:00:00 GMT"}, datetime(2026, 11, 21, 12, tzinfo=UTC)),
        ({"Date": "Sat, 21 Nov 2026 14:00:00 +0200"}, datetime(2026, 11, 21, 12, tzinfo=UTC)),
        ({"Date": "Sat, 21 Nov 2026 12:00:00 -0000"}, datetime(2026, 11, 21, 12, tzinfo=UTC)),
        ({"Date": "Sat, 21 Nov 2026 12:00:00 GMT", "Age": "90"}, datetime(2026, 11, 21, 11, 58, 30, tzinfo=UTC)),
        ({"Date": "Sat, 21 Nov 2026 12:00:00 GMT", "Age": "old"}, datetime(2026, 11, 21, 12, tzinfo=UTC)),
    ],
)
def test_an_answer_says_the_other_sides_time(headers: dict[str, str], moment: datetime) -> None:
    assert http.answered_at(httpx.Response(200, headers=headers)) == moment


@pytest.mark.parametrize(
    "headers", [{}, {"Date": "yesterday"}, {"Date": ""}, {"Date": "Fri, 31 Dec 9999 23:59:59 -2300"}]
)
def test_an_answer_without_a_time_is_dated_by_this_machine_with_a_margin(headers: dict[str, str]) -> None:
    before = datetime.now(UTC)
    moment = http.answered_at(httpx.Response(200, headers=headers))
    assert before - http.MARGIN - timedelta(seconds=1) <= moment <= datetime.now(UTC) - http.MARGIN


def test_the_version_is_zero_where_the_product_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise http.PackageNotFoundError(name)

    monkeypatch.setattr(http, "version", missing)
    assert http.build().headers["User-Agent"] == "MageBooks/0"


def test_failures_read_as_sentences() -> None:
    assert str(Refused("QuickBooks", "the name is taken.", status=400, request_id="1-abc")) == (
        "QuickBooks (HTTP 400): the name is taken. Reference: 1-abc."
    )
    assert str(TryLater("Magento", "no connection")) == "Magento: no connection."
