"""uvicorn's HTTP protocol with what it lacks: a deadline for requests, a limit for their heads, room for newcomers.

httptools and not h11, because h11 answers a request with both Content-Length and Transfer-Encoding and reads the rest
as a second one (smuggling, RFC 9112, section 6.1); httptools refuses it.
"""

import asyncio
import socket
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from deploy.gateway.limits import LIMITS, Limits


class TooMuch(Exception):
    """A head, a trailer or an upgrade that is not taken; the parser wraps it and the connection ends with 400."""


class Guarded(HttpToolsProtocol):
    """One connection. `limits` is the class's: uvicorn makes the instances."""

    limits: Limits = LIMITS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._deadline: asyncio.TimerHandle | None = None
        self._in_head = True
        self._head = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        super().connection_made(transport)
        # Head and body are two writes: without this each answer waits 40 ms for the client's delayed ACK.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._arm(self.limits.request_seconds)
        if len(self.connections) > self.limits.connections:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        idle = self.cycle is None or self.cycle.response_complete
        if idle and self._deadline is None:
            # Bytes that begin no request (empty lines) would else end the idle time without beginning another.
            self._arm(self.limits.request_seconds)
        super().data_received(data)
        if self._in_head and not self.transport.is_closing():
            # The parser keeps an unfinished header to itself: here it is counted all the same.
            self._head += len(data)
            if self._head > self.limits.head_bytes:
                self._refuse(431)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._arm(self.limits.request_seconds)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._disarm()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._head = True, 0
        self.scope["state"]["more_time"] = self._more_time
        self._arm(self.limits.request_seconds)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._head += len(name) + len(value)
        if self._head > self.limits.head_bytes:
            raise TooMuch
        if self._in_head:  # what comes after a chunked body is no header, whatever it is called
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head = False
        if self.parser.should_upgrade():
            raise TooMuch
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._disarm()
        self._in_head, self._head = True, 0
        super().on_message_complete()

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

    def _too_late(self) -> None:
        self._deadline = None
        if self.flow.write_paused or self.cycle is None or self.cycle.response_started:
            self.transport.abort()
        else:
            self._refuse(408)

    def _refuse(self, status: int) -> None:
        """Ends the connection with a bare status; nothing was answered yet on it."""
        default = b"".join(name + b": " + value + b"\r\n" for name, value in self.server_state.default_headers)
        self.transport.write(STATUS_LINE[status] + default + b"content-length: 0\r\nconnection: close\r\n\r\n")
        self.transport.close()

    def _make_room(self) -> None:
        """Ends one idle connection in favour of this one, or this one when all are at work."""
        for other in self.connections:
            if isinstance(other, Guarded) and other.timeout_keep_alive_task is not None:
                other.transport.close()
                return
        self.transport.abort()


def guarded(limits: Limits) -> type[Guarded]:
    """The protocol with other limits."""
    return type("Guarded", (Guarded,), {"limits": limits})
