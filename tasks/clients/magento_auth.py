"""The three ways into Magento: OAuth 1.0a signatures, an integration's bearer token, Adobe IMS (Cloud Service).

Magento accepts HMAC-SHA256 signatures only (2.4.6 and later), refuses a nonce it has seen, and sorts parameters in
natural order (`[2]` before `[10]`) where RFC 5849 sorts bytes: callers keep to ten filters, spaces as `%20`.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, cast

import httpx
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, Client
from pydantic import BaseModel

from mappings import json_answer
from mappings.json_answer import NotJson
from tasks.clients.errors import CallFailed, NeedsPerson, TryLater
from tasks.clients.http import retry_after

RENEW_BEFORE = timedelta(minutes=5)


class OAuth1(httpx.Auth):
    """Sign each attempt anew: a nonce that was sent once is burned, even by a request that failed."""

    def __init__(self, consumer_key: str, consumer_secret: str, token: str, token_secret: str) -> None:
        self._signer = Client(
            consumer_key,
            client_secret=consumer_secret,
            resource_owner_key=token,
            resource_owner_secret=token_secret,
            signature_method=SIGNATURE_HMAC_SHA256,
        )

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Put the signature over method, address with port, and query into the Authorization header."""
        _, headers, _ = self._signer.sign(str(request.url), http_method=cast(Any, request.method))
        request.headers["Authorization"] = headers["Authorization"]
        yield request


class Bearer(httpx.Auth):
    """An integration's access token as bearer; the shop allows it by `oauth/consumer/enable_integration_as_bearer`."""

    def __init__(self, token: str) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send the token with the request."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


class TokenCache(Protocol):
    """Where an IMS token rests between runs; the caller decides how it is sealed."""

    def load(self) -> tuple[str, datetime] | None:
        """The token and the moment (aware) at which it ends, or None."""

    def save(self, token: str, expires_at: datetime) -> None:
        """Keep a fresh token."""


class _Granted(BaseModel):
    access_token: str
    expires_in: float


class Ims(httpx.Auth):
    """OAuth 2.0 client credentials at Adobe IMS: renewed shortly before the end and once after a 401.

    Requests that need a token at the same time wait for one renewal. Raises `NeedsPerson` when IMS refuses the
    credentials, `TryLater` when it does not answer properly.
    """

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        scopes: str,
        org_id: str,
        token_url: str,
        cache: TokenCache,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._form = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret,
            "scope": scopes,
        }
        self._headers = {"x-api-key": client_id} | ({"x-gw-ims-org-id": org_id} if org_id else {})
        self._cache = cache
        self._token_url = token_url
        self._now = now
        self._lock = asyncio.Lock()
        self._token = ""
        self._ends = datetime.min.replace(tzinfo=UTC)

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Send with a token that is still good; after a 401 renew it and send once more."""
        request.headers.update(self._headers)
        refused = ""
        for _ in range(2):
            async with self._lock:
                if not self._good(refused):
                    answer = yield httpx.Request("POST", self._token_url, data=self._form)
                    await answer.aread()
                    self._keep(answer)
            used = self._token
            request.headers["Authorization"] = f"Bearer {used}"
            response = yield request
            if response.status_code != httpx.codes.UNAUTHORIZED:
                return
            refused = used

    def _good(self, refused: str) -> bool:
        if not self._token and (cached := self._cache.load()):
            self._token, self._ends = cached
        return self._token not in ("", refused) and self._now() < self._ends - RENEW_BEFORE

    def _keep(self, answer: httpx.Response) -> None:
        if answer.status_code != httpx.codes.OK:
            raise _refusal(answer)
        try:
            granted = json_answer.read(answer.content, _Granted.model_validate_json).value
        except NotJson as reason:
            raise TryLater("Magento", f"Adobe IMS answered without a token: {reason}", status=200) from None
        self._token = granted.access_token
        self._ends = self._now() + timedelta(seconds=granted.expires_in)
        self._cache.save(self._token, self._ends)


def _refusal(answer: httpx.Response) -> CallFailed:
    status = answer.status_code
    if status == httpx.codes.TOO_MANY_REQUESTS or status >= httpx.codes.INTERNAL_SERVER_ERROR:
        wait = retry_after(answer)
        return TryLater("Magento", "Adobe IMS gives no token at the moment", status=status, retry_after=wait)
    detail = "Adobe IMS refuses the credentials; check MAGENTO_IMS_CLIENT_ID, MAGENTO_IMS_CLIENT_SECRET and the scopes"
    return NeedsPerson("Magento", detail, status=status)
