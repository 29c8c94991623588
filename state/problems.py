"""What needs a person: held documents and documents to look at, with cause and remedy, and what was approved.

A document's problems are replaced as a whole each time it is mapped, so a hold is gone when its cause is.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from mappings.model import Problem
from state import tables
from state.ledger import chunks, ensure, upsert

TABLE = tables.problem
APPROVAL = tables.approval
SAMPLES = 5


@dataclass(frozen=True, slots=True)
class Open:
    """A problem as it stands: the problem, its order's number, and when it was seen first and last."""

    problem: Problem
    number: str
    run: str
    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True, slots=True)
class Cause:
    """Documents that wait for the same remedy. `amounts` per currency; `documents` are the first few keys."""

    code: str
    hold: bool
    reason: str
    fix: str
    count: int
    amounts: Mapping[str, Decimal]
    since: datetime
    documents: tuple[str, ...]


def replace(
    conn: Connection, document: str, problems: Iterable[Problem], run: str, now: datetime, number: str = ""
) -> None:
    """State all problems of one document; none means that it is in order."""
    replace_many(conn, {document: tuple(problems)}, run, now, {document: number} if number else {})


def replace_many(
    conn: Connection,
    found: Mapping[str, Sequence[Problem]],
    run: str,
    now: datetime,
    numbers: Mapping[str, str] | None = None,
    keep: Collection[str] = (),
) -> None:
    """State all problems of many documents. `numbers` are the orders' numbers, where the key does not tell.

    Problems whose code is in `keep` stay: somebody else states those.
    """
    first: dict[tuple[str, str], datetime] = {}
    for part in chunks(sorted(found)):
        where = (TABLE.c.document.in_(part), TABLE.c.code.not_in(list(keep)))
        seen = conn.execute(sa.select(TABLE.c.document, TABLE.c.code, TABLE.c.first_seen).where(*where))
        standing = {(document, code): at for document, code, at in seen}
        first |= standing
        if standing:
            conn.execute(TABLE.delete().where(*where))
    rows = []
    for document, problems in found.items():
        number = (numbers or {}).get(document) or number_of(document)
        for merged in _merge(problems):
            since = first.get((document, merged.code), now)
            rows.append(_values(document, merged, run, now) | {"number": number, "first_seen": since})
    upsert(conn, TABLE, rows, keep=("first_seen",))


def note(conn: Connection, problems: Iterable[Problem], run: str, now: datetime) -> None:
    """Add problems to their documents beside those they have; one of the same code is replaced."""
    groups: dict[str, list[Problem]] = defaultdict(list)
    for problem in problems:
        groups[problem.document].append(problem)
    rows = [_values(document, one, run, now) for document, group in groups.items() for one in _merge(group)]
    upsert(conn, TABLE, rows, keep=("first_seen",))


def number_of(document: str) -> str:
    """The number in an outbox key: `order/000000042/rest` -> `000000042`."""
    return document.split("/")[1] if "/" in document else document


def clear(conn: Connection, document: str, codes: Sequence[str] | None = None) -> int:
    """Take a document's problems away (only these codes, when given); returns how many there were."""
    where = TABLE.c.document == document
    if codes is not None:
        where = sa.and_(where, TABLE.c.code.in_(list(codes)))
    return conn.execute(TABLE.delete().where(where)).rowcount


def open_problems(
    conn: Connection, document: str | None = None, number: str | None = None, hold: bool | None = None
) -> list[Open]:
    """All open problems, those of a document or of an order's number; oldest first."""
    statement = sa.select(TABLE).order_by(TABLE.c.first_seen, TABLE.c.document, TABLE.c.code)
    if document is not None:
        statement = statement.where(TABLE.c.document == document)
    if number is not None:
        statement = statement.where(TABLE.c.number == number)
    if hold is not None:
        statement = statement.where(TABLE.c.hold == hold)
    return [_open(row) for row in conn.execute(statement).mappings()]


def held(conn: Connection) -> int:
    """How many documents are held."""
    statement = sa.select(sa.func.count(sa.distinct(TABLE.c.document))).where(TABLE.c.hold)
    return conn.execute(statement).scalar_one()


def grouped(conn: Connection) -> list[Cause]:
    """Open problems by cause: one remedy, its documents counted; holds first, then the most documents."""
    groups: dict[tuple[str, bool, str], list[Open]] = defaultdict(list)
    for one in open_problems(conn):
        groups[one.problem.code, one.problem.hold, one.problem.fix].append(one)
    causes = [_cause(ones) for ones in groups.values()]
    return sorted(causes, key=lambda cause: (not cause.hold, -cause.count, cause.code, cause.fix))


def approve(conn: Connection, key: str, who: str, now: datetime) -> None:
    """A person has looked at a document and lets it pass review; the first approval stays."""
    ensure(conn, APPROVAL, {"key": key, "who": who, "at": now})


def approved(conn: Connection) -> frozenset[str]:
    """All keys that a person approved."""
    return frozenset(conn.scalars(sa.select(APPROVAL.c.key)))


def _merge(problems: Iterable[Problem]) -> list[Problem]:
    """One problem for each code: the first one, with the other reasons of that code added."""
    groups: dict[str, list[Problem]] = defaultdict(list)
    for problem in problems:
        groups[problem.code].append(problem)
    return [_merged(group) for group in groups.values()]


def _merged(group: Sequence[Problem]) -> Problem:
    first = group[0]
    return Problem(
        code=first.code,
        document=first.document,
        field=first.field,
        reason=" ".join(dict.fromkeys(problem.reason for problem in group)),
        fix=first.fix,
        amount=first.amount,
        currency=first.currency,
        hold=any(problem.hold for problem in group),
    )


def _values(document: str, problem: Problem, run: str, now: datetime) -> dict[str, Any]:
    return {
        "document": document,
        "code": problem.code,
        "hold": problem.hold,
        "field": problem.field,
        "reason": problem.reason,
        "fix": problem.fix,
        "amount": problem.amount,
        "currency": problem.currency,
        "number": number_of(document),
        "run": run,
        "first_seen": now,
        "last_seen": now,
    }


def _open(row: Mapping[Any, Any]) -> Open:
    problem = Problem(
        code=row["code"],
        document=row["document"],
        field=row["field"],
        reason=row["reason"],
        fix=row["fix"],
        amount=row["amount"],
        currency=row["currency"],
        hold=row["hold"],
    )
    return Open(problem, row["number"], row["run"], row["first_seen"], row["last_seen"])


def _cause(ones: Sequence[Open]) -> Cause:
    amounts: dict[str, Decimal] = {}
    for one in ones:
        if one.problem.amount is not None:
            currency = one.problem.currency
            amounts[currency] = amounts.get(currency, Decimal(0)) + one.problem.amount
    first = ones[0]
    return Cause(
        code=first.problem.code,
        hold=first.problem.hold,
        reason=first.problem.reason,
        fix=first.problem.fix,
        count=len(ones),
        amounts=amounts,
        since=first.first_seen,
        documents=tuple(one.problem.document for one in ones[:SAMPLES]),
    )
