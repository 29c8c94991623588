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
from state.outbox_doubts import UNDECIDED, held_by_another
from state.outbox_rows import count_blockers, one_writer

BOX = tables.outbox
BATCH = tables.batch


@dataclass(frozen=True, slots=True)
class Outcome:
    """One item's answer. `bid` is its bId in the batch.

    posted: `qb_id`, `sync_token`, and `total`, `tax`, `number` as QuickBooks shows them; `symbols` are the further
    references that now have this id, such as ("customer", "email:..."), with `name` as their name.
    rejected: `code` and `words` of the refusal. ready: try again, not before `not_before`, as a new attempt unless
    QuickBooks did nothing with this one (`counts` is False), and in a smaller batch (`halve`).
    unknown: no answer; the batch is repeated as it is. doubtful: an answer, and yet it may have been done: the row
    stays unknown until it is found in QuickBooks or surely is not there, and this batch is never sent again.
    `looked_up`: the document was found in QuickBooks, rather than named in the answer.
    """

    bid: str
    status: Literal["posted", "rejected", "ready", "unknown", "doubtful"]
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
    counts: bool = True
    halve: bool = False
    looked_up: bool = False
    extra: Mapping[str, str] = field(default_factory=dict)


def settle(conn: Connection, batch_id: str, epoch: int, outcomes: Sequence[Outcome], now: datetime) -> None:
    """Write the outcomes of a batch. Raises StaleClaim, and then nothing is written.

    While one item has no answer, the batch will be sent again as it is, and QuickBooks would then post what it has
    refused before. So only `posted` is final at once; the other items stay unknown until each has its answer. A batch
    with a doubtful item is never sent again, so that every other answer in it is final.
    """
    one_writer(conn)
    items = locked_batch(conn, batch_id, epoch)
    answers = {outcome.bid: outcome for outcome in outcomes}
    waiting = _waiting(conn, batch_id)
    given = {key: answers.get(bid, Outcome(bid, "unknown")) for bid, key in items.items() if key in waiting}
    found = {outcome.status for outcome in given.values()}
    repeated = "unknown" in found and "doubtful" not in found
    posted: dict[str, Outcome] = {}
    doubted = False
    for key, outcome in given.items():
        final = _final(conn, key, outcome, repeated)
        conn.execute(BOX.update().where(BOX.c.key == key).values(_changes(final, now)))
        if final.status == "posted":
            posted[key] = final
        doubted = doubted or final.status == "unknown"
    _remember(conn, posted, now)
    _wake(conn, posted)
    state = {"state": "unknown" if repeated else "answered", "lease_until": now}
    if not doubted:
        state = {"state": "settled", "settled_at": now}
    conn.execute(BATCH.update().where(BATCH.c.id == batch_id).values(state))


def _waiting(conn: Connection, batch_id: str) -> set[str]:
    """The rows of a batch without a final answer (a repeated batch answers for all its items again)."""
    where = (BOX.c.batch_id == batch_id, BOX.c.status.in_(("sent", "unknown")))
    return set(conn.scalars(sa.select(BOX.c.key).where(*where).with_for_update()))


def _final(conn: Connection, key: str, outcome: Outcome, repeated: bool) -> Outcome:
    """What an item's answer makes of its row: unknown, unless the answer is final."""
    doubled = outcome.status == "posted" and outcome.looked_up and held_by_another(conn, key, outcome.qb_id)
    if doubled or outcome.status == "doubtful" or (repeated and outcome.status != "posted"):
        return Outcome(outcome.bid, "unknown", code=outcome.code, words=outcome.words)
    return outcome


def _changes(outcome: Outcome, now: datetime) -> dict[str, Any]:
    changes: dict[str, Any] = {
        "status": outcome.status,
        "changed_at": now,
        "error_code": outcome.code,
        "error_words": outcome.words,
    }
    if outcome.status == "posted" or (outcome.status == "rejected" and outcome.code != UNDECIDED):
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
        changes |= {"attempt": BOX.c.attempt + int(outcome.counts), "not_before": outcome.not_before or now}
        changes |= {} if outcome.halve else {"batch_id": None}
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
