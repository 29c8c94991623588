"""A request's body, counted while it comes: little from strangers, much from the holder of a live ticket.

`Content-Length` is believed only when it is too large; what arrives is counted, chunked bodies too.
"""

import re
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import anyio
from starlette.requests import Request

from deploy.gateway.limits import Limits

_PREFIX = 4096
_TICKET = re.compile(rb"<(?:[\w.-]{1,40}:)?ticket(?:\s[^<>]{0,200})?>([^<>&]{1,128})</")
_SMALL = 16 << 10


class Refused(Exception):
    """The request is not taken. `status` is HTTP's."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


@dataclass(slots=True)
class Body:
    """The pieces as they came, never joined and gone when read, so that 40 MB are not in memory twice. `large`: more
    than a stranger's."""

    chunks: deque[bytes] = field(default_factory=deque, repr=False)
    size: int = 0
    large: bool = False


class Intake:
    """Takes bodies in for one server; knows how much strangers have in its memory."""

    def __init__(self, limits: Limits, alive: Callable[[str], Awaitable[bool]]) -> None:
        self._limits = limits
        self._alive = alive
        self._waiting = 0
        self._one_large = anyio.Lock()

    @asynccontextmanager
    async def body(self, request: Request) -> AsyncIterator[Body]:
        """The whole body, and its place in memory until the block ends. Raises Refused, and ClientDisconnect."""
        declared = _declared(request)
        if declared > self._limits.session_bytes:
            raise Refused(413, "The request is too large.")
        body = Body()
        async with AsyncExitStack() as stack:
            stack.callback(self._forget, body)
            async for chunk in request.stream():
                if chunk:
                    self._take(body, chunk)
                    if not body.large and self._beyond(body, declared):
                        await self._allow_large(body, request, stack)
            yield body

    def _take(self, body: Body, chunk: bytes) -> None:
        body.chunks.append(chunk)
        body.size += len(chunk)
        self._waiting += 0 if body.large else len(chunk)
        if body.size > self._limits.session_bytes:
            raise Refused(413, "The request is too large.")
        # Small requests are always taken: whoever fills the memory must not keep the owner from logging in.
        if not body.large and self._waiting > self._limits.waiting_bytes and body.size > _SMALL:
            raise Refused(503, "Too many requests at once.")

    def _beyond(self, body: Body, declared: int) -> bool:
        """Whether this is, or says it will be, more than a stranger may send, and enough is here to see its ticket."""
        limit = self._limits.stranger_bytes
        return body.size > limit or (declared > limit and body.size >= min(_PREFIX, declared))

    async def _allow_large(self, body: Body, request: Request, stack: AsyncExitStack) -> None:
        named = _TICKET.search(b"".join(body.chunks)[:_PREFIX])
        if named is None or not await self._alive(named[1].decode("utf-8", "replace")):
            raise Refused(413, "The request is too large.")
        # One at a time: two of 40 MB would be more memory than the gateway has.
        await stack.enter_async_context(self._one_large)
        self._forget(body)
        body.large = True
        if more_time := request.scope.get("state", {}).get("more_time"):
            more_time()

    def _forget(self, body: Body) -> None:
        self._waiting -= 0 if body.large else body.size


def _declared(request: Request) -> int:
    """Content-Length, 0 when there is none. Raises Refused for what is not sent as it is."""
    coding = ",".join(request.headers.getlist("content-encoding")).strip().lower()
    if coding not in ("", "identity"):
        raise Refused(415, "A compressed request is not taken.")
    if request.headers.get("transfer-encoding", "chunked").strip().lower() != "chunked":
        raise Refused(501, "No transfer coding but chunked is taken.")
    return int(request.headers.get("content-length", 0))
