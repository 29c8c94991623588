"""How fast landed orders become rows of the outbox: read, booked, linked and queued, as a run does it.

Orders of two to four articles, paid at once; customers and items are in the books already.
"""

import asyncio
import gc
import time
from datetime import UTC, datetime
from pathlib import Path

from deploy.sandbox.seeds_shapes import Document
from deploy.sandbox.seeds_wire import wire
from mappings.keys import digest
from state import ledger, references, staging
from state.ledger import chunks
from state.references import Known
from state.settings import Settings, load_settings
from state.staging import Kind, Staging
from tasks import connections, mapping
from tasks.connections import Session
from tasks.magento import land_shop
from tasks.references import mirror_moving, mirror_static
from tests.bench.company import home, open_company
from tests.bench.figures import Figure

ORDERS = 6_000
BUYERS = 500
PAGE = 200


def measure() -> list[Figure]:
    """Queue documents from a staging file that holds the orders and their invoices."""
    with home() as folder:
        settings, lines = asyncio.run(_prepare(folder))
        gc.collect()  # the shop and the company are gone: in a real run they are elsewhere
        seconds, worked, queued = asyncio.run(_queue(settings))
    if queued != ORDERS:
        raise RuntimeError(f"{queued} of {ORDERS} orders were queued")
    name = f"orders mapped a second ({ORDERS:,} orders, {lines:.1f} lines each)"
    return [
        Figure(name, ORDERS / seconds, 3000),
        Figure("the same for each second of processor time", ORDERS / worked),
    ]


async def _prepare(folder: Path) -> tuple[Settings, float]:
    """Fill mirror and staging; returns the settings and how many lines an order has on average."""
    settings, orders, invoices = await open_books(folder, ORDERS)
    with staging.open(settings.staging_path) as store:
        land(store, "order", orders)
        land(store, "invoice", invoices)
    return settings, sum(len(order["items"]) for order in orders) / ORDERS


async def open_books(folder: Path, orders: int) -> tuple[Settings, list[Document], list[Document]]:
    """Fill the mirror of a company that knows all buyers and articles; returns the settings, and so many paid orders
    with their invoices."""
    with open_company(folder) as company:
        company.sell(orders, BUYERS)
        settings = load_settings(folder, company.environment())
        async with connections.session(settings, "bench") as here:
            await mirror_static.fn("bench")
            await mirror_moving.fn()
            await land_shop.fn()
            _know_buyers(here)
        return settings, company.world.shop.orders, company.world.shop.invoices


async def _queue(settings: Settings) -> tuple[float, float, int]:
    """Seconds on the wall, seconds of processor time, and how many rows were queued."""
    async with connections.session(settings, "bench"):
        begun, worked = time.perf_counter(), time.process_time()
        counts = await mapping.queue_documents.fn()
        return time.perf_counter() - begun, time.process_time() - worked, counts["queued"]


def land(store: Staging, kind: Kind, documents: list[Document]) -> None:
    """Land documents of the shop, a page at a time."""
    for page in chunks(documents, PAGE):
        body = b'{"items":[%s],"total_count":%d}' % (b",".join(map(wire, page)), len(page))
        staging.land(store, kind, body, "bench")


def _know_buyers(here: Session) -> None:
    emails = [f"buyer.{number}@example.com" for number in range(BUYERS)]
    known = [Known(f"email:{digest(email)}", str(number)) for number, email in enumerate(emails, start=1000)]
    with ledger.begin(here.ledger) as conn:
        references.put_many(conn, "customer", known, datetime.now(UTC))
