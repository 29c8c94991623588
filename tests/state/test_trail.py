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
        assert watermarks.changed_at(conn, "mapped") == NOW
        watermarks.put(conn, "mapped", NOW + HOUR, at=NOW - HOUR)
        assert watermarks.get(conn, "mapped") == watermarks.Watermark(NOW - HOUR, 12)
        assert watermarks.changed_at(conn, "mapped") == NOW + HOUR
        watermarks.reset(conn, "mapped")
        assert watermarks.changed_at(conn, "mapped") is None
        assert watermarks.get(conn, "mapped") == watermarks.Watermark(None, None)


def test_a_reader_that_goes_by_rules_begins_anew_until_it_has_come_through_by_the_rules_of_now(ledger: Engine) -> None:
    with ledgers.begin(ledger) as conn:
        assert watermarks.by_rules(conn, "mapped", "a", NOW) == watermarks.Reached(0, same=False)
        watermarks.reached_by_rules(conn, "mapped", "a", NOW, 10)
        assert watermarks.by_rules(conn, "mapped", "a", NOW) == watermarks.Reached(10, same=True)
        assert watermarks.by_rules(conn, "mapped", "b", NOW) == watermarks.Reached(10, same=False)
        assert watermarks.by_rules(conn, "mapped", "a", NOW) == watermarks.Reached(10, same=False)
        watermarks.reached_by_rules(conn, "mapped", "a", NOW, 12)
        assert watermarks.by_rules(conn, "mapped", "a", NOW) == watermarks.Reached(12, same=True)


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
