"""How far each reader has come: a time (landed until) or a sequence number (mapped up to), by name."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from state import tables
from state.ledger import ensure, upsert

TABLE = tables.watermark


@dataclass(frozen=True, slots=True)
class Watermark:
    """`at` is a UTC time, `seq` a landing sequence number; None where the reader does not use it."""

    at: datetime | None
    seq: int | None


def get(conn: Connection, name: str) -> Watermark:
    """The watermark of that name; both parts None when nothing was read yet."""
    found = conn.execute(sa.select(TABLE.c.at, TABLE.c.seq).where(TABLE.c.name == name)).one_or_none()
    return Watermark(*found) if found else Watermark(None, None)


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a reader came that goes by rules: `seq`, and whether it was by the rules of now (`same`)."""

    seq: int
    same: bool


def by_rules(conn: Connection, name: str, rules_hash: str, now: datetime) -> Reached:
    """How far the reader came. By other rules than the last time it has to begin anew, and until `reached_by_rules`
    says that it came through, no rules count as the last ones: it may be cut off half way, and the old rules return.
    """
    where = TABLE.c.name.startswith(name, autoescape=True)
    marks = {one: seq or 0 for one, seq in conn.execute(sa.select(TABLE.c.name, TABLE.c.seq).where(where))}
    seq = max(marks.values(), default=0)
    if _by(name, rules_hash) in marks:
        return Reached(seq, same=True)
    for one in marks:
        reset(conn, one)
    if marks:
        advance(conn, _by(name, ""), now, seq=seq)
    return Reached(seq, same=False)


def reached_by_rules(conn: Connection, name: str, rules_hash: str, now: datetime, seq: int) -> None:
    """The reader has come through to `seq`, all of it by these rules."""
    reset(conn, _by(name, ""))
    advance(conn, _by(name, rules_hash), now, seq=seq)


def _by(name: str, rules_hash: str) -> str:
    return f"{name}/{rules_hash}"


def advance(conn: Connection, name: str, now: datetime, *, at: datetime | None = None, seq: int | None = None) -> None:
    """Move a watermark forward; one that is further already stays, so that a repeated run moves nothing back."""
    ensure(conn, TABLE, {"name": name, "changed_at": now})
    for column, value in (("at", at), ("seq", seq)):
        if value is not None:
            where = (TABLE.c.name == name, sa.or_(TABLE.c[column].is_(None), TABLE.c[column] < value))
            conn.execute(TABLE.update().where(*where).values({column: value, "changed_at": now}))


def put(conn: Connection, name: str, now: datetime, at: datetime) -> None:
    """Set a watermark to a time, back as well as forward."""
    upsert(conn, TABLE, [{"name": name, "at": at, "changed_at": now}])


def read_at(name: str) -> str:
    """The watermark that keeps when a reader came through to the end: this machine's time at which it began."""
    return f"{name} read"


def changed_at(conn: Connection, name: str) -> datetime | None:
    """When a watermark moved last; None when nothing was read yet."""
    return conn.scalars(sa.select(TABLE.c.changed_at).where(TABLE.c.name == name)).one_or_none()


def reset(conn: Connection, name: str) -> None:
    """Forget a watermark: the next run reads from the start."""
    conn.execute(TABLE.delete().where(TABLE.c.name == name))
