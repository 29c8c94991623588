"""Claiming rows for one batch, and the claim's life until it is settled.

    claimed --intend--> sent --settle--> settled
                          |`--no answer--> unknown --take_over, the same id and bytes again--> settled
                          `--an answer that leaves doubt--> answered --take_over, look up, never again--> settled

Exactly once rests on three facts kept here: a request id is used for one body only, the exact bytes are stored
before the call, and every take-over raises the epoch, so that a process that slept through it can neither send nor
settle.
"""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from state import tables
from state.identity import handed_out
from state.outbox_doubts import look_up_first
from state.outbox_rows import Row, fetch, one_writer, select_rows

BOX = tables.outbox
BATCH = tables.batch
OPEN = ("sent", "unknown", "answered")
LONGEST_LEASE = timedelta(minutes=30)
"""No claim is held for longer at a time: a later end was written by a clock that was wrong."""
LONGEST_DELAY = timedelta(minutes=10)
"""No row is put off for longer: a later time was written by a clock that was wrong, and has come."""


class StaleClaim(Exception):
    """Somebody else has taken this batch over, or it is settled: do not send, do not write."""


class BytesDiffer(Exception):
    """The same request id with other bytes: QuickBooks would answer for the first ones. Never send them."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Rows that this process alone may send now. `items` pairs each row with its bId ("1", "2", ...)."""

    batch_id: str
    epoch: int
    items: tuple[tuple[str, Row], ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch as stored: `body` holds the exact bytes that were, or may have been, sent under `id`; `items` are the
    rows that still wait for it, or were posted by it."""

    id: str
    epoch: int
    owner: str
    state: str
    lease_until: datetime
    body: bytes
    sent_at: datetime
    items: tuple[tuple[str, Row], ...]


def claimable_at(now: datetime) -> tuple["sa.ColumnElement[bool]", ...]:
    """What makes a row claimable: ready, all that it needs is posted, and its time has come."""
    come = sa.or_(BOX.c.not_before <= now, BOX.c.not_before > now + LONGEST_DELAY)
    return BOX.c.status == "ready", BOX.c.blockers == 0, come


def request_id(rows: Sequence[Row], salt: str = "") -> str:
    """The request id of a batch: 23 characters, the same for the same rows in the same attempt with the same `salt`.

    QuickBooks Desktop refuses a newMessageSetID above 24 (Intuit's SDK sample InvoiceAdd), QuickBooks Online a
    requestid above 50, counted together with the bId.
    """
    named = "\n".join([*sorted(f"{row.key} {row.attempt}" for row in rows), *([salt] if salt else [])])
    return "mb-" + hashlib.sha256(named.encode()).hexdigest()[:20]


def claim(
    conn: Connection, size: int, owner: str, now: datetime, lease: timedelta, only: Collection[str] | None = None
) -> Claim | None:
    """Take at most `size` ready rows of the lowest rank that has any whose dependencies are all posted; with `only`,
    rows of these keys alone.

    Rows that came back from one batch together go out without others, in a batch of half its size at most: what is
    wrong with one row leaves the others after a few halvings.

    The rows become `sent`. Call `intend` in the same transaction, or after a look-up; a claim without it is given back
    when its lease has run out, for nothing can have been sent. None when nothing is ready.
    """
    _shorten(conn, now)
    _give_back(conn, now)
    ready = (
        select_rows()
        .where(*claimable_at(now))
        .order_by(BOX.c.rank, BOX.c.key)
        .limit(size)
        .with_for_update(skip_locked=True)
    )
    if only is not None:
        ready = ready.where(BOX.c.key.in_(list(only)))
    rows = fetch(conn, ready)
    rows = [row for row in rows if (row.rank, row.batch_id) == (rows[0].rank, rows[0].batch_id)]
    if rows and rows[0].batch_id is not None:
        rows = rows[: _half(conn, rows[0].batch_id)]
    return _hold(conn, rows, owner, now, lease) if rows else None


def refuse(conn: Connection, key: str, code: str, words: str, now: datetime) -> None:
    """Reject a claimed row that cannot be written after all, before `intend`; then call `without`."""
    values = {"status": "rejected", "batch_id": None, "error_code": code, "error_words": words, "changed_at": now}
    conn.execute(BOX.update().where(BOX.c.key == key, BOX.c.status == "sent").values(values))


def without(
    conn: Connection, held: Claim, keys: Collection[str], owner: str, now: datetime, lease: timedelta
) -> Claim | None:
    """The claim without the refused rows, under its own new request id, before `intend`. None when no row is left."""
    conn.execute(BATCH.delete().where(BATCH.c.id == held.batch_id, BATCH.c.body_hash.is_(None)))
    kept = [row for _, row in held.items if row.key not in keys]
    return _hold(conn, kept, owner, now, lease) if kept else None


def unsent(conn: Connection, batch_id: str, epoch: int) -> Claim | None:
    """The claim while nothing of it was intended, hence sent; None afterwards. Raises StaleClaim."""
    found = _locked(conn, batch_id, epoch)
    return Claim(batch_id, epoch, _batch(conn, found).items) if found["state"] == "claimed" else None


def intend(conn: Connection, held: Claim, body: bytes, now: datetime) -> None:
    """Store the exact bytes before they are sent. Raises StaleClaim, or BytesDiffer for a known request id."""
    found = _locked(conn, held.batch_id, held.epoch)
    body_hash = hashlib.sha256(body).hexdigest()
    if found["body_hash"] is None:
        handed_out(conn, now)
    elif found["body_hash"] != body_hash:
        raise BytesDiffer(f"batch {held.batch_id} was meant for other bytes")
    values = {"body": body, "body_hash": body_hash, "state": "sent", "sent_at": now}
    conn.execute(BATCH.update().where(BATCH.c.id == held.batch_id).values(values))


def guard(conn: Connection, batch_id: str, epoch: int, body: bytes) -> None:
    """The last look before sending. Raises StaleClaim after a take-over, BytesDiffer for bytes not intended."""
    found = _locked(conn, batch_id, epoch)
    if found["body_hash"] != hashlib.sha256(body).hexdigest():
        raise BytesDiffer(f"batch {batch_id} was meant for other bytes")


def load(conn: Connection, batch_id: str, epoch: int) -> Batch:
    """The batch with its bytes, for the holder of this claim. Raises StaleClaim."""
    return _batch(conn, _locked(conn, batch_id, epoch))


def renew(conn: Connection, batch_id: str, epoch: int, now: datetime, lease: timedelta) -> None:
    """Keep a batch for longer. Raises StaleClaim."""
    _locked(conn, batch_id, epoch)
    conn.execute(BATCH.update().where(BATCH.c.id == batch_id).values(lease_until=now + lease))


def due(conn: Connection, now: datetime) -> list[Batch]:
    """Batches without a final answer that nobody holds any more, oldest first."""
    _shorten(conn, now)
    statement = (
        sa.select(BATCH)
        .where(BATCH.c.state.in_(OPEN), BATCH.c.lease_until <= now)
        .order_by(BATCH.c.lease_until, BATCH.c.id)
    )
    return [_batch(conn, found) for found in conn.execute(statement).mappings()]


def take_over(conn: Connection, batch_id: str, owner: str, now: datetime, lease: timedelta) -> Batch:
    """Hold a due batch under the next epoch. Raises StaleClaim when it is settled or somebody holds it."""
    statement = sa.select(BATCH).where(BATCH.c.id == batch_id).with_for_update()
    found = conn.execute(statement).mappings().one_or_none()
    if found is None or found["state"] not in OPEN or found["lease_until"] > now:
        raise StaleClaim(f"batch {batch_id} is settled or held by another process")
    changes = {"epoch": found["epoch"] + 1, "owner": owner, "lease_until": now + lease}
    conn.execute(BATCH.update().where(BATCH.c.id == batch_id).values(changes))
    return _batch(conn, {**found, **changes})


def forget_bodies(conn: Connection, before: datetime) -> int:
    """Erase the bytes of batches settled before a time (they hold personal data); the hash stays."""
    old = (BATCH.c.state == "settled", BATCH.c.settled_at < before, BATCH.c.body.is_not(None))
    return conn.execute(BATCH.update().where(*old).values(body=None)).rowcount


def locked_batch(conn: Connection, batch_id: str, epoch: int) -> dict[str, str]:
    """The batch's bIds and keys, with the batch locked for this transaction. Raises StaleClaim."""
    items: dict[str, str] = json.loads(_locked(conn, batch_id, epoch)["items"])
    return items


def _hold(conn: Connection, rows: Sequence[Row], owner: str, now: datetime, lease: timedelta) -> Claim:
    rows, batch_id = _named(conn, rows, now)
    items = tuple((str(number), row) for number, row in enumerate(rows, start=1))
    keys = {bid: row.key for bid, row in items}
    values = {"owner": owner, "lease_until": now + lease, "items": json.dumps(keys)}
    conn.execute(BATCH.insert().values(id=batch_id, epoch=1, state="claimed", **values))
    sent = {"status": "sent", "batch_id": batch_id, "changed_at": now}
    conn.execute(BOX.update().where(BOX.c.key.in_(list(keys.values()))).values(sent))
    return Claim(batch_id, 1, items)


def _named(conn: Connection, rows: Sequence[Row], now: datetime) -> tuple[Sequence[Row], str]:
    """The rows with a request id that was never used: QuickBooks repeats its first answer to one that it has seen.

    A row that QuickBooks may have may have gone out under any id (a ledger that was set back has forgotten which), so
    its batch gets an id by chance. So do rows that come back in the same attempt because nothing was done. Where their
    batch has no answer, only a ledger that was changed by hand leads here, and the rows are looked up.
    """
    batch_id = request_id(rows)
    known = conn.execute(sa.select(BATCH).where(BATCH.c.id == batch_id)).mappings().one_or_none()
    if known and known["state"] in OPEN:
        conn.execute(BATCH.update().where(BATCH.c.id == batch_id).values(state="settled", settled_at=now))
        look_up_first(conn, [row.key for row in rows])
        rows = [replace(row, look_up_first=True) for row in rows]
    used = known is not None or any(row.look_up_first for row in rows)
    return rows, request_id(rows, uuid4().hex) if used else batch_id


def _half(conn: Connection, batch_id: str) -> int:
    """Half as many rows as a batch had, rounded up."""
    items: str = conn.execute(sa.select(BATCH.c["items"]).where(BATCH.c.id == batch_id)).scalar_one()
    return (len(json.loads(items)) + 1) // 2


def _shorten(conn: Connection, now: datetime) -> None:
    """End leases of a clock that was wrong as late as one from now could end."""
    latest = now + LONGEST_LEASE
    held = sa.and_(BATCH.c.state != "settled", BATCH.c.lease_until > latest)
    if conn.execute(sa.select(BATCH.c.id).where(held).limit(1)).first() is not None:
        conn.execute(BATCH.update().where(held).values(lease_until=latest))


def _give_back(conn: Connection, now: datetime) -> None:
    """Free the rows of claims that were never intended: their process died before anything could be sent."""
    lost = sa.select(BATCH.c.id).where(BATCH.c.state == "claimed", BATCH.c.lease_until <= now)
    if not conn.scalars(lost).all():
        return
    one_writer(conn)
    for batch_id in conn.scalars(lost.with_for_update()).all():
        conn.execute(BOX.update().where(BOX.c.batch_id == batch_id).values(status="ready", batch_id=None))
        conn.execute(BATCH.delete().where(BATCH.c.id == batch_id))


def _locked(conn: Connection, batch_id: str, epoch: int) -> RowMapping:
    statement = sa.select(BATCH).where(BATCH.c.id == batch_id).with_for_update()
    found = conn.execute(statement).mappings().one_or_none()
    if found is None or found["epoch"] != epoch or found["state"] == "settled":
        raise StaleClaim(f"batch {batch_id} epoch {epoch} is not ours any more")
    return found


def _batch(conn: Connection, found: Any) -> Batch:
    rows = {row.key: row for row in fetch(conn, select_rows().where(BOX.c.batch_id == found["id"]))}
    items = tuple((bid, rows[key]) for bid, key in json.loads(found["items"]).items() if key in rows)
    return Batch(
        id=found["id"],
        epoch=found["epoch"],
        owner=found["owner"],
        state=found["state"],
        lease_until=found["lease_until"],
        body=found["body"],
        sent_at=found["sent_at"],
        items=items,
    )
