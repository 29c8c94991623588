"""The limits of QuickBooks, kept in the ledger so that all processes of a company share them."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from state import ledger, limits
from state.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `calls` in any window of `seconds`."""

    calls: int
    seconds: float


@dataclass(frozen=True, slots=True)
class SharedLimiter:
    """Makes callers wait until a call fits. `rates` by the client's limit names, all of which hold."""

    ledger: Ledger
    rates: Mapping[str, tuple[Rate, ...]]

    async def take(self, *names: str) -> None:
        """Wait until one more call fits into every named limit, and count it."""
        for name in names:
            for rate in self.rates[name]:
                while (wait := await asyncio.to_thread(self._reserve, name, rate)) > 0:
                    await asyncio.sleep(wait)

    async def pause(self, name: str, seconds: float) -> None:
        """Let nobody take from this limit for so long: the other side said 429."""
        until = datetime.now(UTC) + timedelta(seconds=seconds)
        with ledger.begin(self.ledger) as conn:
            for rate in self.rates[name]:
                limits.pause(conn, _log(name, rate), until)

    def _reserve(self, name: str, rate: Rate) -> float:
        with ledger.begin(self.ledger) as conn:
            return limits.reserve(conn, _log(name, rate), rate.calls, rate.seconds, datetime.now(UTC))


def _log(name: str, rate: Rate) -> str:
    """The name of a rate's log of grants: each window is counted apart."""
    return f"{name}, {rate.calls} in {rate.seconds:g} s"
