"""Runs, watermarks and the audit trail."""

import re
from datetime import timedelta

import pytest
from sqlalchemy.engine import Engine

from state import audit, runs, watermarks
from state import ledger as ledgers
from state.audit import Line
from tests.state.rows import NOW

HOUR = timedelta(hours=1)


def test_a_run_is_begun_counted_and_found_again(ledger: Engine) -> None:
    with ledgers.begin(ledger) as conn:
        assert runs.latest(conn) is None
        run = runs.start(conn, "orders", NOW, ("2026-11-01", "2026-11-02"))
        assert re.fullmatch(r"20261121-034500-[0-9a-f]{4}", run)
        begun = runs.Run(run, "orders", NOW, None, ("2026-11-01", "2026-11-02"), {}, "running")
        assert runs.get(conn, run) == runs.latest(conn) == begun
        runs.finish(conn, run, {"posted": 3, "held": 1}, NOW + HOUR)
        done = runs.get(conn, run)
        assert done is not None
        assert (done.finished_at, done.counts, done.status) == (NOW + HOUR, {"posted": 3, "held": 1}, "done")
        assert runs.get(conn, "unheard-of") is None


def test_the_newest_runs_come_first(ledger: Engine) -> None:
    with ledgers.begin(ledger) as conn:
        started = [
            runs.start(conn, flow, NOW + number * HOUR) for number, flow in enumerate(("orders", "refunds", "orders"))
        ]
        assert [run.id for run in runs.recent(conn)] == started[::-1]
        assert [run.id for run in runs.recent(conn, 1, "refunds")] == [started[1]]
        latest = runs.latest(conn, "orders")
        assert latest is not None and latest.id == started[2]


def test_two_runs_of_the_same_second_get_different_ids(ledger: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    digits = iter(["ab12", "ab12", "cd34"])
    monkeypatch.setattr(runs.secrets, "token_hex", lambda _: next(digits))
    with ledgers.begin(ledger) as conn:
        assert runs.start(conn, "orders", NOW) == "20261121-034500-ab12"
        assert runs.start(conn, "orders", NOW) == "20261121-034500-cd34"


def test_a_watermark_only_moves_forward(ledger: Engine) -> None:
    with ledgers.begin(ledger) as conn:
        assert watermarks.get(conn, "mapped") == watermarks.Watermark(None, None)
        watermarks.advance(conn, "mapped", NOW, seq=10)
        watermarks.advance(conn, "mapped", NOW, seq=7)
        watermarks.advance(conn, "mapped", NOW, at=NOW)
        watermarks.advance(conn, "mapped", NOW, at=NOW - HOUR, seq=12)
        assert watermarks.get(conn, "mapped") == watermarks.Watermark(NOW, 12)
        watermarks.reset(conn, "mapped")
        assert watermarks.get(conn, "mapped") == watermarks.Watermark(None, None)


def test_a_watermark_in_time_alone(ledger: Engine) -> None:
    with ledgers.begin(ledger) as conn:
        assert watermarks.get_time(conn, "references") is None
        watermarks.set_time(conn, "references", NOW, NOW)
        assert watermarks.get_time(conn, "references") == NOW


def test_the_trail_keeps_every_attempt_in_order(ledger: Engine) -> None:
    sent = Line("host:1", "run-1", "send", "order/1", "sent", "mb-1")
    answer = Line("host:1", "run-1", "answer", "order/1", "posted", "mb-1", "tid-1", "", {"qb_id": "58"})
    other = Line("jane", "run-2", "release", "order/2", "released", code="review")
    with ledgers.begin(ledger) as conn:
        audit.write(conn, [], NOW)
        audit.write(conn, [sent], NOW)
        audit.write(conn, [answer, other], NOW + HOUR)
        written = [audit.Written(NOW, sent), audit.Written(NOW + HOUR, answer), audit.Written(NOW + HOUR, other)]
        assert audit.read(conn) == written
        assert audit.read(conn, key="order/1") == written[:2]
        assert audit.read(conn, run="run-2") == written[2:]
        assert audit.read(conn, limit=2) == written[1:]
