"""`requirements.lock`: everything that is installed, exactly, known by its hash, from no address of anybody's."""

import re
import tomllib
from importlib.metadata import version

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.house.sources import ROOT

LOCK = (ROOT / "requirements.lock").read_text()
ENTRIES = re.findall(r"^(\S.*?)(?: \\)?\n((?:    .*\n?)*)", LOCK, re.MULTILINE)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
WANTED = [Requirement(text) for text in (*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"])]


def pins() -> dict[str, Version]:
    """The versions for this machine; some packages are pinned differently for other Pythons."""
    locked = [Requirement(line) for line, _ in ENTRIES]
    return {
        canonicalize_name(each.name): Version(str(each.specifier).removeprefix("=="))
        for each in locked
        if each.marker is None or each.marker.evaluate()
    }


def test_every_requirement_is_pinned_and_has_a_hash() -> None:
    assert len({line for line, _ in ENTRIES}) == len(ENTRIES) > 100
    assert [line for line, _ in ENTRIES if not re.match(r"[\w.\[\]-]+==[\w.]+( ; .+)?$", line)] == []
    for line, below in ENTRIES:
        hashes = re.findall(r"^    --hash=sha256:[0-9a-f]{64}(?: \\)?$", below, re.MULTILINE)
        assert hashes, line
        assert len(hashes) == len(below.splitlines()), line


def test_no_address_is_named() -> None:
    assert not re.search(r"https?:|git\+|file:|--(?:extra-)?index-url|--find-links|--trusted-host| @ ", LOCK)


@pytest.mark.parametrize("wanted", WANTED, ids=str)
def test_the_lock_holds_what_the_project_asks_for(wanted: Requirement) -> None:
    assert wanted.specifier.contains(pins()[canonicalize_name(wanted.name)])


@pytest.mark.parametrize("trap", ["prefect<3.9", "fastapi<0.151", "sqlalchemy<2.1", "duckdb==2.0.0"])
def test_versions_known_to_fail_can_not_be_installed(trap: str) -> None:
    # Why each is kept out stands beside the dependencies in pyproject.toml.
    known = Requirement(trap)
    (asked,) = (each for each in WANTED if each.name == known.name)
    assert set(map(str, known.specifier)) <= set(map(str, asked.specifier))
    assert known.specifier.contains(pins()[known.name])


def test_these_tests_run_with_what_is_locked() -> None:
    assert {name: version(name) for name in pins() if Version(version(name)) != pins()[name]} == {}
