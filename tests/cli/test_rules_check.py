"""`magebooks rules check`: what is wrong, what never decides, and what history is not covered."""

import json
from pathlib import Path
from typing import Any

import pytest

from deploy.cli.app import run
from tests.cli.sold import sold_home

HIDDEN = '\n[[payment]]\nid = "express"\nwhen = { "payment.method" = "paypal_express" }\nclearing = "1299 Express"\n'


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with 400 orders, some of which pay by a method that no rule names."""
    home = tmp_path_factory.mktemp("sold") / "acme"
    sold_home(home)
    return home


def check(home: Path, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    status = run(["rules", "check", "--home", str(home), "--json", *more])
    return status, json.loads(capsys.readouterr().out)


def test_each_row_says_how_many_documents_it_caught_and_what_none_covers(
    acme: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, found = check(acme, capsys)
    assert status == 1
    assert found["findings"] == []
    history = found["history"]
    caught = {(row["list"], row["row"]): row["documents"] for row in history["rows"]}
    assert history["documents"] > 390
    assert caught["document", "paid"] > 300
    assert caught["payment", "paypal"] > 0
    assert {"list": "payment", "row": "purchase order"} in history["never_used"]
    assert history["not_covered"] == [
        {"list": "payment", "value": "payment.method is klarna_kp", "documents": 3, "held": True}
    ]


def test_a_person_reads_counts_and_what_would_be_held(acme: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "check", "--home", str(acme)]) == 1
    told = " ".join(capsys.readouterr().out.split())
    assert "as if none were booked yet" in told
    assert "payment.method is klarna_kp: 3 documents would be held. Add a [[payment]] rule." in told
    assert "Never used so far:" in told


def test_a_rule_that_never_decides_is_a_finding_with_line_row_and_fix(
    acme: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (acme / "rules.toml").read_text() + HIDDEN
    (tmp_path / "mine.toml").write_text(text)
    status, found = check(acme, capsys, "--no-history", "--file", str(tmp_path / "mine.toml"))
    (finding,) = found["findings"]
    line = text.splitlines().index('id = "express"')
    assert (status, finding["code"], finding["row"], finding["line"]) == (1, "unreachable", "express", line)
    assert finding["fix"].startswith('Move it above "paypal"')
    assert found["history"] is None
    assert run(["rules", "check", "--file", str(tmp_path / "mine.toml"), "--home", str(tmp_path / "none")]) == 1
    assert "What to do: Move it above" in capsys.readouterr().out


def test_a_wrong_file_names_row_and_what_to_write(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.toml").write_text('version = 1\n\n[[payment]]\nid = "x"\nclearin = "Bank"\n')
    status, found = check(tmp_path, capsys, "--file", str(tmp_path / "mine.toml"))
    assert status == 2
    by_line = {finding["line"]: finding for finding in found["findings"]}
    assert (by_line[5]["list"], by_line[5]["row"], by_line[5]["fix"]) == ("payment", "x", 'Write "clearing".')


def test_without_a_history_the_check_says_so_and_is_content(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "rules.toml").write_text("version = 1\n")
    status, found = check(tmp_path, capsys)
    assert (status, found["history"]) == (0, None)
    assert (
        found["note"]
        == "Nothing has been read from the shop yet. So the rules were not tried on what the shop has sold."
    )
    (tmp_path / "staging.duckdb").touch()
    status, found = check(tmp_path, capsys)
    assert "QuickBooks has not been looked at yet" in found["note"]
