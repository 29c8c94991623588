"""How long it takes until a hundred thousand orders that wait follow changed rules, and how much memory that takes.

They are mapped once, the rules change, and a run maps all of them again: read from staging, booked, linked, replaced
in the outbox. Orders of two to four articles with their invoices; customers and items are in the books already.
"""

import asyncio
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from deploy.sandbox.seeds_shapes import Document
from mappings import rules
from state import staging
from state.settings import load_settings
from tasks import connections, mapping
from tests.bench.company import home
from tests.bench.figures import Figure
from tests.bench.mapping import PAGE, land, open_books

ORDERS = 100_000
PATTERNS = 500
NOWHERE = {"MAGENTO_BASE_URL": "http://127.0.0.1:1", "MAGENTO_BEARER_TOKEN": "bench"}


def measure() -> list[Figure]:
    """Map them, change the rules, map them again; each time in a process of its own."""
    with home() as folder:
        fill(folder)
        first = _mapped(folder, "queued")
        text = rules.template("us_retail")
        (folder / "rules.toml").write_text(text.replace('memo           = "', 'memo           = "Web: '))
        again = _mapped(folder, "replaced")
    return [
        Figure(f"seconds to map {ORDERS:,} orders again after the rules changed", again["seconds"], 45, "most", " s"),
        Figure("most memory while mapping them again", again["megabytes"], 400, "most", " MB"),
        Figure("processor time of that", again["worked"], unit=" s"),
        Figure("processor time when they were mapped first", first["worked"], unit=" s"),
    ]


def fill(folder: Path) -> None:
    """A staging file with copies of a few hundred orders and their invoices."""
    settings, orders, invoices = asyncio.run(open_books(folder, PATTERNS))
    paid = {invoice["order_id"]: invoice for invoice in invoices}
    with staging.open(settings.staging_path) as store:
        for start in range(0, ORDERS, PAGE):
            copies = list(_copies(orders, paid, start))
            land(store, "order", [order for order, _ in copies])
            land(store, "invoice", [invoice for _, invoice in copies])


def _copies(orders: list[Document], paid: dict[int, Document], start: int) -> Iterator[tuple[Document, Document]]:
    for number in range(start, min(start + PAGE, ORDERS)):
        order = orders[number % len(orders)]
        invoice, named = paid[order["entity_id"]], {"entity_id": number + 1, "increment_id": f"{number + 1:09d}"}
        yield order | named, invoice | named | {"order_id": number + 1}


def _mapped(folder: Path, how: str) -> dict[str, float]:
    """Map what waits in a new process; `how` is what must have become of every order."""
    command = [sys.executable, "-m", "tests.bench.remapping", str(folder)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    told: dict[str, float] = json.loads(done.stdout)
    if told[how] != ORDERS:
        raise RuntimeError(f"{told} instead of {ORDERS} {how}")
    return told


async def _map(folder: Path) -> dict[str, float]:
    async with connections.session(load_settings(folder, NOWHERE), "bench"):
        begun, worked = time.perf_counter(), time.process_time()
        counts = await mapping.queue_documents.fn()
        seconds, worked = time.perf_counter() - begun, time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {**counts, "seconds": seconds, "worked": worked, "megabytes": peak}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(_map(Path(sys.argv[1])))))
