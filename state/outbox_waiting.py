"""Ready rows that cannot be sent: each with the root of what it waits for, at the end of the chain.

A payment needs its invoice, and the invoice its customer: when QuickBooks rejected the customer, both wait behind the
customer. What waits for a row that is merely on its way is not here.
"""

from collections.abc import Collection, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from state import tables
from state.ledger import chunks
from state.outbox_doubts import UNDECIDED

BOX = tables.outbox
DEPENDENCY = tables.outbox_dependency
MEMBER = tables.summary_member
PROBLEM = tables.problem
SERIES = 3
"""Parts of a series' key; a fourth counts its summaries."""


class Behind(NamedTuple):
    """A document that waits behind `root`. `status` says what the root is: `rejected` by QuickBooks, `unknown` (its
    outcome stays unknown until a person looks), `held` (it has an open problem and no row), or `missing` (neither).
    `root_kind` is the kind of the root's row, or the first part of its key; `since` is when the document was queued;
    `queued` is False for a document that waits for its daily summary and has no row of its own."""

    root: str
    root_kind: str
    status: str
    key: str
    kind: str
    number: str
    order_key: str
    amount: Decimal
    currency: str
    since: datetime
    queued: bool = True


class Later(NamedTuple):
    """Rows that will be tried again, and when the first of them may be sent."""

    rows: int
    first: datetime | None


def behind(conn: Connection) -> list[Behind]:
    """Every document that waits behind a rejected, undecided, held or missing one, once, by root and key."""
    found = [*_rows(conn), *_members(conn)]
    return sorted(found, key=lambda one: (one.root, one.key))


def roots(conn: Connection, key: str) -> list[tuple[str, str]]:
    """What this row waits for in the end: root and status of each, as in `Behind`."""
    found: dict[str, str] = {}
    seen, level = {key}, [key]
    needed = BOX.alias("needed")
    # An unknown outcome that settles by itself is on its way like a sent row.
    settles = sa.and_(needed.c.status == "unknown", needed.c.error_code != UNDECIDED)
    status = sa.case((settles, "sent"), else_=sa.func.coalesce(needed.c.status, ""))
    waits = sa.select(DEPENDENCY.c.needs, status).outerjoin(needed, needed.c.key == DEPENDENCY.c.needs)
    while level:
        needs = dict(conn.execute(waits.where(DEPENDENCY.c.key.in_(level))).tuples().all())
        found |= {root: state for root, state in needs.items() if state in ("", "rejected", "unknown")}
        level = [one for one, state in needs.items() if state == "ready" and one not in seen]
        seen |= set(level)
    held = _held(conn, [root for root, state in found.items() if not state])
    return [(root, _status(root, state, held)) for root, state in sorted(found.items())]


def later(conn: Connection, now: datetime) -> Later:
    """Rows that wait for nothing but their time."""
    where = (BOX.c.status == "ready", BOX.c.blockers == 0, BOX.c.not_before > now)
    rows, first = conn.execute(sa.select(sa.func.count(), sa.func.min(BOX.c.not_before)).where(*where)).one()
    return Later(rows, first)


def orders_of(conn: Connection, summaries: Collection[str]) -> dict[str, list[str]]:
    """The keys of the orders in each of these summaries."""
    found: dict[str, list[str]] = {}
    for part in chunks(sorted(summaries)):
        statement = sa.select(MEMBER.c.summary, MEMBER.c.order_key).where(MEMBER.c.summary.in_(part)).distinct()
        for summary, order_key in conn.execute(statement.order_by(MEMBER.c.order_key)):
            found.setdefault(summary, []).append(order_key)
    return found


def _rows(conn: Connection) -> Iterator[Behind]:
    """Down from the roots: a root's dependents, theirs, and so on. A row with several roots is counted at one."""
    root = BOX.alias("root")
    undecided = sa.and_(root.c.status == "unknown", root.c.error_code == UNDECIDED)
    stuck = sa.or_(sa.func.coalesce(root.c.status, "").in_(("", "rejected")), undecided)
    chain = (
        sa.select(DEPENDENCY.c.needs.label("root"), BOX.c.key.label("key"))
        .select_from(BOX)
        .join(DEPENDENCY, DEPENDENCY.c.key == BOX.c.key)
        .outerjoin(root, root.c.key == DEPENDENCY.c.needs)
        .where(BOX.c.status == "ready", BOX.c.blockers > 0, stuck)
        .cte("chain", recursive=True)
    )
    chain = chain.union(
        sa.select(chain.c.root, BOX.c.key)
        .select_from(chain)
        .join(DEPENDENCY, DEPENDENCY.c.needs == chain.c.key)
        .join(BOX, BOX.c.key == DEPENDENCY.c.key)
        # Hidden from the index of states: SQLite would walk all ready rows for each row of the chain.
        .where(sa.func.coalesce(BOX.c.status, "") == "ready")
    )
    first = sa.select(chain.c.key, sa.func.min(chain.c.root).label("root")).group_by(chain.c.key).subquery()
    columns = [BOX.c[name] for name in ("key", "kind", "number", "order_key", "amount", "currency", "changed_at")]
    statement = (
        sa.select(first.c.root, sa.func.coalesce(root.c.kind, ""), sa.func.coalesce(root.c.status, ""), *columns)
        .select_from(first)
        .join(BOX, BOX.c.key == first.c.key)
        .outerjoin(root, root.c.key == first.c.root)
    )
    rows = conn.execute(statement).all()
    held = _held(conn, {key for key, _, status, *_ in rows if not status})
    for key, kind, status, *document in rows:
        yield Behind(key, kind or key.partition("/")[0], _status(key, status, held), *document)


def _members(conn: Connection) -> Iterator[Behind]:
    """Documents whose day's summary is held: it has no row, and neither have they."""
    held = sa.select(PROBLEM.c.document).where(PROBLEM.c.hold, PROBLEM.c.document.like("summary/%"))
    by_series = {"/".join(key.split("/")[:SERIES]): key for key in conn.scalars(held.distinct())}
    names = ("series", "document", "kind", "number", "order_key", "amount", "currency", "changed_at")
    for part in chunks(sorted(by_series)):
        statement = sa.select(*(MEMBER.c[name] for name in names))
        found: list[Any] = list(conn.execute(statement.where(MEMBER.c.summary == "", MEMBER.c.series.in_(part))))
        for series, *document in found:
            yield Behind(by_series[series], "summary", "held", *document)._replace(queued=False)


def _held(conn: Connection, keys: Collection[str]) -> set[str]:
    found: set[str] = set()
    for part in chunks(sorted(keys)):
        statement = sa.select(PROBLEM.c.document).where(PROBLEM.c.hold, PROBLEM.c.document.in_(part))
        found |= set(conn.scalars(statement))
    return found


def _status(key: str, status: str, held: Collection[str]) -> str:
    return status or ("held" if key in held else "missing")
