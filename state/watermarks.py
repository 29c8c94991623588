"""How far each reader has come: a time (landed until) or a sequence number (mapped up to), by name."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from state import tables
from state.ledger import ensure

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


def starting(conn: Connection, prefix: str) -> dict[str, Watermark]:
    """All watermarks whose names begin so, by name."""
    where = TABLE.c.name.startswith(prefix, autoescape=True)
    found = conn.execute(sa.select(TABLE.c.name, TABLE.c.at, TABLE.c.seq).where(where))
    return {name: Watermark(at, seq) for name, at, seq in found}


def advance(conn: Connection, name: str, now: datetime, *, at: datetime | None = None, seq: int | None = None) -> None:
    """Move a watermark forward; one that is further already stays, so that a repeated run moves nothing back."""
    ensure(conn, TABLE, {"name": name, "changed_at": now})
    for column, value in (("at", at), ("seq", seq)):
        if value is not None:
            where = (TABLE.c.name == name, sa.or_(TABLE.c[column].is_(None), TABLE.c[column] < value))
            conn.execute(TABLE.update().where(*where).values({column: value, "changed_at": now}))


def get_time(conn: Connection, name: str) -> datetime | None:
    """The time part alone."""
    return get(conn, name).at


def set_time(conn: Connection, name: str, at: datetime, now: datetime) -> None:
    """Move the time part alone forward."""
    advance(conn, name, now, at=at)


def reset(conn: Connection, name: str) -> None:
    """Forget a watermark: the next run reads from the start."""
    conn.execute(TABLE.delete().where(TABLE.c.name == name))
