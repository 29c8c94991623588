"""Running a Prefect flow from the command: a quiet temporary server, Ctrl-C that loses nothing, progress."""

import asyncio
import atexit
import os
import signal
import sys
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Any, TypeVar

from deploy.cli import prefect_env
from deploy.cli.bar import watch
from deploy.cli.session import Session

T = TypeVar("T")

_STOPPING = "Stopping after the batch under way. Nothing is lost: the same command goes on. Ctrl-C again stops at once."


def prepare(session: Session, home: Path) -> None:
    """Make Prefect quiet and start its temporary server, unless PREFECT_API_URL names one. Before any flow import."""
    atexit.register(_hush)
    prefect_env.prepare(os.environ, home, debug=session.options.debug)
    if os.environ.get("PREFECT_API_URL"):
        return
    if session.err.is_terminal:
        session.say("Starting a temporary Prefect server (about ten seconds) ...")
    from prefect.server.api.server import SubprocessASGIServer

    with _sheltered_from_ctrl_c():
        SubprocessASGIServer().start()


def carry_out(session: Session, work: Coroutine[Any, Any, T]) -> T:
    """Run `work` to its end and show how far it is. Ctrl-C asks it to end after the present batch; a second one
    raises KeyboardInterrupt."""
    from tasks import progress

    stop = Event()
    with watch(session) as listener, _polite_ctrl_c(session, stop), progress.listen(listener, stop):
        return asyncio.run(work)


@contextmanager
def _polite_ctrl_c(session: Session, stop: Event) -> Iterator[None]:
    def on_interrupt(_number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        session.err.print(_STOPPING, style="yellow")

    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _sheltered_from_ctrl_c() -> Iterator[None]:
    """Processes started in here never see Ctrl-C: a terminal sends it to the whole group, and a run that ends
    politely still has to report to its server."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _hush() -> None:
    """Registered first, so it runs last: all that should be said is said.

    Prefect's threads still run when the interpreter ends, and DuckDB's binding then reports every object they keep
    alive as leaked, forty lines to stderr that mean nothing to anybody here.
    """
    sys.stderr.flush()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
