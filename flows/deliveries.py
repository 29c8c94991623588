"""Emptying the outbox to QuickBooks Online."""

import asyncio

from tasks import connections, progress
from tasks.quickbooks import Ticket, ask_about_batch, claim_batch, due_batches, post_batch, waiting_rows


async def deliver() -> None:
    """Settle what an earlier process left unknown, then post batch after batch until nothing is ready.

    As many batches are under way as the settings allow; the first failure ends the delivery after the batches that
    run beside it, and everything not sent stays ready.
    """
    for ticket in due_batches():
        await ask_about_batch(ticket)
    total, done = waiting_rows(), 0
    while not progress.stop_requested() and (tickets := claim_batches()):
        outcomes = await asyncio.gather(*map(post_batch, tickets), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
        done += sum(ticket.documents for ticket in tickets)
        progress.report("Books", done, max(total, done), "documents")


def claim_batches() -> list[Ticket]:
    """As many claimed batches as may run at once; none when nothing is ready."""
    most = connections.current().settings.quickbooks_concurrency
    tickets: list[Ticket] = []
    while len(tickets) < most and (ticket := claim_batch()):
        tickets.append(ticket)
    return tickets
