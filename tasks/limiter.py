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
    """Makes callers wait until a call fits. `rates` by the client's limit names."""

    ledger: Ledger
    rates: Mapping[str, Rate]

    async def take(self, *names: str) -> None:
        """Wait until one more call fits into every named limit, and count it."""
        for name in names:
            rate = self.rates[name]
            while (wait := await asyncio.to_thread(self._reserve, name, rate)) > 0:
                await asyncio.sleep(wait)

    async def pause(self, name: str, seconds: float) -> None:
        """Let nobody take from this limit for so long: the other side said 429."""
        until = datetime.now(UTC) + timedelta(seconds=seconds)
        with ledger.begin(self.ledger) as conn:
            limits.pause(conn, name, until)

    def _reserve(self, name: str, rate: Rate) -> float:
        with ledger.begin(self.ledger) as conn:
            return limits.reserve(conn, name, rate.calls, rate.seconds, datetime.now(UTC))
