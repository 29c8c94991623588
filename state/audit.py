"""The audit trail: one row for each attempt and its outcome, appended and never changed.

Ids, field names and amounts only; no names, addresses or e-mails. The trail answers "who sent what, when, and
what did QuickBooks say" (`tid` is Intuit's intuit_tid, which its support asks for).
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from state import tables

TABLE = tables.audit


@dataclass(frozen=True, slots=True)
class Line:
    """One attempt. `who` is the process or person, `action` a verb (`send`, `answer`, `release`, `refresh`);
    `changed` are ids, amounts and field names."""

    who: str
    run: str
    action: str
    key: str
    outcome: str
    request_id: str = ""
    tid: str = ""
    code: str = ""
    changed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Written:
    """A line as it stands in the trail, with its time (UTC)."""

    at: datetime
    line: Line


def write(conn: Connection, lines: Iterable[Line], now: datetime) -> None:
    """Append lines, in the transaction that also writes what they tell of."""
    rows = [{**asdict(line), "at": now, "changed": json.dumps(dict(line.changed), sort_keys=True)} for line in lines]
    if rows:
        conn.execute(TABLE.insert(), rows)


def read(conn: Connection, key: str | None = None, run: str | None = None, limit: int | None = None) -> list[Written]:
    """The trail of one document, of one run, or all of it: the newest `limit` lines, oldest first."""
    statement = sa.select(TABLE).order_by(TABLE.c.id.desc()).limit(limit)
    if key is not None:
        statement = statement.where(TABLE.c.key == key)
    if run is not None:
        statement = statement.where(TABLE.c.run == run)
    names = [one.name for one in fields(Line)]
    written = []
    for row in conn.execute(statement).mappings():
        values = {name: row[name] for name in names} | {"changed": json.loads(row["changed"])}
        written.append(Written(row["at"], Line(**values)))
    return written[::-1]
