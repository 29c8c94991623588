"""A date range, cut into pieces of a week so that one long history stays in small, resumable steps."""

from datetime import UTC, datetime
from typing import Annotated

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed
from pydantic import Field

from flows.orders import orders
from mappings.rules import Target
from tasks.windows import Range


@flow(name="Backfill", flow_run_name="backfill {window}", persist_result=False)
async def backfill(
    window: Range,
    days_at_a_time: Annotated[int, Field(ge=1, le=366)] = 7,
    home: str | None = None,
    target: Target | None = None,
) -> State[str]:
    """Reads, books and posts every order of a range of days. What is in the books already is left alone.

    Args:
        window: Which days to bring into the books, by the day an order was placed.
        days_at_a_time: How long the pieces are, in days. When one fails, the pieces before it are done.
        home: The company's directory. Empty: the worker's MAGEBOOKS_HOME.
        target: Which QuickBooks, online or desktop. Empty: what the rules name.
    """
    pieces = list(window.pieces(days_at_a_time, datetime.now(UTC).date()))
    for piece in pieces:
        await orders(window=piece, home=home, target=target)
    return Completed(message=f"{len(pieces)} {'piece' if len(pieces) == 1 else 'pieces'} done")
