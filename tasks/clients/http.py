"""The one place that builds an HTTP client, and that says what a broken connection means.

Every client has timeouts, bounded connections, verified TLS and no redirects, asks for JSON and names the product.
Nothing here retries: the tasks' policy does.
"""

import asyncio
import ssl
import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version

import httpx

from tasks.clients.errors import CallFailed, NeedsPerson, Side, TooLong, TryLater, Unknown

READS = frozenset({"GET", "HEAD"})
NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
LONGEST_WAIT = 3600.0
MARGIN = timedelta(minutes=5)
"""How much this machine's clock may be ahead where the other side does not say its time."""


class Patience:
    """How long one side has asked us to wait since it last answered well: a run waits for an hour and then ends."""

    def __init__(self, side: Side) -> None:
        self._side: Side = side
        self._since: float | None = None
        self._over = ""

    def well(self) -> None:
        """It answered well: the hour begins again with the next wait."""
        self._since = None

    def asked(self, seconds: float) -> None:
        """It asks for a wait of so many seconds from now."""
        now = time.monotonic()
        self._since = now if self._since is None else self._since
        if (now - self._since) + seconds >= LONGEST_WAIT:
            self._over = f"{datetime.now().astimezone() + timedelta(seconds=seconds):%H:%M:%S}"

    def check(self) -> None:
        """Raise TooLong when it has asked for more than the hour, so that nobody calls again in this run."""
        if self._over:
            detail = f"It asks for a pause until {self._over} or later, and a run waits for an hour at most"
            raise TooLong(self._side, detail)


def build(
    *,
    auth: httpx.Auth | None = None,
    timeout: float = 60.0,
    connections: int = 8,
    transport: httpx.AsyncBaseTransport | None = None,
) -> httpx.AsyncClient:
    """A client with at most `connections` open at once; `timeout` (seconds) bounds each read, a fourth of it each
    connection attempt. `transport` replaces the network, for an application in the same process."""
    return httpx.AsyncClient(
        auth=auth,
        timeout=httpx.Timeout(timeout, connect=timeout / 4),
        limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
        headers={"Accept": "application/json", "User-Agent": f"MageBooks/{_version()}"},
        follow_redirects=False,
        transport=transport,
        verify=certificates(),
    )


async def send(
    client: httpx.AsyncClient, request: httpx.Request, side: Side, *, writes: bool | None = None, deadline: float = 300
) -> httpx.Response:
    """Send and read the whole answer, whatever its status, within `deadline` seconds.

    `writes` says whether the call changes something (default: every method but GET and HEAD). Raises `TryLater` when
    nothing was sent or nothing is changed by sending it again, `Unknown` when a write may have been carried out,
    `NeedsPerson` when the address cannot be one.
    """
    try:
        async with asyncio.timeout(deadline):
            return await client.send(request)
    except TimeoutError as error:
        raise lost(side, error, writes=_writes(request, writes)) from None
    except (httpx.RequestError, httpx.InvalidURL) as error:
        raise lost(side, error, writes=_writes(request, writes)) from error


def lost(side: Side, error: Exception, *, writes: bool) -> CallFailed:
    """What a connection that broke means. The words name the kind of break only: no address, no content."""
    if isinstance(error, httpx.UnsupportedProtocol | httpx.InvalidURL):
        return NeedsPerson(side, "the address is not one that can be called; it has to begin with https://")
    if isinstance(error, NOTHING_SENT):
        return TryLater(side, f"no connection could be made ({type(error).__name__})")
    if writes:
        return Unknown(side, f"the connection broke after sending ({type(error).__name__}); it may have been done")
    return TryLater(side, f"no complete answer came ({type(error).__name__})")


def retry_after(response: httpx.Response) -> float | None:
    """Seconds that an answer of either side asks us to wait (RFC 9110: a number, or a date compared with the answer's
    own Date, so that this machine's clock does not matter), at most an hour; None when it does not say."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:9]), LONGEST_WAIT)
    until, dates = _date(value), _dates(response)
    if until is None or not dates:
        return None
    return min(max((until - min(dates)).total_seconds(), 0.0), LONGEST_WAIT)


def answered_at(response: httpx.Response) -> datetime:
    """The other side's own time of an answer (RFC 9110, `Date`, less the `Age` of one from a cache), aware, UTC; the
    earliest where a proxy added a `Date` of its own, and never later than this machine's time.

    Without a `Date` that can be read it is this machine's time less `MARGIN`: too early costs a repeated reading, too
    late would lose what changes meanwhile.
    """
    now = datetime.now(UTC).replace(microsecond=0)
    moment = min(now, *(_dates(response) or [now - MARGIN]))
    age = response.headers.get("Age", "").strip()
    return moment - timedelta(seconds=int(age[:9]) if age.isascii() and age.isdigit() else 0)


def _dates(response: httpx.Response) -> list[datetime]:
    return [moment for value in response.headers.get_list("Date") if (moment := _date(value))]


def _date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def _writes(request: httpx.Request, writes: bool | None) -> bool:
    return request.method not in READS if writes is None else writes


@cache
def certificates() -> ssl.SSLContext:
    """The certificates that httpx trusts: reading them takes longer than most calls, so they are read once."""
    return httpx.create_ssl_context()


def _version() -> str:
    try:
        return version("magebooks")
    except PackageNotFoundError:
        return "0"
