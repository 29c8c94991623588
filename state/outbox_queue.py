"""Queueing: new documents into the outbox, and rows back out of it before they were sent."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from mappings.payloads import alike
from state import tables
from state.identity import posted_before
from state.ledger import chunks
from state.outbox_doubts import UNDECIDED, keep_attempts, kept_attempts, look_up_first
from state.outbox_rows import FIXED, NewRow, count_blockers, one_writer

BOX = tables.outbox
DEPENDENCY = tables.outbox_dependency
NAMES = tuple(field.name for field in fields(NewRow))
COMPARED = ("key", "status", "attempt", "payload_hash", "source_id", "depends", "rank")


@dataclass(frozen=True, slots=True)
class Put:
    """What queueing did. `unchanged` are rows whose payload stays; `changed` are keys that stand in QuickBooks (or may)
    with other content than cleaner texts; `clashes` are keys that another Magento document holds already (the same
    number twice). Neither of the last two is touched."""

    queued: int
    unchanged: int
    replaced: int
    changed: tuple[str, ...]
    clashes: tuple[str, ...]


def digest(payload: str) -> str:
    """SHA-256 of a payload, as hex."""
    return hashlib.sha256(payload.encode()).hexdigest()


def put(conn: Connection, rows: Sequence[NewRow], now: datetime) -> Put:
    """Queue documents; putting the same documents again changes nothing.

    A ready or rejected row is replaced when its payload differs. Where only the entry behind it does (other rules may
    book the same payload), that is written anew and the row stays in its state. A sent, unknown or posted row is never
    touched.
    """
    one_writer(conn)
    wanted, doubled = _by_key(rows)
    standing = _standing(conn, sorted(wanted))
    fresh: list[NewRow] = []
    replaced: list[tuple[NewRow, RowMapping]] = []
    same: list[NewRow] = []
    differing: list[NewRow] = []
    clashes = doubled
    unchanged = 0
    for key, row in wanted.items():
        old = standing.get(key)
        if old is None:
            fresh.append(row)
        elif old["source_id"] != row.source_id:
            clashes.append(key)
        elif old["status"] in FIXED:
            if old["payload_hash"] != digest(row.payload):
                differing.append(row)
            else:
                unchanged += 1
        elif (old["payload_hash"], old["depends"], old["rank"]) == (digest(row.payload), row.depends, row.rank):
            same.append(row)
        else:
            replaced.append((row, old))
    _insert(conn, fresh, now)
    _replace(conn, replaced, now)
    _restate(conn, _behind(conn, same), now)
    _link(conn, [*fresh, *(row for row, _ in replaced)])
    look_up_first(conn, posted_before(conn, fresh, now))
    changed = _changed(conn, differing)
    unchanged += len(same) + len(differing) - len(changed)
    return Put(len(fresh), unchanged, len(replaced), changed, tuple(clashes))


def discard(conn: Connection, keys: Iterable[str]) -> list[str]:
    """Take rows out that were never accepted (ready or rejected), because their document is held now.

    Returns the keys that were taken out; sent, unknown and posted rows stay. A row of such a key that comes back is a
    new attempt and is looked up first, because QuickBooks may have seen the one before.
    """
    one_writer(conn)
    gone: list[str] = []
    for part in chunks(sorted(set(keys))):
        where = (BOX.c.key.in_(part), BOX.c.status.not_in(FIXED))
        found = list(conn.scalars(sa.select(BOX.c.key).where(*where).with_for_update()))
        keep_attempts(conn, found)
        conn.execute(DEPENDENCY.delete().where(DEPENDENCY.c.key.in_(found)))
        conn.execute(BOX.delete().where(BOX.c.key.in_(found)))
        gone.extend(found)
    return gone


def retry(conn: Connection, keys: Iterable[str] | None, now: datetime) -> list[str]:
    """Make rejected rows ready again (all of them when `keys` is None), and rows whose outcome stays unknown: those
    are looked up before they go out. Returns their keys.

    A new attempt gets a new request id: QuickBooks would repeat its refusal for the old one.
    """
    one_writer(conn)
    undecided = sa.and_(BOX.c.status == "unknown", BOX.c.error_code == UNDECIDED)
    stopped = sa.or_(BOX.c.status == "rejected", undecided)
    statement = sa.select(BOX.c.key).where(stopped).order_by(BOX.c.key).with_for_update()
    rejected = list(conn.scalars(statement))
    if keys is not None:
        chosen = set(keys)
        rejected = [key for key in rejected if key in chosen]
    for part in chunks(rejected):
        conn.execute(
            BOX.update()
            .where(BOX.c.key.in_(part))
            .values(
                status="ready",
                attempt=BOX.c.attempt + 1,
                batch_id=None,
                not_before=now,
                changed_at=now,
                error_code="",
                error_words="",
                look_up_first=sa.or_(BOX.c.look_up_first, BOX.c.status == "unknown"),
            )
        )
        count_blockers(conn, part)
    return rejected


def _by_key(rows: Sequence[NewRow]) -> tuple[dict[str, NewRow], list[str]]:
    """The last row for each key, and the keys that two different documents claim in this very call."""
    wanted: dict[str, NewRow] = {}
    doubled: list[str] = []
    for row in rows:
        first = wanted.get(row.key)
        if first is not None and first.source_id != row.source_id:
            doubled.append(row.key)
        else:
            wanted[row.key] = row
    return wanted, doubled


def _standing(conn: Connection, keys: Sequence[str]) -> dict[str, RowMapping]:
    columns = [BOX.c[name] for name in COMPARED]
    found: dict[str, RowMapping] = {}
    for part in chunks(keys):
        statement = sa.select(*columns).where(BOX.c.key.in_(part)).order_by(BOX.c.key).with_for_update()
        found.update((row["key"], row) for row in conn.execute(statement).mappings())
    return found


def _changed(conn: Connection, rows: Sequence[NewRow]) -> tuple[str, ...]:
    """The keys of those that say something else than what was sent: a text that was sent unclean is no change."""
    sent: dict[str, str] = {}
    for part in chunks([row.key for row in rows]):
        found = conn.execute(sa.select(BOX.c.key, BOX.c.payload).where(BOX.c.key.in_(part)))
        sent.update((key, payload) for key, payload in found)
    return tuple(row.key for row in rows if not alike(sent[row.key], row.payload))


def _values(row: NewRow, now: datetime) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in NAMES},
        "payload_hash": digest(row.payload),
        "blockers": 0,
        "status": "ready",
        "attempt": 1,
        "batch_id": None,
        "not_before": now,
        "created_at": now,
        "changed_at": now,
        "error_code": "",
        "error_words": "",
    }


def _insert(conn: Connection, rows: Sequence[NewRow], now: datetime) -> None:
    if rows:
        kept = kept_attempts(conn, [row.key for row in rows])
        again = {key: {"attempt": attempt + 1, "look_up_first": True} for key, attempt in kept.items()}
        fresh = {"look_up_first": False}
        conn.execute(BOX.insert(), [_values(row, now) | again.get(row.key, fresh) for row in rows])


def _replace(conn: Connection, pairs: Sequence[tuple[NewRow, RowMapping]], now: datetime) -> None:
    """Overwrite rows that QuickBooks never accepted. A rejected one gets a new attempt, hence a new request id."""
    if not pairs:
        return
    changes = []
    for row, old in pairs:
        attempt = old["attempt"] + (old["status"] == "rejected")
        values = _values(row, now) | {"attempt": attempt, "the_key": row.key}
        changes.append({name: value for name, value in values.items() if name not in ("key", "created_at")})
    keys = [row.key for row, _ in pairs]
    for part in chunks(keys):
        conn.execute(DEPENDENCY.delete().where(DEPENDENCY.c.key.in_(part)))
    _update(conn, changes)


def _behind(conn: Connection, rows: Sequence[NewRow]) -> list[NewRow]:
    """Those of these rows behind which another entry stands in the ledger. Entries are long, hence read only here."""
    kept: dict[str, tuple[str, str]] = {}
    for part in chunks([row.key for row in rows]):
        found = conn.execute(sa.select(BOX.c.key, BOX.c.entry, BOX.c.rules_hash).where(BOX.c.key.in_(part)))
        kept.update((key, (entry, rules_hash)) for key, entry, rules_hash in found)
    return [row for row in rows if kept[row.key] != (row.entry, row.rules_hash)]


def _restate(conn: Connection, rows: Sequence[NewRow], now: datetime) -> None:
    """Write anew what is behind rows whose payload stays."""
    _update(
        conn,
        [
            {name: getattr(row, name) for name in NAMES if name != "key"} | {"the_key": row.key, "changed_at": now}
            for row in rows
        ],
    )


def _update(conn: Connection, changes: Sequence[dict[str, Any]]) -> None:
    if changes:
        columns: dict[str, Any] = {name: sa.bindparam(name) for name in changes[0] if name != "the_key"}
        conn.execute(BOX.update().where(BOX.c.key == sa.bindparam("the_key")).values(columns), changes)


def _link(conn: Connection, rows: Sequence[NewRow]) -> None:
    links = [{"key": row.key, "needs": needs} for row in rows for needs in dict.fromkeys(row.depends)]
    if not links:
        return
    conn.execute(DEPENDENCY.insert(), links)
    for part in chunks(sorted({link["key"] for link in links})):
        count_blockers(conn, part)
