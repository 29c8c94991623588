"""The witnesses outside a ledger: a restore is noticed before anything goes out, and nothing else is taken for one."""

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from state import identity, outbox, witness
from state import ledger as ledgers
from tests.state.rows import NOW, new, put, row, send

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of the ledger, on a machine that has seen no ledger yet."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def hand_out(ledger: Engine, home: Path, *keys: str) -> None:
    put(ledger, *(new(key) for key in keys))
    send(ledger)
    witness.attest(ledger, home, NOW)


def noticed(ledger: Engine) -> str | None:
    """Why the ledger counts as restored, or None."""
    with ledgers.reading(ledger) as conn:
        found = identity.notice(conn)
    return found.reason if found else None


def set_back(ledger: Engine, by: int = 1) -> None:
    """The ledger as it was so many batches ago."""
    with ledgers.begin(ledger) as conn:
        count = identity.standing(conn, NOW).count
        identity.keep(conn, identity.COUNT, str(count - by), NOW)


def test_a_ledger_that_sends_from_its_first_day_on_is_in_no_doubt(ledger: Engine, home: Path) -> None:
    witness.examine(ledger, home, NOW)
    hand_out(ledger, home, "order/1")
    hand_out(ledger, home, "order/2")
    witness.examine(ledger, home, NOW + DAY)
    assert noticed(ledger) is None


def test_a_process_that_died_before_its_witness_was_written_is_no_restore(ledger: Engine, home: Path) -> None:
    witness.examine(ledger, home, NOW)
    hand_out(ledger, home, "order/1")
    put(ledger, new("order/2"))
    send(ledger)
    witness.examine(ledger, home, NOW)
    assert noticed(ledger) is None


@pytest.mark.parametrize("left", ["home", "state"])
def test_either_witness_alone_notices_a_restored_ledger_once(
    ledger: Engine, home: Path, tmp_path: Path, left: str
) -> None:
    witness.examine(ledger, home, NOW)
    hand_out(ledger, home, "order/1")
    put(ledger, new("order/2"))
    set_back(ledger)
    shutil.rmtree(tmp_path / "state") if left == "home" else (home / witness.FILE).unlink()
    witness.examine(ledger, home, NOW)
    assert noticed(ledger) == witness.RESTORED
    assert row(ledger, "order/2").look_up_first
    with ledgers.begin(ledger) as conn:
        since = identity.notice(conn)
    witness.examine(ledger, home, NOW + DAY)
    with ledgers.begin(ledger) as conn:
        assert identity.notice(conn) == since


def test_a_ledger_that_has_sent_and_has_no_witness_here_counts_as_moved(
    ledger: Engine, home: Path, tmp_path: Path
) -> None:
    hand_out(ledger, home, "order/1")
    shutil.rmtree(tmp_path / "state")
    shutil.copytree(home, tmp_path / "copy")
    witness.examine(ledger, tmp_path / "copy", NOW)
    assert noticed(ledger) == witness.UNSEEN


def test_a_home_whose_user_has_no_lasting_state_directory_is_in_no_doubt(
    ledger: Engine, home: Path, tmp_path: Path
) -> None:
    for number in range(3):
        witness.examine(ledger, home, NOW)
        hand_out(ledger, home, f"order/{number}")
        shutil.rmtree(tmp_path / "state")
    witness.examine(ledger, home, NOW)
    assert noticed(ledger) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"ledger": "x"}', '{"ledger": "x", "count": "many"}'])
def test_a_witness_that_cannot_be_read_is_none(ledger: Engine, home: Path, tmp_path: Path, text: str) -> None:
    hand_out(ledger, home, "order/1")
    shutil.rmtree(tmp_path / "state")
    (home / witness.FILE).write_text(text)
    witness.examine(ledger, home, NOW)
    assert noticed(ledger) == witness.UNSEEN


def test_the_witness_of_another_ledger_that_has_sent_is_a_restore(ledger: Engine, home: Path) -> None:
    (home / witness.FILE).write_text(json.dumps({"ledger": "other", "count": 3, "file": 1, "written": 1.0}))
    witness.examine(ledger, home, NOW)
    assert noticed(ledger) == witness.RESTORED


def test_a_machine_that_lags_behind_a_shared_ledger_is_in_no_doubt(
    ledger: Engine, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_out(ledger, home, "order/1")
    (tmp_path / "second").mkdir()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state of second"))
    hand_out(ledger, tmp_path / "second", "order/2")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    witness.examine(ledger, home, NOW)
    assert noticed(ledger) is None


def test_witnesses_are_for_their_owners_eyes(ledger: Engine, home: Path, tmp_path: Path) -> None:
    hand_out(ledger, home, "order/1")
    files = [home / witness.FILE, *(tmp_path / "state" / "magebooks").iterdir()]
    assert [path.stat().st_mode & 0o777 for path in files] == [0o600, 0o600]
    assert [path.name for path in home.iterdir()] == [witness.FILE]


def test_documents_of_days_before_the_notice_are_looked_up_whenever_they_are_queued(ledger: Engine, home: Path) -> None:
    (home / witness.FILE).write_text(json.dumps({"ledger": "other", "count": 3, "file": 1, "written": 1.0}))
    witness.examine(ledger, home, NOW)
    dates = {"order/old": (NOW - DAY).date(), "order/same": NOW.date(), "order/new": (NOW + 2 * DAY).date()}
    with ledgers.begin(ledger) as conn:
        outbox.put(conn, [new(key, txn_date=day) for key, day in dates.items()], NOW + 9 * DAY)
        outbox.put(conn, [new("customer/late", txn_date=None)], NOW + 9 * DAY)
        outbox.put(conn, [new("customer/soon", txn_date=None)], NOW)
        assert [one.key for one in outbox.rows(conn) if one.look_up_first] == [
            "customer/soon",
            "order/old",
            "order/same",
        ]


def test_a_notice_that_a_fast_clock_stamped_reaches_no_further_than_now(ledger: Engine, home: Path) -> None:
    (home / witness.FILE).write_text(json.dumps({"ledger": "other", "count": 3, "file": 1, "written": 1.0}))
    witness.examine(ledger, home, NOW + 900 * DAY)
    witness.examine(ledger, home, NOW)
    put(ledger, new("order/1", txn_date=(NOW + 2 * DAY).date()))
    assert not row(ledger, "order/1").look_up_first
