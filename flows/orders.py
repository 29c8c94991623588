"""The main job: orders and invoices from the shop into the books."""

from prefect import flow
from prefect.client.schemas.objects import State

from flows.deliveries import finish
from mappings.rules import Target
from tasks import running
from tasks.lists import queue_list
from tasks.magento import ListPart, Part, kinds_of, land, lists_of
from tasks.mapping import queue_documents
from tasks.references import mirror
from tasks.summaries import SUMMED, queue_summaries
from tasks.windows import SINCE_THE_WATERMARK, Window


@flow(name="Orders", flow_run_name="orders {window}", persist_result=False)
async def orders(
    window: Window = SINCE_THE_WATERMARK,
    home: str | None = None,
    only: list[Part | ListPart] | None = None,
    target: Target | None = None,
) -> State[str]:
    """Reads orders and invoices from the shop, books them and posts them to QuickBooks, each exactly once.

    What cannot be booked is held with its reason; the rest goes on. QuickBooks Desktop fetches what is queued
    through the Web Connector; until that has come for the first time, documents are read and not booked.

    Args:
        window: Which days. Without From: everything that changed since the last run.
        home: The company's directory. Empty: the worker's MAGEBOOKS_HOME.
        only: Only these: orders, invoices, creditmemos, shipments, customers, products. Empty: what the rules need.
        target: Which QuickBooks, online or desktop. Empty: what the rules name.
    """
    async with running.run("orders", home, window, target) as run:
        if run.online:
            await mirror(run.ledger_id)
        kinds = kinds_of(only)
        run.landed = await land(window, kinds)
        if run.company_known:
            for part in lists_of(only):
                run.add(await queue_list(part))
            if kinds:
                run.add(await queue_documents())
            if SUMMED.issubset(kinds):  # a day is over only where nothing of it can be missing
                run.add(await queue_summaries(window, run.begun))
        return await finish(run)
