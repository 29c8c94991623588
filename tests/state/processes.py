"""Starting the steps of `steps.py` as real processes."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
Process = subprocess.Popen[str]


def start(step: str, *arguments: str) -> Process:
    """Begin a step; its output can be read from it."""
    command = [sys.executable, "-m", "tests.state.steps", step, *arguments]
    return subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def finish(*processes: Process) -> list[list[str]]:
    """Wait for steps and return the lines each printed; their errors fail the test."""
    lines = []
    for process in processes:
        output, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
        lines.append(output.splitlines())
    return lines


def kill_inside(process: Process) -> None:
    """Kill -9 a step once it says that it is inside its transaction."""
    assert process.stdout is not None
    assert process.stdout.readline() == "inside\n", process.communicate()[1]
    process.kill()
    process.communicate(timeout=30)
