"""What `magebooks explain` says about a document that cannot be sent: what it waits for, or until when."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from state.ledger import Connection
    from state.outbox import Row
    from state.summaries import Member

Json = dict[str, Any]
WAITS = "Waits"


def of_row(conn: Connection, row: Row) -> Json:
    """`waits_for`, the records at the end of what a row waits for; `not_before`, where it waits for nothing but its
    time; and then its `state`, in words."""
    from state import outbox_waiting

    if row.status != "ready":
        return {"waits_for": [], "not_before": None}
    if row.blockers:
        roots = [_root(conn, key, status) for key, status in outbox_waiting.roots(conn, row.key)]
        return {"waits_for": roots, "not_before": None} | ({"state": WAITS} if roots else {})
    if row.not_before > datetime.now(UTC):
        state = f"{WAITS}: it will be tried again after {row.not_before:%Y-%m-%d %H:%M:%S} UTC"
        return {"waits_for": [], "not_before": row.not_before.isoformat(), "state": state}
    return {"waits_for": [], "not_before": None}


def of_member(conn: Connection, member: Member) -> Json:
    """The same for a document whose daily summary is not made yet: the summary may be held."""
    from state import problems

    held = problems.open_problems(conn, hold=True)
    keys = (one.problem.document for one in held)
    made = next((key for key in keys if key == member.series or key.startswith(f"{member.series}/")), None)
    if made is None:
        return {"waits_for": [], "not_before": None}
    return {"waits_for": [_root(conn, made, "held")], "not_before": None, "state": WAITS}


def _root(conn: Connection, key: str, status: str) -> Json:
    from state import outbox, problems

    row = outbox.get(conn, key)
    if row is not None:
        said = row.error_words
    else:
        said = " ".join(one.problem.reason for one in problems.open_problems(conn, document=key, hold=True))
    return {"document": key, "status": status, "words": said}
