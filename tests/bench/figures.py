"""One measured figure beside what is required of it, and the table of all."""

import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rich.table import Table
from rich.text import Text

SIGNS = {"least": "≥", "most": "≤", "exactly": "="}


@dataclass(frozen=True, slots=True)
class Figure:
    """`required` None: told, not judged. `places` are the decimals shown; `unit` stands behind both numbers."""

    name: str
    measured: float
    required: float | None = None
    bound: Literal["least", "most", "exactly"] = "least"
    unit: str = ""
    places: int = 0

    @property
    def ok(self) -> bool:
        """Whether the figure is what it has to be."""
        if self.required is None:
            return True
        match self.bound:
            case "least":
                return self.measured >= self.required
            case "most":
                return self.measured <= self.required
            case "exactly":
                return self.measured == self.required

    def cells(self) -> tuple[str, str, str, Text]:
        """The figure as a row of the table."""
        required = "" if self.required is None else f"{SIGNS[self.bound]} {self._shown(self.required)}"
        verdict = Text("") if self.required is None else Text("ok", "green") if self.ok else Text("MISSED", "bold red")
        return self.name, required, self._shown(self.measured), verdict

    def _shown(self, value: float) -> str:
        return f"{value:,.{self.places}f}{self.unit}"


def table(figures: Iterable[Figure]) -> Table:
    """All figures, as people read them."""
    shown = Table("figure", "required", "measured", "", title=f"MageBooks on {machine()}", title_justify="left")
    for at in (1, 2):
        shown.columns[at].justify = "right"
    for figure in figures:
        shown.add_row(*figure.cells())
    return shown


def machine() -> str:
    """The processor, how many of them, how busy they were, and Python's version."""
    return (
        f"{os.cpu_count()} × {_processor()}, {os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') >> 30} GB, "
        f"Python {platform.python_version()}, load {os.getloadavg()[1]:.1f}"
    )


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())


def missed(figures: Sequence[Figure]) -> list[str]:
    """The names of the figures that are not what they have to be."""
    return [figure.name for figure in figures if not figure.ok]
