"""The real command in a process of its own, as a user runs it."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

Run = Callable[..., subprocess.CompletedProcess[str]]

_OURS = ("MAGENTO_", "QUICKBOOKS_", "MAGEBOOKS_", "PREFECT_", "QBWC_")


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment without any of our settings, so that a developer's own do not leak in."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return kept | {"COLUMNS": "100"} | dict(extra or {})


def magebooks_in(directory: Path) -> Run:
    """`run("status", "--json", env={...})` in `directory`, no terminal on any end."""

    def run(
        *arguments: str, env: Mapping[str, str] | None = None, timeout: float = 60
    ) -> subprocess.CompletedProcess[str]:
        command = Path(sys.executable).with_name("magebooks")
        return subprocess.run(
            [str(command), *arguments],
            cwd=directory,
            env=clean_environment(env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    return run


def imported_by(*arguments: str, cwd: Path, env: Mapping[str, str] | None = None) -> set[str]:
    """The top-level packages that a command line imports."""
    code = (
        "import sys; from deploy.cli.app import run; status = run(sys.argv[1:]); "
        "print('\\nMODULES', *sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=cwd,
        env=clean_environment(env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return set(done.stdout.rpartition("MODULES ")[2].split())
