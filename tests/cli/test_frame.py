"""Help, errors and exit statuses: what holds for every command."""

import json
from datetime import date
from pathlib import Path

import pytest

from deploy.cli import dates
from deploy.cli.commands import COMMANDS
from deploy.cli.help import TOPICS
from tests.cli.command import Run, imported_by

HEAVY = {"prefect", "duckdb", "sqlalchemy", "httpx", "pydantic"}


def test_the_bare_command_shows_twelve_lines_and_exits_2(magebooks: Run) -> None:
    done = magebooks()
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 12
    assert "magebooks demo" in done.stderr


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    assert not imported_by("--help", cwd=tmp_path) & HEAVY


def test_help_of_a_command_begins_with_examples(magebooks: Run) -> None:
    done = magebooks("init", "--help")
    assert done.returncode == 0
    assert done.stdout.index("Examples") < done.stdout.index("Usage")


def test_every_command_of_the_root_help_has_help_of_its_own(magebooks: Run) -> None:
    for command in (each.name for each in COMMANDS if each.name != "help"):
        done = magebooks("help", command)
        assert done.returncode == 0, done.stderr
        assert f"magebooks {command}" in done.stdout


def test_a_misspelt_command_is_answered_with_the_nearest_one(magebooks: Run) -> None:
    done = magebooks("snyc")
    assert done.returncode == 2
    assert 'Did you mean "sync"?' in done.stderr
    assert "Traceback" not in done.stderr


def test_a_misspelt_option_is_answered_with_the_nearest_one(magebooks: Run) -> None:
    done = magebooks("sync", "--dry-rum")
    assert done.returncode == 2
    assert "--dry-run" in done.stderr


def test_a_group_without_a_command_is_a_usage_error(magebooks: Run) -> None:
    assert magebooks("rules").returncode == 2


def test_an_error_is_one_json_object_when_json_is_asked_for(magebooks: Run) -> None:
    done = magebooks("sync", "--from", "2026-11-31", "--json")
    assert done.returncode == 2
    error = json.loads(done.stdout)["error"]
    assert set(error) == {"code", "message", "fix"}
    assert "November has 30 days" in error["message"]


@pytest.mark.parametrize("topic", TOPICS)
def test_each_help_topic_is_printed(magebooks: Run, topic: str) -> None:
    done = magebooks("help", topic)
    assert done.returncode == 0
    assert done.stdout.startswith("# ")


def test_an_unknown_help_topic_names_the_known_ones(magebooks: Run) -> None:
    done = magebooks("help", "nonsense")
    assert done.returncode == 2
    assert "exit-codes" in done.stderr


def test_version_names_the_versions_that_matter(magebooks: Run) -> None:
    done = magebooks("--version")
    assert done.returncode == 0
    for name in ("magebooks", "python", "prefect", "duckdb"):
        assert name in done.stdout


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-01", date(2026, 11, 1)),
        ("today", date(2026, 3, 1)),
        ("yesterday", date(2026, 2, 28)),
        ("this-month", date(2026, 3, 1)),
        ("last-month", date(2026, 2, 1)),
    ],
)
def test_dates_are_iso_or_words(text: str, day: date) -> None:
    assert dates.parse(text, date(2026, 3, 1)) == day


@pytest.mark.parametrize(("text", "why"), [("2026-13-01", "no month 13"), ("01/11/2026", "2026-11-01"), ("", "date")])
def test_what_is_not_a_date_is_answered_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        dates.parse(text, date(2026, 3, 1))
