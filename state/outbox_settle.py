"""Settling: what QuickBooks answered becomes the row's state, in one transaction, by the holder of the claim only."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from state import references, tables
from state.outbox_claims import locked_batch
from state.outbox_rows import count_blockers, one_writer

BOX = tables.outbox
BATCH = tables.batch


@dataclass(frozen=True, slots=True)
class Outcome:
    """One item's answer. `bid` is its bId in the batch.

    posted: `qb_id`, `sync_token`, and `total`, `tax`, `number` as QuickBooks shows them; `symbols` are the further
    references that now have this id, such as ("customer", "email:..."), with `name` as their name.
    rejected: `code` and `words` of the refusal. ready: try again as a new attempt, not before `not_before`.
    unknown: no answer; the batch is repeated as it is.
    """

    bid: str
    status: Literal["posted", "rejected", "ready", "unknown"]
    qb_id: str = ""
    sync_token: str = ""
    number: str = ""
    total: Decimal | None = None
    tax: Decimal | None = None
    name: str = ""
    symbols: tuple[tuple[str, str], ...] = ()
    code: str = ""
    words: str = ""
    not_before: datetime | None = None
    extra: Mapping[str, str] = field(default_factory=dict)


def settle(conn: Connection, batch_id: str, epoch: int, outcomes: Sequence[Outcome], now: datetime) -> None:
    """Write the outcomes of a batch. Raises StaleClaim, and then nothing is written.

    While one item is unknown, the batch will be sent again as it is, and QuickBooks would then post what it has
    refused before. So only `posted` is final at once; the other items stay unknown until each has its answer.
    """
    one_writer(conn)
    items = locked_batch(conn, batch_id, epoch)
    answers = {outcome.bid: outcome for outcome in outcomes if outcome.bid in items}
    still_open = any(bid not in answers or answers[bid].status == "unknown" for bid in items)
    posted: dict[str, Outcome] = {}
    for bid, key in items.items():
        outcome = answers.get(bid, Outcome(bid, "unknown"))
        if still_open and outcome.status != "posted":
            outcome = Outcome(bid, "unknown", code=outcome.code, words=outcome.words)
        written = _write(conn, batch_id, key, outcome, now)
        if written and outcome.status == "posted":
            posted[key] = outcome
    _remember(conn, posted, now)
    _wake(conn, posted)
    state = {"state": "unknown", "lease_until": now} if still_open else {"state": "settled", "settled_at": now}
    conn.execute(BATCH.update().where(BATCH.c.id == batch_id).values(state))


def _write(conn: Connection, batch_id: str, key: str, outcome: Outcome, now: datetime) -> bool:
    """Move one row; False when it had its final answer already (a repeated batch answers for all its items)."""
    where = (BOX.c.key == key, BOX.c.batch_id == batch_id, BOX.c.status.in_(("sent", "unknown")))
    return bool(conn.execute(BOX.update().where(*where).values(_changes(outcome, now))).rowcount)


def _changes(outcome: Outcome, now: datetime) -> dict[str, Any]:
    changes: dict[str, Any] = {
        "status": outcome.status,
        "changed_at": now,
        "error_code": outcome.code,
        "error_words": outcome.words,
    }
    if outcome.status in ("posted", "rejected"):
        changes["look_up_first"] = False
    if outcome.status == "posted":
        changes |= {
            "qb_id": outcome.qb_id,
            "sync_token": outcome.sync_token,
            "posted_number": outcome.number,
            "posted_total": outcome.total,
            "posted_tax": outcome.tax,
            "posted_at": now,
        }
    elif outcome.status == "ready":
        changes |= {"attempt": BOX.c.attempt + 1, "not_before": outcome.not_before or now, "batch_id": None}
    return changes


def _remember(conn: Connection, posted: Mapping[str, Outcome], now: datetime) -> None:
    """Let later payloads refer to what was posted: `txn:KEY`, `sync:KEY`, and the item's own symbols."""
    found: dict[str, list[references.Known]] = {}
    for key, outcome in posted.items():
        found.setdefault("txn", []).append(references.Known(key, outcome.qb_id, outcome.name))
        found.setdefault("sync", []).append(references.Known(key, outcome.sync_token))
        for kind, symbol in outcome.symbols:
            found.setdefault(kind, []).append(references.Known(symbol, outcome.qb_id, outcome.name, outcome.extra))
    for kind, entries in found.items():
        references.put_many(conn, kind, entries, now)


def _wake(conn: Connection, posted: Iterable[str]) -> None:
    dependency = tables.outbox_dependency
    count_blockers(conn, sa.select(dependency.c.key).where(dependency.c.needs.in_(list(posted))))
