"""Sentences for whoever watches a run, and waiting that is never silent: what for, and until when.

Every wait goes through `Wait`; a test of the house looks for other sleeps. A listener is bound to the caller's
context, as progress is: the command line writes to its console, a run to its log.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

NAMED_FROM: Final = 5.0
"""Seconds: a shorter wait is over before anybody asks; a longer one is named at once, or when it has lasted so long."""
LOGGED_FROM: Final = 20.0
"""Seconds: a longer wait is written to the run's log too."""

Listener = Callable[[str, float], None]
log = logging.getLogger("magebooks.waiting")

_listeners: ContextVar[tuple[Listener, ...]] = ContextVar("announcement_listeners", default=())


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Send each sentence to `listener`, with how many seconds the wait takes that it names."""
    token = _listeners.set((*_listeners.get(), listener))
    try:
        yield
    finally:
        _listeners.reset(token)


def announce(sentence: str, seconds: float) -> None:
    """Tell all listeners; without any, the program's log."""
    listeners = _listeners.get()
    for listener in listeners:
        listener(sentence, seconds)
    if not listeners and seconds > LOGGED_FROM:
        log.warning(sentence)


def clock(seconds: float) -> str:
    """The local time in so many seconds, as a person reads it on the wall."""
    return f"{datetime.now().astimezone() + timedelta(seconds=seconds):%H:%M:%S}"


@dataclass(slots=True)
class Wait:
    """One wait, of one sleep or of many. `what` completes "Waiting for ..."; `at_most` is how many seconds it may take
    where its single sleeps do not say so."""

    what: str
    at_most: float | None = None
    begun: float = field(default_factory=lambda: time.monotonic())
    named: float = 0.0

    @property
    def lasted(self) -> float:
        """Seconds since its begin."""
        return time.monotonic() - self.begun

    async def sleep(self, seconds: float) -> None:
        """Sleep while others work."""
        self._name(seconds)
        await asyncio.sleep(seconds)

    def block(self, seconds: float) -> None:
        """Sleep in a thread that has nothing else to do."""
        self._name(seconds)
        time.sleep(seconds)

    def _name(self, seconds: float) -> None:
        """Announce what for and until when: once, and again when it takes longer than announced."""
        ends = self.lasted + seconds
        if ends < NAMED_FROM:
            return
        ends = max(ends, self.at_most or 0.0)
        if ends <= self.named + NAMED_FROM:
            return
        self.named = ends
        latest = " at the latest" if self.at_most else ""
        announce(f"Waiting for {self.what}, until {clock(ends - self.lasted)}{latest}.", ends)
