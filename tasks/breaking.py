"""The circuit breaker around calls: after several failures in a row nobody calls until it may be tried again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Final

from state import breaker, ledger
from tasks import connections
from tasks.clients.errors import CallFailed, Side, TryLater, Unknown
from tasks.clients.quickbooks_faults import Throttled

NAMES: Final[dict[Side, str]] = {"Magento": "magento", "QuickBooks": "quickbooks"}


class NotNow(TryLater):
    """The line failed too often in a row: no call is made, and the task does not retry."""

    def __init__(self, side: Side, seconds: float) -> None:
        words = f"It did not answer several times in a row; next try in {seconds:.0f} s"
        super().__init__(side, words, retry_after=seconds)


@asynccontextmanager
async def guarded(side: Side) -> AsyncIterator[None]:
    """Make calls to one side inside this block: refused with NotNow while the breaker is open, and counted.

    A throttled call is no failure: the other side is well and asks for patience.
    """
    here = connections.current()
    with ledger.begin(here.ledger) as conn:
        verdict = breaker.allow(conn, NAMES[side], datetime.now(UTC))
    if not verdict:
        raise NotNow(side, verdict.wait_seconds)
    try:
        yield
    except CallFailed as error:
        _record(side, not is_outage(error))
        raise
    _record(side, True)


def is_outage(error: CallFailed) -> bool:
    """Whether an error says that the other side is not there, rather than that it said no."""
    return isinstance(error, TryLater | Unknown) and not isinstance(error, Throttled)


def _record(side: Side, ok: bool) -> None:
    with ledger.begin(connections.current().ledger) as conn:
        breaker.record(conn, NAMES[side], ok, datetime.now(UTC))
