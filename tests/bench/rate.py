"""How fast batches are posted, beside the 40 a minute that Intuit allows (its "Limits and throttles" page).

The minutes are whole ones: books and client share a process here, which delays calls more than a network does, and in
shorter minutes that would weigh more.
"""

from state import ledger, outbox
from tests.bench.company import Company, home, open_company
from tests.bench.figures import Figure

BATCHES_A_MINUTE = 40
MINUTES = 3
SECONDS = 60.0
DOCUMENTS = 30 * BATCHES_A_MINUTE * MINUTES


def measure() -> list[Figure]:
    """Post several minutes' worth of batches.

    The first minute's batches go out at once; the rate is that of the whole minutes after it.
    """
    with home() as folder, open_company(folder, SECONDS) as company:
        company.sell(DOCUMENTS, buyers=100)
        company.sync()
        answered = _answered(company)
        violations = company.world.books.violations
    counted = (MINUTES - 1) * BATCHES_A_MINUTE
    seconds = answered[BATCHES_A_MINUTE + counted - 1] - answered[BATCHES_A_MINUTE - 1]
    share = 100 * counted / (BATCHES_A_MINUTE * seconds / SECONDS)
    return [
        Figure(f"posting rate of {counted} batches, share of the throttle", share, 90, unit=" %", places=1),
        Figure("limits of QuickBooks overstepped", violations, 0, "exactly"),
    ]


def _answered(company: Company) -> list[float]:
    """When each batch was answered, in seconds, oldest first."""
    engine = ledger.connect(f"sqlite:///{company.home / 'ledger.sqlite'}")
    with ledger.reading(engine) as conn:
        rows = outbox.rows(conn, "posted")
    engine.dispose()
    return sorted({row.batch_id: row.posted_at.timestamp() for row in rows if row.posted_at}.values())
