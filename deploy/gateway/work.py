"""What there is to do for the Web Connector, and in which words a session ends."""

from datetime import datetime, timedelta
from typing import Final

from deploy.gateway import balances, mirroring, recovering
from deploy.gateway.turn import Turn
from state import outbox, runs
from state.connector import FLOW, Session
from state.ledger import Connection

MOMENT: Final = timedelta(minutes=1)
"""How long a session is kept for what will be ready soon."""
A_RUN: Final = timedelta(hours=1)
"""A run that began longer ago than this, and has not ended, was killed."""


def waits(conn: Connection, now: datetime) -> bool:
    """Whether a session would have anything to do."""
    return (
        bool(outbox.due(conn, now))
        or outbox.claimable(conn, now) > 0
        or mirroring.due(conn, now)
        or balances.waits(conn)
    )


def left(turn: Turn) -> int:
    """How many documents and messages this session still has before it."""
    batches = sum(len(batch.items) for batch in recovering.unsettled(turn))
    lists = mirroring.unfinished(turn)
    questions = balances.wanted(turn) + bool(turn.memory.get("repeat"))
    return outbox.claimable(turn.conn, turn.now) + batches + lists + questions


def soon(conn: Connection, now: datetime) -> bool:
    """Whether something will be ready in a moment: a document that has to wait a little, or a run is queueing."""
    at = outbox.next_ready(conn, now)
    if at is not None and at <= now + MOMENT:
        return True
    return any(
        run.status == "running" and now - run.started_at < A_RUN for run in runs.recent(conn, 5) if run.flow != FLOW
    )


def told(session: Session) -> str:
    """A session in a sentence, for the Web Connector's log: numbers only."""
    counts = session.memory.get("counts", {})
    posted, refused = counts.get("posted", 0), counts.get("rejected", 0)
    if session.memory.get("halt"):
        return f"{_number(posted)} posted. {session.memory['halt']}"
    if refused:
        return f"{_number(posted)} posted, {_number(refused)} refused by QuickBooks: magebooks held shows them."
    return f"{_number(posted)} posted." if posted else "Up to date."


def _number(count: int) -> str:
    return f"{count:,} {'document' if count == 1 else 'documents'}"
