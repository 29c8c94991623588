"""How long a day of a hundred thousand orders takes to become summaries, and how much memory that takes.

They are mapped by rules that sum up what was paid on a day; then the day is over. Each in a process of its own.
"""

import asyncio
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from mappings import rules
from state import ledger, summaries
from state.settings import load_settings
from tasks import connections
from tasks.summaries import queue_summaries
from tasks.windows import SINCE_THE_WATERMARK
from tests.bench.company import home
from tests.bench.cost import cost
from tests.bench.figures import Figure
from tests.bench.queued import NOWHERE, fill, queue
from tests.bench.remapping import ORDERS


def measure() -> list[Figure]:
    """Map a day's orders, then sum them up."""
    with home() as folder:
        fill(folder, ORDERS)
        (folder / "rules.toml").write_text(rules.template("daily_summary"))
        mapped, summed = queue(folder, "summarised", ORDERS), _summed(folder)
    if summed["documents"] != ORDERS:
        raise RuntimeError(f"{summed} instead of {ORDERS} orders")
    return [
        Figure("orders mapped a second for summaries", ORDERS / mapped["seconds"]),
        Figure("most memory while mapping them", mapped["megabytes"], 400, "most", " MB"),
        Figure(f"seconds to sum up a day of {ORDERS:,} orders", summed["seconds"], 30, "most", " s", 1),
        Figure("processor time of that", summed["worked"], unit=" s", places=1),
        Figure("most memory while summing up", summed["megabytes"], 400, "most", " MB"),
        Figure("documents that they became", summed["queued"]),
    ]


def _summed(folder: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.summing", str(folder)]
    told: dict[str, float] = json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)
    return told


async def _sum_up(folder: Path) -> dict[str, float]:
    async with connections.session(load_settings(folder, NOWHERE), "bench") as here:
        with cost() as spent:
            counts = await queue_summaries.fn(SINCE_THE_WATERMARK, datetime.now(UTC))
        with ledger.reading(here.ledger) as conn:
            documents = sum(one.documents for one in summaries.all_summaries(conn))
    figures = {"seconds": spent.seconds, "worked": spent.worked, "megabytes": spent.megabytes}
    return {**counts, **figures, "documents": documents}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(_sum_up(Path(sys.argv[1])))))
