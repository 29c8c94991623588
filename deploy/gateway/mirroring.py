"""QuickBooks' lists into the references: all of them at first, afterwards what changed.

Long lists come in pages by iterator. An iterator lives in one session only (statusCode 3391 afterwards), so a mirror
that was interrupted starts over; what it had read until then is kept, for it is true.

QuickBooks Desktop does not say what time it is. The mark of what was read is therefore the newest TimeModified that it
showed, and never later than this machine's time at which the reading began: whichever clock is ahead, nothing is
passed over.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from deploy.gateway.lists import KINDS, remember
from deploy.gateway.turn import VERSION, Step, Turn
from mappings import qbxml
from mappings.keys import BY_NAME
from mappings.qbxml import Reply, Response, Ret
from state import outbox, problems, references, watermarks
from state.ledger import Connection
from tasks.company import read_books

PAGE: Final = 500
EVERY: Final = timedelta(hours=6)
IN_FULL: Final = timedelta(days=7)
"""How often all is read again: what was deleted in QuickBooks shows in no list of changes."""
OVERLAP: Final = timedelta(hours=1)
"""Clocks of that computer and this one differ, and QuickBooks keeps local time."""
WHOLE: Final = (
    "Account",
    "PaymentMethod",
    "SalesTaxCode",
    "ItemSalesTax",
    "ItemSalesTaxGroup",
    "Class",
    "Terms",
)
LONG: Final = ("Customer", "Item")
MARK: Final = "references"
FULL_MARK: Final = "references in full"
WRONG_ITERATOR: Final = 3391
RESTARTS: Final = 2
MENDED_THERE: Final = {
    *BY_NAME.values(),
    "inactive",
    "customer-alike",
    "closed-period",
    "currency-differs",
    "multicurrency-off",
}
"""Holds whose cause may have been put right in QuickBooks since the lists were read."""


def due(conn: Connection, now: datetime) -> bool:
    """Whether the lists are old, were never read, or something waits for what a person may have added there."""
    read = watermarks.get(conn, watermarks.read_at(MARK)).at
    if read is None or not timedelta(0) <= now - read <= EVERY:
        return True
    if any(row.error_code == "unknown-reference" for row in outbox.rows(conn, status="rejected", limit=50)):
        return True
    return any(one.problem.code in MENDED_THERE for one in problems.open_problems(conn, hold=True))


def unfinished(turn: Turn) -> int:
    """How many messages the mirror of this session still needs, as far as it can be known."""
    if not turn.memory.get("mirrored"):
        return len(turn.memory.get("mirror", {}).get("open", {})) or int(due(turn.conn, turn.now))
    return 0


def ask(turn: Turn) -> bytes | None:
    """The lists' first message, or the next pages of those that are long; None when all was read in this session."""
    if turn.memory.get("mirrored"):
        return None
    if "mirror" not in turn.memory and not due(turn.conn, turn.now):
        turn.memory["mirrored"] = True  # asked once in a session
        return None
    state = turn.memory.get("mirror") or _begin(turn)
    return qbxml.message(_queries(state), VERSION)


def _begin(turn: Turn) -> dict[str, Any]:
    """A new mirror: of everything, or of what changed since the last one."""
    read, full = watermarks.get(turn.conn, MARK).at, watermarks.get(turn.conn, FULL_MARK).at
    since = read - OVERLAP if read and full and timedelta(0) <= turn.now - full < IN_FULL else None
    if since is not None and since > turn.now:
        since = None  # a mark of a clock that was wrong: what it passed over was not read
    begun = turn.now.isoformat()
    state: dict[str, Any] = {"begun": begun, "newest": "", "since": since.isoformat() if since else "", "open": {}}
    state["currencies"] = read_books(turn.conn).multicurrency
    turn.memory["mirror"] = state
    return state


def _queries(state: dict[str, Any]) -> Iterator[tuple[str, str]]:
    since = datetime.fromisoformat(state["since"]) if state["since"] else None
    if state["open"]:
        for entity, iterator in state["open"].items():
            yield entity, qbxml.list_query(entity, since, iterator="Continue", iterator_id=iterator, most=PAGE)
        return
    for entity in WHOLE:
        yield entity, qbxml.list_query(entity, since)
    if state["currencies"]:  # QuickBooks refuses to list them while multicurrency is off (3250)
        yield "Currency", qbxml.list_query("Currency", since)
    for entity in LONG:
        yield entity, qbxml.list_query(entity, since, iterator="Start", most=PAGE)


def hear(turn: Turn, response: Response) -> None:
    """Remember what came; when nothing is left, what a full reading did not meet is gone from QuickBooks."""
    state = turn.memory["mirror"]
    if any(reply.status == WRONG_ITERATOR for reply in response.replies.values()):
        _start_over(turn)
        return
    failed = [reply for reply in response.replies.values() if reply.status >= 1000]
    if failed or not response.replies:
        _give_up(turn, failed)
        return
    for entity, reply in response.replies.items():
        remember(turn.conn, entity, reply.rets, turn.now)
    moments = [state.get("newest", ""), *(_moment(ret) for reply in response.replies.values() for ret in reply.rets)]
    state["newest"] = max(moments)
    state["open"] = {entity: reply.iterator_id for entity, reply in response.replies.items() if reply.remaining}
    if not state["open"]:
        _finish(turn, state)


def lost(turn: Turn, _hresult: str) -> None:
    """Without an answer the iterators may have moved on: start over."""
    _start_over(turn)


def _start_over(turn: Turn) -> None:
    del turn.memory["mirror"]
    restarts = turn.memory["restarts"] = turn.memory.get("restarts", 0) + 1
    if restarts > RESTARTS:
        turn.memory["mirrored"] = True  # documents go on with the lists as they were known before


def _give_up(turn: Turn, failed: list[Reply]) -> None:
    turn.memory["mirrored"] = True
    if failed:
        words = " ".join(failed[0].message.split())
        turn.memory["halt"] = f"QuickBooks refused to show its lists: {words} (QuickBooks {failed[0].status})"


def _moment(ret: Ret) -> str:
    """When a list object changed, UTC in a form that sorts; empty where QuickBooks does not say it with its zone."""
    try:
        moment = datetime.fromisoformat(ret.fields.get("TimeModified", ""))
    except ValueError:
        return ""
    return moment.astimezone(UTC).isoformat() if moment.tzinfo else ""


def _finish(turn: Turn, state: dict[str, Any]) -> None:
    begun = datetime.fromisoformat(state["begun"])
    turn.memory["mirrored"] = True
    watermarks.put(turn.conn, watermarks.read_at(MARK), turn.now, at=begun)
    if state["newest"]:
        watermarks.put(turn.conn, MARK, turn.now, at=min(begun, datetime.fromisoformat(state["newest"])))
    if not state["since"]:
        for kind in KINDS:
            references.forget_unseen(turn.conn, kind, begun)
        watermarks.put(turn.conn, FULL_MARK, turn.now, at=begun)


STEP: Final = Step("mirror", ask, hear, lost)
