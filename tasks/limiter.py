"""The limits of QuickBooks, kept in the ledger so that all processes of a company share them."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from state import ledger, limits
from state.announcing import Wait, clock
from state.ledger import Ledger
from state.limits import LONGEST_PAUSE, Window
from tasks.clients.errors import Side, TooLong

MOST_WAITED = LONGEST_PAUSE.total_seconds() - 60  # a pause of an hour is met some seconds after it was asked for


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
        """Wait until one more call fits into every named limit, and count it. Raises TooLong after an hour."""
        windows = [_window(name, rate) for name in names for rate in self.rates[name]]
        wait = Wait("QuickBooks to take calls again (its limit of calls, or a pause that it asked for)")
        await pass_by(wait, "QuickBooks", lambda: self._reserve(windows))

    async def pause(self, name: str, seconds: float) -> None:
        """Let nobody take from this limit for so long: the other side said 429."""
        until = datetime.now(UTC) + timedelta(seconds=seconds)
        with ledger.begin(self.ledger) as conn:
            for rate in self.rates[name]:
                limits.pause(conn, _window(name, rate).name, until)

    def _reserve(self, windows: Sequence[Window]) -> float:
        with ledger.begin(self.ledger) as conn:
            return limits.reserve(conn, windows, datetime.now(UTC))


async def pass_by(wait: Wait, side: Side, left: Callable[[], float]) -> None:
    """Wait until `left` says that no seconds are left. Raises TooLong when that would take about an hour or longer in
    all: the pause is as long, or others have made it longer meanwhile."""
    while (seconds := await asyncio.to_thread(left)) > 0:
        if wait.lasted + seconds > MOST_WAITED:
            detail = f"It asks for a pause until {clock(seconds)} or later, and a run waits for an hour at most"
            raise TooLong(side, detail, retry_after=seconds)
        await wait.sleep(seconds)


def _window(name: str, rate: Rate) -> Window:
    """Each rate has a log of grants of its own."""
    return Window(f"{name}, {rate.calls} in {rate.seconds:g} s", rate.calls, rate.seconds)
