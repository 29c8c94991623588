"""How far a run is, for whoever watches (the command's bar); and the wish to stop after the present batch.

A listener is bound to the context of the caller, so two runs in one process do not mix.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Event

Listener = Callable[[str, int, int | None, str], None]

_listener: ContextVar[Listener | None] = ContextVar("progress_listener", default=None)
_stop: ContextVar[Event | None] = ContextVar("progress_stop", default=None)


@contextmanager
def listen(listener: Listener, stop: Event | None = None) -> Iterator[None]:
    """Send `(stage, done, total or None, unit)` to `listener`; when `stop` is set, no new batch begins."""
    listening, stopping = _listener.set(listener), _stop.set(stop)
    try:
        yield
    finally:
        _listener.reset(listening)
        _stop.reset(stopping)


def report(stage: str, done: int, total: int | None, unit: str) -> None:
    """Tell the listener, if there is one."""
    if listener := _listener.get():
        listener(stage, done, total, unit)


def stop_requested() -> bool:
    """Whether the person asked to stop after what is under way."""
    stop = _stop.get()
    return stop is not None and stop.is_set()
