"""The main job: orders and invoices from the shop into the books."""

from typing import Annotated, Literal

from prefect import flow
from prefect.states import Completed, State
from pydantic import Field
from tasks.magento import land

from flows.deliveries import deliver
from tasks import running
from tasks.mapping import queue_documents
from tasks.references import mirror_moving, mirror_static
from tasks.windows import Window

Part = Literal["orders", "invoices", "creditmemos"]


@flow(name="Orders", flow_run_name="orders {window}", persist_result=False)
async def orders(
    window: Annotated[Window, Field(title="Days", description="Empty: everything since the last run.")] = Window(),  # noqa: B008  (frozen)
    home: Annotated[str | None, Field(title="Home", description="The company's directory.")] = None,
    only: Annotated[list[Part] | None, Field(title="Only", description="Read only these; empty: all.")] = None,
) -> State[str]:
    """Reads orders and invoices from the shop, books them and posts them to QuickBooks, each exactly once.

    What cannot be booked is held with its reason; the rest goes on.
    """
    async with running.run("orders", home, window) as run:
        run.counts.update(await mirror_static(run.ledger_id), mirrored=await mirror_moving())
        run.counts["landed"] = await land(window, only)
        run.counts["mapped"] = await queue_documents()
        await deliver()
    return Completed(message=run.message, data=run.id)
