"""Runs: when which flow ran, over which window, and what came of it."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from state import tables
from state.ledger import insert

TABLE = tables.run


@dataclass(frozen=True, slots=True)
class Run:
    """One run. `window` is what it was asked for, as text (half-open); `status` is running, done or failed."""

    id: str
    flow: str
    started_at: datetime
    finished_at: datetime | None
    window: tuple[str, str]
    counts: Mapping[str, int]
    status: str


def start(conn: Connection, flow: str, now: datetime, window: tuple[str, str] = ("", "")) -> str:
    """Begin a run and return its id: UTC time and four random hex digits, such as 20261121-034501-ab12."""
    values = {"flow": flow, "started_at": now, "window_from": window[0], "window_to": window[1]}
    while True:
        run = f"{now.astimezone(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
        row = {**values, "id": run, "counts": "{}", "status": "running"}
        if conn.scalar(insert(conn, TABLE).on_conflict_do_nothing().returning(TABLE.c.id), row):
            return run


def finish(conn: Connection, run: str, counts: Mapping[str, int], now: datetime, status: str = "done") -> None:
    """Write down what a run did."""
    values = {"finished_at": now, "counts": json.dumps(dict(counts), sort_keys=True), "status": status}
    conn.execute(TABLE.update().where(TABLE.c.id == run).values(values))


def get(conn: Connection, run: str) -> Run | None:
    """One run, or None."""
    found = conn.execute(sa.select(TABLE).where(TABLE.c.id == run)).mappings().one_or_none()
    return _run(found) if found else None


def recent(conn: Connection, limit: int = 20, flow: str | None = None) -> list[Run]:
    """The newest runs (of one flow), newest first."""
    statement = sa.select(TABLE).order_by(TABLE.c.started_at.desc(), TABLE.c.id.desc()).limit(limit)
    if flow is not None:
        statement = statement.where(TABLE.c.flow == flow)
    return [_run(found) for found in conn.execute(statement).mappings()]


def latest(conn: Connection, flow: str | None = None) -> Run | None:
    """The newest run (of one flow), or None."""
    return next(iter(recent(conn, 1, flow)), None)


def _run(found: RowMapping | dict[str, Any]) -> Run:
    return Run(
        id=found["id"],
        flow=found["flow"],
        started_at=found["started_at"],
        finished_at=found["finished_at"],
        window=(found["window_from"], found["window_to"]),
        counts=json.loads(found["counts"]),
        status=found["status"],
    )
