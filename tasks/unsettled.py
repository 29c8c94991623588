"""Batches without a final answer: their documents are looked up in QuickBooks before anything is sent again."""

from datetime import UTC, datetime
from typing import Final

from prefect import task

from state import ledger, outbox
from state.outbox import Outcome, Row
from tasks import connections
from tasks.inquiry import Found, LookUp
from tasks.judging import Judged, accept, missing
from tasks.quickbooks import Ticket, post_batch
from tasks.retrying import POLICY
from tasks.settling import AT_WORK, payloads, settle

WAITING: Final = ("sent", "unknown")


@task(name="ask about batch", task_run_name="ask about batch {ticket.id} ({ticket.documents} documents)", **POLICY)
async def ask_about_batch(ticket: Ticket) -> dict[str, int]:
    """Settle a batch of unknown outcome: look for its documents first.

    A batch without any answer: none found, or the request may still be at work: the same bytes under the same id, for
    QuickBooks answers as it did the first time. It says nowhere how long it remembers a request id, so the id alone is
    not trusted after a crash: some found, long after: those are settled, and the others are new attempts.

    An item that was answered with a fault is never asked about by its request id: QuickBooks would repeat the fault,
    or, where it kept none, do the work a second time. The look-up alone decides, once more after the time in which
    QuickBooks may still be at work; after that a new attempt goes out.
    """
    here = connections.current()
    with ledger.begin(here.ledger) as conn:
        batch = outbox.load(conn, ticket.id, ticket.epoch)
    rows = [(bid, row) for bid, row in batch.items if row.status in WAITING]
    sent = payloads(batch)
    over = datetime.now(UTC) - batch.sent_at >= AT_WORK  # before the look-up: what comes later would be missed
    found = await LookUp(here.quickbooks, here.ledger).found(rows, sent)
    answered = batch.state == "answered" or len(rows) < len(batch.items)
    everything = len(found.objects) == len(rows)
    if rows and not answered and not found.unanswered and (not found.objects or not (everything or over)):
        return await post_batch.fn(ticket)
    judged = [
        (row, accept(bid, row, sent[bid], one, looked_up=True))
        if (one := found.objects.get(bid))
        else (row, _not_found(bid, row, found, over=over))
        for bid, row in rows
    ]
    return settle(here, batch, judged)


def _not_found(bid: str, row: Row, found: Found, *, over: bool) -> Judged:
    if (words := found.unanswered.get(bid)) is not None:
        return Judged(Outcome(bid, "doubtful", code=outbox.UNDECIDED, words=words))
    if over:
        return missing(bid, row)
    return Judged(Outcome(bid, "doubtful", code=row.error_code, words=row.error_words))
