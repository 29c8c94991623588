"""What a thousand orders cost in calls to QuickBooks, as the company counts them, the token endpoint included."""

from dataclasses import dataclass

from tests.bench.company import Company, home, open_company
from tests.bench.figures import Figure

ORDERS = 1000


@dataclass(frozen=True, slots=True)
class Spent:
    """Calls and metered reads up to a moment."""

    calls: int
    reads: int


def measure() -> list[Figure]:
    """A thousand buyers' first orders, then a second one of each."""
    with home() as folder, open_company(folder) as company:
        company.sell(ORDERS, ORDERS)
        start = _spent(company)
        _sync(company)
        first = _spent(company)
        company.sell(ORDERS, ORDERS)
        _sync(company)
        second = _spent(company)
    reads = (second.reads - first.reads) / ORDERS
    return [
        Figure("QuickBooks calls, 1,000 orders of new customers", first.calls - start.calls, 80, "most"),
        Figure("QuickBooks calls, 1,000 orders of known customers", second.calls - first.calls, 40, "most"),
        Figure("metered reads for each document of known customers", reads, 0.02, "most", places=3),
    ]


def _sync(company: Company) -> None:
    posted = company.sync()["posted"]
    if posted < ORDERS:
        raise RuntimeError(f"{posted} documents posted, not {ORDERS}")


def _spent(company: Company) -> Spent:
    meter = company.world.books.meter
    return Spent(meter.calls + meter.tokens, meter.reads)
