"""Commands in a place that is no home create nothing there and say how to make one; looking creates no ledger."""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from deploy.cli.commands import COMMANDS, CONNECT, RULES_COMMANDS
from mappings.rules import template
from tests.cli.command import Run

PAYOUT = "payout.csv"
NEED_A_HOME: dict[str, Sequence[Sequence[str]]] = {
    "qwc": ((),),
    "doctor": ((),),
    "setup": ((), ("--yes",)),
    "sync": ((), ("--dry-run",), ("--from", "2026-11-01", "--dry-run")),
    "preview": (("--from", "2026-11-01"),),
    "settle": ((PAYOUT,),),
    "status": ((),),
    "held": ((),),
    "gateway": ((),),
    "explain": (("000000042",),),
    "retry": (("--all",), ("order/000000042",)),
    "release": (("order/000000042",),),
    "connect quickbooks": (("--no-browser",),),
    "rules check": ((),),
    "rules show": ((), ("paid",)),
    "rules keep": (("000000042",),),
    "rules accept": (("paypal with coupon",),),
}
"""Every command that works on a home, as it is called."""
NEED_NONE = {"demo", "init", "help", "rules facts"}
"""They make a home, or say what is the same for all."""
CALLS = [(*name.split(), *more) for name, calls in NEED_A_HOME.items() for more in calls]
LOOKING = [("status",), ("held",), ("explain", "000000042"), ("rules", "check"), ("rules", "show")]


def listing(directory: Path) -> list[tuple[str, int, int]]:
    """Everything below a directory, with size and time."""
    found = sorted(directory.rglob("*"))
    return [(f"{path.relative_to(directory)}", path.stat().st_size, path.stat().st_mtime_ns) for path in found]


def test_each_command_is_tried_in_a_place_that_is_no_home_or_is_known_to_need_none() -> None:
    rules = {f"rules {one.name}" for one in RULES_COMMANDS}
    assert {one.name for one in COMMANDS} | rules | {f"connect {CONNECT.name}"} == {*NEED_A_HOME} | NEED_NONE


@pytest.mark.parametrize("call", CALLS, ids=" ".join)
def test_a_command_creates_nothing_in_a_folder_that_is_no_home(
    magebooks: Run, tmp_path: Path, call: Sequence[str]
) -> None:
    folder = tmp_path / "no home"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    (tmp_path / PAYOUT).write_text("Date,Amount\n")
    before = listing(tmp_path)
    ledger = tmp_path / "elsewhere.sqlite"
    env = {"MAGEBOOKS_LEDGER_URL": f"sqlite:///{ledger}", "HOME": str(tmp_path)}
    done = magebooks(*call, "--home", str(folder), "--json", env=env)
    assert done.returncode == 2, done.stderr
    error = json.loads(done.stdout)["error"]
    assert error["code"] == "no-home"
    assert error["message"] == f"{folder} is no home: it has neither rules.toml nor .env."
    assert f"magebooks init --home '{folder}'" in error["fix"]
    assert listing(tmp_path) == before


@pytest.mark.parametrize("call", [("status",), ("sync",), ("doctor",), ("gateway",)], ids=" ".join)
def test_a_command_makes_no_folder_where_there_is_none(magebooks: Run, tmp_path: Path, call: Sequence[str]) -> None:
    for extra, missing in ((("--home", "nowhere/acme"), tmp_path / "nowhere" / "acme"), ((), tmp_path / ".magebooks")):
        done = magebooks(*call, *extra, env={"HOME": str(tmp_path)})
        assert done.returncode == 2
        shown = " ".join(done.stderr.split())
        assert f"There is no home at {missing}." in shown
        assert f"magebooks init --home {missing}" in shown
        assert listing(tmp_path) == []


def test_the_way_to_make_a_home_that_a_command_names_makes_one(magebooks: Run, tmp_path: Path) -> None:
    folder = tmp_path / "no home"
    folder.mkdir()
    assert magebooks("status", "--home", str(folder)).returncode == 2
    assert magebooks("init", "--home", str(folder)).returncode == 0
    assert magebooks("status", "--home", str(folder)).returncode == 0


@pytest.mark.parametrize("call", LOOKING, ids=" ".join)
def test_looking_at_a_home_that_has_read_nothing_yet_creates_nothing(
    magebooks: Run, tmp_path: Path, call: Sequence[str]
) -> None:
    assert magebooks("init", "--home", "acme").returncode == 0
    before = listing(tmp_path)
    done = magebooks(*call, "--home", "acme")
    assert done.returncode in (0, 2), done.stderr
    assert listing(tmp_path) == before


def test_status_of_a_home_that_has_read_nothing_says_what_to_do(magebooks: Run) -> None:
    magebooks("init", "--home", "acme")
    done = magebooks("status", "--home", "acme")
    assert "none yet: magebooks sync" in done.stdout
    assert "not yet" in done.stdout


def test_a_home_with_either_of_its_two_files_is_one(magebooks: Run, tmp_path: Path) -> None:
    for name, content in (("rules.toml", template("us_retail")), (".env", "")):
        home = tmp_path / name.strip(".")
        home.mkdir()
        (home / name).write_text(content)
        assert magebooks("status", "--home", str(home)).returncode == 0


def test_looking_reads_the_ledger_that_is_named_elsewhere(magebooks: Run, tmp_path: Path) -> None:
    magebooks("init", "--home", "acme")
    ledger = tmp_path / "elsewhere.sqlite"
    assert magebooks("status", "--home", "acme", env={"MAGEBOOKS_LEDGER_URL": f"sqlite:///{ledger}"}).returncode == 0
    with closing(sqlite3.connect(ledger)) as kept:
        assert kept.execute("SELECT count(*) FROM watermark").fetchone() == (0,)
