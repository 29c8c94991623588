"""Emptying the outbox to QuickBooks Online."""

import asyncio

from state.outbox import Batch
from tasks import connections, progress
from tasks.quickbooks import ask_about_batch, claim_batch, due_batches, post_batch, waiting_rows


async def deliver() -> None:
    """Settle what an earlier process left unknown, then post batch after batch until nothing is ready.

    As many batches are under way as the settings allow; the first failure ends the delivery after the batches that
    run beside it, and everything not sent stays ready.
    """
    for batch in due_batches():
        await ask_about_batch(batch, len(batch.items))
    total, done = waiting_rows(), 0
    while not progress.stop_requested() and (batches := claim_batches()):
        outcomes = await asyncio.gather(
            *(post_batch(batch, len(batch.items)) for batch in batches), return_exceptions=True
        )
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
        done += sum(len(batch.items) for batch in batches)
        progress.report("Books", done, max(total, done), "documents")


def claim_batches() -> list[Batch]:
    """As many claimed batches as may run at once; none when nothing is ready."""
    most = connections.current().settings.quickbooks_concurrency
    batches: list[Batch] = []
    while len(batches) < most and (batch := claim_batch()):
        batches.append(batch)
    return batches
