"""Emptying the outbox to QuickBooks Online: claim up to 30 rows, post them as one batch, settle each answer.

The request id and the exact bytes are stored before the call. Whatever happens afterwards, the same bytes under the
same id are sent again, and QuickBooks answers as it did the first time.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Any, Final, Literal

from prefect import task

from mappings import qbo
from mappings.keys import fold
from state import audit, breaker, ledger, outbox, problems, references
from state.outbox import Batch, Claim, Row, StaleClaim
from state.outbox_orphans import release_orphans
from tasks import connections, owner
from tasks.breaking import NotNow, is_outage
from tasks.clients.errors import CallFailed, NeedsPerson, Refused, TryLater, Unknown
from tasks.clients.quickbooks import BatchAnswer
from tasks.clients.quickbooks_faults import Rejected
from tasks.connections import Session
from tasks.inquiry import find
from tasks.judging import PATIENCE, STALE, Judged, accept, judge
from tasks.renaming import rename
from tasks.retrying import POLICY
from tasks.revising import revise_online

AT_WORK = timedelta(seconds=150)  # Intuit cuts a request after 120 seconds: until then it may still be carried out
LEASE = timedelta(minutes=10)  # Intuit cuts a request after 120 seconds; a 429 costs a minute more
SIDE: Final = "quickbooks"
RENAME = "renamed"
NOTHING_SHOWN: Final[Mapping[str, dict[str, Any]]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Ticket:
    """The right to send one batch: its id (also the request id), the epoch of the claim, how many documents.

    This is all that Prefect sees of a batch; its bytes hold personal data and stay in the ledger.
    """

    id: str
    epoch: int
    documents: int


def claim_batch() -> Ticket | None:
    """Take the next rows and store the bytes that will be sent for them, in one transaction; None when none is ready.

    A row whose names QuickBooks lost meanwhile is refused with its reason and the rest goes on.
    """
    here = connections.current()
    now = datetime.now(UTC)
    with ledger.begin(here.ledger) as conn:
        held = outbox.claim(conn, here.settings.quickbooks_batch_size, here.owner, now, LEASE)
        while held is not None:
            symbols = {fold(s) for _, row in held.items for s in qbo.references(qbo.parse(row.payload))}
            ids = references.lookup(conn, symbols)
            missing = {row.key: lost for _, row in held.items if (lost := _unresolved(row, ids))}
            if not missing:
                outbox.intend(conn, held, _body(held, ids), now)
                return Ticket(held.batch_id, held.epoch, len(held.items))
            for key, lost in missing.items():
                words = f"QuickBooks has no {lost[0].replace('_', ' ')} called {lost[1]!r} any more."
                outbox.refuse(conn, key, "unknown-reference", words, now)
            held = outbox.without(conn, held, list(missing), here.owner, now, LEASE)
    return None


@task(name="post batch", task_run_name="post batch {ticket.id} ({ticket.documents} documents)", **POLICY)
async def post_batch(ticket: Ticket) -> dict[str, int]:
    """Send one claimed batch and settle it; returns how many rows came to which state.

    A repeat is safe: the same id and the same bytes. Raises TryLater and Unknown (retried), NeedsPerson, Refused,
    and StaleClaim when another process took the batch over while this one slept.
    """
    here = connections.current()
    batch = _before(here, ticket)
    try:
        answer = await here.quickbooks.batch(batch.body, batch.id)
    except CallFailed as error:
        _failed(here, batch, error)
        raise
    return await settle_answer(here, batch, answer)


async def settle_answer(here: Session, batch: Batch, answer: BatchAnswer) -> dict[str, int]:
    """Judge every item, ask about those that QuickBooks has already, and write it all in one transaction."""
    now = datetime.now(UTC)
    sent = payloads(batch)
    judged = [
        (row, await _inquired(here, row, sent[bid], judge(bid, row, sent[bid], answer.items.get(bid), now)))
        for bid, row in batch.items
    ]
    shown = {row.key: await _shown(here, row) for row, verdict in judged if verdict.outcome.code == STALE}
    _settle(here, batch, judged, answer.tid, now, shown)
    halts = {verdict.halt for _, verdict in judged} - {""}
    if halts:
        raise NeedsPerson("QuickBooks", "The connection or the subscription needs a person: magebooks doctor")
    return dict(Counter(verdict.outcome.status for _, verdict in judged))


def due_batches() -> list[Ticket]:
    """Take over every batch that an earlier process left without a final answer."""
    here = connections.current()
    now = datetime.now(UTC)
    with ledger.begin(here.ledger) as conn:
        release_orphans(conn, owner.alive, now)
        taken = [outbox.take_over(conn, batch.id, here.owner, now, LEASE) for batch in outbox.due(conn, now)]
    return [Ticket(batch.id, batch.epoch, len(batch.items)) for batch in taken]


@task(name="ask about batch", task_run_name="ask about batch {ticket.id} ({ticket.documents} documents)", **POLICY)
async def ask_about_batch(ticket: Ticket) -> dict[str, int]:
    """Settle a batch of unknown outcome: look for its documents first, then repeat what QuickBooks does not have.

    QuickBooks says nowhere how long it remembers a request id, so the id alone is not trusted after a crash. All
    found: settled. None found, or the request may still be at work: the same bytes under the same id. Some found,
    long after: those are settled, and the others go out again as a new attempt.
    """
    here = connections.current()
    now = datetime.now(UTC)
    with ledger.begin(here.ledger) as conn:
        batch = outbox.load(conn, ticket.id, ticket.epoch)
    sent = payloads(batch)
    found = {bid: await find(here.quickbooks, row, sent[bid]) for bid, row in batch.items}
    if not any(found.values()) or (not all(found.values()) and now - batch.sent_at < AT_WORK):
        return await post_batch.fn(ticket)
    judged = [
        (row, accept(bid, row, sent[bid], entity) if (entity := found[bid]) else _again(bid))
        for bid, row in batch.items
    ]
    _settle(here, batch, judged, "", now)
    return dict(Counter(verdict.outcome.status for _, verdict in judged))


def payloads(batch: Batch) -> dict[str, dict[str, Any]]:
    """The payloads of a batch by bId, as they were sent."""
    items = json.loads(batch.body)["BatchItemRequest"]
    return {item["bId"]: item[row.entity] for item, (_, row) in zip(items, batch.items, strict=True)}


def _again(bid: str) -> Judged:
    return Judged(outbox.Outcome(bid, "ready", code="not-found"))


def _unresolved(row: Row, ids: Mapping[tuple[str, str], str]) -> tuple[str, str] | None:
    return next((s for s in sorted(qbo.references(qbo.parse(row.payload))) if fold(s) not in ids), None)


def _body(held: Claim, ids: Mapping[tuple[str, str], str]) -> bytes:
    items = []
    for bid, row in held.items:
        payload = qbo.parse(row.payload)
        named = {symbol: ids[fold(symbol)] for symbol in qbo.references(payload)}
        items.append({"bId": bid, "operation": row.operation, row.entity: qbo.resolve(payload, named)})
    return qbo.dumps({"BatchItemRequest": items}).encode()


def _before(here: Session, ticket: Ticket) -> Batch:
    """The last look before sending: still ours, the same bytes, and the line is not known to be dead."""
    now = datetime.now(UTC)
    with ledger.begin(here.ledger) as conn:
        batch = outbox.load(conn, ticket.id, ticket.epoch)
        # Guards as it did the first time, and notes when the request may last have begun to work.
        outbox.intend(conn, Claim(batch.id, batch.epoch, batch.items), batch.body, now)
        outbox.renew(conn, batch.id, batch.epoch, now, LEASE)
        verdict = breaker.allow(conn, SIDE, now)
        if not verdict.allowed:
            raise NotNow("QuickBooks", verdict.wait_seconds)
        audit.write(conn, [_line(here, row, batch, "send", "sent") for _, row in batch.items], now)
    return batch


def _failed(here: Session, batch: Batch, error: CallFailed) -> None:
    """No usable answer: the rows stay sent, or become unknown, or go back when nothing was or can be carried out."""
    now = datetime.now(UTC)
    with ledger.begin(here.ledger) as conn:
        breaker.record(conn, SIDE, not is_outage(error), now)
        outcome = "unknown" if isinstance(error, Unknown) else "not sent"
        lines = [_line(here, row, batch, "send", outcome, error.request_id) for _, row in batch.items]
        audit.write(conn, lines, now)
        if isinstance(error, TryLater):
            return
        status = _status(error)
        words = error.verdict.words if isinstance(error, Rejected) else str(error)
        outcomes = [outbox.Outcome(bid, status, code="quickbooks-refused", words=words) for bid, _ in batch.items]
        outbox.settle(conn, batch.id, batch.epoch, outcomes, now)
        if status == "unknown":  # kept while the task repeats it, so that no other process asks at the same time
            outbox.renew(conn, batch.id, batch.epoch, now, LEASE)


def _status(error: CallFailed) -> Literal["unknown", "rejected", "ready"]:
    if isinstance(error, Unknown):
        return "unknown"
    return "rejected" if isinstance(error, Refused) else "ready"


async def _inquired(here: Session, row: Row, sent: Mapping[str, Any], judged: Judged) -> Judged:
    """QuickBooks has such a document, number or name already: ours from a lost answer, or somebody else's?"""
    if not judged.inquire and judged.outcome.code != STALE:
        return judged
    found = await find(here.quickbooks, row, sent)
    if found is not None:
        return accept(judged.outcome.bid, row, sent, found)
    if judged.inquire and row.kind == "customer" and row.attempt < PATIENCE:
        return Judged(outbox.Outcome(judged.outcome.bid, "ready", code=RENAME))
    return judged


async def _shown(here: Session, row: Row) -> dict[str, Any]:
    """A customer or item as QuickBooks shows it now, because somebody changed it since it was read."""
    return await here.quickbooks.read(row.entity, str(qbo.parse(row.payload)["Id"]))


def _line(
    here: Session, row: Row, batch: Batch, action: str, outcome: str, tid: str = "", code: str = ""
) -> audit.Line:
    return audit.Line(here.owner, here.run, action, row.key, outcome, batch.id, tid, code)


def _settle(
    here: Session,
    batch: Batch,
    judged: Sequence[tuple[Row, Judged]],
    tid: str,
    now: datetime,
    shown: Mapping[str, dict[str, Any]] = NOTHING_SHOWN,
) -> None:
    with ledger.begin(here.ledger) as conn:
        breaker.record(conn, SIDE, True, now)
        outbox.settle(conn, batch.id, batch.epoch, [verdict.outcome for _, verdict in judged], now)
        for row, verdict in judged:
            problems.note(conn, verdict.problems, here.run, now)
            if verdict.outcome.code == RENAME:
                payload = qbo.parse(row.payload)
                named = partial(_named, payload)
                rename(conn, row, payload["DisplayName"], named, qbo.NAME, now)
            if row.key in shown:
                revise_online(conn, row, shown[row.key], here.run, now)
        lines = [_line(here, row, batch, "answer", v.outcome.status, tid, v.outcome.code) for row, v in judged]
        audit.write(conn, lines, now)


def _named(payload: Mapping[str, Any], name: str) -> str:
    return qbo.dumps({**payload, "DisplayName": name})


def let_go(ticket: Ticket) -> None:
    """Give up a batch that could not be settled: the next run takes it over without waiting for its lease."""
    here = connections.current()
    with suppress(StaleClaim), ledger.begin(here.ledger) as conn:
        outbox.renew(conn, ticket.id, ticket.epoch, datetime.now(UTC), timedelta(0))


def wait_for_rows() -> float | None:
    """Seconds until the next row may be tried again; None when no row is ready."""
    here = connections.current()
    with ledger.reading(here.ledger) as conn:
        ready_at = outbox.next_ready(conn)
    return None if ready_at is None else max(0.0, (ready_at - datetime.now(UTC)).total_seconds())


def waiting_rows() -> int:
    """How many rows are ready or on their way: what the progress bar counts to."""
    here = connections.current()
    with ledger.reading(here.ledger) as conn:
        states = outbox.counts(conn)
    return sum(states.get(state, 0) for state in ("ready", "sent", "unknown"))
