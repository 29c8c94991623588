"""The main job: orders and invoices from the shop into the books."""

from typing import Annotated

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed
from pydantic import Field

from flows.deliveries import deliver
from tasks import running
from tasks.magento import Part, kinds_of, land
from tasks.mapping import queue_documents
from tasks.publishing import publish_books
from tasks.references import mirror_moving, mirror_static
from tasks.windows import SINCE_THE_WATERMARK, Window


@flow(name="Orders", flow_run_name="orders {window}", persist_result=False)
async def orders(
    window: Annotated[Window, Field(title="Days", description="Empty: all since the last run.")] = SINCE_THE_WATERMARK,
    home: Annotated[str | None, Field(title="Home", description="The company's directory.")] = None,
    only: Annotated[list[Part] | None, Field(title="Only", description="Read only these; empty: all.")] = None,
) -> State[str]:
    """Reads orders and invoices from the shop, books them and posts them to QuickBooks, each exactly once.

    What cannot be booked is held with its reason; the rest goes on.
    """
    async with running.run("orders", home, window) as run:
        await mirror_static(run.ledger_id)
        await mirror_moving()
        run.landed = await land(window, kinds_of(only))
        run.add(await queue_documents())
        await deliver()
        await publish_books()
    return Completed(message=run.message, data=run.id)
