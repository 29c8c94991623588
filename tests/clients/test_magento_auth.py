"""Getting in: signatures checked as Magento checks them, bearer tokens, and Adobe's tokens renewed in time."""

import asyncio
import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import httpx
import pytest
from oauthlib.oauth1.rfc5849.signature import collect_parameters, verify_hmac_sha256

from tasks.clients import http
from tasks.clients.errors import CallFailed, NeedsPerson, TryLater
from tasks.clients.magento import connect
from tasks.clients.magento_auth import Bearer, Ims, OAuth1
from tasks.clients.magento_search import Filter, query
from tests.clients.loopback import Loopback, Reply, Seen

CONSUMER, CONSUMER_SECRET, TOKEN, TOKEN_SECRET = "k" * 32, "s" * 32, "t" * 32, "u" * 32
FOUND = {"items": [], "total_count": 7}
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def count(url: str, auth: httpx.Auth) -> int:
    async def ask() -> int:
        async with connect(url, auth) as magento:
            return await magento.count("order", NOW, NOW + timedelta(days=1))

    return asyncio.run(ask())


def _natural(text: str) -> list[tuple[int, int | str]]:
    return [(0, int(part)) if part.isdigit() else (1, part) for part in re.split(r"(\d+)", text) if part]


def magento_accepts(seen: Seen, host: str) -> bool:
    """Magento's own check: parameters in natural order, the host with its port, HMAC-SHA256."""
    header = dict(re.findall(r'(\w+)="([^"]*)"', seen.headers["authorization"]))
    signature = unquote(header.pop("oauth_signature"))
    pairs = parse_qsl(urlsplit(seen.target).query, keep_blank_values=True) + [
        (name, unquote(value)) for name, value in header.items() if name != "realm"
    ]
    encoded = sorted(((quote(k, safe="~"), quote(v, safe="~")) for k, v in pairs), key=lambda pair: _natural(pair[0]))
    joined = "&".join(f"{name}={value}" for name, value in encoded)
    base = "&".join(quote(part, safe="~") for part in (seen.method, f"http://{host}{seen.path}", joined))
    digest = hmac.new(f"{CONSUMER_SECRET}&{TOKEN_SECRET}".encode(), base.encode(), hashlib.sha256).digest()
    return hmac.compare_digest(base64.b64encode(digest).decode(), signature)


def test_magento_accepts_the_signature_of_a_search() -> None:
    with Loopback(lambda _: Reply(body=FOUND)).running() as server:
        assert count(server.url, OAuth1(CONSUMER, CONSUMER_SECRET, TOKEN, TOKEN_SECRET)) == 7
    (seen,) = server.seen
    assert 'oauth_signature_method="HMAC-SHA256"' in seen.headers["authorization"]
    assert magento_accepts(seen, urlsplit(server.url).netloc)


@pytest.mark.parametrize("filters", [1, 2, 9, 10])
def test_up_to_ten_filters_sort_alike_naturally_and_by_bytes(filters: int) -> None:
    search = query([Filter("entity_id", str(number), "gt") for number in range(filters)], 5)

    async def ask(url: str) -> None:
        auth = OAuth1(CONSUMER, CONSUMER_SECRET, TOKEN, TOKEN_SECRET)
        async with http.build(auth=auth) as client:
            await http.send(client, client.build_request("GET", f"{url}/rest/V1/orders?{search}"), "Magento")

    with Loopback(lambda _: Reply()).running() as server:
        asyncio.run(ask(server.url))
    assert magento_accepts(server.seen[0], urlsplit(server.url).netloc)


def test_the_signature_is_what_oauthlib_expects_on_the_server_side() -> None:
    def accepts(seen: Seen, secret: str) -> bool:
        authorization = seen.headers["authorization"]
        request = SimpleNamespace(
            http_method="GET",
            uri=f"{server.url}{seen.path}",
            params=collect_parameters(urlsplit(seen.target).query, headers={"Authorization": authorization}),
            signature=unquote(authorization.rpartition("oauth_signature=")[2].strip('"')),
        )
        return bool(verify_hmac_sha256(request, client_secret=secret, resource_owner_secret=TOKEN_SECRET))

    with Loopback(lambda _: Reply(body=FOUND)).running() as server:
        count(server.url, OAuth1(CONSUMER, CONSUMER_SECRET, TOKEN, TOKEN_SECRET))
    assert accepts(server.seen[0], CONSUMER_SECRET)
    assert not accepts(server.seen[0], "x" * 32)


def test_every_attempt_has_a_nonce_of_its_own() -> None:
    auth = OAuth1(CONSUMER, CONSUMER_SECRET, TOKEN, TOKEN_SECRET)
    with Loopback(lambda _: Reply(body=FOUND)).running() as server:
        for _ in range(3):
            count(server.url, auth)
    nonces = {re.search(r'oauth_nonce="(\w+)"', seen.headers["authorization"]) for seen in server.seen}
    assert len({nonce.group(1) for nonce in nonces if nonce}) == 3


def test_a_bearer_token_is_sent_as_it_is() -> None:
    with Loopback(lambda _: Reply(body=FOUND)).running() as server:
        assert count(server.url, Bearer("integration-token")) == 7
    assert server.seen[0].headers["authorization"] == "Bearer integration-token"


@dataclass
class Cache:
    """A token cache in memory."""

    kept: tuple[str, datetime] | None = None
    saves: int = 0

    def load(self) -> tuple[str, datetime] | None:
        return self.kept

    def save(self, token: str, expires_at: datetime) -> None:
        self.kept = (token, expires_at)
        self.saves += 1


@dataclass
class Cloud:
    """Adobe IMS and a Cloud Service shop behind one address."""

    refuses: frozenset[str] = frozenset()
    grant: Callable[[int], Reply] = lambda number: Reply(
        body={"access_token": f"token-{number}", "expires_in": 86400}, delay=0.05
    )
    granted: int = 0
    headers: list[dict[str, str]] = field(default_factory=list)

    def answer(self, seen: Seen) -> Reply:
        if seen.path == "/ims/token/v3":
            assert seen.form["grant_type"] == "client_credentials"
            assert seen.form["client_secret"] == "hidden"
            self.granted += 1
            return self.grant(self.granted)
        self.headers.append(seen.headers)
        if seen.headers["authorization"].removeprefix("Bearer ") in self.refuses:
            return Reply(401, {"message": "The consumer isn't authorized to access %resources."})
        return Reply(body=FOUND)


def ims(url: str, cache: Cache, org: str = "", now: Callable[[], datetime] = lambda: NOW) -> Ims:
    return Ims("client", "hidden", "commerce", org, f"{url}/ims/token/v3", cache, now=now)


def test_adobes_token_is_fetched_once_and_kept() -> None:
    cloud, cache = Cloud(), Cache()
    with Loopback(cloud.answer).running() as server:
        assert count(f"{server.url}/tenant/V1", ims(server.url, cache, org="ORG@AdobeOrg")) == 7
        assert count(f"{server.url}/tenant/V1", ims(server.url, cache)) == 7
    assert cloud.granted == cache.saves == 1
    assert cache.kept == ("token-1", NOW + timedelta(days=1))
    assert cloud.headers[0]["x-gw-ims-org-id"] == "ORG@AdobeOrg"
    assert cloud.headers[0]["x-api-key"] == "client"
    assert "x-gw-ims-org-id" not in cloud.headers[1]


def test_white_space_around_adobes_token_does_not_matter() -> None:
    body = b'\n\xef\xbb\xbf{"access_token": "token-1", "expires_in": 86400}\n'
    cloud, cache = Cloud(grant=lambda _: Reply(200, body)), Cache()
    with Loopback(cloud.answer).running() as server:
        assert count(server.url, ims(server.url, cache)) == 7
    assert cache.kept == ("token-1", NOW + timedelta(days=1))


def test_adobes_token_is_renewed_before_it_ends() -> None:
    cloud, cache = Cloud(), Cache(("old", NOW + timedelta(minutes=4)))
    with Loopback(cloud.answer).running() as server:
        count(server.url, ims(server.url, cache))
    assert cloud.headers[0]["authorization"] == "Bearer token-1"


def test_adobes_token_is_renewed_once_when_the_shop_refuses_it() -> None:
    cloud, cache = Cloud(refuses=frozenset({"old"})), Cache(("old", NOW + timedelta(days=1)))
    with Loopback(cloud.answer).running() as server:
        assert count(server.url, ims(server.url, cache)) == 7
    assert cloud.granted == 1


def test_a_shop_that_refuses_the_fresh_token_too_needs_a_person() -> None:
    cloud, cache = Cloud(refuses=frozenset({"old", "token-1"})), Cache(("old", NOW + timedelta(days=1)))
    with Loopback(cloud.answer).running() as server, pytest.raises(NeedsPerson):
        count(server.url, ims(server.url, cache))
    assert cloud.granted == 1


def test_requests_that_need_a_token_together_wait_for_one_renewal() -> None:
    cloud = Cloud(refuses=frozenset({"old"}))

    async def ask(url: str, cache: Cache) -> list[int]:
        async with connect(url, ims(url, cache), concurrency=8) as magento:
            return await asyncio.gather(*(magento.count("order") for _ in range(8)))

    for cache in (Cache(), Cache(("old", NOW + timedelta(days=1)))):
        cloud.granted = 0
        with Loopback(cloud.answer).running() as server:
            assert asyncio.run(ask(server.url, cache)) == [7] * 8
        assert cloud.granted == 1


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(400, {"error": "invalid_client"}), NeedsPerson),
        (Reply(401, {"error": "invalid_client"}), NeedsPerson),
        (Reply(429, {}, headers={"Retry-After": "30"}), TryLater),
        (Reply(503, b"<html>"), TryLater),
        (Reply(200, b"<html>"), TryLater),
        (Reply(200, {"token_type": "bearer"}), TryLater),
    ],
)
def test_adobes_refusals_are_sorted(reply: Reply, kind: type[CallFailed]) -> None:
    with Loopback(Cloud(grant=lambda _: reply).answer).running() as server, pytest.raises(kind) as caught:
        count(server.url, ims(server.url, Cache()))
    assert "hidden" not in str(caught.value)
    if reply.status == 429:
        assert isinstance(caught.value, TryLater)
        assert caught.value.retry_after == 30


def test_a_token_service_that_is_down_releases_those_who_wait() -> None:
    async def ask(url: str) -> list[object]:
        async with connect(url, ims(url, Cache()), concurrency=4) as magento:
            calls = (magento.count("order") for _ in range(4))
            return await asyncio.gather(*calls, return_exceptions=True)

    with Loopback(Cloud(grant=lambda _: Reply(hang_up=True)).answer).running() as server:
        assert all(isinstance(one, TryLater) for one in asyncio.run(ask(server.url)))
