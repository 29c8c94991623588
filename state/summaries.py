"""Daily summaries in the ledger: which document is in which, with its amount and its entry.

    open --its day is summed up, in the transaction of the outbox row--> in a summary --posted--> final
      ^                                                                      |
      `--- taken apart: a document or the rules changed before it was sent --'

A document is a member once, whatever is mapped again: its key is the primary key. Members of a summary that QuickBooks
has, or may have, are never touched.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from state import outbox, summary_sales, tables
from state.ledger import chunks, upsert

SUMMARY = tables.summary
MEMBER = tables.summary_member
BOX = tables.outbox
PAGE = 500
OPEN = ""
"""The summary of a document whose day is not summed up yet."""


@dataclass(frozen=True, slots=True)
class Member:
    """A document that is booked in a summary. `series` is the key of its series and `head` all that its documents have
    in common, as JSON; `begins` and `ends` its day in UTC; `entry` the entry as JSON, `digest` what tells whether that
    changed in the books; `number`, `source_id` and `reference` are Magento's number and entity id, and the payment's
    transaction. `summary` is the key of the summary, empty while there is none."""

    document: str
    series: str
    head: str
    begins: datetime
    ends: datetime
    kind: str
    order_key: str
    number: str
    reference: str
    source_id: int
    amount: Decimal
    tax: Decimal
    currency: str
    entry: str
    digest: str
    rules_hash: str
    summary: str = OPEN


@dataclass(frozen=True, slots=True)
class Summed:
    """A summary: number `sequence` of its `day`, of so many `documents`, whose `list_hash` its memo shows. `lines` are
    its lines before QuickBooks' tax was fitted to them, as JSON."""

    key: str
    series: str
    day: date
    sequence: int
    number: str
    head: str
    lines: str
    list_hash: str
    documents: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Documents that are in a summary, by key: their kinds, that of the summary where it is a journal entry, and the
    days of their summaries."""

    kinds: dict[str, str]
    days: dict[str, date]


@dataclass(frozen=True, slots=True)
class Joined:
    """`joined` documents are new in a series; `changed` are keys of those in a summary that QuickBooks has, or may
    have, and that say something else now; `clashes` are keys that another Magento document has already (the same number
    twice). Neither is touched."""

    joined: int
    changed: tuple[str, ...]
    clashes: tuple[str, ...]


_Before = dict[str, tuple[str, str, int]]
"""Summary, digest and entity id by document."""
_MEMBER = tuple(MEMBER.c[field.name] for field in fields(Member))
_SUMMED = tuple(SUMMARY.c[field.name] for field in fields(Summed))


def one_writer(conn: Connection) -> None:
    """Let only one process at a time change who is in which summary, for this transaction. SQLite's write transactions
    follow each other anyway."""
    if conn.dialect.name == "postgresql":
        conn.exec_driver_sql("LOCK TABLE summary_member IN SHARE ROW EXCLUSIVE MODE")


def standing(conn: Connection, order_keys: Iterable[str]) -> Standing:
    """The documents of these orders that are in a summary."""
    found = Standing({}, {})
    for part in chunks(sorted(set(order_keys))):
        kind = sa.case((BOX.c.kind == "journal", BOX.c.kind), else_=MEMBER.c.kind)
        statement = sa.select(MEMBER.c.document, kind, SUMMARY.c.day).join(SUMMARY, SUMMARY.c.key == MEMBER.c.summary)
        statement = statement.outerjoin(BOX, BOX.c.key == SUMMARY.c.key)
        for document, kind, day in conn.execute(statement.where(MEMBER.c.order_key.in_(part))):
            found.kinds[document], found.days[document] = kind, day
    return found


def standing_entries(conn: Connection, order_keys: Iterable[str]) -> dict[str, tuple[str, str]]:
    """The series' head and the entry of every document of these orders whose summary QuickBooks has, or may have."""
    found: dict[str, tuple[str, str]] = {}
    columns = (MEMBER.c.document, MEMBER.c.head, MEMBER.c.entry)
    for part in chunks(sorted(set(order_keys))):
        statement = sa.select(*columns).join(BOX, BOX.c.key == MEMBER.c.summary)
        where = (MEMBER.c.order_key.in_(part), BOX.c.status.in_(outbox.FIXED))
        found |= {document: (head, entry) for document, head, entry in conn.execute(statement.where(*where))}
    return found


def overtaken(conn: Connection, order_keys: Iterable[str], rules_hash: str, now: datetime) -> None:
    """Take the summaries of these orders apart that wait under other rules than those of now."""
    for part in chunks(sorted(set(order_keys))):
        statement = (
            sa.select(MEMBER.c.summary)
            .join(BOX, BOX.c.key == MEMBER.c.summary)
            .where(MEMBER.c.order_key.in_(part), BOX.c.status.not_in(outbox.FIXED), BOX.c.rules_hash != rules_hash)
        )
        for key in sorted(set(conn.scalars(statement))):
            _take_apart(conn, key, now)


def join(conn: Connection, order_keys: Iterable[str], members: Sequence[Member], now: datetime) -> Joined:
    """State all members of these orders. Those that are not named leave their series; a summary that was not sent yet
    is taken apart when one of its documents left it or says something else."""
    before = _of_orders(conn, order_keys)
    wanted, clashes = _by_key(members, before)
    apart: dict[str, bool] = {}
    changed: list[str] = []
    for document, (summary, digest, _) in before.items():
        new = wanted.get(document)
        if summary == OPEN or (document in clashes if new is None else new.digest == digest):
            continue
        if summary not in apart:
            apart[summary] = _take_apart(conn, summary, now)
        if not apart[summary] and new is not None:
            changed.append(document)
    stays = {document for document, (summary, *_) in before.items() if summary != OPEN and not apart.get(summary)}
    left = sorted(before.keys() - wanted.keys() - stays - clashes)
    for part in chunks(left):
        conn.execute(MEMBER.delete().where(MEMBER.c.document.in_(part)))
    fresh = [member for document, member in wanted.items() if document not in stays]
    upsert(conn, MEMBER, [_values(member) | {"changed_at": now} for member in fresh])
    return Joined(len(wanted.keys() - before.keys()), tuple(changed), tuple(sorted(clashes)))


def complete(conn: Connection, since: datetime | None, until: datetime) -> list[str]:
    """The heads of the series that have open members and whose days lie in [since, until), oldest day first."""
    where = [MEMBER.c.summary == OPEN, MEMBER.c.ends <= until]
    if since is not None:
        where.append(MEMBER.c.begins >= since)
    statement = sa.select(MEMBER.c.head).where(*where).group_by(MEMBER.c.begins, MEMBER.c.series, MEMBER.c.head)
    return list(conn.scalars(statement.order_by(MEMBER.c.begins, MEMBER.c.series)))


def entries(conn: Connection, series: str, summary: str = OPEN) -> Iterator[tuple[str, str]]:
    """Key and entry of each document of a series in a summary (or in none yet), by key, read page by page."""
    last = ""
    columns = (MEMBER.c.document, MEMBER.c.entry)
    while True:
        where = (MEMBER.c.summary == summary, MEMBER.c.series == series, MEMBER.c.document > last)
        page = conn.execute(sa.select(*columns).where(*where).order_by(MEMBER.c.document).limit(PAGE)).all()
        yield from ((document, entry) for document, entry in page)
        if len(page) < PAGE:
            return
        last = page[-1][0]


def next_key(conn: Connection, series: str) -> str:
    """The key of the next summary of a series: its own, and `/2`, `/3`, ... after that. No key is given twice."""
    made = conn.scalar(sa.select(sa.func.count()).where(SUMMARY.c.series == series)) or 0
    return f"{series}/{made + 1}" if made else series


def next_sequence(conn: Connection, day: date, first: int = 1) -> int:
    """The first number from `first` on that no summary of the day has."""
    where = (SUMMARY.c.day == day, SUMMARY.c.documents > 0)
    used = set(conn.scalars(sa.select(SUMMARY.c.sequence).where(*where)))
    return next(number for number in count(first) if number not in used)


def close(conn: Connection, summed: Summed, now: datetime, but: Collection[str] = ()) -> None:
    """Put all open members of the series into this summary, `but` those that go on waiting. Call in the transaction
    that queues its outbox row.

    Raises RuntimeError when they are not the documents that were summed up.
    """
    conn.execute(SUMMARY.insert(), _values(summed) | {"created_at": now})
    where = (MEMBER.c.summary == OPEN, MEMBER.c.series == summed.series)
    moved = conn.execute(MEMBER.update().where(*where).values(summary=summed.key, changed_at=now)).rowcount
    for part in chunks(sorted(but)):
        moved -= conn.execute(MEMBER.update().where(MEMBER.c.document.in_(part)).values(summary=OPEN)).rowcount
    if moved != summed.documents:
        raise RuntimeError(f"{summed.key} sums up {summed.documents} documents, and {moved} are waiting for it")


def waiting(conn: Connection) -> int:
    """How many documents wait for the summary of their day."""
    return conn.scalar(sa.select(sa.func.count()).where(MEMBER.c.summary == OPEN)) or 0


def find(conn: Connection, named: str) -> Summed | None:
    """The summary with this key or number (in any case), or None. One that was taken apart has no number any more."""
    of_number = sa.and_(sa.func.upper(SUMMARY.c.number) == named.upper(), SUMMARY.c.documents > 0)
    found = conn.execute(sa.select(*_SUMMED).where(sa.or_(SUMMARY.c.key == named, of_number))).first()
    return Summed(*found) if found else None


def all_summaries(conn: Connection) -> list[Summed]:
    """Every summary that stands, by day and number."""
    statement = sa.select(*_SUMMED).where(SUMMARY.c.documents > 0).order_by(SUMMARY.c.day, SUMMARY.c.sequence)
    return [Summed(*found) for found in conn.execute(statement)]


def members(conn: Connection, *, order_key: str | None = None, summary: str | None = None) -> Iterator[Member]:
    """Members by key, read page by page: of an order, of a summary, or all of them."""
    last = ""
    chosen = [] if order_key is None else [MEMBER.c.order_key == order_key]
    chosen += [] if summary is None else [MEMBER.c.summary == summary]
    while True:
        where = (*chosen, MEMBER.c.document > last)
        page = conn.execute(sa.select(*_MEMBER).where(*where).order_by(MEMBER.c.document).limit(PAGE)).all()
        yield from (Member(*found) for found in page)
        if len(page) < PAGE:
            return
        last = page[-1][0]


def documents_of(conn: Connection, order_keys: Iterable[str]) -> set[str]:
    """The keys of the documents of these orders that are in a summary, or wait for one."""
    found: set[str] = set()
    for part in chunks(sorted(set(order_keys))):
        found |= set(conn.scalars(sa.select(MEMBER.c.document).where(MEMBER.c.order_key.in_(part))))
    return found


def _by_key(members: Sequence[Member], before: _Before) -> tuple[dict[str, Member], set[str]]:
    """The members by key, and the keys that another Magento document has already, here or in the ledger."""
    wanted: dict[str, Member] = {}
    clashes: set[str] = set()
    for member in members:
        document, own = member.document, member.source_id
        known = before[document][2] if document in before else wanted.get(document, member).source_id
        if known != own:
            clashes.add(document)
        else:
            wanted[document] = member
    return wanted, clashes


def _of_orders(conn: Connection, order_keys: Iterable[str]) -> _Before:
    found: _Before = {}
    columns = (MEMBER.c.document, MEMBER.c.summary, MEMBER.c.digest, MEMBER.c.source_id)
    for part in chunks(sorted(set(order_keys))):
        for document, summary, digest, source_id in conn.execute(
            sa.select(*columns).where(MEMBER.c.order_key.in_(part))
        ):
            found[document] = summary, digest, source_id
    return found


def _take_apart(conn: Connection, key: str, now: datetime) -> bool:
    """Take a summary out of the outbox again, unless QuickBooks has it or may have it; its members are open then."""
    outbox.discard(conn, [key])
    if outbox.kinds(conn, [key]):
        return False
    outbox.discard(conn, [f"{key}/refund"])  # what QuickBooks Desktop needs beside a credit memo
    for follows in summary_sales.following(conn, key):
        _take_apart(conn, follows, now)
    conn.execute(SUMMARY.update().where(SUMMARY.c.key == key).values(documents=0))
    conn.execute(MEMBER.update().where(MEMBER.c.summary == key).values(summary=OPEN, changed_at=now))
    return True


def _values(one: Member | Summed) -> dict[str, Any]:
    return {field.name: getattr(one, field.name) for field in fields(one)}
