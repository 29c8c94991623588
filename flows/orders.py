"""The main job: orders and invoices from the shop into the books."""

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.deliveries import deliver
from tasks import running
from tasks.magento import Part, kinds_of, land
from tasks.mapping import queue_documents
from tasks.notices import publish_summary, summary_line
from tasks.publishing import publish_books
from tasks.references import mirror
from tasks.windows import SINCE_THE_WATERMARK, Window


@flow(name="Orders", flow_run_name="orders {window}", persist_result=False)
async def orders(
    window: Window = SINCE_THE_WATERMARK, home: str | None = None, only: list[Part] | None = None
) -> State[str]:
    """Reads orders and invoices from the shop, books them and posts them to QuickBooks, each exactly once.

    What cannot be booked is held with its reason; the rest goes on.

    Args:
        window: Which days. Without From: everything that changed since the last run.
        home: The company's directory. Empty: the worker's MAGEBOOKS_HOME.
        only: Read only these from the shop. Empty: all of them.
    """
    async with running.run("orders", home, window) as run:
        await mirror(run.ledger_id)
        run.landed = await land(window, kinds_of(only))
        run.add(await queue_documents())
        await deliver()
        await publish_books()
        counts = run.counts()
        await publish_summary(run.id, counts)
    return Completed(message=summary_line(counts), data=run.id)
