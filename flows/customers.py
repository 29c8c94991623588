"""The shop's registered customers, as far as the rules keep them in QuickBooks on their own."""

from prefect import flow
from prefect.client.schemas.objects import State

from flows.deliveries import finish
from mappings.rules import Target
from tasks import running
from tasks.lists import queue_list
from tasks.magento import land_list
from tasks.references import mirror
from tasks.windows import SINCE_THE_WATERMARK, Window


@flow(name="Customers", flow_run_name="customers {window}", persist_result=False)
async def customers(
    window: Window = SINCE_THE_WATERMARK, home: str | None = None, target: Target | None = None
) -> State[str]:
    """Reads the shop's customers and brings those that `[[customer]]` rules keep into QuickBooks' list, each once.

    Args:
        window: Which days, by when a customer registered. Without From: everyone who changed since the last run.
        home: The company's directory. Empty: the worker's MAGEBOOKS_HOME.
        target: Which QuickBooks, online or desktop. Empty: what the rules name.
    """
    async with running.run("customers", home, window, target) as run:
        if run.online:
            await mirror(run.ledger_id)
        run.landed = await land_list("customers", window)
        if run.company_known:
            run.add(await queue_list("customers"))
        return await finish(run)
