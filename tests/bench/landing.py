"""How fast orders come from a shop into staging, and how much memory that takes: the task of a run, on its own.

The shop is a process of its own; on a small machine both share the processors.
"""

import asyncio
import resource
import time
from pathlib import Path

from state.settings import Settings, load_settings
from tasks import connections
from tasks.magento import land_documents
from tasks.windows import SINCE_THE_WATERMARK
from tests.bench import shop
from tests.bench.company import home
from tests.bench.figures import Figure

ORDERS = 100_000


def measure() -> list[Figure]:
    """Land a hundred thousand orders in an empty store."""
    with home() as folder, shop.shop(ORDERS) as address:
        settings = _settings(folder, address)
        begun = time.perf_counter()
        landed = asyncio.run(_land(settings))
        seconds = time.perf_counter() - begun
    if landed != ORDERS:
        raise RuntimeError(f"{landed} of {ORDERS} orders landed")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = len(shop.order()) / 1000
    return [
        Figure(f"orders landed a second ({ORDERS:,} orders of {size:.0f} KB)", ORDERS / seconds, 3000),
        Figure("most memory while landing them", peak, 400, "most", " MB"),
    ]


async def _land(settings: Settings) -> int:
    async with connections.session(settings, "bench"):
        return await land_documents.fn("order", SINCE_THE_WATERMARK)


def _settings(folder: Path, address: str) -> Settings:
    return load_settings(folder, {"MAGENTO_BASE_URL": address, "MAGENTO_BEARER_TOKEN": "bench"})
