"""Fixtures of the command's tests."""

from pathlib import Path

import pytest

from tests.cli.command import Run, magebooks_in


@pytest.fixture
def magebooks(tmp_path: Path) -> Run:
    """The command in an empty directory of its own."""
    return magebooks_in(tmp_path)
