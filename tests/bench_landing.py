"""How fast orders come from a shop into staging, and how much memory that takes.

`python -m tests.bench_landing [orders]` prints the figures; `main()` returns them. The shop is a process of its own on
loopback that sends pages of about 20 KB an order, put together from a recorded one; only this side is measured, but on
a small machine both share the processors.
"""

import asyncio
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from state import staging
from tasks.clients.magento import connect
from tasks.clients.magento_auth import OAuth1

ORDERS = 100_000
PAGE_SIZE = 200
GROUP = 4
RECORDED = Path(__file__).parent / "recordings" / "magento" / "orders.json"
ID, NUMBER = b"424242424242", b"777777777"


def main(orders: int = ORDERS) -> dict[str, float]:
    """Land `orders` orders in an empty store; figures: orders, seconds, orders per second, peak MB, file MB."""
    with tempfile.TemporaryDirectory() as folder, shop(orders) as address:
        path = Path(folder) / "staging.duckdb"
        begun = time.perf_counter()
        landed = asyncio.run(_land(address, path))
        seconds = time.perf_counter() - begun
        if landed != orders:
            raise RuntimeError(f"{landed} of {orders} orders landed")
        return {
            "orders": orders,
            "bytes_per_order": len(_order()),
            "seconds": round(seconds, 1),
            "orders_per_second": round(orders / seconds),
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            "file_mb": path.stat().st_size >> 20,
        }


async def _land(address: str, path: Path) -> int:
    """A few pages are landed together, while the client reads the next ones."""
    landed, group = 0, []
    async with connect(address, OAuth1("key", "secret", "token", "token secret")) as magento:
        async for page in magento.pages("order", page_size=PAGE_SIZE):
            group.append(page.body)
            if len(group) == GROUP:
                landed += await asyncio.to_thread(_land_group, path, group)
                group = []
    return landed + _land_group(path, group)


def _land_group(path: Path, group: list[bytes]) -> int:
    with staging.open(path) as store:
        return sum(landed.changed for landed in staging.land_all(store, "order", group, "bench"))


@contextmanager
def shop(orders: int) -> Iterator[str]:
    """A process that answers order searches; yields its address."""
    command = [sys.executable, "-m", "tests.bench_landing", "serve", str(orders)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1])
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def _order() -> bytes:
    """A recorded order of about 20 KB, with marks where its id and number go."""
    documents = json.loads(RECORDED.read_bytes())
    order = min(documents, key=lambda one: abs(len(json.dumps(one, separators=(",", ":"))) - 20_000))
    marked = order | {"entity_id": int(ID), "increment_id": NUMBER.decode()}
    return json.dumps(marked, separators=(",", ":")).encode()


async def _serve(orders: int) -> None:
    head, rest = _order().split(ID, 1)
    middle, tail = rest.split(NUMBER, 1)

    def page(query: dict[str, str]) -> bytes:
        conditions = {query[f"{at}[conditionType]"]: int(query[f"{at}[value]"]) for at in _filters(query)}
        low, high = conditions.get("gt", 0), min(conditions.get("lteq", orders), orders)
        size = int(query["searchCriteria[pageSize]"])
        if query["searchCriteria[sortOrders][0][direction]"] == "DESC":
            low = high - size
        ids = range(low + 1, min(low + size, high) + 1)
        items = b",".join(b"%s%d%s%09d%s" % (head, number, middle, number, tail) for number in ids)
        return b'{"items":[%s],"search_criteria":{"page_size":%d},"total_count":%d}' % (items, size, high - low)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while request := await reader.readuntil(b"\r\n\r\n"):
            target = request.split(b" ", 2)[1].decode()
            body = page(dict(parse_qsl(urlsplit(target).query)))
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
            writer.write(head + body)
            await writer.drain()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


def _filters(query: dict[str, str]) -> list[str]:
    fields = re.compile(r"(searchCriteria\[filterGroups\]\[\d+\]\[filters\]\[0\])\[field\]")
    return [match.group(1) for name in query if (match := fields.fullmatch(name)) and query[name] == "entity_id"]


def _command(arguments: list[str]) -> Any:
    if arguments[:1] == ["serve"]:
        return asyncio.run(_serve(int(arguments[1])))
    return sys.stdout.write(json.dumps(main(*map(int, arguments[:1]))) + "\n")


if __name__ == "__main__":
    _command(sys.argv[1:])
