"""A home without any account: init, rules, and the commands that only look."""

import json
import stat
from pathlib import Path

import pytest

from mappings.rules import template
from tests.cli.command import Run, imported_by


def test_init_makes_a_private_home_and_says_what_is_next(magebooks: Run, tmp_path: Path) -> None:
    done = magebooks("init", "--home", "acme")
    assert done.returncode == 0, done.stderr
    assert "magebooks connect quickbooks --home acme" in done.stdout
    for name in (".env", "vault.key"):
        assert stat.S_IMODE((tmp_path / "acme" / name).stat().st_mode) == 0o600
    assert (tmp_path / "acme" / "reports").is_dir()


def test_init_overwrites_nothing(magebooks: Run, tmp_path: Path) -> None:
    home = tmp_path / "acme"
    home.mkdir()
    (home / "rules.toml").write_text("version = 1\n")
    done = magebooks("init", "--home", "acme", "--json")
    assert json.loads(done.stdout)["kept"] == ["rules.toml"]
    assert (home / "rules.toml").read_text() == "version = 1\n"
    key = (home / "vault.key").read_text()
    magebooks("init", "--home", "acme")
    assert (home / "vault.key").read_text() == key


@pytest.mark.parametrize("template", ["us_retail", "us_desktop", "eu_vat", "b2b_invoices", "deferred_revenue"])
def test_the_rules_of_each_template_are_valid_and_read_as_sentences(magebooks: Run, template: str) -> None:
    magebooks("init", "--home", "acme", "--template", template)
    checked = magebooks("rules", "check", "--home", "acme", "--json")
    assert checked.returncode == 0
    assert json.loads(checked.stdout)["valid"] is True
    shown = magebooks("rules", "show", "paid", "--home", "acme")
    assert "paid: when paid is yes: make sales_receipt\n" in shown.stdout


def test_a_rule_is_shown_with_what_counts_for_it(magebooks: Run) -> None:
    magebooks("init", "--home", "acme", "--template", "daily_summary")
    shown = magebooks("rules", "show", "--home", "acme").stdout
    assert "make summary, customer Web sales {store.name}, form sales_receipt\n" in shown
    assert "anything else: make invoice, terms Net 30\n" in shown
    assert "liability no\n" in shown


def test_a_wrong_rule_is_named_by_file_line_and_field(magebooks: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('version = 1\n\n[[payment]]\nid = "x"\nclearin = "Bank"\n')
    done = magebooks("rules", "check", "--file", "mine.toml")
    assert done.returncode == 2
    assert "mine.toml:5" in done.stdout
    assert 'did you mean "clearing"' in done.stdout


def test_facts_are_found_by_a_word(magebooks: Run) -> None:
    done = magebooks("rules", "facts", "payment.method", "--json")
    assert "payment.method" in [fact["name"] for fact in json.loads(done.stdout)["facts"]]


def test_a_home_that_does_not_exist_is_answered_with_how_to_make_it(magebooks: Run) -> None:
    done = magebooks("status", "--home", "nowhere", "--json")
    assert done.returncode == 2
    error = json.loads(done.stdout)["error"]
    assert error["code"] == "no-home"
    assert "magebooks init" in error["fix"]


def test_a_fresh_home_needs_nobody(magebooks: Run) -> None:
    magebooks("init", "--home", "acme")
    status = magebooks("status", "--home", "acme")
    assert status.returncode == 0
    for words in ("Needs attention", "On its way", "In your books", "Skipped"):
        assert words in status.stdout
    held = magebooks("held", "--home", "acme")
    assert held.returncode == 0
    assert "Nothing needs your attention." in held.stdout
    assert magebooks("explain", "000000042", "--home", "acme").returncode == 2
    assert magebooks("release", "000000042", "--home", "acme").returncode == 2


def test_doctor_says_what_to_do_about_everything_a_fresh_home_lacks(magebooks: Run) -> None:
    magebooks("init", "--home", "acme")
    done = magebooks("doctor", "--home", "acme", "--json")
    assert done.returncode == 3  # nobody has signed in yet, which is worse than missing settings
    failed = [check for check in json.loads(done.stdout)["checks"] if check["level"] == "fail"]
    assert "MAGENTO_BASE_URL" in {check["name"] for check in failed}
    assert all(check["fix"] for check in failed)


def test_a_setting_that_would_send_secrets_in_clear_is_refused_without_showing_any(magebooks: Run) -> None:
    magebooks("init", "--home", "acme")
    env = {"MAGENTO_BASE_URL": "http://shop.example.com", "MAGENTO_BEARER_TOKEN": "s3cr3t-token"}
    done = magebooks("status", "--home", "acme", env=env)
    assert done.returncode == 2
    assert "MAGENTO_BASE_URL" in done.stderr
    assert "s3cr3t" not in done.stdout + done.stderr


def test_signing_in_is_never_asked_for_without_a_terminal(magebooks: Run) -> None:
    magebooks("init", "--home", "acme")
    env = {
        "QUICKBOOKS_CLIENT_ID": "id",
        "QUICKBOOKS_CLIENT_SECRET": "secret",
        "QUICKBOOKS_REDIRECT_URI": "http://localhost:0/callback",
    }
    done = magebooks("connect", "quickbooks", "--home", "acme", env=env)
    assert done.returncode == 3
    assert "terminal" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [("status",), ("held",), ("explain", "000000042"), ("retry", "--all"), ("release", "000000042")],
    ids=lambda arguments: arguments[0],
)
def test_commands_that_look_start_without_prefect_or_duckdb(arguments: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "rules.toml").write_text(template("us_retail"))
    assert not imported_by(*arguments, "--home", "acme", cwd=tmp_path) & {"prefect", "duckdb"}
