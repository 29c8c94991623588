"""The circuit breaker around calls: after several failures in a row nobody calls until it may be tried again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Final

from state import breaker, ledger, limits
from state.announcing import Wait, clock
from tasks import connections
from tasks.clients.errors import CallFailed, Side, TooLong, TryLater, Unknown
from tasks.clients.quickbooks_faults import Throttled
from tasks.connections import Session
from tasks.limiter import pass_by

NAMES: Final[dict[Side, str]] = {"Magento": "magento", "QuickBooks": "quickbooks"}


class NotNow(TryLater):
    """The line failed too often in a row: no call is made, and the task does not retry."""

    def __init__(self, side: Side, seconds: float) -> None:
        words = f"It did not answer several times in a row; next try in {seconds:.0f} s, at {clock(seconds)}"
        super().__init__(side, words, retry_after=seconds)


@asynccontextmanager
async def guarded(side: Side) -> AsyncIterator[None]:
    """Make calls to one side inside this block: refused with NotNow while the breaker is open, and counted.

    A throttled call is no failure: the other side is well and asks for patience. A pause that the shop asks for is kept
    in the ledger and waited for here, by all processes (QuickBooks' is the limiter's part); TooLong when it is longer
    than a run waits.
    """
    here = connections.current()
    if side == "Magento":
        await pass_by(Wait("Magento, which asked for a pause"), side, lambda: _pause_left(here))
    with ledger.begin(here.ledger) as conn:
        verdict = breaker.allow(conn, NAMES[side], datetime.now(UTC))
    if not verdict:
        raise NotNow(side, verdict.wait_seconds)
    try:
        yield
    except CallFailed as error:
        _record(side, not is_outage(error))
        if side == "Magento" and isinstance(error, TryLater) and error.retry_after:
            _pause(here, error.retry_after)
        raise
    _record(side, True)


def is_outage(error: CallFailed) -> bool:
    """Whether an error says that the other side is not there, rather than that it said no."""
    return isinstance(error, TryLater | Unknown) and not isinstance(error, Throttled | TooLong)


def _pause_left(here: Session) -> float:
    with ledger.begin(here.ledger) as conn:
        return limits.paused(conn, NAMES["Magento"], datetime.now(UTC))


def _pause(here: Session, seconds: float) -> None:
    """Let nobody call the shop for so long. Raises TooLong when a run does not wait so long."""
    with ledger.begin(here.ledger) as conn:
        limits.pause(conn, NAMES["Magento"], datetime.now(UTC) + timedelta(seconds=seconds))
    here.magento.patience.asked(seconds)
    here.magento.patience.check()


def _record(side: Side, ok: bool) -> None:
    with ledger.begin(connections.current().ledger) as conn:
        breaker.record(conn, NAMES[side], ok, datetime.now(UTC))
