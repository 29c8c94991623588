"""Emptying the outbox to QuickBooks Online, and how every run ends."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from prefect import Task
from prefect.client.schemas.objects import State
from prefect.states import Completed

from state.announcing import Wait
from state.outbox import StaleClaim
from tasks import connections, progress
from tasks.clients.errors import TryLater
from tasks.notices import publish_summary, summary_line
from tasks.publishing import publish_books
from tasks.quickbooks import (
    Ticket,
    claim_batch,
    due_batches,
    let_go,
    post_batch,
    wait_for_rows,
    waiting_rows,
)
from tasks.running import Run
from tasks.unsettled import ask_about_batch

IDLE_ROUNDS: Final = 10
"""More than the rounds in which the largest batch is halved until one document is alone."""


async def deliver() -> None:
    """Settle what an earlier process left unknown, then post batch after batch until nothing is ready.

    As many batches are under way as the settings allow; the first failure ends the delivery after the batches that
    run beside it, and everything not sent stays ready. Raises TryLater when QuickBooks only puts documents off.
    """
    await side_by_side(ask_about_batch, due_batches())
    total, done, idle = waiting_rows(), 0, 0
    while not progress.stop_requested():
        tickets = claim_batches()
        if not tickets:
            wait = wait_for_rows()
            if wait is None:
                return
            await Wait("documents that QuickBooks could not take at once, to send them again").sleep(wait)
            continue
        came_to = await side_by_side(post_batch, tickets)
        idle = idle + 1 if set(came_to) <= {"ready"} else 0
        if idle >= IDLE_ROUNDS:
            words = f"It took nothing {IDLE_ROUNDS} times in a row: other apps may use up the company's calls"
            raise TryLater("QuickBooks", words)
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


async def side_by_side(work: Task[[Ticket], Any], tickets: Sequence[Ticket]) -> Counter[str]:
    """Run a task for each batch at the same time and wait for all of them; returns how many rows came to which state.
    Raises the first failure.

    A batch that another process took over while this one slept is that process's work now, and no failure.
    """
    outcomes = await asyncio.gather(*map(work, tickets), return_exceptions=True)
    failures = []
    came_to: Counter[str] = Counter()
    for ticket, outcome in zip(tickets, outcomes, strict=True):
        if isinstance(outcome, BaseException):
            let_go(ticket)
            if not isinstance(outcome, StaleClaim):
                failures.append(outcome)
        else:
            came_to.update(outcome)
    if failures:
        raise failures[0]
    return came_to


def claim_batches() -> list[Ticket]:
    """As many claimed batches as may run at once; none when nothing is ready."""
    most = connections.current().settings.quickbooks_concurrency
    tickets: list[Ticket] = []
    while len(tickets) < most and (ticket := claim_batch()):
        tickets.append(ticket)
    return tickets
