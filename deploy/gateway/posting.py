"""Documents on their way: claim rows, write them into one message, settle each answer.

The message's id and its exact bytes are stored before they are handed out. A message that QuickBooks cannot read is
split until the one request that causes it is found; the others go on.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Final

from deploy.gateway import looking_up
from deploy.gateway.advice import PARSE_ERROR
from deploy.gateway.judging import RENAME, STALE, Judged, judge
from deploy.gateway.turn import VERSION, Step, Turn
from mappings import qbxml
from mappings.keys import Symbol, fold
from mappings.qbxml import Response
from state import outbox, problems, references
from state.outbox import Batch, Claim, Outcome, Row
from tasks.renaming import rename

LEASE: Final = timedelta(minutes=30)
"""Longer than QuickBooks works on one message. The next session takes over at once: it knows that this one is gone."""
MEMORY_FAILED: Final = (9001, 9002, 9003, 9004, 9005)
"""messageSetStatusCode: QuickBooks' own memory of messages did not help, so what happened has to be asked for."""


def ask(turn: Turn) -> bytes | None:
    """Claim the next rows and store the message that will be sent for them, or ask for those of them first that
    QuickBooks may have; None when none is ready.

    A row whose names QuickBooks lost meanwhile is refused with its reason, and the rest goes on.
    """
    claimed = _claim(turn)
    while claimed is not None:
        ids = references.lookup(turn.conn, {fold(s) for _, row in claimed.items for s in qbxml.references(row.payload)})
        missing = {row.key: lost for _, row in claimed.items if (lost := _unresolved(row, ids))}
        if not missing:
            turn.memory["batch"] = {"id": claimed.batch_id, "epoch": claimed.epoch}
            requests = _requests(claimed, ids)
            if asked := looking_up.question(turn, claimed, requests):
                return asked
            named = ((request_id(claimed.batch_id, bid), request) for bid, request in requests.items())
            body = qbxml.message(named, VERSION, claimed.batch_id)
            outbox.intend(turn.conn, claimed, body, turn.now)
            for _, row in claimed.items:
                turn.note(row, claimed.batch_id, "send", "sent")
            return body
        for key, lost in missing.items():
            words = f"QuickBooks has no {lost[0].replace('_', ' ')} called {lost[1]!r} any more."
            outbox.refuse(turn.conn, key, "unknown-reference", words, turn.now)
        claimed = outbox.without(turn.conn, claimed, list(missing), turn.session.owner, turn.now, LEASE)
    return None


def _claim(turn: Turn) -> Claim | None:
    """The next rows: a part of a message that is being split, else as many as one message takes."""
    parts: list[list[str]] = turn.memory.get("split", [])
    while parts:
        part = parts.pop(0)
        claimed = outbox.claim(turn.conn, len(part), turn.session.owner, turn.now, LEASE, only=part)
        if claimed is not None:
            return claimed
    return outbox.claim(turn.conn, turn.size, turn.session.owner, turn.now, LEASE)


def hear(turn: Turn, response: Response) -> None:
    """Judge every request of the message and settle it, or what was asked before it."""
    if (unsent := _unsent(turn)) is not None:
        looking_up.hear(turn, unsent, response)
        return
    batch = held(turn)
    if response.set_status in MEMORY_FAILED:
        unknown(turn, batch)
        return
    sent = qbxml.requests_of(batch.body)
    replies = response.replies
    judged = [
        (row, judge(bid, row, sent[_id(batch, bid)], replies.get(_id(batch, bid)), turn.now))
        for bid, row in batch.items
    ]
    settle(turn, batch, judged)


def lost(turn: Turn, hresult: str) -> None:
    """No answer that can be read: whatever was executed is found out before anything is sent again."""
    if (unsent := _unsent(turn)) is not None:
        looking_up.lost(turn, unsent, hresult)
        return
    batch = held(turn)
    if hresult == PARSE_ERROR:
        _split(turn, batch)
    else:
        unknown(turn, batch)


def held(turn: Turn) -> Batch:
    """The batch whose message is out. Raises StaleClaim when another session has taken it over."""
    ours = turn.memory["batch"]
    return outbox.load(turn.conn, ours["id"], ours["epoch"])


def _unsent(turn: Turn) -> Claim | None:
    """The claim whose documents were asked for before they go out; None when the message itself is out."""
    ours = turn.memory["batch"]
    return outbox.unsent(turn.conn, ours["id"], ours["epoch"])


def unknown(turn: Turn, batch: Batch) -> None:
    """Nobody knows what became of the batch; it will be asked for, and not simply be sent again."""
    for _, row in batch.items:
        turn.note(row, batch.id, "answer", "unknown")
    outbox.settle(turn.conn, batch.id, batch.epoch, [], turn.now)


def settle(turn: Turn, batch: Batch, judged: Sequence[tuple[Row, Judged]]) -> None:
    """Write the verdicts of a batch down, with what they bring along: problems, other names, the session's counts."""
    before = [Outcome(bid, "posted") for bid, row in batch.items if row.status == "posted"]
    outcomes = [verdict.outcome for _, verdict in judged]
    outbox.settle(turn.conn, batch.id, batch.epoch, [*before, *outcomes], turn.now)
    # While one outcome is unknown only what was posted is final: the others will be answered again.
    still_open = any(outcome.status == "unknown" for outcome in outcomes)
    for row, verdict in judged:
        outcome = verdict.outcome
        problems.note(turn.conn, verdict.problems, turn.session.run, turn.now)
        turn.note(row, batch.id, "answer", outcome.status, outcome.code)
        if verdict.halt:
            turn.memory["halt"] = verdict.halt
        if outcome.status == "posted" or not still_open:
            turn.count(outcome.status)
            _afterwards(turn, row, outcome.code)


def _afterwards(turn: Turn, row: Row, code: str) -> None:
    """What a row needs before it goes out again: another name, or the present EditSequence."""
    if code == RENAME:
        name, written = qbxml.name_of(row.payload), partial(qbxml.renamed, row.payload)
        rename(turn.conn, row, name, written, qbxml.NAME, turn.now)
    if code == STALE:
        turn.memory["current"] = [key for key in turn.memory.get("current", []) if key != row.key]


def _split(turn: Turn, batch: Batch) -> None:
    """QuickBooks reads a message whole or not at all, so nothing of this one was executed."""
    if len(batch.items) == 1:
        words = "QuickBooks could not read this request and says no more (0x80040400). Correct the document's texts."
        outcomes = [Outcome(bid, "rejected", code="quickbooks-refused", words=words) for bid, _ in batch.items]
    else:
        outcomes = [Outcome(bid, "ready", code="split") for bid, _ in batch.items]
        keys = [row.key for _, row in batch.items]
        half = len(keys) // 2
        turn.memory["split"] = [keys[:half], keys[half:], *turn.memory.get("split", [])]
    outbox.settle(turn.conn, batch.id, batch.epoch, outcomes, turn.now)
    for (_, row), outcome in zip(batch.items, outcomes, strict=True):
        turn.note(row, batch.id, "answer", outcome.status, outcome.code)
        turn.count(outcome.status)


def _requests(claimed: Claim, ids: Mapping[Symbol, str]) -> dict[str, str]:
    """The resolved request of each row, by bId."""
    requests = {}
    for bid, row in claimed.items:
        named = {symbol: ids[fold(symbol)] for symbol in qbxml.references(row.payload)}
        requests[bid] = qbxml.resolve(row.payload, named)
    return requests


def request_id(batch_id: str, bid: str) -> str:
    """The requestID of one request: QuickBooks echoes it, so an answer to another message cannot be taken for this
    one's (at most 50 characters, Intuit's status 1060)."""
    return f"{batch_id}.{bid}"


def _id(batch: Batch, bid: str) -> str:
    return request_id(batch.id, bid)


def _unresolved(row: Row, ids: Mapping[Symbol, str]) -> Symbol | None:
    return next((s for s in sorted(qbxml.references(row.payload)) if fold(s) not in ids), None)


STEP: Final = Step("post", ask, hear, lost)
