"""How long it takes until a hundred thousand orders that wait follow changed rules, and how much memory that takes.

They are mapped once, the rules change, and a run maps all of them again: read from staging, booked, linked, replaced
in the outbox. Orders of two to four articles with their invoices.
"""

from mappings import rules
from tests.bench.company import home
from tests.bench.figures import Figure
from tests.bench.queued import fill, queue

ORDERS = 100_000


def measure() -> list[Figure]:
    """Map them, change the rules, map them again; each time in a process of its own."""
    with home() as folder:
        fill(folder, ORDERS)
        first = queue(folder, "queued", ORDERS)
        text = rules.template("us_retail")
        (folder / "rules.toml").write_text(text.replace('memo           = "', 'memo           = "Web: '))
        again = queue(folder, "replaced", ORDERS)
    return [
        Figure(f"seconds to map {ORDERS:,} orders again after the rules changed", again["seconds"], 45, "most", " s"),
        Figure("most memory while mapping them again", again["megabytes"], 400, "most", " MB"),
        Figure("processor time of that", again["worked"], unit=" s"),
        Figure("processor time when they were mapped first", first["worked"], unit=" s"),
    ]
