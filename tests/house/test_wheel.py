"""The wheel holds everything that runs: five packages with their SQL, templates, rules and help pages."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("flows", "tasks", "mappings", "state", "deploy")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names in a wheel built from this folder, offline."""
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = target.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        return set(archive.namelist())


@pytest.mark.parametrize("package", PACKAGES)
def test_every_file_of_a_package_is_in_the_wheel(package: str, wheel: set[str]) -> None:
    kept = (path for path in (ROOT / package).rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    assert {str(path.relative_to(ROOT)) for path in kept} <= wheel


@pytest.mark.parametrize("suffix", [".py", ".sql", ".toml", ".jinja", ".md", ".template"])
def test_the_wheel_holds_files_of_each_kind(suffix: str, wheel: set[str]) -> None:
    assert any(name.endswith(suffix) for name in wheel)


def test_the_wheel_holds_no_tests(wheel: set[str]) -> None:
    assert not any(name.startswith("tests/") for name in wheel)
