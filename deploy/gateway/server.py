"""The gateway's HTTP server: `serve` in the foreground, `Gateway` in a thread beside a test or a demonstration."""

import logging
import socket
import threading
import time
from ipaddress import ip_address
from types import TracebackType
from typing import Self

import uvicorn
from starlette.types import ASGIApp

from deploy.gateway.address import PATH
from deploy.gateway.app import application
from deploy.gateway.headers import always
from deploy.gateway.limits import LIMITS, Limits
from deploy.gateway.login import Door
from deploy.gateway.operations import Service
from deploy.gateway.protocol import guarded
from state.settings import Settings

_LAST_SECONDS = 10
"""What running calls get before the server ends: a receiveResponseXML that was begun is written down."""


def serve(service: Service, settings: Settings, listener: socket.socket) -> None:
    """Serve on a socket of `listen` until a signal comes; that signal then does what it does without us."""
    _server(application(service, settings), settings, LIMITS).run(sockets=[listener])


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises OSError when the address can not be had."""
    return socket.create_server((host, port), family=_family(host), backlog=256)


class Gateway:
    """`with Gateway(service, settings) as gateway:` serves on 127.0.0.1 in a thread; `gateway.url` is the service's."""

    def __init__(
        self,
        service: Service,
        settings: Settings,
        *,
        port: int = 0,
        limits: Limits = LIMITS,
        door: Door | None = None,
    ) -> None:
        self._socket = listen("127.0.0.1", port)
        self.port: int = self._socket.getsockname()[1]
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.url = self.base_url + PATH
        self._server = _server(application(service, settings, limits=limits, door=door), settings, limits)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise RuntimeError("the gateway could not start")
            time.sleep(0.005)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=_LAST_SECONDS + 5)
        self._socket.close()


def _server(app: ASGIApp, settings: Settings, limits: Limits) -> uvicorn.Server:
    # A public https address means that a proxy ends TLS before us: only then its word about the client counts.
    behind_proxy = settings.magebooks_gateway_url.startswith("https://")
    config = uvicorn.Config(
        app,
        http=guarded(limits),
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_config=None,
        log_level=logging.CRITICAL,
        access_log=False,
        server_header=False,
        proxy_headers=behind_proxy,
        headers=always(https=behind_proxy),
        timeout_keep_alive=limits.idle_seconds,
        timeout_graceful_shutdown=_LAST_SECONDS,
    )
    return uvicorn.Server(config)


def _family(host: str) -> socket.AddressFamily:
    try:
        return socket.AF_INET6 if ip_address(host).version == 6 else socket.AF_INET
    except ValueError:
        return socket.AF_INET
