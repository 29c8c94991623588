"""The limits of QuickBooks, kept in the ledger so that all processes of a company share them."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from state import ledger, limits
from state.ledger import Ledger
from state.limits import Window


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
        windows = [_window(name, rate) for name in names for rate in self.rates[name]]
        while (wait := await asyncio.to_thread(self._reserve, windows)) > 0:
            await asyncio.sleep(wait)

    async def pause(self, name: str, seconds: float) -> None:
        """Let nobody take from this limit for so long: the other side said 429."""
        until = datetime.now(UTC) + timedelta(seconds=seconds)
        with ledger.begin(self.ledger) as conn:
            for rate in self.rates[name]:
                limits.pause(conn, _window(name, rate).name, until)

    def _reserve(self, windows: Sequence[Window]) -> float:
        with ledger.begin(self.ledger) as conn:
            return limits.reserve(conn, windows, datetime.now(UTC))


def _window(name: str, rate: Rate) -> Window:
    """Each rate has a log of grants of its own."""
    return Window(f"{name}, {rate.calls} in {rate.seconds:g} s", rate.calls, rate.seconds)
