"""A loopback HTTP server in a thread, which can also cut a connection as a broken network does.

uvicorn answers 500 when an application gives up; the faults that matter to bookkeeping are those without any
answer. `Cut` therefore closes the socket under the request (TCP reset).
"""

import asyncio
import socket
import threading
import time
from types import TracebackType
from typing import Any, Self

import uvicorn
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol


class CuttableProtocol(H11Protocol):
    """Leaves each connection's transport where the application can find it (`scope["state"]["transports"]`)."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # Head and body are two writes: without this each answer waits 40 ms for the client's delayed ACK.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.client is not None:
            self.app_state.setdefault("transports", {})[self.client] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self.client is not None:
            self.app_state.get("transports", {}).pop(self.client, None)
        super().connection_lost(exc)


class Cut(Response):
    """Ends the connection without any answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"]["transports"][tuple(scope["client"])].abort()
        await asyncio.sleep(0.01)  # lets the loop report the lost connection, so that uvicorn answers nothing


class Server:
    """`with Server(app) as server:` serves on 127.0.0.1, on a port that the operating system chose (`server.url`).
    `dated` False leaves the answers' `Date` to the application, which has a clock of its own."""

    def __init__(self, app: ASGIApp, port: int = 0, *, dated: bool = True) -> None:
        self._socket = socket.create_server(("127.0.0.1", port))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config: dict[str, Any] = {"lifespan": "off", "log_config": None, "log_level": "critical", "ws": "none"}
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                http=CuttableProtocol,
                access_log=False,
                timeout_graceful_shutdown=1,
                backlog=256,
                date_header=dated,
                **config,
            )
        )
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise RuntimeError("the sandbox's server could not start")
            time.sleep(0.005)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=10)
        self._socket.close()
