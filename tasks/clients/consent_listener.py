"""A listener on this machine that waits for the browser to come back from Intuit's consent page.

It binds to loopback only, answers every request with a redirect to a page that holds nothing (Intuit, "Security
requirements" page), keeps no access log, and stops after the first answer that belongs to us.
"""

import socket
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer
from urllib.parse import urlsplit

from tasks.clients.consent import Granted, belongs, is_loopback, read_callback
from tasks.clients.errors import NeedsPerson

DONE_PATH = "/done"
FAILED_PATH = "/failed"

_PAGES = {
    DONE_PATH: "QuickBooks is connected. Close this page and go back to the terminal.",
    FAILED_PATH: "QuickBooks is not connected. The terminal says why; close this page.",
}


class Listener:
    """Listens at a loopback redirect address from the moment it is made: `with Listener(uri, state) as listener`,
    open the browser, `listener.wait(seconds)`. Raises ValueError for an address that is not on this machine."""

    def __init__(self, redirect_uri: str, state: str) -> None:
        parts = urlsplit(redirect_uri)
        if parts.scheme != "http" or not is_loopback(redirect_uri):
            raise ValueError("Only an http address on this machine can be listened at")
        self._path = parts.path or "/"
        self._state = state
        self._outcome: Granted | NeedsPerson | None = None
        self._server = _Server(parts.hostname or "localhost", 80 if parts.port is None else parts.port, self._answer)

    def __enter__(self) -> "Listener":
        return self

    def __exit__(self, *_: object) -> None:
        self._server.server_close()

    @property
    def port(self) -> int:
        """The port listened at (the system's choice when the address says 0)."""
        return int(self._server.server_address[1])

    def wait(self, seconds: float) -> Granted:
        """The code and company that the browser brings. Raises NeedsPerson after so many seconds, or when the
        person declined."""
        deadline = time.monotonic() + seconds
        while self._outcome is None:
            left = deadline - time.monotonic()
            if left <= 0:
                raise NeedsPerson("QuickBooks", "Nobody came back from Intuit's page in time: start connect again")
            self._server.timeout = left
            self._server.handle_request()
        self._server.timeout = 1.0  # the browser's next step: the page without the code
        self._server.handle_request()
        if isinstance(self._outcome, NeedsPerson):
            raise self._outcome
        return self._outcome

    def _answer(self, target: str) -> str:
        """Where to send the browser that asked for `target`; empty for an address that is not ours."""
        if urlsplit(target).path != self._path:
            return ""
        if not belongs(target, self._state):
            return FAILED_PATH  # a stranger's request does not end the wait
        try:
            self._outcome = read_callback(target, self._state)
        except NeedsPerson as refusal:
            self._outcome = refusal
            return FAILED_PATH
        return DONE_PATH


class _Server(TCPServer):
    """One request at a time, on IPv4 or IPv6 as the host asks."""

    allow_reuse_address = True

    def __init__(self, host: str, port: int, answer: Callable[[str], str]) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.answer = answer
        super().__init__((host, port), _Handler)


class _Handler(BaseHTTPRequestHandler):
    timeout = 5  # a browser's idle spare connection must not hold up the real one
    server: _Server

    def do_GET(self) -> None:
        page = _PAGES.get(urlsplit(self.path).path)
        target = "" if page else self.server.answer(self.path)
        body = (page or "").encode()
        self.send_response(200 if page else 302 if target else 404)
        if target:
            self.send_header("Location", target)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-cache, no-store")
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the addresses hold codes."""
