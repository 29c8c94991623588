"""The Web Connector against the embedded company file: the gateway in a process of its own, as it runs for users.

Orders of two to four articles, paid at once, of buyers that QuickBooks does not know yet.
"""

import os
import random
import socket
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.cli.compare import ON_DESKTOP, compare
from deploy.sandbox.connector import Cut, WebConnector
from tests.bench.company import MAGEBOOKS, OURS
from tests.bench.figures import Figure
from tests.gateway.desk import PASSWORD, USER, Desk, open_desk

ORDERS = 3_000
CALLS = 3_000
CUTS = 1_000


def measure() -> list[Figure]:
    """Throughput, round trips, memory, and a thousand sessions that were cut."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        return [*_throughput(Path(folder)), *_cuts(Path(folder))]


def _throughput(folder: Path) -> Iterator[Figure]:
    with open_desk(folder / "throughput") as desk, _gateway(desk) as gateway:
        with WebConnector(gateway.url, USER, PASSWORD, desk.file) as client:
            client.run()
            desk.sell(ORDERS)
            desk.queue()
            begun = time.perf_counter()
            outcome = client.run()
            seconds = time.perf_counter() - begun
            yield Figure("Desktop: orders in one session", len(desk.file.documents("SalesReceipt")), ORDERS, "exactly")
            yield Figure("Desktop: orders a minute", ORDERS / seconds * 60)
            yield Figure("Desktop: requests in a message, mean", outcome.requests / outcome.messages, 40, places=1)
            yield Figure("Desktop: SOAP round trips a second", _round_trips(client), 500)
            yield Figure("Desktop: most memory of the gateway", gateway.peak(), 150, "most", " MB")
        documents = {entity: desk.file.documents(entity) for entity in ON_DESKTOP}
        [balance] = compare(desk.shop.orders, [], documents, set()).balances
        yield Figure("Desktop: store less company file", float(balance.difference), 0, "exactly", places=2)


def _round_trips(client: WebConnector) -> float:
    """Calls with the ticket of an open session, which is looked up for each."""
    ticket = client.soap.call_list("authenticate", client.username, client.password)[0]
    begun = time.perf_counter()
    for _ in range(CALLS):
        client.soap.call("getLastError", ticket)
    return CALLS / (time.perf_counter() - begun)


def _cuts(folder: Path) -> Iterator[Figure]:
    """Sessions whose connector vanishes at a random callback, while the shop goes on selling."""
    chance, where = random.Random(1), Counter[str]()
    with open_desk(folder / "cuts", QBWC_MESSAGE_SIZE="5") as desk:
        client = desk.connector()
        client.run()
        while where.total() < CUTS:
            desk.sell(chance.randrange(100, 140))
            desk.queue()
            while not _run_cut(desk, client, chance, where):
                pass
        client.cut = lambda _: False
        client.run()
        client.run()
        desk.audit()
        lost = sum(row.status != "posted" for row in desk.rows())
        yield Figure(f"Desktop: sessions cut at a random callback ({len(where)} places)", where.total())
        yield Figure("Desktop: documents lost after them", lost, 0, "exactly")
        yield Figure("Desktop: documents doubled after them", len(desk.file.duplicates()), 0, "exactly")


def _run_cut(desk: Desk, client: WebConnector, chance: random.Random, where: Counter[str]) -> bool:
    """One session, cut somewhere; True when it came to its end before."""
    left = chance.randrange(6, 36)

    def here(_step: str) -> bool:
        nonlocal left
        left -= 1
        return left < 0

    client.cut = here
    try:
        client.run()
    except Cut as cut:
        where[str(cut)] += 1
        desk.clock.later(minutes=6)
        return False
    return True


@dataclass(frozen=True, slots=True)
class Running:
    """A gateway's address and process."""

    url: str
    process: subprocess.Popen[bytes]

    def peak(self) -> float:
        """The most memory it has had, in MB."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


@contextmanager
def _gateway(desk: Desk) -> Iterator[Running]:
    """`magebooks gateway` of this home."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    rest = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    environment = rest | {"QBWC_USERNAME": USER, "QBWC_PASSWORD": PASSWORD}
    command = [str(MAGEBOOKS), "gateway", "-q", "--home", str(desk.home), "--port", str(port)]
    process = subprocess.Popen(command, env=environment)
    try:
        _until_open(port)
        yield Running(f"http://127.0.0.1:{port}/qbwc", process)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _until_open(port: int) -> None:
    for _ in range(400):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the gateway did not start")
