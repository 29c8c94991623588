"""What the README tells people to type works as it stands."""

import re
import shlex
from pathlib import Path

from deploy.cli import commands
from tests.cli.command import magebooks_in

README = Path(__file__).parents[2] / "README.md"

_BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
_MENTIONED = re.compile(r"\bmagebooks ([a-z]+)")


def test_every_runnable_command_of_the_readme_runs(tmp_path: Path) -> None:
    run = magebooks_in(tmp_path)
    lines = [line for block in _BLOCK.findall(README.read_text()) for line in block.splitlines()]
    told = [shlex.split(line.removeprefix("$ ")) for line in lines if line.startswith("$ magebooks ")]
    assert len(told) >= 8
    for _, *arguments in told:
        done = run(*arguments)
        assert done.returncode == 0, (arguments, done.stderr)


def test_the_readme_names_no_command_that_does_not_exist() -> None:
    known = {command.name for command in commands.COMMANDS} | {"rules", "connect"}
    assert set(_MENTIONED.findall(README.read_text())) <= known


def test_every_command_is_in_the_readme() -> None:
    text = README.read_text()
    for command in commands.COMMANDS:
        assert f"magebooks {command.name}" in text or f"make {command.name}" in text, command.name


def test_the_files_that_the_readme_names_exist() -> None:
    named = re.findall(r"`((?:flows|tasks|state|mappings|deploy)/[\w/]*(?:\.\w+)?)`", README.read_text())
    assert named
    for name in named:
        assert (README.parent / name).exists(), name
