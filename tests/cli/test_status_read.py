"""What `magebooks status` says of when the shop was read."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy.sandbox.world import Sandbox
from state import ledger, watermarks
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


def test_a_dry_run_shows_what_a_watermark_in_the_future_hides(magebooks: Run, home: Path) -> None:
    ahead = datetime(2027, 6, 1, tzinfo=UTC)
    keep(home, order=ahead, invoice=ahead, creditmemo=ahead)
    with Sandbox(orders=12, broken=False) as world:
        done = magebooks("sync", "--dry-run", "--home", "acme", "--json", env=world.environment())
    assert json.loads(done.stdout)["landed"] > 12
