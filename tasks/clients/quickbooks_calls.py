"""One HTTP call to a QuickBooks company: paced, signed, traced, and its failure sorted.

Owned here: what each call costs (`Calls`), the limits it waits for (`Limiter`), and keeping the company's id, which
is a part of every address, out of logs and errors. There are no retries here, except that a call answered 401 is sent
once more with a new token.
"""

import asyncio
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import quote

import httpx

from tasks.clients.errors import CallFailed, TryLater, Unknown
from tasks.clients.http import MARGIN, Patience, answered_at, certificates, retry_after
from tasks.clients.quickbooks_auth import IntuitAuth
from tasks.clients.quickbooks_faults import Throttled, classify_http, parse, trace_id

MINOR_VERSION = 75  # Intuit, article of 2025-01: older ones are ignored, 75 is default and minimum
THROTTLE_SECONDS = 60.0  # Intuit, "Limits and throttles" page: after a 429, wait 60 seconds

# Intuit cuts a request after 120 seconds; giving up earlier would lose an answer that is still coming.
TIMEOUT = httpx.Timeout(connect=15.0, read=150.0, write=60.0, pool=None)

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)

log = logging.getLogger(__name__)


class Limiter(Protocol):
    """Paces the calls of all processes to one company.

    Names: "requests" (500 a minute, 10 a second) for every HTTP call, "batches" (40 a minute) for batch calls too.
    """

    async def take(self, *names: str) -> None:
        """Wait until one more call fits into every named limit, and count it."""
        ...

    async def pause(self, name: str, seconds: float) -> None:
        """Let nobody take from this limit for so long."""
        ...


@dataclass(slots=True)
class Calls:
    """What was spent: HTTP calls, how many of them batches, metered reads (queries, reports, change data capture,
    reads; each query of a batch counts), writes, and the trace id of the latest answer."""

    calls: int = 0
    batches: int = 0
    reads: int = 0
    writes: int = 0
    last_tid: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """One request: `path` below the company, where `{realm}` stands for its id; `query` already encoded; `body` JSON
    as bytes, or None for GET; `name` what a log may call it."""

    name: str
    path: str
    query: tuple[str, ...] = ()
    body: bytes | None = None
    reads: int = 0
    writes: int = 0

    @property
    def takes(self) -> tuple[str, ...]:
        """The limits that this call counts against."""
        return ("requests", "batches") if self.path == "batch" else ("requests",)


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer: its JSON with numbers as `Decimal` and `int`, and Intuit's trace id."""

    body: dict[str, Any]
    tid: str


def hide_address(record: logging.LogRecord) -> bool:
    """Log filter: httpx writes every address at INFO, and ours hold the company's id."""
    if isinstance(record.args, tuple):
        record.args = tuple(
            "(QuickBooks)" if isinstance(value, httpx.URL) and "/v3/company/" in value.path else value
            for value in record.args
        )
    return True


class Line:
    """The line to one company's API."""

    def __init__(
        self,
        api_url: str,
        auth: IntuitAuth,
        limiter: Limiter,
        *,
        concurrency: int,
        timeout: httpx.Timeout,
        throttle_seconds: float,
    ) -> None:
        self.calls = Calls()
        self.answered_at = datetime.now(UTC) - MARGIN
        self._api_url = api_url.rstrip("/")
        self._auth = auth
        self._limiter = limiter
        self._throttle_seconds = throttle_seconds
        self.patience = Patience("QuickBooks")
        self._slots = asyncio.Semaphore(concurrency)
        hooks = {"request": [self._before_sending]}
        self._http = httpx.AsyncClient(auth=auth, timeout=timeout, event_hooks=hooks, verify=certificates())
        logging.getLogger("httpx").addFilter(hide_address)

    async def call(self, call: Call) -> Answer:
        """Send one request and return what it says.

        Raises Unknown when a write was sent and its outcome is not known, TryLater (Throttled for 429 and fault
        3001, after pausing the limit for everybody; TooLong when a run does not wait so long), NeedsPerson, Rejected.
        """
        async with self._slots:
            try:
                tokens = await self._auth.tokens()
            except TryLater as failure:
                raise await self._eased(call, failure, failure.retry_after) from None
            self.calls.reads += call.reads
            self.calls.writes += call.writes
            request = self._request(call, quote(tokens.realm_id, safe=""))
            try:
                response = await self._http.send(request)
            except httpx.RequestError as error:
                raise _lost(error, write=call.writes > 0) from None
        return await self._judged(call, response)

    async def pause(self, call: Call, seconds: float | None) -> float:
        """Stop the limits of this call for everybody, for the given seconds or Intuit's minute; returns which."""
        wait = self._throttle_seconds if seconds is None else seconds
        self.patience.asked(wait)
        for name in call.takes:
            await self._limiter.pause(name, wait)
        return wait

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _before_sending(self, request: httpx.Request) -> None:
        """httpx calls this for every request that goes out, the repetition after a 401 included."""
        self.patience.check()
        takes = request.extensions["takes"]
        await self._limiter.take(*takes)
        self.calls.calls += 1
        self.calls.batches += "batches" in takes

    def _request(self, call: Call, realm: str) -> httpx.Request:
        query = "&".join((*call.query, f"minorversion={MINOR_VERSION}"))
        headers = {"Accept": "application/json"}
        if call.body is not None:
            headers["Content-Type"] = "application/json; charset=utf-8"
        return self._http.build_request(
            "GET" if call.body is None else "POST",
            f"{self._api_url}/v3/company/{realm}/{call.path.replace('{realm}', realm)}?{query}",
            headers=headers,
            content=call.body,
            extensions={"takes": call.takes},
        )

    async def _judged(self, call: Call, response: httpx.Response) -> Answer:
        tid = trace_id(response)
        self.calls.last_tid = tid or self.calls.last_tid
        self.answered_at = answered_at(response)
        log.info("QuickBooks %s: HTTP %s, intuit_tid %s", call.name, response.status_code, tid or "none")
        failure = classify_http(response, write=call.writes > 0)
        if failure is not None:
            raise await self._eased(call, failure, retry_after(response))
        if call.path != "batch":  # QuickBooks may still refuse its items for now
            self.patience.well()
        return Answer(parse(response.content) or {}, tid)

    async def _eased(self, call: Call, failure: CallFailed, asked: float | None) -> CallFailed:
        """The failure, once everybody pauses for as long as its answer asks. Raises TooLong when nothing was done and
        the wait is longer than a run's."""
        if isinstance(failure, Throttled) or (asked and isinstance(failure, TryLater | Unknown)):
            wait = await self.pause(call, asked)
            if isinstance(failure, TryLater):
                failure.retry_after = wait
                self.patience.check()
        return failure


def _lost(error: httpx.RequestError, *, write: bool) -> CallFailed:
    """No answer: before sending nothing happened; after sending a write may have been carried out."""
    reason = f"No answer came ({type(error).__name__})"
    if write and not isinstance(error, _NOT_SENT):
        return Unknown("QuickBooks", reason)
    return TryLater("QuickBooks", reason)
