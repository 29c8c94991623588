"""How fast landed orders become rows of the outbox: read, booked, linked and queued, as a run does it.

Different orders of two to four articles, paid at once.
"""

from tests.bench.company import home
from tests.bench.figures import Figure
from tests.bench.queued import fill, queue

ORDERS = 20_000
DIFFERENT = 5_000


def measure() -> list[Figure]:
    """Queue documents from a staging file that holds the orders and their invoices."""
    with home() as folder:
        lines = fill(folder, ORDERS, DIFFERENT)
        spent = queue(folder, "queued", ORDERS)
    name = f"orders mapped a second ({ORDERS:,} orders, {lines:.1f} lines each)"
    return [
        Figure(name, ORDERS / spent["seconds"], 3000),
        Figure("the same for each second of processor time, of both processes", ORDERS / spent["worked"]),
    ]
