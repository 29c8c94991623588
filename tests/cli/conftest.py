"""Fixtures of the command's tests."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli.command import Run, magebooks_in


@pytest.fixture
def magebooks(tmp_path: Path) -> Run:
    """The command in an empty directory of its own."""
    return magebooks_in(tmp_path)


@pytest.fixture
def served(prefect_api: str, tmp_path: Path) -> Mapping[str, str]:
    """The environment of a Prefect server that runs already: without it each run takes ten seconds to start its own."""
    return {"PREFECT_API_URL": prefect_api, "PREFECT_HOME": str(tmp_path / "prefect")}
