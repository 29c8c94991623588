"""A shop in a process of its own on loopback, which sends pages of orders of about 20 KB as fast as it can.

Its orders are one recorded order with other ids. `python -m tests.bench.shop 1000` serves a thousand of them.
"""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

RECORDED = Path(__file__).parents[1] / "recordings" / "magento" / "orders.json"
ID, NUMBER = b"424242424242", b"777777777"


@contextmanager
def shop(orders: int) -> Iterator[str]:
    """A process that answers order searches; yields its address."""
    command = [sys.executable, "-m", "tests.bench.shop", str(orders)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def order() -> bytes:
    """A recorded order of about 20 KB, with marks where its id and number go."""
    documents = json.loads(RECORDED.read_bytes())
    order = min(documents, key=lambda one: abs(len(json.dumps(one, separators=(",", ":"))) - 20_000))
    marked = order | {"entity_id": int(ID), "increment_id": NUMBER.decode()}
    return json.dumps(marked, separators=(",", ":")).encode()


async def _serve(orders: int) -> None:
    head, rest = order().split(ID, 1)
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


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
