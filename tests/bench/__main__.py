"""`python -m tests.bench [measurement ...]`: one table of all figures; exit status 1 when one is missed."""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

from rich.console import Console

from tests.bench.figures import Figure, missed, table

MEASUREMENTS = ("landing", "mapping", "remapping", "summing", "calls", "rate", "books", "connector")
ROOT = Path(__file__).parents[2]


def main(chosen: list[str]) -> int:
    """Measure everything, or what was chosen; a process each, so that memory and warmth of one are not another's."""
    console = Console()
    figures: list[Figure] = []
    for name in chosen or MEASUREMENTS:
        console.print(f"Measuring {name} ...", style="dim")
        figures += _measured(name)
    console.print(table(figures))
    lost = missed(figures)
    console.print(f"Missed: {'; '.join(lost)}" if lost else "Every figure is met.", style="red" if lost else "green")
    return 1 if lost else 0


def _measured(name: str) -> list[Figure]:
    command = [sys.executable, "-m", "tests.bench", "--only", name]
    with tempfile.TemporaryDirectory() as state:  # the user's own state directory stays as it is
        environment = os.environ | {"XDG_STATE_HOME": state}
        done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return [Figure(**figure) for figure in json.loads(done.stdout)]


def _measure(name: str) -> None:
    figures = import_module(f"tests.bench.{name}").measure()
    sys.stdout.write(json.dumps([asdict(figure) for figure in figures]))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--only"]:
        _measure(sys.argv[2])
    else:
        sys.exit(main(sys.argv[1:]))
