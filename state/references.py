"""What QuickBooks' things are called and which id they have: (kind, key) -> id.

Keys are kept as `mappings.keys.fold` makes them, because QuickBooks compares names without case. Display names of
customers, vendors and employees share one name space in QuickBooks, so they are kept as one kind (`NAME`), inactive
included.
"""

import json
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from mappings.keys import fold as fold_symbol
from mappings.texts import folded
from state import tables
from state.ledger import chunks, ensure, upsert

TABLE = tables.reference
RESERVED = tables.reserved_name
NAME = "name"
LONGEST_NAME = 100  # Intuit, Customer: DisplayName holds up to 100 characters


class Known(NamedTuple):
    """One thing in QuickBooks. `extra` are further facts as text (a type, a rate, a parent)."""

    key: str
    id: str
    name: str = ""
    extra: Mapping[str, str] = MappingProxyType({})
    active: bool = True


def fold(name: str) -> str:
    """A name as QuickBooks compares it: without case, outer and double blanks."""
    return folded(name)


Found = Known | tuple[str, str, str, Mapping[str, str]]


def put_many(conn: Connection, kind: str, found: Iterable[Found], now: datetime) -> None:
    """Remember things of one kind (key, id, name, extra); a known key gets the new id, name and facts. Where an active
    and an inactive thing have one key (two customers, one e-mail), the active one has it."""
    folds = (known._replace(key=fold_symbol((kind, known.key))[1]) for known in (Known(*one) for one in found))
    entries = sorted(folds, key=lambda entry: entry.active)
    held = _held_by_others(conn, kind, [entry for entry in entries if not entry.active])
    rows = {
        entry.key: {
            "kind": kind,
            "key": entry.key,
            "id": entry.id,
            "name": entry.name,
            "extra": json.dumps(dict(entry.extra), sort_keys=True),
            "active": entry.active,
            "seen_at": now,
        }
        for entry in entries
        if entry.active or entry.key not in held
    }
    upsert(conn, TABLE, list(rows.values()))


def _held_by_others(conn: Connection, kind: str, off: Sequence[Known]) -> set[str]:
    """Keys of inactive things that an active one of another id has already."""
    ids = {entry.key: entry.id for entry in off}
    held: set[str] = set()
    for part in chunks(sorted(ids)):
        where = (TABLE.c.kind == kind, TABLE.c.key.in_(part), TABLE.c.active)
        found = conn.execute(sa.select(TABLE.c.key, TABLE.c.id).where(*where))
        held.update(key for key, id_ in found if id_ != ids[key])
    return held


def lookup(conn: Connection, symbols: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """The ids of these (kind, key) symbols; those unknown or inactive are missing in the answer."""
    wanted: dict[str, list[str]] = {}
    for kind, key in sorted(set(symbols)):
        wanted.setdefault(kind, []).append(key)
    found: dict[tuple[str, str], str] = {}
    for kind, keys in wanted.items():
        for part in chunks(keys):
            where = (TABLE.c.kind == kind, TABLE.c.key.in_(part), TABLE.c.active)
            found.update(
                {(kind, key): id_ for key, id_ in conn.execute(sa.select(TABLE.c.key, TABLE.c.id).where(*where))}
            )
    return found


def known(conn: Connection, kind: str) -> dict[str, str]:
    """All active things of one kind: key -> id."""
    statement = sa.select(TABLE.c.key, TABLE.c.id).where(TABLE.c.kind == kind, TABLE.c.active)
    return {key: id_ for key, id_ in conn.execute(statement)}


def symbols(conn: Connection, kinds: Iterable[str]) -> frozenset[tuple[str, str]]:
    """The (kind, key) of all active things of these kinds."""
    return frozenset((kind, key) for kind in kinds for key in known(conn, kind))


def inactive(conn: Connection, kinds: Iterable[str]) -> frozenset[tuple[str, str]]:
    """The (kind, key) of all things that QuickBooks has switched off, or no longer shows."""
    where = (TABLE.c.kind.in_(list(kinds)), sa.not_(TABLE.c.active))
    return frozenset((kind, key) for kind, key in conn.execute(sa.select(TABLE.c.kind, TABLE.c.key).where(*where)))


def entries(conn: Connection, kind: str) -> list[Known]:
    """All things of one kind with their facts, inactive ones too, by key."""
    columns = (TABLE.c.key, TABLE.c.id, TABLE.c.name, TABLE.c.extra, TABLE.c.active)
    statement = sa.select(*columns).where(TABLE.c.kind == kind).order_by(TABLE.c.key)
    return [
        Known(key, id_, name, json.loads(extra), active) for key, id_, name, extra, active in conn.execute(statement)
    ]


def forget_unseen(conn: Connection, kind: str, since: datetime) -> int:
    """Mark things of a kind inactive that a full refresh begun at `since` no longer met; returns how many."""
    where = (TABLE.c.kind == kind, TABLE.c.seen_at < since, TABLE.c.active)
    return conn.execute(TABLE.update().where(*where).values(active=False)).rowcount


def names(conn: Connection) -> set[str]:
    """All folded display names that are taken: QuickBooks' own and those reserved here."""
    taken = set(conn.scalars(sa.select(TABLE.c.key).where(TABLE.c.kind == NAME)))
    return taken | set(conn.scalars(sa.select(RESERVED.c.folded)))


def reserve_name(
    conn: Connection, wanted: str, holder: str, taken: Container[str] = frozenset(), longest: int = LONGEST_NAME
) -> str:
    """A display name for `holder` (a customer's key) that nobody else has: "Jane Doe", "Jane Doe (2)", ...

    The same holder always gets the same name, of at most `longest` characters. `taken` are folded names in use
    beyond those in the ledger.
    """
    mine = sa.select(RESERVED.c.name).where(RESERVED.c.holder == holder)
    number = 1
    while (name := conn.scalars(mine).one_or_none()) is None:
        suffix = "" if number == 1 else f" ({number})"
        candidate = wanted[: longest - len(suffix)].rstrip() + suffix
        number += 1
        if fold(candidate) not in taken and not _in_books(conn, candidate):
            # Whoever inserts first has the name; the loop then reads who that was.
            ensure(conn, RESERVED, {"folded": fold(candidate), "name": candidate, "holder": holder})
    return str(name)


def release_name(conn: Connection, holder: str) -> None:
    """Give a reserved name back, because QuickBooks refused it; the next reservation finds another one."""
    conn.execute(RESERVED.delete().where(RESERVED.c.holder == holder))


def _in_books(conn: Connection, name: str) -> bool:
    where = (TABLE.c.kind == NAME, TABLE.c.key == fold(name))
    return conn.execute(sa.select(TABLE.c.key).where(*where)).first() is not None


def put_names(conn: Connection, entries: Sequence[Known], now: datetime) -> None:
    """Remember display names of customers, vendors and employees; `key` is the name as QuickBooks shows it."""
    folded = [Known(fold(entry.key), entry.id, entry.key, entry.extra, entry.active) for entry in entries]
    put_many(conn, NAME, folded, now)
