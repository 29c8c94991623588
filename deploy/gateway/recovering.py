"""What became of a message whose answer was lost: asked for first, then repeated as it was.

QuickBooks remembers the answers to messages by their newMessageSetID, yet a restored backup has forgotten them, and
then the same message would be executed twice. So its documents are looked for before anything is sent again:

    all there              -> settled
    none, not yet repeated -> the same bytes under the same id
    none, repeated already -> new attempts (QuickBooks' memory did not help: 9001, 9002)
    some                   -> those are settled, the others are new attempts
"""

from collections.abc import Iterator
from typing import Final

from deploy.gateway import posting
from deploy.gateway.judging import Judged, accept
from deploy.gateway.posting import LEASE, held, request_id, settle, unknown
from deploy.gateway.turn import VERSION, Step, Turn
from mappings import qbxml
from mappings.qbxml import Reply, Response
from state import outbox
from state.outbox import Batch, Outcome, Row

TRIES: Final = 2
"""How often a session asks for one batch: at first, and after a repetition that did not settle it."""


def inquire(turn: Turn) -> bytes | None:
    """Take over the oldest batch without a final answer and ask for each of its documents."""
    due = unsettled(turn)
    if not due:
        return None
    batch = outbox.take_over(turn.conn, due[0].id, turn.session.owner, turn.now, LEASE)
    turn.memory.setdefault("inquired", []).append(batch.id)
    turn.memory["batch"] = {"id": batch.id, "epoch": batch.epoch}
    return qbxml.message(((name, qbxml.find_request(sent)) for name, _, _, sent in _open(batch)), VERSION)


def unsettled(turn: Turn) -> list[Batch]:
    """Batches without a final answer that this session has not asked for often enough, oldest first."""
    asked: list[str] = turn.memory.get("inquired", [])
    return [batch for batch in outbox.due(turn.conn, turn.now) if asked.count(batch.id) < TRIES]


def hear(turn: Turn, response: Response) -> None:
    """Settle what is there; what is not goes out again."""
    batch = held(turn)
    answered = [(bid, row, sent, response.replies.get(name)) for name, bid, row, sent in _open(batch)]
    if any(reply is None or reply.status >= 1000 for *_, reply in answered):
        unknown(turn, batch)
        return
    found = [(bid, row, _found(bid, row, sent, reply)) for bid, row, sent, reply in answered]
    repeated: list[str] = turn.memory.setdefault("repeated", [])
    if batch.id not in repeated and len(found) == len(batch.items) and not any(verdict for *_, verdict in found):
        repeated.append(batch.id)
        turn.memory["repeat"] = True
        return
    settle(turn, batch, [(row, verdict or _again(bid)) for bid, row, verdict in found])


def lost(turn: Turn, _hresult: str) -> None:
    """A question without an answer has changed nothing: it is asked again."""
    unknown(turn, held(turn))


def repeat(turn: Turn) -> bytes | None:
    """The same bytes under the same id, as they were handed out the first time."""
    if not turn.memory.pop("repeat", False):
        return None
    batch = held(turn)
    outbox.guard(turn.conn, batch.id, batch.epoch, batch.body)
    for _, row in batch.items:
        turn.note(row, batch.id, "send", "sent again")
    return batch.body


def _open(batch: Batch) -> Iterator[tuple[str, str, Row, str]]:
    """Each request without a final answer: its requestID, its number, its row, and how it was sent."""
    sent = qbxml.requests_of(batch.body)
    for bid, row in batch.items:
        if row.status != "posted":
            name = request_id(batch.id, bid)
            yield name, bid, row, sent[name]


def _found(bid: str, row: Row, sent: str, reply: Reply | None) -> Judged | None:
    ours = qbxml.made(sent, reply.rets if reply is not None else (), row.amount)
    return None if ours is None else accept(bid, row, sent, ours)


def _again(bid: str) -> Judged:
    return Judged(Outcome(bid, "ready", code="not-found"))


INQUIRE: Final = Step("inquire", inquire, hear, lost)
REPEAT: Final = Step("repeat", repeat, posting.hear, posting.lost)
