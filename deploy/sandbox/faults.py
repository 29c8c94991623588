"""Switches that make a sandbox server fail as real ones do: lost answers, resets, HTML pages, throttling.

Every switch may wait: `after=3` lets three matching calls pass first, `only="/batch"` counts only calls whose
path contains the text.
"""

import asyncio
import random
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from deploy.sandbox.server import Cut

Kind = Literal["drop", "reset", "status", "throttle", "truncate"]
HTML = (
    "<!doctype html>\n<html>\n<head>\n    <title>Error {status}</title>\n</head>\n<body>\n"
    "<h1>Service Temporarily Unavailable</h1>\n<p>The server is temporarily unable to service your request due to "
    "maintenance downtime or capacity problems.</p>\n</body>\n</html>\n"
)


@dataclass(slots=True)
class Plan:
    """One switch: what happens to the next `count` calls after `after` others."""

    kind: Kind
    count: int
    after: int
    only: str
    status: int = 503
    html: bool = False
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class ItemFault:
    """One write is answered with this code; `done`: after it was carried out."""

    code: str
    done: bool


@dataclass(frozen=True, slots=True)
class Poison:
    """A batch that holds this text is refused as a whole, with this code and HTTP status."""

    text: bytes
    code: str
    status: int


class Faults:
    """The fault switches of one server. Thread-safe; tests may set them while the server runs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._plans: list[Plan] = []
        self._delay = 0.0
        self._rate = 0.0
        self._around = (b"", b"")
        self._random = random.Random(0)
        self._codes: tuple[str, ...] = ()
        self._item_rate = 0.0
        self._done_share = 0.0
        self._poison: Poison | None = None
        self.struck = 0

    def drop_next(self, n: int = 1, *, after: int = 0, only: str = "") -> None:
        """The next `n` calls are carried out, and the connection is cut before the answer."""
        self._add(Plan("drop", n, after, only))

    def reset_next(self, n: int = 1, *, after: int = 0, only: str = "") -> None:
        """The connection is cut before the next `n` calls are carried out."""
        self._add(Plan("reset", n, after, only))

    def status_next(self, n: int = 1, status: int = 503, *, html: bool = False, after: int = 0, only: str = "") -> None:
        """The next `n` calls get this status, as JSON or as the HTML page of a proxy; nothing is carried out."""
        self._add(Plan("status", n, after, only, status=status, html=html))

    def throttle_next(self, n: int = 1, retry_after: float | None = None, *, after: int = 0, only: str = "") -> None:
        """The next `n` calls get 429, with a Retry-After header when `retry_after` (seconds) is given."""
        self._add(Plan("throttle", n, after, only, status=429, retry_after=retry_after))

    def truncate_next(self, n: int = 1, *, after: int = 0, only: str = "") -> None:
        """The next `n` calls are carried out and answered with the first half of the JSON."""
        self._add(Plan("truncate", n, after, only))

    def slow(self, seconds: float) -> None:
        """Every call waits this long before it is looked at; 0 ends it."""
        self._delay = seconds

    def wrap(self, before: bytes = b"", behind: bytes = b"") -> None:
        """Every answer gets these bytes around its body, as a theme's empty line or PHP's notices do; none ends it."""
        self._around = (before, behind)

    def random_drops(self, rate: float, seed: int = 0) -> None:
        """A share of all calls (0 to 1) is carried out and never answered; 0 ends it."""
        with self._lock:
            self._rate = rate
            self._random = random.Random(seed)

    def fail_items(self, codes: Sequence[str], rate: float, *, done: float = 0.5, seed: int = 0) -> None:
        """A share of all writes (0 to 1) is answered with one of these codes, and a share of those is carried out."""
        with self._lock:
            self._codes, self._item_rate, self._done_share = tuple(codes), rate, done
            self._random = random.Random(seed)

    def poison(self, text: str, code: str = "2010", status: int = 400) -> None:
        """A batch that holds a text is refused as a whole, and nothing of it is carried out; no text ends it."""
        self._poison = Poison(text.encode(), code, status) if text else None

    def item_fault(self) -> ItemFault | None:
        """How the next write is answered, if not with what it did."""
        with self._lock:
            if self._random.random() >= self._item_rate:
                return None
            self.struck += 1
            return ItemFault(self._random.choice(self._codes), self._random.random() < self._done_share)

    def poisoned(self, body: bytes) -> Poison | None:
        """Why a batch is refused as a whole, if it is."""
        poison = self._poison
        return poison if poison is not None and poison.text in body else None

    def clear(self) -> None:
        """All switches off."""
        with self._lock:
            self._plans.clear()
            self._delay = self._rate = self._item_rate = 0.0
            self._poison = None
            self._around = (b"", b"")

    async def around(
        self,
        request: Request,
        carry_out: Callable[[], Awaitable[Response]],
        refuse: Callable[[int, float | None], Response],
    ) -> Response:
        """Answers `request` by `carry_out()`, or fails as planned; `refuse(status, retry_after)` writes an error."""
        answer = await self._planned(request, carry_out, refuse)
        if any(self._around) and not isinstance(answer, Cut):
            before, behind = self._around
            answer.body = before + bytes(answer.body) + behind
            answer.headers["content-length"] = str(len(answer.body))
        return answer

    async def _planned(
        self,
        request: Request,
        carry_out: Callable[[], Awaitable[Response]],
        refuse: Callable[[int, float | None], Response],
    ) -> Response:
        if self._delay:
            await asyncio.sleep(self._delay)
        plan = self._take(request.url.path)
        if plan is None:
            return await carry_out()
        self.struck += 1
        if plan.kind == "reset":
            return Cut()
        if plan.kind in ("status", "throttle"):
            if plan.html:
                return Response(HTML.format(status=plan.status), plan.status, media_type="text/html")
            return refuse(plan.status, plan.retry_after)
        answer = await carry_out()
        if plan.kind == "truncate":
            body = bytes(answer.body)
            return Response(body[: len(body) // 2], answer.status_code, media_type="application/json")
        return Cut()

    def _add(self, plan: Plan) -> None:
        with self._lock:
            self._plans.append(plan)

    def _take(self, path: str) -> Plan | None:
        with self._lock:
            for plan in self._plans:
                if plan.only in path:
                    return self._spend(plan)
            if self._rate and self._random.random() < self._rate:
                return Plan("drop", 1, 0, "")
        return None

    def _spend(self, plan: Plan) -> Plan | None:
        if plan.after > 0:
            plan.after -= 1
            return None
        plan.count -= 1
        if plan.count <= 0:
            self._plans.remove(plan)
        return plan
