"""A home with many orders that have landed, and what it costs to map them: in a process of its own, as a run does it.

Customers and items are in the books already.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from deploy.sandbox.seeds_shapes import Document
from deploy.sandbox.seeds_wire import wire
from mappings.keys import digest
from state import ledger, references, staging
from state.ledger import chunks
from state.references import Known
from state.settings import load_settings
from state.staging import Kind, Staging
from tasks import connections, mapping
from tasks.connections import Session
from tasks.magento import land_shop
from tasks.references import mirror_moving, mirror_static
from tests.bench.company import open_company
from tests.bench.cost import cost

BUYERS = 500
PAGE = 200
PATTERNS = 500
NOWHERE = {"MAGENTO_BASE_URL": "http://127.0.0.1:1", "MAGENTO_BEARER_TOKEN": "bench"}


def fill(folder: Path, orders: int, patterns: int = PATTERNS) -> float:
    """Land copies of so many different orders, and their invoices; returns how many lines an order has on average."""
    found, invoices = asyncio.run(_open_books(folder, patterns))
    paid = {invoice["order_id"]: invoice for invoice in invoices}
    with staging.open(load_settings(folder, NOWHERE).staging_path) as store:
        for start in range(0, orders, PAGE):
            copies = list(_copies(found, paid, range(start, min(start + PAGE, orders))))
            _land(store, "order", [order for order, _ in copies])
            _land(store, "invoice", [invoice for _, invoice in copies])
    return sum(len(order["items"]) for order in found) / len(found)


def queue(folder: Path, how: str, orders: int) -> dict[str, float]:
    """Map what waits, in a new process; `how` is what must have become of every order."""
    command = [sys.executable, "-m", "tests.bench.queued", str(folder)]
    told: dict[str, float] = json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)
    if told[how] != orders:
        raise RuntimeError(f"{told} instead of {orders} {how}")
    return told


async def _open_books(folder: Path, orders: int) -> tuple[list[Document], list[Document]]:
    """Fill the mirror of a company that knows all buyers and articles; returns paid orders and their invoices."""
    with open_company(folder) as company:
        company.sell(orders, BUYERS)
        async with connections.session(load_settings(folder, company.environment()), "bench") as here:
            await mirror_static.fn("bench")
            await mirror_moving.fn()
            await land_shop.fn()
            _know_buyers(here)
        return company.world.shop.orders, company.world.shop.invoices


def _know_buyers(here: Session) -> None:
    emails = [f"buyer.{number}@example.com" for number in range(BUYERS)]
    known = [Known(f"email:{digest(email)}", str(number)) for number, email in enumerate(emails, start=1000)]
    with ledger.begin(here.ledger) as conn:
        references.put_many(conn, "customer", known, datetime.now(UTC))


def _copies(orders: list[Document], paid: dict[int, Document], numbers: range) -> Iterator[tuple[Document, Document]]:
    for number in numbers:
        order = orders[number % len(orders)]
        invoice, named = paid[order["entity_id"]], {"entity_id": number + 1, "increment_id": f"{number + 1:09d}"}
        yield order | named, invoice | named | {"order_id": number + 1}


def _land(store: Staging, kind: Kind, documents: list[Document]) -> None:
    for page in chunks(documents, PAGE):
        body = b'{"items":[%s],"total_count":%d}' % (b",".join(map(wire, page)), len(page))
        staging.land(store, kind, body, "bench")


async def _queue(folder: Path) -> dict[str, float]:
    async with connections.session(load_settings(folder, NOWHERE), "bench"):
        with cost() as spent:
            counts = await mapping.queue_documents.fn()
    return {**counts, "seconds": spent.seconds, "worked": spent.worked, "megabytes": spent.megabytes}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(_queue(Path(sys.argv[1])))))
