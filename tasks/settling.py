"""Writing down what became of one batch: states, problems, other names, and the audit trail, in one transaction."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Any, Final

from mappings import qbo
from state import audit, breaker, ledger, outbox, problems
from state.outbox import Batch, Claim, Row
from tasks.connections import Session
from tasks.judging import Judged
from tasks.renaming import rename
from tasks.revising import revise_online

AT_WORK: Final = timedelta(seconds=150)
"""Intuit cuts a request after 120 seconds (its "Limits and throttles" page): until then it may be carried out."""
SIDE: Final = "quickbooks"
RENAME: Final = "renamed"
NOTHING_SHOWN: Final[Mapping[str, dict[str, Any]]] = MappingProxyType({})

Pairs = Sequence[tuple[Row, Judged]]


def payloads(batch: Batch) -> dict[str, dict[str, Any]]:
    """The payloads of a batch by bId, as they were sent."""
    entities = {bid: row.entity for bid, row in batch.items}
    items = json.loads(batch.body)["BatchItemRequest"]
    return {item["bId"]: item[entities[item["bId"]]] for item in items if item["bId"] in entities}


def settle(
    here: Session,
    batch: Batch | Claim,
    judged: Pairs,
    tid: str = "",
    shown: Mapping[str, dict[str, Any]] = NOTHING_SHOWN,
    *,
    well: bool = True,
) -> dict[str, int]:
    """Write the verdicts of a batch down; returns how many rows came to which state. Raises StaleClaim.

    `tid` is Intuit's trace id of the answer, `shown` the present state of customers and items that were out of date;
    `well` says that QuickBooks works. While something is in doubt, the batch is left alone until QuickBooks cannot be
    at work on it any more.
    """
    now = datetime.now(UTC)
    batch_id = batch.id if isinstance(batch, Batch) else batch.batch_id
    outcomes = [verdict.outcome for _, verdict in judged]
    with ledger.begin(here.ledger) as conn:
        breaker.record(conn, SIDE, well, now)
        outbox.settle(conn, batch_id, batch.epoch, outcomes, now)
        if isinstance(batch, Batch) and any(outcome.status == "doubtful" for outcome in outcomes):
            outbox.renew(conn, batch_id, batch.epoch, now, max(AT_WORK - (now - batch.sent_at), timedelta(0)))
        for row, verdict in judged:
            problems.note(conn, verdict.problems, here.run, now)
            if verdict.outcome.code == RENAME:
                payload = qbo.parse(row.payload)
                rename(conn, row, payload["DisplayName"], partial(_named, payload), qbo.NAME, now)
            if row.key in shown:
                revise_online(conn, row, shown[row.key], here.run, now)
        lines = [line(here, row, batch_id, "answer", _state(v), tid, v.outcome.code) for row, v in judged]
        audit.write(conn, lines, now)
    return dict(Counter(_state(verdict) for _, verdict in judged))


def line(
    here: Session, row: Row, batch_id: str, action: str, outcome: str, tid: str = "", code: str = ""
) -> audit.Line:
    """One line of the audit trail about a row of a batch."""
    return audit.Line(here.owner, here.run, action, row.key, outcome, batch_id, tid, code)


def _state(verdict: Judged) -> str:
    """The state that a row comes to."""
    return "unknown" if verdict.outcome.status == "doubtful" else verdict.outcome.status


def _named(payload: Mapping[str, Any], name: str) -> str:
    return qbo.dumps({**payload, "DisplayName": name})
