"""Payouts of payment processors, from their files into the books."""

from prefect import flow
from prefect.client.schemas.objects import State

from flows.deliveries import finish
from mappings.rules import Target
from tasks import running
from tasks.references import mirror
from tasks.settlements import queue_settlements, read_files
from tasks.windows import SINCE_THE_WATERMARK


@flow(name="Settlements", flow_run_name="settlements", persist_result=False)
async def settlements(files: list[str], home: str | None = None, target: Target | None = None) -> State[str]:
    """Books each payout in processors' files as one deposit: clearing account to bank, less fees and chargebacks.

    The same file twice books nothing twice. A payout that does not add up is held with its difference.

    Args:
        files: Paths of files as the processors offer them, readable on the worker's machine.
        home: The company's directory. Empty: the worker's MAGEBOOKS_HOME.
        target: Which QuickBooks, online or desktop. Empty: what the rules name.
    """
    async with running.run("settlements", home, SINCE_THE_WATERMARK, target) as run:
        run.landed = sum(len(one.rows) for one in read_files(files))
        if run.online:
            await mirror(run.ledger_id)
        if run.company_known:
            run.add(await queue_settlements(files))
        return await finish(run)
