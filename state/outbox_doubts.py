"""Rows whose document QuickBooks may have already, and attempts that outlive their row."""

from collections.abc import Iterable, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from state import tables
from state.ledger import chunks

BOX = tables.outbox
KEPT = tables.outbox_attempt
UNDECIDED = "unknown-outcome"
"""The code of a row of which nothing can be found out by itself: a person looks, or sends it on."""


def undecided(conn: Connection) -> int:
    """How many rows wait for a person because nobody knows whether QuickBooks has them."""
    where = (BOX.c.status == "unknown", BOX.c.error_code == UNDECIDED)
    return conn.scalar(sa.select(sa.func.count()).where(*where)) or 0


def look_up_first(conn: Connection, keys: Iterable[str] | None = None) -> int:
    """Have these rows looked up in QuickBooks before they go out, or every row that is not posted (`keys` is None);
    returns how many rows were marked now.

    A posted or rejected outcome takes the mark away; other content, a retry and another attempt keep it.
    """
    open_rows = (BOX.c.status != "posted", BOX.c.look_up_first.is_(False))
    mark = BOX.update().values(look_up_first=True)
    if keys is None:
        return conn.execute(mark.where(*open_rows)).rowcount
    parts = chunks(sorted(set(keys)))
    return sum(conn.execute(mark.where(*open_rows, BOX.c.key.in_(part))).rowcount for part in parts)


def to_look_up(conn: Connection) -> int:
    """How many rows are looked up in QuickBooks before they are sent."""
    waiting = (BOX.c.look_up_first.is_(True), BOX.c.status.not_in(("posted", "rejected")))
    return conn.scalar(sa.select(sa.func.count()).where(*waiting)) or 0


def held_by_another(conn: Connection, key: str, qb_id: str) -> bool:
    """Whether an object of QuickBooks is what another row created: then it is not what this row became."""
    ours, other = BOX.alias("ours"), BOX.alias("other")
    same = (other.c.entity == ours.c.entity, other.c.qb_id == qb_id, other.c.key != key)
    created = (ours.c.operation == "create", other.c.operation == "create")
    return conn.scalar(sa.select(other.c.key).where(ours.c.key == key, *created, *same).limit(1)) is not None


def is_known(conn: Connection, entity: str, qb_id: str) -> bool:
    """Whether any row became, or changes, what QuickBooks knows as this kind of thing under this id."""
    where = (BOX.c.entity == entity, BOX.c.qb_id == qb_id)
    return conn.scalar(sa.select(BOX.c.key).where(*where).limit(1)) is not None


def keep_attempts(conn: Connection, keys: Sequence[str]) -> None:
    """Keep the attempt of those of these rows that QuickBooks has, or may have, seen: before they are taken out."""
    seen = sa.or_(BOX.c.status == "rejected", BOX.c.attempt > 1, BOX.c.look_up_first)
    found = conn.execute(sa.select(BOX.c.key, BOX.c.attempt).where(BOX.c.key.in_(keys), seen))
    values = [{"key": key, "attempt": attempt} for key, attempt in found]
    if values:
        conn.execute(KEPT.delete().where(KEPT.c.key.in_([value["key"] for value in values])))
        conn.execute(KEPT.insert(), values)


def kept_attempts(conn: Connection, keys: Sequence[str]) -> Mapping[str, int]:
    """The last attempt of each of these keys whose row was taken out after QuickBooks had seen it."""
    found: dict[str, int] = {}
    for part in chunks(keys):
        kept = conn.execute(sa.select(KEPT.c.key, KEPT.c.attempt).where(KEPT.c.key.in_(part)))
        found.update({key: attempt for key, attempt in kept})
    return found
