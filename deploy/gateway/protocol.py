"""uvicorn's HTTP protocol with what it lacks: a deadline for requests, a limit for their heads, room for newcomers.

httptools and not h11, because h11 answers a request with both Content-Length and Transfer-Encoding and reads the rest
as a second one (smuggling, RFC 9112, section 6.1); httptools refuses it.
"""

import asyncio
import socket
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from deploy.gateway.limits import LIMITS, Limits


class NotTaken(Exception):
    """A head or trailer that is too long, or an upgrade. The parser wraps it, and `send_400_response` is called."""


class Guarded(HttpToolsProtocol):
    """One connection. `limits` is the class's: uvicorn makes the instances."""

    limits: Limits = LIMITS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._deadline: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None
        self._in_head = False
        self._received = 0  # bytes of a head that goes on for more than one packet
        self._parsed = 0  # bytes of address, headers and trailers

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        super().connection_made(transport)
        # Head and body are two writes: without this each answer waits 40 ms for the client's delayed ACK.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._arm(self.limits.request_seconds)
        if len(self.connections) > self.limits.connections:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        self._was_read()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._deadline is None and self._waits():
            # Bytes that begin no request (empty lines) would else end the idle time without beginning another.
            self._arm(self.limits.request_seconds)
        unfinished = self._in_head
        super().data_received(data)
        if unfinished and self._in_head:
            # The parser keeps an unfinished header to itself: here it is counted all the same.
            self._received += len(data)
            if self._received > self.limits.head_bytes and not self.transport.is_closing():
                self._refuse(431)

    def send_400_response(self, msg: str) -> None:
        self._refuse(431 if self._parsed > self.limits.head_bytes else 400)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread = self.loop.call_later(self.limits.request_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._was_read()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True
        self._received = self._parsed = 0
        self.scope["state"]["more_time"] = self._more_time
        self._arm(self.limits.request_seconds)

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value))
        if self._in_head:  # what comes after a chunked body is no header, whatever it is called
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head = False
        if self.parser.should_upgrade():
            raise NotTaken
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._disarm()
        super().on_message_complete()

    def _count(self, size: int) -> None:
        self._parsed += size
        if self._parsed > self.limits.head_bytes:
            raise NotTaken

    def _waits(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _arm(self, seconds: float) -> None:
        self._disarm()
        self._deadline = self.loop.call_later(seconds, self._too_late)

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _more_time(self) -> None:
        if self._deadline is not None:
            self._arm(self.limits.large_request_seconds)

    def _was_read(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _too_late(self) -> None:
        self._deadline = None
        self._refuse(408)

    def _refuse(self, status: int) -> None:
        """Ends the connection, with a bare status unless an answer is on its way or the rest of a body is."""
        if self.cycle is None or not self.cycle.response_started or self._in_head:
            default = b"".join(name + b": " + value + b"\r\n" for name, value in self.server_state.default_headers)
            self.transport.write(STATUS_LINE[status] + default + b"content-length: 0\r\nconnection: close\r\n\r\n")
        self.transport.close()

    def _make_room(self) -> None:
        """Ends one connection without a request in favour of this one, or this one when all are at work."""
        for other in self.connections:
            if isinstance(other, Guarded) and other is not self and other._waits() and not other.transport.is_closing():
                other.transport.close()
                return
        self.transport.abort()


def guarded(limits: Limits) -> type[Guarded]:
    """The protocol with other limits."""
    return type("Guarded", (Guarded,), {"limits": limits})
