"""What every request must look like before anything is asked, and what every answer says to browsers and caches."""

import logging

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deploy.gateway.address import host_name
from deploy.gateway.desk import whereabouts

log = logging.getLogger("magebooks.gateway")

METHODS = frozenset({"GET", "HEAD", "POST"})

_ALWAYS = (
    # Intuit, security requirements for apps: both words, on every answer.
    ("cache-control", "no-store, no-cache"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    (
        "content-security-policy",
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
    ),
)
_YEAR = "max-age=31536000; includeSubDomains"


def always(*, https: bool) -> list[tuple[str, str]]:
    """The headers of every answer, given to the server itself so that its own refusals have them too."""
    return [*_ALWAYS, *([("strict-transport-security", _YEAR)] if https else [])]


class Guard:
    """The outermost application: one allowed Host, known methods, and no exception that reaches the server's log."""

    def __init__(self, app: ASGIApp, names: frozenset[str]) -> None:
        self._app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if refused := self._refused(scope):
            await refused(scope, receive, send)
            return
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except Exception as error:  # noqa: BLE001 - its words must not reach a log or a stranger
            log.error("a request failed: %s", whereabouts(error))
            if not started:
                await _plain(500, "Internal error")(scope, receive, send)

    def _refused(self, scope: Scope) -> PlainTextResponse | None:
        # TRACE and whatever nobody uses, on unknown paths too (Intuit's security requirements).
        if scope["method"] not in METHODS:
            return _plain(405, "Method not allowed", allow=", ".join(sorted(METHODS)))
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        if len(hosts) != 1:
            return _plain(400, "One Host, please")
        if host_name(hosts[0].decode("latin-1")) not in self._names:
            return _plain(421, "Not known by this name")
        return None


def _plain(status: int, text: str, **headers: str) -> PlainTextResponse:
    # The body may not have been read: the connection can not go on.
    return PlainTextResponse(text, status, {**headers, "connection": "close"})
