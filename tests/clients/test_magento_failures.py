"""Magento's refusals, as recorded: each turns into what has to happen next, in words for a person."""

import asyncio

import httpx
import pytest

from tasks.clients.errors import CallFailed, NeedsPerson, Refused, TryLater
from tasks.clients.magento import connect
from tasks.clients.magento_answers import read_failure
from tasks.clients.magento_auth import Bearer
from tests.clients.test_magento import CASSETTES, recorded


def fail(name: str) -> CallFailed:
    async def ask() -> None:
        async with connect("https://shop.example", Bearer("token")) as magento:
            await magento.count("order")

    with recorded(f"failures/{name}"), pytest.raises(CallFailed) as caught:
        asyncio.run(ask())
    return caught.value


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("maintenance_mode_503", TryLater, "perhaps it is in maintenance"),
        ("database_down", TryLater, "does not answer properly"),
        ("php_down_502", TryLater, "does not answer properly"),
        ("accept_html", TryLater, "does not answer properly"),
        ("accept_xml", TryLater, "not a complete search result"),
        ("sort_unknown_field", TryLater, "Internal Error"),
        ("nonce_reused_same_timestamp", TryLater, "nonce was used before"),
        ("timestamp_plus_3600s", NeedsPerson, "check this machine's clock"),
        ("bad_consumer_secret", NeedsPerson, "check the consumer secret"),
        ("unknown_consumer_key", NeedsPerson, "A consumer having the specified key does not exist"),
        ("token_revoked_oauth", NeedsPerson, "revoked"),
        ("no_auth", NeedsPerson, "Grant that right to the integration"),
        ("readonly_invoice_list_denied", NeedsPerson, "Magento_Sales::"),
        ("route_404", NeedsPerson, "check MAGENTO_BASE_URL"),
        ("html_404_outside_rest", NeedsPerson, "check MAGENTO_BASE_URL"),
        ("short_token", NeedsPerson, "copy it again"),
        ("HMAC-SHA1", NeedsPerson, "too old"),
        ("sort_bad_dir", Refused, "as ASC for ascending order"),
        ("filter_in_1500_ids", Refused, "the request is refused"),
        ("lowercase_v1", NeedsPerson, "check MAGENTO_BASE_URL"),
        ("store_code_unknown", NeedsPerson, "no such store view"),
    ],
)
def test_a_recorded_failure_says_what_to_do(name: str, kind: type[CallFailed], words: str) -> None:
    failure = fail(name)
    assert type(failure) is kind
    assert words in str(failure)
    assert "<" not in str(failure)
    assert "%" not in failure.detail


def test_an_internal_error_keeps_the_report_number_for_support() -> None:
    assert fail("sort_unknown_field").request_id.startswith("webapi-")


def test_no_cassette_holds_a_credential_or_an_address_of_ours() -> None:
    text = "".join(path.read_text() for path in CASSETTES.rglob("*.yaml"))
    for forbidden in ("oauth_signature", "Bearer ", "authorization", "Authorization", "127.0.0.1", "remote_ip"):
        assert forbidden not in text


def answer(status: int, body: object = None, **headers: str) -> CallFailed:
    request = httpx.Request("GET", "https://shop.example/rest/V1/orders")
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return read_failure(httpx.Response(status, json=body, headers=named, request=request))


def test_being_throttled_says_how_long() -> None:
    failure = answer(429, Retry_After="17")
    assert isinstance(failure, TryLater)
    assert failure.retry_after == 17


def test_a_redirect_asks_for_the_final_address() -> None:
    failure = answer(301, Location="https://www.shop.example/")
    assert isinstance(failure, NeedsPerson)
    assert "MAGENTO_BASE_URL" in str(failure)


def test_a_firewall_is_a_persons_matter() -> None:
    assert isinstance(answer(403), NeedsPerson)


def test_listed_parameters_fill_numbered_places() -> None:
    assert "needs 3 of 5" in str(answer(400, {"message": "It needs %1\nof  %2", "parameters": ["3", 5]}))


def test_e_mail_addresses_do_not_reach_the_message() -> None:
    failure = answer(400, {"message": "No such entity with email = %email", "parameters": {"email": "jo@home.example"}})
    assert "home.example" not in str(failure)


@pytest.mark.parametrize("body", [None, [], {"message": 5}, {"message": "Odd %1", "parameters": "no"}])
def test_odd_errors_are_refusals_all_the_same(body: object) -> None:
    assert isinstance(answer(400, body), Refused)
