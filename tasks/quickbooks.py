"""Emptying the outbox to QuickBooks Online: claim up to 30 rows, post them as one batch, settle each answer.

The request id and the exact bytes are stored before the call. A call without an answer is sent again with the same
bytes under the same id, and QuickBooks answers as it did the first time; an answer that leaves doubt is looked up.
A batch that is refused as a whole goes out again in halves, until the one document is found that QuickBooks refuses.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from prefect import task

from mappings import qbo
from mappings.keys import Symbol, fold
from state import audit, breaker, ledger, outbox, references, witness
from state.ledger import Connection
from state.outbox import UNDECIDED, Batch, Claim, Outcome, Row, StaleClaim
from state.outbox_orphans import release_orphans
from tasks import connections, owner
from tasks.breaking import NotNow, is_outage
from tasks.clients.errors import CallFailed, NeedsPerson, Refused, TryLater, Unknown
from tasks.clients.quickbooks import BatchAnswer
from tasks.clients.quickbooks_faults import Doubted, Rejected
from tasks.connections import Session
from tasks.inquiry import Found, LookUp
from tasks.judging import PATIENCE, SPLIT, STALE, Judged, accept, booked_otherwise, judge, quoted
from tasks.retrying import POLICY
from tasks.settling import RENAME, SIDE, line, payloads, settle

LEASE = timedelta(minutes=10)  # Intuit cuts a request after 120 seconds; a 429 costs a minute more


@dataclass(frozen=True, slots=True)
class Ticket:
    """The right to send one batch: its id (also the request id), the epoch of the claim, how many documents, and
    whether some of them have to be looked up before its bytes are made.

    This is all that Prefect sees of a batch; its bytes hold personal data and stay in the ledger.
    """

    id: str
    epoch: int
    documents: int
    look_up: bool = False


def claim_batch() -> Ticket | None:
    """Take the next rows and store the bytes that will be sent for them, in one transaction; None when none is ready.

    Rows that QuickBooks may have are taken without bytes: they are looked up first.
    """
    here = connections.current()
    now = datetime.now(UTC)
    with ledger.begin(here.ledger) as conn:
        held = outbox.claim(conn, here.settings.quickbooks_batch_size, here.owner, now, LEASE)
        if held is not None and any(row.look_up_first for _, row in held.items):
            return Ticket(held.batch_id, held.epoch, len(held.items), look_up=True)
        return _intended(conn, here, held, now)


def _intended(conn: Connection, here: Session, held: Claim | None, now: datetime) -> Ticket | None:
    """Store the bytes of a claim. A row whose names QuickBooks lost meanwhile is refused with its reason, and the rest
    is sent without it; None when no row is left."""
    while held is not None:
        ids = _ids(conn, held)
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

    A repeat is safe: the same id and the same bytes. Raises TryLater and Unknown (retried), NeedsPerson, and
    StaleClaim when another process took the batch over while this one slept.
    """
    here = connections.current()
    if ticket.look_up:
        looked_up = await _look_up(here, ticket)
        if not isinstance(looked_up, Ticket):
            return looked_up
        ticket = looked_up
    batch = _before(here, ticket)
    witness.attest(here.ledger, here.settings.home, datetime.now(UTC))
    try:
        answer = await here.quickbooks.batch(batch.body, batch.id)
    except CallFailed as error:
        # The same fault twice: no repeat of these bytes will help.
        if isinstance(error, Rejected) or (isinstance(error, Doubted) and batch.state == "unknown"):
            return _refused_whole(here, batch, error)
        _failed(here, batch, error)
        raise
    return await settle_answer(here, batch, answer)


async def settle_answer(here: Session, batch: Batch, answer: BatchAnswer) -> dict[str, int]:
    """Judge every item, look up those that QuickBooks has already or may have, and write it all in one transaction."""
    now = datetime.now(UTC)
    sent = payloads(batch)
    look_up = LookUp(here.quickbooks, here.ledger)
    shown: dict[str, dict[str, Any]] = {}
    judged: list[tuple[Row, Judged]] = []
    for bid, row in batch.items:
        verdict = judge(bid, row, sent[bid], answer.items.get(bid), now)
        try:
            verdict = await _inquired(look_up, row, sent[bid], verdict)
            if verdict.outcome.code == STALE:
                shown[row.key] = await _shown(here, row)
        except CallFailed:  # an answered batch is never sent again, so the row is looked up another time
            doubt = Outcome(bid, "doubtful", code=verdict.outcome.code, words=verdict.outcome.words)
            verdict = Judged(doubt, halt=verdict.halt)
        judged.append((row, verdict))
    counts = settle(here, batch, judged, answer.tid, shown)
    if {verdict.halt for _, verdict in judged} - {""}:
        raise NeedsPerson("QuickBooks", "The connection or the subscription needs a person: magebooks doctor")
    return counts


async def _look_up(here: Session, ticket: Ticket) -> Ticket | dict[str, int]:
    """Look up the rows of a claim that QuickBooks may have. None is there: the ticket with its bytes stored. Some are:
    those are posted, and the others are claimed again; returns how many rows came to which state."""
    with ledger.begin(here.ledger) as conn:
        held = outbox.unsent(conn, ticket.id, ticket.epoch)
        if held is None:  # a repeat of this task: looked up, and sent
            return ticket
        sent = _resolved(held, _ids(conn, held))
    asked = [(bid, row) for bid, row in held.items if row.look_up_first and bid in sent]
    look_up = LookUp(here.quickbooks, here.ledger)
    found = await look_up.found(asked, sent)
    for bid, row in asked:
        settled = bid in found.objects or bid in found.unanswered
        if not settled and (words := await _in_the_way(look_up, row, sent[bid])):
            found.unanswered[bid] = words
    if not found.objects and not found.unanswered:
        with ledger.begin(here.ledger) as conn:
            return _intended(conn, here, held, datetime.now(UTC)) or {}
    return settle(here, held, [(row, _looked_up(bid, row, sent, found)) for bid, row in held.items])


async def _in_the_way(look_up: LookUp, row: Row, sent: Mapping[str, Any]) -> str:
    """Why a document that was not found does not go out all the same; empty for nothing."""
    try:
        form = await look_up.otherwise(row, sent)
    except Refused as error:
        return str(error)
    return booked_otherwise(row, form) if form else ""


def _looked_up(bid: str, row: Row, sent: Mapping[str, dict[str, Any]], found: Found) -> Judged:
    if (one := found.objects.get(bid)) is not None:
        return accept(bid, row, sent[bid], one, looked_up=True)
    if (words := found.unanswered.get(bid)) is not None:
        return Judged(Outcome(bid, "rejected", code=UNDECIDED, words=words))
    return Judged(Outcome(bid, "ready", counts=False))


def due_batches() -> list[Ticket]:
    """Take over every batch that an earlier process left without a final answer, and that nobody else takes over."""
    here = connections.current()
    now = datetime.now(UTC)
    tickets: list[Ticket] = []
    with ledger.begin(here.ledger) as conn:
        release_orphans(conn, owner.alive, now)
        for batch in outbox.due(conn, now):
            try:
                taken = outbox.take_over(conn, batch.id, here.owner, now, LEASE)
            except StaleClaim:  # another machine was faster
                continue
            tickets.append(Ticket(taken.id, taken.epoch, len(taken.items)))
    return tickets


def _unresolved(row: Row, ids: Mapping[Symbol, str]) -> Symbol | None:
    return next((s for s in sorted(qbo.references(qbo.parse(row.payload))) if fold(s) not in ids), None)


def _ids(conn: Connection, held: Claim) -> Mapping[Symbol, str]:
    """QuickBooks' ids for the names in these rows' payloads."""
    return references.lookup(conn, {fold(s) for _, row in held.items for s in qbo.references(qbo.parse(row.payload))})


def _resolved(held: Claim, ids: Mapping[Symbol, str]) -> dict[str, dict[str, Any]]:
    """The payloads of a claim by bId, with QuickBooks' ids in them, of those rows whose names it has."""
    found = {}
    for bid, row in held.items:
        if _unresolved(row, ids) is None:
            payload = qbo.parse(row.payload)
            named = {symbol: ids[fold(symbol)] for symbol in qbo.references(payload)}
            found[bid] = qbo.resolve(payload, named)
    return found


def _body(held: Claim, ids: Mapping[Symbol, str]) -> bytes:
    sent = _resolved(held, ids)
    items = [{"bId": bid, "operation": row.operation, row.entity: sent[bid]} for bid, row in held.items]
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
        audit.write(conn, [line(here, row, batch.id, "send", "sent") for _, row in batch.items], now)
    return replace(batch, sent_at=now)


def _failed(here: Session, batch: Batch, error: CallFailed) -> None:
    """No usable answer: the rows stay sent, or become unknown, or go back when nothing was or can be carried out."""
    now = datetime.now(UTC)
    with ledger.begin(here.ledger) as conn:
        breaker.record(conn, SIDE, not is_outage(error), now)
        outcome = "unknown" if isinstance(error, Unknown) else "not sent"
        lines = [line(here, row, batch.id, "send", outcome, error.request_id) for _, row in batch.items]
        audit.write(conn, lines, now)
        if isinstance(error, TryLater):
            return
        status: Literal["unknown", "ready"] = "unknown" if isinstance(error, Unknown) else "ready"
        outcomes = [
            Outcome(bid, status, code="quickbooks-refused", words=str(error), counts=False) for bid, _ in batch.items
        ]
        outbox.settle(conn, batch.id, batch.epoch, outcomes, now)
        if status == "unknown":  # kept while the task repeats it, so that no other process asks at the same time
            outbox.renew(conn, batch.id, batch.epoch, now, LEASE)


def _refused_whole(here: Session, batch: Batch, error: Rejected | Doubted) -> dict[str, int]:
    """QuickBooks answered a batch with one fault: its documents go out again in halves, and one that is alone has
    QuickBooks' words. Where the fault does not say that nothing was done, they are looked up before that."""
    alone, doubted = len(batch.items) == 1, isinstance(error, Doubted)
    code, words = error.verdict.problem if alone else SPLIT, quoted(error.verdict)
    status: Literal["doubtful", "rejected", "ready"] = "doubtful" if doubted else "rejected" if alone else "ready"
    judged = [
        (row, Judged(Outcome(bid, status, code=code, words=words, counts=False, halve=True)))
        for bid, row in batch.items
    ]
    return settle(here, batch, judged, error.request_id, well=not doubted)


async def _inquired(look_up: LookUp, row: Row, sent: Mapping[str, Any], judged: Judged) -> Judged:
    """QuickBooks has such a document, number or name already, or may have it: ours, or somebody else's?"""
    if not judged.inquire and judged.outcome.code != STALE:
        return judged
    bid = judged.outcome.bid
    found = await look_up.found([(bid, row)], {bid: sent})
    if bid in found.objects:
        return accept(bid, row, sent, found.objects[bid], looked_up=True)
    taken = judged.inquire and judged.outcome.status == "rejected"
    if taken and row.kind == "customer" and row.attempt < PATIENCE:
        return Judged(Outcome(bid, "ready", code=RENAME))
    return judged


async def _shown(here: Session, row: Row) -> dict[str, Any]:
    """A customer or item as QuickBooks shows it now, because somebody changed it since it was read."""
    return await here.quickbooks.read(row.entity, str(qbo.parse(row.payload)["Id"]))


def let_go(ticket: Ticket) -> None:
    """Give up a batch that could not be settled: the next run takes it over without waiting for its lease."""
    here = connections.current()
    with suppress(StaleClaim), ledger.begin(here.ledger) as conn:
        outbox.renew(conn, ticket.id, ticket.epoch, datetime.now(UTC), timedelta(0))


def wait_for_rows() -> float | None:
    """Seconds until the next row may be tried again; None when no row is ready."""
    here = connections.current()
    now = datetime.now(UTC)
    with ledger.reading(here.ledger) as conn:
        ready_at = outbox.next_ready(conn, now)
    return None if ready_at is None else max(0.0, (ready_at - now).total_seconds())


def waiting_rows() -> int:
    """How many rows are ready or on their way: what the progress bar counts to."""
    here = connections.current()
    with ledger.reading(here.ledger) as conn:
        states = outbox.counts(conn)
    return sum(states.get(state, 0) for state in ("ready", "sent", "unknown"))
