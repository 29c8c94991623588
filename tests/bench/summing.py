"""How long a day of a hundred thousand orders takes to become summaries, and how much memory that takes.

They are mapped by rules that sum up what was paid on a day; then the day is over. Each in a process of its own.
"""

import asyncio
import json
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from mappings import rules
from state import ledger, summaries
from state.settings import load_settings
from tasks import connections, mapping
from tasks.summaries import queue_summaries
from tasks.windows import SINCE_THE_WATERMARK
from tests.bench.company import home
from tests.bench.figures import Figure
from tests.bench.remapping import NOWHERE, ORDERS, fill


def measure() -> list[Figure]:
    """Map a day's orders, then sum them up."""
    with home() as folder:
        fill(folder)
        (folder / "rules.toml").write_text(rules.template("daily_summary"))
        mapped, summed = _done(folder, "map"), _done(folder, "sum")
    if (mapped["summarised"], summed["documents"]) != (ORDERS, ORDERS):
        raise RuntimeError(f"{mapped} and {summed} instead of {ORDERS} orders")
    return [
        Figure("orders mapped a second for summaries", ORDERS / mapped["seconds"]),
        Figure("most memory while mapping them", mapped["megabytes"], 400, "most", " MB"),
        Figure(f"seconds to sum up a day of {ORDERS:,} orders", summed["seconds"], 30, "most", " s", 1),
        Figure("processor time of that", summed["worked"], unit=" s", places=1),
        Figure("most memory while summing up", summed["megabytes"], 400, "most", " MB"),
        Figure("documents that they became", summed["queued"]),
    ]


def _done(folder: Path, step: str) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.summing", step, str(folder)]
    told: dict[str, float] = json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)
    return told


async def _run(step: str, folder: Path) -> dict[str, float]:
    async with connections.session(load_settings(folder, NOWHERE), "bench") as here:
        begun, worked = time.perf_counter(), time.process_time()
        if step == "map":
            counts = await mapping.queue_documents.fn()
        else:
            counts = await queue_summaries.fn(SINCE_THE_WATERMARK, datetime.now(UTC))
        seconds, worked = time.perf_counter() - begun, time.process_time() - worked
        with ledger.reading(here.ledger) as conn:
            documents = sum(one.documents for one in summaries.all_summaries(conn))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {**counts, "documents": documents, "seconds": seconds, "worked": worked, "megabytes": peak}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(_run(sys.argv[1], Path(sys.argv[2])))))
