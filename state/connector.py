"""The Web Connector as the ledger knows it: which company file it serves, when it came, and its sessions.

Only a digest of a ticket is kept: whoever reads the ledger cannot speak for a connector. One session may be open at
a time; one that has been silent for `QUIET` is over, because its connector is gone.
"""

import hashlib
import json
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from state import runs, tables
from state.ledger import ensure

TABLE = tables.connector
SESSION = tables.connector_session
NAME = "desktop"
FLOW = "web connector"
MINUTES = 15
"""How often the connector comes unless its user changes it: what we write into the .qwc file."""
KEPT_VISITS = 6
HABIT = 3
QUIET = timedelta(minutes=5)
"""QuickBooks may work this long on one message; a connector that is silent for longer is gone."""
LONGEST = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Connector:
    """What is known of the connector. `file_id` is our mark in the company file, `company` the name of the company
    that these books belong to (empty until it came), `visits` its last logins, `minutes` the interval that the .qwc
    file asks for."""

    file_id: str
    company: str
    company_file: str
    product: str
    visits: tuple[datetime, ...]
    minutes: int
    alerted_at: datetime | None

    @property
    def seen_at(self) -> datetime | None:
        """When it last logged in."""
        return self.visits[-1] if self.visits else None

    @property
    def interval(self) -> timedelta:
        """How often it comes: the .qwc file's interval, or what its visits show where its user chose a longer one.

        A gap or two may be a weekend: only from the third on they are a habit.
        """
        gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(self.visits)]
        return timedelta(seconds=max(self.minutes * 60, median(gaps) if len(gaps) >= HABIT else 0))

    def missed(self, now: datetime) -> int:
        """How many intervals it has been away for; 0 for one that never came."""
        return 0 if self.seen_at is None else int((now - self.seen_at) / self.interval)


@dataclass(slots=True)
class Session:
    """One session under way. `step` names the message that is out (empty: none), `body` its bytes, `memory` what the
    steps have to remember; `said` is what getLastError answers."""

    ticket: str
    run: str
    opened_at: datetime
    last_at: datetime
    open: bool
    step: str = ""
    memory: dict[str, Any] = field(default_factory=dict)
    body: bytes | None = None
    said: str = ""

    @property
    def owner(self) -> str:
        """Under which name it holds claims."""
        return f"{FLOW} {self.ticket[:16]}"


def get(conn: Connection) -> Connector:
    """What is known; made at the first call, with its own file id."""
    row = {
        "name": NAME,
        "file_id": f"{{{str(uuid.uuid4()).upper()}}}",
        "company": "",
        "company_file": "",
        "product": "",
        "visits": (),
        "minutes": MINUTES,
    }
    ensure(conn, TABLE, row)
    return _connector(conn.execute(sa.select(TABLE)).mappings().one())


def known(conn: Connection) -> Connector | None:
    """What is known, or None while nobody has asked for a .qwc file and no connector has come."""
    found = conn.execute(sa.select(TABLE)).mappings().one_or_none()
    return _connector(found) if found else None


def file_id(conn: Connection) -> str:
    """Our mark in the company file (a GUID in braces), always the same for this ledger."""
    return get(conn).file_id


def asked_for(conn: Connection, minutes: int) -> None:
    """Note the interval that a .qwc file was written with."""
    get(conn)
    conn.execute(TABLE.update().values(minutes=minutes))


def belongs_to(conn: Connection, company: str, company_file: str, product: str) -> None:
    """Note the company file that these books belong to."""
    conn.execute(TABLE.update().values(company=company, company_file=company_file, product=product))


def alerted(conn: Connection, now: datetime | None) -> None:
    """Note that somebody was told of its silence; None when it is back."""
    conn.execute(TABLE.update().values(alerted_at=now))


def in_time(conn: Connection, now: datetime) -> None:
    """Visits ahead of now, of a clock that was wrong, count as now: else its silence would be noticed so much later."""
    found = known(conn)
    if found is not None and any(at > now for at in found.visits):
        conn.execute(TABLE.update().values(visits=[min(at, now).isoformat() for at in found.visits]))


def visited(conn: Connection, now: datetime) -> None:
    """Note a login."""
    in_time(conn, now)
    visits = (*get(conn).visits, now)[-KEPT_VISITS:]
    conn.execute(TABLE.update().values(visits=[at.isoformat() for at in visits], alerted_at=None))


def digest(ticket: str) -> str:
    """What is kept of a ticket."""
    return hashlib.sha256(ticket.encode()).hexdigest()


def occupied(conn: Connection, now: datetime) -> bool:
    """Whether a session is open; sessions that have gone silent are ended first.

    Stamps ahead of now are of a clock that was wrong and count as now: else a silent session would be open for so long.
    """
    for column in (SESSION.c.last_at, SESSION.c.opened_at):
        conn.execute(SESSION.update().where(SESSION.c.status == "open", column > now).values({column: now}))
    over = sa.or_(SESSION.c.last_at <= now - QUIET, SESSION.c.opened_at <= now - LONGEST)
    stale = conn.scalars(sa.select(SESSION.c.ticket).where(SESSION.c.status == "open", over)).all()
    for ticket in stale:
        close(conn, _session(conn, ticket), now)
    return conn.execute(sa.select(SESSION.c.ticket).where(SESSION.c.status == "open")).first() is not None


def open_session(conn: Connection, now: datetime) -> tuple[str, Session]:
    """A new session and its ticket: 256 random bits, told to nobody else."""
    ticket = secrets.token_hex(32)
    session = Session(digest(ticket), runs.start(conn, FLOW, now), now, now, True)
    conn.execute(SESSION.insert().values(ticket=session.ticket, opened_at=now, run=session.run, **_values(session)))
    return ticket, session


def session_of(conn: Connection, ticket: str, now: datetime) -> Session | None:
    """The session of a ticket, locked for this transaction; None when it is unknown, closed or too old."""
    found = _session(conn, digest(ticket))
    if found is None or not found.open or now - found.last_at > QUIET or now - found.opened_at > LONGEST:
        return None
    found.last_at = now
    return found


def ended(conn: Connection, ticket: str) -> Session | None:
    """The session of a ticket, locked, even when it is closed."""
    return _session(conn, digest(ticket))


def last_words(conn: Connection, ticket: str, now: datetime) -> str | None:
    """What the session of a ticket has to say; None when it is unknown, closed or too old.

    Reads no more than that: a session's message and memory may be large, and strangers can ask.
    """
    alive = sa.and_(SESSION.c.status == "open", SESSION.c.last_at >= now - QUIET, SESSION.c.opened_at >= now - LONGEST)
    return conn.scalar(sa.select(SESSION.c.said).where(SESSION.c.ticket == digest(ticket), alive))


def save(conn: Connection, session: Session) -> None:
    """Write a session down as it is now."""
    conn.execute(SESSION.update().where(SESSION.c.ticket == session.ticket).values(_values(session)))


def close(conn: Connection, session: Session | None, now: datetime) -> None:
    """End a session and its run; what it had claimed is for the next one to settle."""
    if session is None:
        return
    session.open, session.body = False, None
    save(conn, session)
    runs.finish(conn, session.run, session.memory.get("counts", {}), now)


def recent(conn: Connection, limit: int = 10) -> Sequence[Session]:
    """The newest sessions, newest first."""
    statement = sa.select(SESSION).order_by(SESSION.c.opened_at.desc()).limit(limit)
    return [_read(found) for found in conn.execute(statement).mappings()]


def _connector(found: RowMapping) -> Connector:
    return Connector(
        file_id=found["file_id"],
        company=found["company"],
        company_file=found["company_file"],
        product=found["product"],
        visits=tuple(datetime.fromisoformat(at) for at in found["visits"]),
        minutes=found["minutes"],
        alerted_at=found["alerted_at"],
    )


def _session(conn: Connection, ticket: str) -> Session | None:
    statement = sa.select(SESSION).where(SESSION.c.ticket == ticket).with_for_update()
    found = conn.execute(statement).mappings().one_or_none()
    return _read(found) if found else None


def _read(found: RowMapping) -> Session:
    return Session(
        ticket=found["ticket"],
        run=found["run"],
        opened_at=found["opened_at"],
        last_at=found["last_at"],
        open=found["status"] == "open",
        step=found["step"],
        memory=json.loads(found["memory"]),
        body=found["body"],
        said=found["said"],
    )


def _values(session: Session) -> dict[str, Any]:
    return {
        "last_at": session.last_at,
        "status": "open" if session.open else "closed",
        "step": session.step,
        "memory": json.dumps(session.memory),
        "body": session.body,
        "said": session.said,
    }
