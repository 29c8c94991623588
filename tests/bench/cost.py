"""What a piece of work costs, in this process and in those that it starts."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

OFTEN = 0.05


@dataclass(slots=True)
class Cost:
    """Seconds on the wall, seconds of processor time, and the most memory of each process, in megabytes.

    `getrusage` would count memory of the process that started one as its own.
    """

    seconds: float = 0.0
    worked: float = 0.0
    peaks: dict[str, float] = field(default_factory=dict)

    @property
    def megabytes(self) -> float:
        """What all of them took at most; less, if they took it at different times."""
        return sum(self.peaks.values())

    def look(self) -> None:
        """Read the most that each process has taken so far (Linux, proc_pid_status(5): VmHWM)."""
        mine = Path(f"/proc/{os.getpid()}")
        children = " ".join(each.read_text() for each in mine.glob("task/*/children")).split()
        for pid in (mine.name, *children):
            status = Path(f"/proc/{pid}/status")
            lines = status.read_text().splitlines() if status.exists() else []
            for line in lines:
                if line.startswith("VmHWM"):
                    self.peaks[pid] = int(line.split()[1]) / 1024


@contextmanager
def cost() -> Iterator[Cost]:
    """Measure what happens inside; the figures are there at its end."""
    found, over = Cost(), threading.Event()

    def watch() -> None:
        while not over.wait(OFTEN):
            found.look()

    watcher = threading.Thread(target=watch)
    watcher.start()
    begun, worked = time.perf_counter(), sum(os.times()[:4])
    try:
        yield found
    finally:
        found.seconds, found.worked = time.perf_counter() - begun, sum(os.times()[:4]) - worked
        over.set()
        watcher.join()
        found.look()
