"""A date range, cut into pieces of a week so that one long history stays in small, resumable steps."""

from typing import Annotated

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed
from pydantic import Field

from flows.orders import orders
from tasks.windows import Window


@flow(name="Backfill", flow_run_name="backfill {window}", persist_result=False, validate_parameters=True)
async def backfill(
    window: Annotated[Window, Field(title="Days", description="Which days to bring into the books.")],
    days_at_a_time: Annotated[int, Field(title="Days at a time", ge=1, le=366)] = 7,
    home: Annotated[str | None, Field(title="Home", description="The company's directory.")] = None,
) -> State[str]:
    """Reads, books and posts every order of a range of days. What is in the books already is left alone."""
    pieces = [window] if window.until is None else list(window.pieces(days_at_a_time))
    for piece in pieces:
        await orders(window=piece, home=home)
    return Completed(message=f"{len(pieces)} pieces done")
