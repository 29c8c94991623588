"""When the network or Intuit misbehaves, a read is tried later and a write is never taken for not done."""

import logging
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from tasks.clients.errors import CallFailed, NeedsPerson, TooLong, TryLater, Unknown
from tasks.clients.quickbooks import QuickBooks
from tasks.clients.quickbooks_calls import TIMEOUT, hide_address
from tasks.clients.quickbooks_faults import Doubted, Rejected
from tests.clients.intuit import GOOD, REALM, SECRET, company, fault, tokens
from tests.clients.loopback import Reply, closed_port

BODY = b'{"BatchItemRequest":[{"bId":"1","operation":"create","SalesReceipt":{"PrivateNote":"Jane Doe"}}]}'
HTML = {"Content-Type": "text/html; charset=utf-8"}
TID = {"intuit_tid": "1-trace"}
SHORT = httpx.Timeout(5.0, read=0.2)


async def read(client: QuickBooks) -> Any:
    return await client.query("SELECT * FROM Item")


async def write(client: QuickBooks) -> Any:
    return await client.batch(BODY, "b-1")


async def write_one(client: QuickBooks) -> Any:
    return await client.create("SalesReceipt", b"{}", "b-1")


@pytest.mark.parametrize(
    ("reply", "reading", "writing"),
    [
        (Reply(503, b""), TryLater, Unknown),
        (Reply(500, fault("10000", "An application error has occurred")), TryLater, Doubted),
        (Reply(502, b"<html>Bad gateway</html>", headers=HTML), TryLater, Unknown),
        (Reply(504, b"upstream request timeout"), TryLater, Unknown),
        (Reply(200, b"<html>Be right back</html>", headers=HTML), TryLater, Unknown),
        (Reply(200, b'{"BatchItemResponse": [{"bId": "1", "SalesRec'), TryLater, Unknown),
        (Reply(200, b'{"QueryResponse": {}}', promised=4000), TryLater, Unknown),
        (Reply(200, b"not gzip", headers={"Content-Encoding": "gzip"}), TryLater, Unknown),
        (Reply(hang_up=True), TryLater, Unknown),
        (Reply(200, {"QueryResponse": {}}, delay=0.6), TryLater, Unknown),
        (Reply(200, fault("2020", "Required param missing")), Rejected, Rejected),
        (Reply(400, {"fault": {"error": [{"message": "Bad", "code": "4000"}], "type": "X"}}), Rejected, Rejected),
        (Reply(400, fault("6190", "Subscription has ended")), NeedsPerson, NeedsPerson),
        (Reply(403, {"fault": {"error": [{"message": "Denied", "code": "3100"}]}}), NeedsPerson, NeedsPerson),
        (Reply(404, b"<html>Not found</html>", headers=HTML), NeedsPerson, NeedsPerson),
        (Reply(302, b"", headers={"Location": "http://127.0.0.1/elsewhere"}), NeedsPerson, NeedsPerson),
    ],
)
def test_a_bad_answer_is_sorted(
    tmp_path: Path, reply: Reply, reading: type[CallFailed], writing: type[CallFailed]
) -> None:
    for work, expected in ((read, reading), (write, writing), (write_one, writing)):
        with company(tmp_path) as intuit:
            intuit.api = [reply]
            with pytest.raises(CallFailed) as failed:
                intuit.run(work, timeout=SHORT)
            assert type(failed.value) is expected
            assert len(intuit.calls) == 1, "the client itself never repeats a call"


def test_nothing_was_sent_when_nobody_listens(tmp_path: Path) -> None:
    for work in (read, write, write_one):
        with company(tmp_path) as intuit, pytest.raises(TryLater):
            intuit.run(work, api_url=closed_port())


def test_a_lost_answer_to_the_repeated_write_after_a_refresh_is_unknown(tmp_path: Path) -> None:
    with company(tmp_path) as intuit:
        intuit.api = [Reply(401, b""), Reply(hang_up=True)]
        with pytest.raises(Unknown):
            intuit.run(write)


def test_a_write_that_waits_for_tokens_was_not_sent(tmp_path: Path) -> None:
    with company(tmp_path, tokens(minutes=0)) as intuit:
        intuit.grant = lambda _: Reply(503, b"")
        with pytest.raises(TryLater):
            intuit.run(write)
        assert not intuit.calls


@pytest.mark.parametrize(
    ("reply", "seconds"),
    [
        (Reply(429, fault("3001", "ThrottleExceeded")), 60.0),
        (Reply(429, b"<html>Slow down</html>", headers=HTML), 60.0),
        (Reply(429, fault("003001", "message=ThrottleExceeded"), headers={"Retry-After": "17"}), 17.0),
        (Reply(429, b"", headers={"Retry-After": "17"}), 17.0),
        (Reply(200, fault("3001", "ThrottleExceeded")), 60.0),
        (Reply(400, fault("", "message=ThrottleExceeded; errorCode=003001; statusCode=429")), 60.0),
    ],
)
def test_throttling_pauses_everybody_and_says_how_long(tmp_path: Path, reply: Reply, seconds: float) -> None:
    with company(tmp_path) as intuit:
        intuit.api = [reply, reply]
        for work, names in ((read, ["requests"]), (write, ["requests", "batches"])):
            intuit.limiter.pauses.clear()
            with pytest.raises(TryLater) as failed:
                intuit.run(work)
            assert failed.value.retry_after == seconds
            assert intuit.limiter.pauses == [(name, seconds) for name in names]


def test_intuits_minute_can_be_shortened(tmp_path: Path) -> None:
    with company(tmp_path) as intuit:
        intuit.api = [Reply(429, b"")]
        with pytest.raises(TryLater) as failed:
            intuit.run(read, throttle_seconds=0.5)
        assert failed.value.retry_after == 0.5


def test_an_error_names_the_trace_id_and_the_status(tmp_path: Path) -> None:
    with company(tmp_path) as intuit:
        intuit.api = [Reply(503, b"", headers=TID | {"Retry-After": "5"})]
        with pytest.raises(TryLater, match="1-trace") as failed:
            intuit.run(read)
        assert (failed.value.status, failed.value.request_id, failed.value.retry_after) == (503, "1-trace", 5.0)
        assert intuit.limiter.pauses == [("requests", 5.0)]


def test_a_wait_that_an_unwell_answer_or_token_endpoint_asks_for_is_kept_for_everybody(tmp_path: Path) -> None:
    unwell = Reply(503, b"", headers={"Retry-After": "1200"})
    with company(tmp_path) as intuit:
        intuit.api = [unwell]
        with pytest.raises(Unknown):
            intuit.run(write)
        assert intuit.limiter.pauses == [("requests", 1200.0), ("batches", 1200.0)]
    with company(tmp_path, tokens(minutes=0)) as intuit:
        intuit.grant = lambda _: unwell
        with pytest.raises(TryLater):
            intuit.run(read)
        assert intuit.limiter.pauses == [("requests", 1200.0)]


@pytest.mark.parametrize("asked", ["3600", "86400", "9" * 50])
def test_a_wait_of_an_hour_or_longer_ends_the_run_in_a_sentence(tmp_path: Path, asked: str) -> None:
    async def twice(client: QuickBooks) -> None:
        for work in (write, read):
            with pytest.raises(TooLong, match=r"pause until \d\d:\d\d:\d\d or later, and a run waits for an hour"):
                await work(client)

    with company(tmp_path) as intuit:
        intuit.api = [Reply(429, b"", headers={"Retry-After": asked})]
        intuit.run(twice)
        assert len(intuit.calls) == 1  # the second one was not sent
        assert intuit.limiter.pauses == [("requests", 3600.0), ("batches", 3600.0)]


def test_waits_that_are_an_hour_together_end_the_run_and_a_good_answer_begins_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr("tasks.clients.http.time", SimpleNamespace(monotonic=lambda: now[0]))
    busy = Reply(429, b"", headers={"Retry-After": "1500"})

    async def many(client: QuickBooks) -> list[str]:
        ended = []
        for _ in range(6):
            try:
                await read(client)
                ended.append("good")
            except TryLater as failure:
                ended.append(type(failure).__name__)
            now[0] += 1500
        return ended

    with company(tmp_path) as intuit:
        intuit.api = [busy, busy, Reply(body=GOOD), busy, busy, busy]
        assert intuit.run(many) == ["Throttled", "Throttled", "good", "Throttled", "Throttled", "TooLong"]


def test_items_that_are_throttled_for_an_hour_end_the_run_although_each_batch_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr("tasks.clients.http.time", SimpleNamespace(monotonic=lambda: now[0]))
    busy = Reply(body={"BatchItemResponse": [{"bId": "1", **fault("3001", "ThrottleExceeded")}]})

    async def many(client: QuickBooks) -> None:
        for number in range(100):
            await client.batch(b'{"BatchItemRequest": [{"bId": "1", "operation": "create"}]}', f"id-{number}")
            now[0] += 60

    with company(tmp_path) as intuit:
        intuit.api = [busy] * 100
        with pytest.raises(TooLong):
            intuit.run(many)
        assert len(intuit.calls) == 60


def test_the_client_waits_longer_than_the_server_works() -> None:
    assert TIMEOUT.read is not None
    assert TIMEOUT.read > 120


def test_failed_writes_leave_no_personal_data_in_logs_or_errors(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with company(tmp_path) as intuit:
        intuit.api = [Reply(400, fault("2500", "Invalid Reference Id", "Jane Doe")), Reply(hang_up=True)]
        with pytest.raises(Rejected) as refused:
            intuit.run(write)
        with pytest.raises(Unknown) as lost:
            intuit.run(write)
    text = f"{caplog.text} {refused.value!r} {refused.value} {lost.value!r} {lost.value}"
    for private in ("Jane", REALM, SECRET, "access-0"):
        assert private not in text


def test_other_peoples_addresses_stay_in_the_log() -> None:
    shop = httpx.URL("https://shop.example/rest/V1/orders")
    record = logging.LogRecord("httpx", logging.INFO, "", 1, "%s", (shop,), None)
    assert hide_address(record)
    assert record.getMessage() == str(shop)
