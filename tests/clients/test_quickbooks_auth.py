"""Tokens rotate; they are refreshed once, early, and saved before they are used."""

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tasks.clients.errors import NeedsPerson, TryLater
from tasks.clients.quickbooks import QuickBooks
from tasks.clients.quickbooks_auth import TokenEndpoint, Tokens, accept
from tests.clients.intuit import EXPIRED, GOOD, NOW, REALM, SECRET, Intuit, company, tokens
from tests.clients.loopback import Reply, Seen, closed_port

BODY = b'{"BatchItemRequest":[{"bId":"1","operation":"create","SalesReceipt":{}}]}'
POSTED = Reply(body={"BatchItemResponse": [{"bId": "1", "SalesReceipt": {"Id": "7"}}]})
DEAD = Reply(400, {"error": "invalid_grant", "error_description": "Incorrect Token type or clientID"})


async def ask(client: QuickBooks) -> list[dict[str, Any]]:
    return await client.query("SELECT * FROM Item")


def test_a_token_near_its_end_is_refreshed_before_the_call_and_saved_before_it_is_used(tmp_path: Path) -> None:
    with company(tmp_path, tokens(minutes=4.9)) as intuit:
        intuit.run(ask)
        assert intuit.events == ["asked with refresh-0", "saved refresh-1", "called with access-1"]


def test_a_token_with_time_left_is_used_as_it_is(tmp_path: Path) -> None:
    with company(tmp_path, tokens(minutes=5.1)) as intuit:
        intuit.run(ask)
        assert intuit.events == ["called with access-0"]


def test_a_call_answered_401_is_sent_once_more_after_a_refresh_with_the_same_bytes(tmp_path: Path) -> None:
    with company(tmp_path) as intuit:
        intuit.api = [EXPIRED, POSTED]
        answer = intuit.run(lambda client: client.batch(BODY, "request-1"))
        assert intuit.events == [
            "called with access-0",
            "asked with refresh-0",
            "saved refresh-1",
            "called with access-1",
        ]
        first, second = intuit.calls
        assert (first.target, first.body) == (second.target, second.body)
        assert answer.items["1"]["SalesReceipt"]["Id"] == "7"


def test_a_repeated_call_counts_against_the_limits_again(tmp_path: Path) -> None:
    with company(tmp_path) as intuit:
        intuit.api = [EXPIRED, POSTED]

        async def work(client: QuickBooks) -> tuple[int, int, int]:
            await client.batch(BODY, "request-1")
            return client.calls.calls, client.calls.batches, client.calls.writes

        assert intuit.run(work) == (2, 2, 1)
        assert intuit.limiter.taken == [("requests", "batches")] * 2


def test_a_second_401_needs_a_person_and_is_not_looped(tmp_path: Path) -> None:
    with company(tmp_path) as intuit:
        intuit.api = [EXPIRED, EXPIRED, EXPIRED]
        with pytest.raises(NeedsPerson, match="connect quickbooks"):
            intuit.run(ask)
        assert len(intuit.calls) == 2
        assert intuit.refreshes == 1


def test_the_refresh_names_the_app_by_basic_authentication_and_asks_for_the_hard_expiry(tmp_path: Path) -> None:
    with company(tmp_path, tokens(minutes=0)) as intuit:
        intuit.run(ask)
        [asked] = intuit.token_calls
        assert asked.headers["authorization"].startswith("Basic ")
        assert asked.headers["x-include-refresh-token-hard-expires-in"] == "true"
        assert asked.form == {"grant_type": "refresh_token", "refresh_token": "refresh-0"}


def test_every_part_of_the_answer_is_kept(tmp_path: Path) -> None:
    with company(tmp_path, tokens(minutes=0)) as intuit:
        intuit.run(ask)
        kept = intuit.store.read()
        assert kept == Tokens(
            realm_id=REALM,
            refresh_token="refresh-1",
            access_token="access-1",
            access_expires_at=NOW + timedelta(hours=1),
            renew_at=NOW + timedelta(minutes=55),
            previous_refresh_token="refresh-0",
            refresh_expires_at=NOW + timedelta(days=101),
            hard_expires_at=NOW + timedelta(days=1825),
        )


@pytest.mark.parametrize(("life", "used"), [(3600, 3300), (480, 240), (2, 1)])
def test_a_token_is_used_until_five_minutes_before_its_end_or_half_its_life(life: int, used: int) -> None:
    kept = accept({"access_token": "a", "refresh_token": "r", "expires_in": life}, tokens(), NOW)
    assert kept is not None
    assert kept.fresh(NOW + timedelta(seconds=used - 0.1))
    assert not kept.fresh(NOW + timedelta(seconds=used))


def test_the_earlier_value_is_remembered_only_when_the_token_rotated() -> None:
    before = tokens(previous_refresh_token="refresh-x")
    same = {"access_token": "a", "refresh_token": "refresh-0", "expires_in": "3600"}
    kept = accept(same, before, NOW)
    assert kept is not None
    assert kept.previous_refresh_token == "refresh-x"


def test_two_clients_with_one_store_refresh_once(tmp_path: Path) -> None:
    with company(tmp_path, tokens(minutes=0)) as intuit:

        async def both() -> None:
            async with intuit.client() as one, intuit.client() as other:
                await asyncio.gather(ask(one), ask(other), ask(one), ask(other))

        asyncio.run(both())
        assert intuit.refreshes == 1
        assert len(intuit.calls) == 4
        assert {call.headers["authorization"] for call in intuit.calls} == {"Bearer access-1"}


def test_many_calls_answered_401_at_once_refresh_once(tmp_path: Path) -> None:
    with company(tmp_path) as intuit:
        intuit.valid = {"access-1"}

        async def many(client: QuickBooks) -> None:
            await asyncio.gather(*(ask(client) for _ in range(6)))

        intuit.run(many, concurrency=3)
        assert intuit.refreshes == 1


def test_what_another_process_refreshed_meanwhile_is_used(tmp_path: Path) -> None:
    with company(tmp_path) as intuit:

        async def work(client: QuickBooks) -> None:
            intuit.valid = set()
            await ask(client)
            intuit.valid = {"access-9"}
            intuit.store.put(tokens(access_token="access-9", refresh_token="refresh-9"))
            await ask(client)

        intuit.run(work)
        assert intuit.refreshes == 0
        assert intuit.events[-1] == "called with access-9"


@pytest.mark.parametrize(
    "answer",
    [
        Reply(body={"access_token": "new"}),
        Reply(body={"access_token": "new", "refresh_token": "", "expires_in": 3600}),
        Reply(body={"access_token": "new", "refresh_token": "new", "expires_in": "soon"}),
        Reply(body={"access_token": "new", "refresh_token": "new", "expires_in": True}),
        Reply(body={"access_token": None, "refresh_token": "new", "expires_in": 3600}),
        Reply(body={"error": "invalid_grant"}),
        Reply(body=b"<html>Sign in</html>", headers={"Content-Type": "text/html"}),
        Reply(body=b'{"access_token": "new", "refr'),
        Reply(body=b""),
        Reply(502, b"<html>Bad gateway</html>"),
        Reply(503, b"", headers={"Retry-After": "9"}),
        Reply(hang_up=True),
    ],
)
def test_an_answer_that_is_not_whole_overwrites_nothing(tmp_path: Path, answer: Reply) -> None:
    with company(tmp_path, tokens(minutes=0)) as intuit:
        before = intuit.store.read()
        intuit.grant = lambda _: answer
        with pytest.raises(TryLater) as failed:
            intuit.run(ask)
        assert intuit.store.read() == before
        assert not intuit.calls
        assert failed.value.retry_after == (9 if answer.status == 503 else None)


def test_a_refused_refresh_token_needs_a_person_and_is_not_asked_about_again(tmp_path: Path) -> None:
    with company(tmp_path, tokens(minutes=0)) as intuit:
        intuit.grant = lambda _: DEAD

        async def thrice(client: QuickBooks) -> None:
            for _ in range(3):
                with pytest.raises(NeedsPerson, match="reconnect with magebooks connect quickbooks"):
                    await ask(client)

        intuit.run(thrice)
        assert intuit.events == ["asked with refresh-0"]


def test_a_lost_rotation_is_mended_by_the_value_before(tmp_path: Path) -> None:
    with company(tmp_path, tokens(minutes=0, refresh_token="lost", previous_refresh_token="earlier")) as intuit:

        def only_the_earlier(seen: Seen) -> Reply:
            return DEAD if seen.form["refresh_token"] == "lost" else intuit._rotate()

        intuit.grant = only_the_earlier
        intuit.run(ask)
        assert intuit.events == [
            "asked with lost",
            "asked with earlier",
            "saved refresh-2",
            "called with access-2",
        ]


def test_the_value_before_is_tried_once_only(tmp_path: Path) -> None:
    with company(tmp_path, tokens(minutes=0, previous_refresh_token="earlier")) as intuit:
        intuit.grant = lambda _: DEAD
        with pytest.raises(NeedsPerson):
            intuit.run(ask)
        assert intuit.events == ["asked with refresh-0", "asked with earlier"]


@pytest.mark.parametrize(
    "answer", [Reply(401, {"error": "invalid_client"}), Reply(400, {"error": "invalid_client"}), Reply(403)]
)
def test_refused_app_credentials_name_the_settings(tmp_path: Path, answer: Reply) -> None:
    with company(tmp_path, tokens(minutes=0)) as intuit:
        intuit.grant = lambda _: answer
        with pytest.raises(NeedsPerson, match="QUICKBOOKS_CLIENT_SECRET"):
            intuit.run(ask)


def test_an_unreachable_token_endpoint_is_tried_later(tmp_path: Path) -> None:
    with company(tmp_path, tokens(minutes=0)) as intuit, pytest.raises(TryLater):
        intuit.run(ask, token_url=closed_port())


def test_a_slow_token_endpoint_does_not_hold_the_lock_for_long(tmp_path: Path) -> None:
    with company(tmp_path) as intuit:
        intuit.grant = lambda _: replace(intuit._rotate(), delay=0.5)

        async def work() -> None:
            async with TokenEndpoint(f"{intuit.loopback.url}/token", "app-id", SECRET, patience=0.1) as endpoint:
                await endpoint.refresh(tokens(), NOW)

        with pytest.raises(TryLater):
            asyncio.run(work())


def test_a_caller_who_is_cancelled_does_not_lose_a_rotated_token(tmp_path: Path) -> None:
    with company(tmp_path, tokens(minutes=0)) as intuit:
        intuit.grant = lambda _: replace(intuit._rotate(), delay=0.2)

        async def impatient() -> None:
            async with intuit.client() as client:
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(ask(client), 0.1)
                await ask(client)

        asyncio.run(impatient())
        assert intuit.refreshes == 1
        assert intuit.store.read().refresh_token == "refresh-1"


def test_tokens_survive_their_sealed_form_and_show_nothing() -> None:
    kept = tokens(previous_refresh_token="refresh-x", hard_expires_at=NOW)
    assert Tokens.from_json(kept.to_json()) == kept
    assert Tokens.from_json(Tokens(REALM, "r").to_json()) == Tokens(REALM, "r")
    assert not any(secret in f"{kept} {kept!r}" for secret in (REALM, "refresh-", "access-"))


@pytest.mark.parametrize("status", [200, 400])
def test_disconnecting_revokes_the_refresh_token(tmp_path: Path, status: int) -> None:
    with company(tmp_path) as intuit:
        intuit.loopback._answering = lambda _: Reply(status, b"")
        revoke(intuit)
        [asked] = intuit.loopback.seen
        assert asked.json() == {"token": "refresh-0"}
        assert asked.headers["authorization"].startswith("Basic ")


def test_a_failed_disconnect_says_who_has_to_act(tmp_path: Path) -> None:
    with company(tmp_path) as intuit:
        intuit.loopback._answering = lambda _: Reply(401, b"")
        with pytest.raises(NeedsPerson):
            revoke(intuit)
        intuit.loopback._answering = lambda _: Reply(hang_up=True)
        with pytest.raises(TryLater):
            revoke(intuit)


def revoke(intuit: Intuit) -> None:
    async def work() -> None:
        async with TokenEndpoint(f"{intuit.loopback.url}/token", "app-id", SECRET) as endpoint:
            await endpoint.revoke(tokens(), f"{intuit.loopback.url}/revoke")

    asyncio.run(work())


def test_no_log_and_no_error_holds_a_token_the_secret_or_the_company(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    shown: list[str] = []
    with company(tmp_path) as intuit:
        intuit.api = [EXPIRED, Reply(body=GOOD), Reply(500, b""), Reply(hang_up=True)]

        async def work(client: QuickBooks) -> None:
            await ask(client)
            for _ in range(2):
                with pytest.raises(TryLater) as failed:
                    await ask(client)
                shown.append(f"{failed.value!r} {failed.value} {failed.value.__dict__} {failed.getrepr()}")
            shown.append(f"{client!r} {vars(client)} {client.calls!r}")

        intuit.run(work)
        seen = caplog.text + " ".join(shown)
        assert "HTTP Request: GET (QuickBooks)" in seen
        for secret in (REALM, SECRET, "refresh-0", "refresh-1", "access-0", "access-1"):
            assert secret not in seen
