"""A company at Intuit for tests: a token endpoint that rotates, an API that answers a script, a token file."""

import asyncio
import fcntl
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from tasks.clients.quickbooks import QuickBooks
from tasks.clients.quickbooks_auth import Tokens
from tests.clients.loopback import Loopback, Reply, Seen

REALM = "9130350011223344"
SECRET = "s3cret-of-the-app"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
GOOD = {"QueryResponse": {}, "time": "2026-03-01T04:00:00.000-08:00"}
EXPIRED = Reply(401, {"Fault": {"Error": [{"Message": "message=AuthenticationFailed", "code": "3200"}]}})

T = TypeVar("T")


def tokens(minutes: float = 60, **changes: Any) -> Tokens:
    """The company's tokens, the access token good for so many minutes."""
    values: dict[str, Any] = {
        "realm_id": REALM,
        "refresh_token": "refresh-0",
        "access_token": "access-0",
        "access_expires_at": NOW + timedelta(minutes=minutes),
        "renew_at": NOW + timedelta(minutes=minutes - 5),
    }
    return Tokens(**(values | changes))


def fault(code: str, message: str = "Refused", detail: str = "", element: str = "") -> dict[str, Any]:
    """A fault as Intuit writes it."""
    error = {"Message": message, "Detail": detail or message, "code": code, "element": element}
    return {"Fault": {"Error": [error], "type": "ValidationFault"}, "time": "2026-03-01T04:00:00.000-08:00"}


@dataclass
class TokenFile:
    """A `TokenStore` in a file, its lock shared by everybody who opens it."""

    path: Path
    events: list[str] = field(default_factory=list)

    def put(self, kept: Tokens) -> None:
        self.path.write_text(json.dumps(kept.to_json()))

    def read(self) -> Tokens:
        return Tokens.from_json(json.loads(self.path.read_text()))

    async def load(self) -> Tokens:
        return self.read()

    @asynccontextmanager
    async def refreshing(self) -> AsyncIterator[None]:
        with self.path.with_suffix(".lock").open("w") as lock:
            await asyncio.to_thread(fcntl.flock, lock, fcntl.LOCK_EX)
            yield

    async def save(self, tokens: Tokens) -> None:
        self.put(tokens)
        self.events.append(f"saved {tokens.refresh_token}")


@dataclass
class Notes:
    """A `Limiter` that never waits and remembers what it was asked."""

    taken: list[tuple[str, ...]] = field(default_factory=list)
    pauses: list[tuple[str, float]] = field(default_factory=list)

    async def take(self, *names: str) -> None:
        self.taken.append(names)

    async def pause(self, name: str, seconds: float) -> None:
        self.pauses.append((name, seconds))


@dataclass
class Intuit:
    """Both servers in one. `api` is answered in order, then `GOOD`; `grant` replaces the rotating token endpoint.
    Access tokens are accepted when `valid` is empty or names them."""

    store: TokenFile
    events: list[str]
    limiter: Notes = field(default_factory=Notes)
    api: list[Reply] = field(default_factory=list)
    grant: Callable[[Seen], Reply] | None = None
    valid: set[str] = field(default_factory=set)
    refreshes: int = 0
    loopback: Loopback = field(init=False)

    def __post_init__(self) -> None:
        self.loopback = Loopback(self._answer)

    def _answer(self, seen: Seen) -> Reply:
        if seen.path == "/token":
            self.events.append(f"asked with {seen.form['refresh_token']}")
            self.refreshes += 1
            return self.grant(seen) if self.grant else self._rotate()
        bearer = seen.headers["authorization"].removeprefix("Bearer ")
        self.events.append(f"called with {bearer}")
        if self.valid and bearer not in self.valid:
            return EXPIRED
        return self.api.pop(0) if self.api else Reply(body=GOOD)

    def _rotate(self) -> Reply:
        number = self.refreshes
        return Reply(
            body={
                "access_token": f"access-{number}",
                "refresh_token": f"refresh-{number}",
                "expires_in": 3600,
                "x_refresh_token_expires_in": 8726400,
                "x_refresh_token_hard_expires_in": 157680000,
                "token_type": "bearer",
            },
            delay=0.05,
        )

    @property
    def calls(self) -> list[Seen]:
        """The API's requests."""
        return [seen for seen in self.loopback.seen if seen.path.startswith("/v3/")]

    @property
    def token_calls(self) -> list[Seen]:
        return [seen for seen in self.loopback.seen if seen.path == "/token"]

    def client(self, **options: Any) -> QuickBooks:
        url = self.loopback.url
        return QuickBooks(
            options.pop("api_url", url),
            options.pop("token_url", f"{url}/token"),
            "app-id",
            SECRET,
            self.store,
            self.limiter,
            now=options.pop("now", lambda: NOW),
            **options,
        )

    def run(self, work: Callable[[QuickBooks], Awaitable[T]], **options: Any) -> T:
        """Do some work with a client of its own, in an event loop of its own."""

        async def whole() -> T:
            async with self.client(**options) as client:
                return await work(client)

        return asyncio.run(whole())


@contextmanager
def company(path: Path, kept: Tokens | None = None) -> Iterator[Intuit]:
    """A connected company whose tokens are kept below `path`."""
    events: list[str] = []
    store = TokenFile(path / "tokens.json", events)
    store.put(kept or tokens())
    world = Intuit(store, events)
    with world.loopback.running():
        yield world
