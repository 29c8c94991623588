"""Access to one QuickBooks company: tokens that rotate, refreshed by one process at a time.

Facts (Intuit, "OAuth 2.0" page and its 2024-06 and 2025-11 articles on tokens): the access token lives an hour; the
refresh token's value changes about daily and the older value soon dies, so every answer's token is saved before it is
used; it expires after 100 days without use, and after five years in any case.

Who keeps the tokens is not known here: a `TokenStore` does, and its lock is shared by all processes.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, Self

import httpx

from tasks.clients.errors import CallFailed, NeedsPerson, TryLater
from tasks.clients.http import certificates, retry_after
from tasks.clients.quickbooks_faults import parse, trace_id

TOKEN_URL = "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer"  # noqa: S105  (an address)
REVOKE_URL = "https://developer.api.intuit.com/v2/oauth2/tokens/revoke"
PATIENCE = 25.0  # seconds for one answer; a refresh asks twice at most, all under the store's lock
HARD_EXPIRY_HEADER = "x-include-refresh-token-hard-expires-in"

EARLY = timedelta(minutes=5)  # refreshed this long before the access token ends (half its life, if that is shorter)

RECONNECT = "The connection has ended: reconnect with magebooks connect quickbooks"
_CREDENTIALS = "Intuit refuses the app's credentials: check QUICKBOOKS_CLIENT_ID and QUICKBOOKS_CLIENT_SECRET"
_CONFUSED = "The token endpoint answered something that is no token"


@dataclass(frozen=True, slots=True)
class Tokens:
    """The company's id and its tokens, kept sealed together. Times are aware, in UTC; from `renew_at` on the access
    token is replaced before a call; `previous_refresh_token` is the value before the last rotation. Nothing of it
    but the times is shown by `repr`."""

    realm_id: str = field(repr=False)
    refresh_token: str = field(repr=False)
    access_token: str = field(default="", repr=False)
    access_expires_at: datetime | None = None
    renew_at: datetime | None = None
    previous_refresh_token: str = field(default="", repr=False)
    refresh_expires_at: datetime | None = None
    hard_expires_at: datetime | None = None

    def fresh(self, now: datetime) -> bool:
        """Whether the access token can still be used for a call that starts now."""
        return bool(self.access_token) and self.renew_at is not None and now < self.renew_at

    def to_json(self) -> dict[str, str]:
        """Everything, secrets included, for the vault to seal; times in ISO form."""
        values = ((name, getattr(self, name)) for name in self.__slots__)
        return {name: _text(value) for name, value in values if value}

    @classmethod
    def from_json(cls, kept: Mapping[str, str]) -> "Tokens":
        """Read back what `to_json` wrote. Raises KeyError or ValueError for anything else."""
        return cls(
            realm_id=kept["realm_id"],
            refresh_token=kept["refresh_token"],
            access_token=kept.get("access_token", ""),
            access_expires_at=_moment(kept.get("access_expires_at", "")),
            renew_at=_moment(kept.get("renew_at", "")),
            previous_refresh_token=kept.get("previous_refresh_token", ""),
            refresh_expires_at=_moment(kept.get("refresh_expires_at", "")),
            hard_expires_at=_moment(kept.get("hard_expires_at", "")),
        )


class TokenStore(Protocol):
    """Keeps one company's tokens for all processes."""

    async def load(self) -> Tokens:
        """The tokens as last saved. Raises NeedsPerson when the company was never connected."""
        ...

    def refreshing(self) -> AbstractAsyncContextManager[object]:
        """The lock under which one process at a time asks Intuit for new tokens."""
        ...

    async def save(self, tokens: Tokens) -> None:
        """Keep the tokens durably; called before the new access token is used."""
        ...


def utc_now() -> datetime:
    """The present, aware, in UTC."""
    return datetime.now(UTC)


def accept(answer: Mapping[str, Any] | None, before: Tokens, now: datetime) -> Tokens | None:
    """The tokens of a token endpoint's answer, or None when any part of it is missing or of the wrong kind: an
    answer that is not whole must never overwrite good tokens."""
    if answer is None:
        return None
    access, refresh = answer.get("access_token"), answer.get("refresh_token")
    life = timedelta(seconds=_seconds(answer.get("expires_in")))
    if not (isinstance(access, str) and access and isinstance(refresh, str) and refresh and life):
        return None
    rotated = refresh != before.refresh_token
    return replace(
        before,
        access_token=access,
        access_expires_at=now + life,
        renew_at=now + max(life - EARLY, life / 2),
        refresh_token=refresh,
        previous_refresh_token=before.refresh_token if rotated else before.previous_refresh_token,
        refresh_expires_at=_after(now, answer.get("x_refresh_token_expires_in")) or before.refresh_expires_at,
        hard_expires_at=_after(now, answer.get("x_refresh_token_hard_expires_in")) or before.hard_expires_at,
    )


class TokenEndpoint:
    """Intuit's token endpoint, called with Basic authentication and a form body."""

    def __init__(self, url: str, client_id: str, client_secret: str, *, patience: float = PATIENCE) -> None:
        self._url = url
        self._auth = httpx.BasicAuth(client_id, client_secret)
        self._patience = patience
        self._http = httpx.AsyncClient(timeout=patience, verify=certificates())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def refresh(self, tokens: Tokens, now: datetime) -> Tokens:
        """New tokens for the stored ones; the value before the last rotation is tried once when the stored one is
        refused, since an answer that was lost on the way leaves the older one valid for a while.

        Raises NeedsPerson when both are refused or the app's credentials are; TryLater when Intuit is unwell.
        """
        renewed = await self._ask(tokens.refresh_token, tokens, now)
        if renewed is None and tokens.previous_refresh_token not in {"", tokens.refresh_token}:
            renewed = await self._ask(tokens.previous_refresh_token, tokens, now)
        if renewed is None:
            raise NeedsPerson("QuickBooks", RECONNECT, status=400)
        return renewed

    async def revoke(self, tokens: Tokens, url: str = REVOKE_URL) -> None:
        """End the connection at Intuit; a token it no longer knows (400) is as good as revoked.

        Raises NeedsPerson for refused app credentials, TryLater when Intuit is unwell.
        """
        try:
            response = await self._http.post(url, json={"token": tokens.refresh_token}, auth=self._auth)
        except httpx.RequestError:
            raise TryLater("QuickBooks", "Intuit could not be reached to end the connection") from None
        if not response.is_success and response.status_code != 400:
            raise self._failure(response)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _ask(self, refresh_token: str, before: Tokens, now: datetime) -> Tokens | None:
        """One refresh; None for `invalid_grant`."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        headers = {"Accept": "application/json", HARD_EXPIRY_HEADER: "true"}
        try:
            async with asyncio.timeout(self._patience):
                response = await self._http.post(self._url, data=form, headers=headers, auth=self._auth)
        except (httpx.RequestError, TimeoutError):
            raise TryLater("QuickBooks", "Intuit's token endpoint gave no answer") from None
        answer = parse(response.content)
        if response.status_code == 400 and answer is not None and answer.get("error") == "invalid_grant":
            return None
        renewed = accept(answer, before, now) if response.is_success else None
        if renewed is None:
            raise self._failure(response)
        return renewed

    def _failure(self, response: httpx.Response) -> CallFailed:
        status, tid = response.status_code, trace_id(response)
        answer = parse(response.content)
        if status in {401, 403} or (status == 400 and answer is not None and "error" in answer):
            return NeedsPerson("QuickBooks", _CREDENTIALS, status=status, request_id=tid)
        return TryLater("QuickBooks", _CONFUSED, status=status, request_id=tid, retry_after=retry_after(response))


class IntuitAuth(httpx.Auth):
    """Signs calls with the access token; refreshes it early, and once more when a call is answered 401."""

    def __init__(self, endpoint: TokenEndpoint, store: TokenStore, now: Callable[[], datetime] = utc_now) -> None:
        self._endpoint = endpoint
        self._store = store
        self._now = now
        self._held: Tokens | None = None
        self._dead = ("", "")  # a refresh token that was refused, and why: not asked about again
        self._turn = asyncio.Lock()  # callers of this process queue here, not at the store's lock
        self._renewing: asyncio.Task[Tokens] | None = None

    async def tokens(self) -> Tokens:
        """Tokens good for a call that starts now. Raises NeedsPerson or TryLater."""
        held = self._held or await self._store.load()
        self._held = held
        return held if held.fresh(self._now()) else await self._renew(held.access_token)

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Send the request; after a 401 send the very same request once more with a new token."""
        tokens = await self.tokens()
        request.headers["Authorization"] = f"Bearer {tokens.access_token}"
        response = yield request
        if response.status_code == 401:
            await response.aread()  # gives the connection back before tokens are asked for
            tokens = await self._renew(tokens.access_token)
            request.headers["Authorization"] = f"Bearer {tokens.access_token}"
            yield request

    async def _renew(self, refused: str) -> Tokens:
        """Tokens other than the refused ones: those another caller or process fetched meanwhile, or new ones."""
        async with self._turn:
            held = self._held
            if held is not None and held.access_token != refused and held.fresh(self._now()):
                return held
            # A task of its own, so that a caller who is cancelled does not take a rotated token with it unsaved.
            self._renewing = asyncio.create_task(self._renew_alone(refused))
            self._held = await asyncio.shield(self._renewing)
            return self._held

    async def _renew_alone(self, refused: str) -> Tokens:
        async with self._store.refreshing():
            stored = await self._store.load()
            if stored.access_token != refused and stored.fresh(self._now()):
                return stored
            return await self._refreshed(stored)

    async def _refreshed(self, stored: Tokens) -> Tokens:
        token, reason = self._dead
        if stored.refresh_token == token:
            raise NeedsPerson("QuickBooks", reason)
        try:
            renewed = await self._endpoint.refresh(stored, self._now())
        except NeedsPerson as refusal:
            self._dead = (stored.refresh_token, refusal.detail)
            raise
        await self._store.save(renewed)
        return renewed


def _text(value: str | datetime) -> str:
    return value.isoformat() if isinstance(value, datetime) else value


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _seconds(value: object) -> int:
    """A positive number of seconds, also when written as text; 0 for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return max(value, 0)
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else 0


def _after(now: datetime, value: object) -> datetime | None:
    seconds = _seconds(value)
    return now + timedelta(seconds=seconds) if seconds else None
