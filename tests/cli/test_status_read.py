"""What `magebooks status` says of when the shop was read."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy.sandbox.world import Sandbox
from mappings.model import Problem
from state import ledger, limits, problems, runs, watermarks
from tests.cli.command import Run

HOUR = timedelta(hours=1)


@pytest.fixture
def home(magebooks: Run, tmp_path: Path) -> Path:
    magebooks("init", "--home", "acme")
    return tmp_path / "acme"


def keep(home: Path, **marks: datetime) -> None:
    """Keep these watermarks, all moved just now."""
    engine = ledger.connect(f"sqlite:///{home / 'ledger.sqlite'}")
    with ledger.begin(engine) as conn:
        for name, at in marks.items():
            watermarks.put(conn, name.replace("_", " "), datetime.now(UTC), at=at)
    engine.dispose()


def line(magebooks: Run) -> str:
    shown = magebooks("status", "--home", "acme").stdout
    [found] = [one for one in shown.splitlines() if "Shop read" in one]
    return found


def test_the_shop_was_read_when_the_last_reading_began_however_old_its_newest_document(
    magebooks: Run, home: Path
) -> None:
    now = datetime.now(UTC)
    old = now - timedelta(days=3)
    keep(home, order=old, invoice=old, creditmemo=old)
    keep(home, order_read=now - 2 * HOUR, invoice_read=now - 2 * HOUR, creditmemo_read=now - 2 * HOUR)
    assert "2 hours ago" in line(magebooks)


def test_a_watermark_in_the_future_is_shown_until_the_next_run_heals_it(magebooks: Run, home: Path) -> None:
    keep(home, order=datetime.now(UTC) + 48 * HOUR)
    shown = json.loads(magebooks("status", "--home", "acme", "--json").stdout)
    assert shown["read_ahead"] == ["order"]
    assert "in the future" in line(magebooks)
    assert "magebooks sync" in magebooks("status", "--home", "acme").stdout


@pytest.mark.parametrize(("side", "limit"), [("Magento", "magento"), ("QuickBooks", "requests, 500 in 60 s")])
def test_a_pause_that_was_asked_for_is_shown_with_its_end(magebooks: Run, home: Path, side: str, limit: str) -> None:
    until = datetime.now(UTC) + HOUR / 2
    engine = ledger.connect(f"sqlite:///{home / 'ledger.sqlite'}")
    with ledger.begin(engine) as conn:
        limits.pause(conn, limit, until)
    engine.dispose()
    shown = json.loads(magebooks("status", "--home", "acme", "--json").stdout)["connections"]
    assert shown[side.lower()]["paused_until"] == until.isoformat()
    assert [one["paused_until"] for name, one in shown.items() if name != side.lower()] == [None]
    told = magebooks("status", "--home", "acme").stdout
    assert side == "QuickBooks" or f"asked for a pause, until {until:%H:%M:%S} UTC" in told


def test_what_waits_with_held_orders_is_shown_after_a_run_that_failed(magebooks: Run, home: Path) -> None:
    now = datetime.now(UTC)
    engine = ledger.connect(f"sqlite:///{home / 'ledger.sqlite'}")
    unread = Problem("malformed-record", "order/1", "grand_total", "It is not a number.", "Save it again.")
    with ledger.begin(engine) as conn:
        problems.replace(conn, "order/1", [unread], "r", now)
        runs.finish(conn, runs.start(conn, "orders", now - HOUR), {"with_held": 2}, now - HOUR)
        runs.finish(conn, runs.start(conn, "orders", now), {"with_held": 0}, now, "failed")
    engine.dispose()
    assert json.loads(magebooks("status", "--home", "acme", "--json").stdout)["with_held"] == 2


def test_a_dry_run_shows_what_a_watermark_in_the_future_hides(magebooks: Run, home: Path) -> None:
    ahead = datetime(2027, 6, 1, tzinfo=UTC)
    keep(home, order=ahead, invoice=ahead, creditmemo=ahead)
    with Sandbox(orders=12, broken=False) as world:
        done = magebooks("sync", "--dry-run", "--home", "acme", "--json", env=world.environment())
    assert json.loads(done.stdout)["landed"] > 12
