"""How far a run is: bars on a terminal, one line each ten seconds elsewhere. Always on stderr."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from deploy.cli.session import Session

Listener = Callable[[str, int, int | None, str], None]

LINE_EVERY_SECONDS = 10.0


@contextmanager
def watch(session: Session) -> Iterator[Listener]:
    """A listener for `tasks.progress`: `(stage, done, total or None, unit)`. `-q` silences it."""
    if session.options.quiet:
        yield lambda stage, done, total, unit: None
    elif session.err.is_terminal:
        with _bars(session) as listener:
            yield listener
    else:
        yield _lines(session)


@contextmanager
def _bars(session: Session) -> Iterator[Listener]:
    columns = (
        TextColumn("{task.description:<8}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TextColumn("{task.fields[unit]}"),
        TimeElapsedColumn(),
    )
    stages: dict[str, TaskID] = {}
    with Progress(*columns, console=session.err) as progress:

        def listener(stage: str, done: int, total: int | None, unit: str) -> None:
            if stage not in stages:
                stages[stage] = progress.add_task(stage, total=total, unit=unit)
            progress.update(stages[stage], completed=done, total=total, unit=unit)

        yield listener


def _lines(session: Session) -> Listener:
    last = {"": time.monotonic()}

    def listener(stage: str, done: int, total: int | None, unit: str) -> None:
        if time.monotonic() - last.get(stage, last[""]) < LINE_EVERY_SECONDS:
            return
        last[stage] = time.monotonic()
        of = f"{done:,} of {total:,}" if total else f"{done:,}"
        session.say(f"{stage}: {of} {unit}")

    return listener
