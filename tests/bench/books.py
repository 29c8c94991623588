"""The demo: what the shop and the books come to, added up independently, and how long an order takes end to end."""

import tempfile
from decimal import Decimal
from pathlib import Path

from tests.bench.company import command
from tests.bench.figures import Figure

ORDERS = 500


def measure() -> list[Figure]:
    """`magebooks demo`, as a newcomer runs it."""
    with tempfile.TemporaryDirectory() as folder:
        told = command("demo", "--json", "--orders", str(ORDERS), folder=Path(folder))
    compared = told["comparison"]
    difference = sum(abs(Decimal(one["difference"])) for one in compared["balances"].values())
    return [
        Figure(f"shop less books after the demo ({ORDERS} orders)", float(difference), 0, "exactly", places=2),
        Figure("orders lost or doubled", len(compared["lost"]) + len(compared["doubled"]), 0, "exactly"),
        Figure("orders a second, the demo end to end", ORDERS / told["seconds"], places=1),
    ]
