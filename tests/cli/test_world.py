"""The command against the embedded shop and company: from an empty company to books that agree."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from deploy.sandbox.world import Sandbox
from tests.cli.command import Run, clean_environment, imported_by, magebooks_in


@pytest.fixture
def world() -> Iterator[Sandbox]:
    """A small shop with its broken orders, and a company without what the rules name."""
    with Sandbox(orders=30, empty=True, minute_seconds=2.0) as running:
        yield running


def _json(run: Run, world: Sandbox, *arguments: str, status: int) -> dict[str, object]:
    done = run(*arguments, "--home", "acme", "--json", env=world.environment(), timeout=120)
    assert done.returncode == status, done.stderr
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def test_from_an_empty_company_to_books_that_agree(world: Sandbox, tmp_path: Path) -> None:
    run = magebooks_in(tmp_path)
    _json(run, world, "init", status=0)
    worst = _json(run, world, "doctor", status=2)
    assert "Create them: magebooks setup" in str(worst["checks"])
    assert _json(run, world, "setup", status=2)["error"]["code"] == "needs-yes"  # type: ignore[index,call-overload]
    assert _json(run, world, "setup", "--yes", status=0)["missing"] == []
    assert _json(run, world, "setup", "--yes", status=0)["created"] == []
    healthy = _json(run, world, "doctor", status=0)
    assert healthy["worst"] == "ok"
    found = {check["name"]: check["found"] for check in healthy["checks"]}  # type: ignore[attr-defined]
    assert found["version"] == "Magento/2.4 (Community)"
    assert found["order lines"].startswith("rows net of discount (Magento 2.4.7, or later than 2.4.8); ")

    written = world.books.writes
    predicted = _json(run, world, "preview", "--from", "2026-01-01", status=1)
    assert world.books.writes == written

    synced = _json(run, world, "sync", status=1)
    assert synced["posted_by_kind"] == predicted["by_kind"]
    assert synced["held"] == len(predicted["held"])  # type: ignore[arg-type]
    assert synced["totals"]["USD"]["difference"] == "0.00"  # type: ignore[index,call-overload]
    assert _trial_balance(world) == _predicted(predicted)
    assert world.books.violations == 0
    assert list((tmp_path / "acme" / "reports").glob("run-*.html"))

    again = _json(run, world, "sync", status=1)
    assert (again["posted"], again["held"]) == (0, synced["held"])
    assert world.books.duplicates() == []
    _looking_back(run, world, tmp_path)


def _looking_back(run: Run, world: Sandbox, directory: Path) -> None:
    status = _json(run, world, "status", status=1)
    assert status["needs_you"] == status["held"]
    held = _json(run, world, "held", status=1)["held"]
    codes = {cause["code"] for cause in held}  # type: ignore[attr-defined]
    assert codes == set(world.shop.held.values())
    number = next(str(one["DocNumber"]) for one in world.books.documents("SalesReceipt"))
    story = _json(run, world, "explain", number, status=0)
    document = story["documents"][0]  # type: ignore[index]
    assert document["state"] == "In your books"
    (reason,) = document["decisions"][0]["reasons"]
    assert (reason["row"], reason["fact"], reason["found"]) == ("review state", "order.state", "complete")
    assert any(line["outcome"] == "posted" for line in story["story"])  # type: ignore[attr-defined]
    assert not imported_by("explain", number, "--home", "acme", cwd=directory) & {"prefect", "duckdb"}
    shown = run("explain", number, "--home", "acme")
    assert "Cr  4000 Sales" in shown.stdout
    assert "document · paid" in shown.stdout


def _trial_balance(world: Sandbox) -> dict[str, Decimal]:
    """The books' balances of the accounts that are the shop's; QuickBooks' own tax account is booked by it."""
    return {name: amount for name, amount in world.books.trial_balance().items() if name[:1].isdigit()}


def _predicted(preview: dict[str, object]) -> dict[str, Decimal]:
    accounts = preview["accounts"]["USD"]  # type: ignore[index,call-overload]
    balances = {name: Decimal(sums["debit"]) - Decimal(sums["credit"]) for name, sums in accounts.items()}
    return {name: balance for name, balance in balances.items() if name[:1].isdigit() and balance}


def test_each_side_that_is_down_or_refuses_is_told_apart_by_the_exit_status(world: Sandbox, tmp_path: Path) -> None:
    run = magebooks_in(tmp_path)
    run("init", "--home", "acme")
    for changed, command, status, code in (
        ({"QUICKBOOKS_REFRESH_TOKEN": "revoked"}, ("setup", "--yes"), 3, "connection"),
        ({"QUICKBOOKS_API_URL": "http://127.0.0.1:9"}, ("setup", "--yes"), 4, "try-later"),
    ):
        done = run(*command, "--home", "acme", "--json", env=world.environment() | changed)
        assert done.returncode == status, done.stderr
        assert json.loads(done.stdout)["error"]["code"] == code
    done = run("doctor", "--home", "acme", "--json", env=world.environment() | {"MAGENTO_BEARER_TOKEN": "wrong"})
    assert done.returncode == 3
    assert "System > Integrations" in done.stdout


def test_the_demo_proves_itself_without_an_account(tmp_path: Path) -> None:
    env = {"MAGEBOOKS_LEDGER_URL": "sqlite:////nowhere/of/mine.sqlite", "MAGENTO_BASE_URL": "https://real.example.com"}
    done = magebooks_in(tmp_path)("demo", "--orders", "25", "--rows", "2.4.8", "--keep", "--json", env=env, timeout=120)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["comparison"]["lost"] == []
    assert answer["comparison"]["balances"]["USD"]["difference"] == "0.00"
    assert answer["posted"] > 10
    page = (tmp_path / answer["report"]).read_text(encoding="utf-8")
    assert "0.00" in page
    assert magebooks_in(tmp_path)("status", "--home", "demo-home").returncode in (0, 1)
    assert magebooks_in(tmp_path)("demo", "--keep").returncode == 2


def test_ctrl_c_ends_after_the_batch_and_the_next_run_goes_on(tmp_path: Path, served: Mapping[str, str]) -> None:
    with Sandbox(orders=150, broken=False, minute_seconds=2.0) as world:
        run = magebooks_in(tmp_path)
        env = world.environment() | dict(served)
        slow = env | {"QUICKBOOKS_BATCHES_PER_MINUTE": "1", "QUICKBOOKS_BATCH_SIZE": "5"}
        assert run("init", "--home", "acme", env=env).returncode == 0
        command = [str(Path(sys.executable).with_name("magebooks")), "sync", "--home", "acme"]
        process = subprocess.Popen(
            command,
            cwd=tmp_path,
            env=clean_environment(slow),
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        _until(lambda: world.books.batches > 3)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the whole group
        _, told = process.communicate(timeout=60)
        assert process.returncode == 1, told
        assert "Nothing is lost" in told
        assert "Traceback" not in told
        first = len(world.books.documents("Customer")) + len(world.books.documents("SalesReceipt"))
        assert first > 0
        done = run("sync", "--home", "acme", "--json", env=env, timeout=120)
        answer = json.loads(done.stdout)
        assert (answer["waiting"], answer["rejected"], answer["unknown"]) == (0, 0, 0)
        assert world.books.duplicates() == []


def _until(true: object, seconds: float = 60.0) -> None:
    ends = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        assert time.monotonic() < ends
        time.sleep(0.05)
