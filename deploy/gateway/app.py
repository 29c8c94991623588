"""The gateway as an ASGI application: /qbwc for the Web Connector, /healthz and /readyz for monitors, a page."""

from email.message import Message
from importlib import metadata, resources

import anyio
from anyio import to_thread
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from deploy.gateway import address, soap
from deploy.gateway.body import Body, Intake, Refused
from deploy.gateway.desk import Desk, Reply, refusal
from deploy.gateway.headers import Guard
from deploy.gateway.limits import LIMITS, Limits
from deploy.gateway.login import Door
from deploy.gateway.operations import Service
from deploy.gateway.wsdl import wsdl
from state.settings import Settings

_THREADS = 16


def application(service: Service, settings: Settings, *, limits: Limits = LIMITS, door: Door | None = None) -> ASGIApp:
    """The whole gateway for `service`. Its limits of time are the server's: see `deploy.gateway.server`."""
    door = door or Door(settings.qbwc_username, settings.qbwc_password.get_secret_value())
    counter = _Counter(Desk(service, door, metadata.version("magebooks")), settings.magebooks_gateway_url, limits)
    routes = [
        Route("/", _page),
        Route(address.PATH, counter.get, methods=["GET"]),
        Route(address.PATH, counter.post, methods=["POST"]),
        Route("/healthz", _healthy),
        Route("/readyz", counter.ready),
    ]
    inner = Starlette(routes=routes)
    inner.router.redirect_slashes = False  # a redirect would repeat what a stranger wrote into Host
    return Guard(inner, address.names(settings.magebooks_gateway_url))


class _Counter:
    """The endpoints that talk to the desk, each in a worker thread: parsing and the ledger never hold the loop."""

    def __init__(self, desk: Desk, public_url: str, limits: Limits) -> None:
        self._desk = desk
        self._public = address.service_of(public_url) if public_url else ""
        self._intake = Intake(limits, self._alive)
        self._threads = anyio.CapacityLimiter(_THREADS)

    async def get(self, request: Request) -> Response:
        if any(name.lower() == "wsdl" for name in request.query_params):
            location = self._public or f"http://{request.headers['host']}{address.PATH}"
            return Response(wsdl(location), media_type="text/xml")
        return await _page(request)

    async def post(self, request: Request) -> Response:
        try:
            encoding = _encoding(request.headers.get("content-type", ""))
            async with self._intake.body(request) as body:
                return _soap(await self._answer(body, encoding, request.client.host if request.client else ""))
        except Refused as refused:
            return _soap(refusal(refused.text, status=refused.status), close=True)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody is there to read it

    async def ready(self, _request: Request) -> Response:
        ready = await to_thread.run_sync(self._desk.ready, limiter=self._threads)
        return PlainTextResponse("ready" if ready else "not ready", 200 if ready else 503)

    async def _answer(self, body: Body, encoding: str | None, client: str) -> Reply:
        def answer() -> Reply:
            return self._desk.answer(body.chunks, encoding, client, large=body.large)

        return await to_thread.run_sync(answer, limiter=self._threads)

    async def _alive(self, ticket: str) -> bool:
        return await to_thread.run_sync(self._desk.alive, ticket, limiter=self._threads)


def _encoding(content_type: str) -> str | None:
    """What overrides the document's own encoding. Raises Refused for what is no SOAP 1.1 (text/xml)."""
    header = Message()
    header["content-type"] = content_type
    charset = str(header.get_param("charset") or "").lower()
    if header.get_content_type() != "text/xml" or charset not in soap.ENCODINGS:
        raise Refused(500, "This service speaks SOAP 1.1: Content-Type text/xml, in UTF-8.")
    return soap.ENCODINGS[charset]


def _soap(reply: Reply, *, close: bool = False) -> Response:
    headers = {"connection": "close"} if close else None
    return Response(reply.body, reply.status, headers, media_type="text/xml")


async def _page(_request: Request) -> Response:
    return HTMLResponse(resources.files("deploy.gateway").joinpath("page.html").read_text(encoding="utf-8"))


async def _healthy(_request: Request) -> Response:
    return PlainTextResponse("ok")
