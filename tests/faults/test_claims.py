"""Claims and request ids: whoever slept through a take-over is refused, and so are other bytes under a known id."""

import asyncio
import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from state import ledger, outbox, tables
from state.outbox import BytesDiffer, StaleClaim
from state.settings import load_settings
from tasks import connections
from tasks.quickbooks import LEASE, claim_batch, post_batch
from tests.faults import compare
from tests.faults.company import PREFECT, Company, Open, at_work, finish

pytestmark = PREFECT


@pytest.fixture
def queued(company: Open) -> Iterator[Company]:
    """A company whose documents are queued and not sent."""
    one = at_work(company)
    one.books.faults.status_next(50, 401, only="/batch")
    assert one.sync().status == 3
    one.books.faults.clear()
    yield one


def test_a_process_that_slept_through_a_take_over_settles_nothing_when_it_wakes(company: Open) -> None:
    one = at_work(company)
    process = one.start()

    def stop(_path: str, _number: int) -> None:
        if any(row.entity == "SalesReceipt" for row in one.rows("sent")):
            os.kill(process.pid, signal.SIGSTOP)
            one.books.hooks.clear()

    one.books.on_call(stop)
    wait_until_stopped(process.pid)
    leases_end(one)
    assert one.sync().status == 0
    epochs = settled_epochs(one)
    compare.settled(one)
    os.kill(process.pid, signal.SIGCONT)
    assert finish(process).status == 0
    assert settled_epochs(one) == epochs
    assert max(epochs.values()) == 2
    compare.settled(one)


def test_a_process_that_slept_before_sending_sends_nothing(queued: Company) -> None:
    calls = queued.books.calls

    async def sleep_and_wake() -> None:
        async with connections.session(load_settings(queued.home), "a run") as here:
            ticket = claim_batch()
            assert ticket is not None
            later = datetime.now(UTC) + LEASE + timedelta(seconds=1)
            with ledger.begin(here.ledger) as conn:
                outbox.take_over(conn, ticket.id, "another process", later, timedelta(0))
            with pytest.raises(StaleClaim):
                await post_batch.fn(ticket)

    asyncio.run(sleep_and_wake())
    assert queued.books.calls == calls
    leases_end(queued)
    assert queued.sync().status == 0
    compare.settled(queued)


def test_other_bytes_under_a_known_request_id_never_leave_this_house(queued: Company) -> None:
    calls = queued.books.calls

    async def tamper() -> None:
        async with connections.session(load_settings(queued.home), "a run") as here:
            ticket = claim_batch()
            assert ticket is not None
            with ledger.begin(here.ledger) as conn:
                table = tables.batch
                body = outbox.load(conn, ticket.id, ticket.epoch).body
                conn.execute(table.update().where(table.c.id == ticket.id).values(body=body.replace(b"1", b"2")))
            with pytest.raises(BytesDiffer):
                await post_batch.fn(ticket)
            with ledger.begin(here.ledger) as conn:
                conn.execute(table.update().where(table.c.id == ticket.id).values(body=body))

    asyncio.run(tamper())
    assert queued.books.calls == calls
    leases_end(queued)
    assert queued.sync().status == 0
    compare.settled(queued)


def leases_end(one: Company) -> None:
    """Ten minutes pass for whoever holds a batch."""
    with one.writing() as conn:
        conn.execute(tables.batch.update().values(lease_until=datetime.now(UTC)))


def settled_epochs(one: Company) -> dict[str, int]:
    """The epoch of every batch; all of them are settled."""
    with ledger.reading(one.engine) as conn:
        found = conn.execute(tables.batch.select()).mappings().all()
    assert {batch["state"] for batch in found} == {"settled"}
    return {batch["id"]: batch["epoch"] for batch in found}


def wait_until_stopped(pid: int) -> None:
    """Returns when the kernel says that the process is stopped (state T)."""
    until = datetime.now(UTC) + timedelta(seconds=60)
    while datetime.now(UTC) < until:
        with open(f"/proc/{pid}/stat") as stat:  # noqa: PTH123  (one line of the kernel's)
            if stat.read().rpartition(")")[2].split()[0] == "T":
                return
    raise AssertionError("the process was never stopped")
