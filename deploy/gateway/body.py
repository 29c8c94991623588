"""A request's body, counted while it comes: little from strangers, much from the holder of a live ticket.

`Content-Length` is believed only when it is too large; what arrives is counted, chunked bodies too.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from starlette.requests import Request

from deploy.gateway.limits import Limits

_PREFIX = 4096
_TICKET = re.compile(rb"<(?:[\w.-]{1,40}:)?ticket(?:\s[^<>]{0,200})?>([^<>&]{1,64})</")
_SMALL = 16 << 10


class Refused(Exception):
    """The body is not taken. `status` is HTTP's."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


@dataclass(frozen=True, slots=True)
class Body:
    """The pieces as they came, never joined: 40 MB need not be in memory twice. `large`: beyond a stranger's."""

    chunks: list[bytes] = field(repr=False)
    large: bool


class Intake:
    """Reads bodies for one server; knows how much unfinished business strangers have in memory."""

    def __init__(self, limits: Limits, alive: Callable[[str], Awaitable[bool]]) -> None:
        self._limits = limits
        self._alive = alive
        self._waiting = 0

    async def read(self, request: Request) -> Body:
        """The whole body. Raises Refused, and starlette's ClientDisconnect."""
        if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
            raise Refused(415, "A compressed request is not taken.")
        declared = int(request.headers.get("content-length", 0))
        if declared > self._limits.session_bytes:
            raise Refused(413, "The request is too large.")
        pieces = _Pieces()
        try:
            await self._collect(request, pieces, declared)
        finally:
            self._waiting -= pieces.counted
        return Body(pieces.chunks, pieces.large)

    async def _collect(self, request: Request, pieces: "_Pieces", declared: int) -> None:
        async for chunk in request.stream():
            pieces.add(chunk)
            if not pieces.large:
                self._count(pieces, len(chunk))
                await self._stranger(request, pieces, declared)
            if pieces.size > self._limits.session_bytes:
                raise Refused(413, "The request is too large.")

    def _count(self, pieces: "_Pieces", size: int) -> None:
        pieces.counted += size
        self._waiting += size
        # Small requests are always taken: whoever fills the memory must not keep the owner from logging in.
        if self._waiting > self._limits.waiting_bytes and pieces.size > _SMALL:
            raise Refused(503, "Too many requests at once.")

    async def _stranger(self, request: Request, pieces: "_Pieces", declared: int) -> None:
        """Beyond a stranger's limit the ticket is asked for, as soon as enough has come to hold it."""
        limit = self._limits.stranger_bytes
        if pieces.size <= limit and (declared <= limit or pieces.size < min(_PREFIX, declared)):
            return
        named = _TICKET.search(b"".join(pieces.chunks)[:_PREFIX])
        if named is None or not await self._alive(named[1].decode("ascii", "replace")):
            raise Refused(413, "The request is too large.")
        pieces.large = True
        self._waiting -= pieces.counted
        pieces.counted = 0
        if more_time := request.scope.get("state", {}).get("more_time"):
            more_time()


@dataclass(slots=True)
class _Pieces:
    """A body that is coming in; `counted` bytes of it are in the strangers' account."""

    chunks: list[bytes] = field(default_factory=list)
    size: int = 0
    counted: int = 0
    large: bool = False

    def add(self, chunk: bytes) -> None:
        if chunk:
            self.chunks.append(chunk)
            self.size += len(chunk)
