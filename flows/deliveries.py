"""Emptying the outbox to QuickBooks Online, and how every run ends."""

import asyncio
from collections.abc import Sequence
from typing import Any

from prefect import Task
from prefect.client.schemas.objects import State
from prefect.states import Completed

from state.outbox import StaleClaim
from tasks import connections, progress
from tasks.notices import publish_summary, summary_line
from tasks.publishing import publish_books
from tasks.quickbooks import (
    Ticket,
    claim_batch,
    let_go,
    post_batch,
    wait_for_rows,
    waiting_rows,
)
from tasks.running import Run
from tasks.unsettled import ask_about_batch, due_batches


async def deliver() -> None:
    """Settle what an earlier process left unknown, then post batch after batch until nothing is ready.

    As many batches are under way as the settings allow; the first failure ends the delivery after the batches that
    run beside it, and everything not sent stays ready.
    """
    await side_by_side(ask_about_batch, due_batches())
    total, done = waiting_rows(), 0
    while not progress.stop_requested():
        tickets = claim_batches()
        if not tickets:
            wait = wait_for_rows()
            if wait is None:
                return
            await asyncio.sleep(wait)
            continue
        await side_by_side(post_batch, tickets)
        done += sum(ticket.documents for ticket in tickets)
        progress.report("Books", done, max(total, done), "documents")


async def finish(run: Run) -> State[str]:
    """The end of every run: what is queued goes to QuickBooks Online (Desktop fetches it), and the run tells what it
    did."""
    if run.online:
        await deliver()
    await publish_books()
    counts = run.counts()
    await publish_summary(run.id, counts)
    return Completed(message=summary_line(counts), data=run.id)


async def side_by_side(work: Task[[Ticket], Any], tickets: Sequence[Ticket]) -> None:
    """Run a task for each batch at the same time and wait for all of them; raises the first failure.

    A batch that another process took over while this one slept is that process's work now, and no failure.
    """
    outcomes = await asyncio.gather(*map(work, tickets), return_exceptions=True)
    failures = []
    for ticket, outcome in zip(tickets, outcomes, strict=True):
        if isinstance(outcome, BaseException):
            let_go(ticket)
            if not isinstance(outcome, StaleClaim):
                failures.append(outcome)
    if failures:
        raise failures[0]


def claim_batches() -> list[Ticket]:
    """As many claimed batches as may run at once; none when nothing is ready."""
    most = connections.current().settings.quickbooks_concurrency
    tickets: list[Ticket] = []
    while len(tickets) < most and (ticket := claim_batch()):
        tickets.append(ticket)
    return tickets
