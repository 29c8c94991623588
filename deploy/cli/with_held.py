"""What belongs to held orders and has no row in the outbox: it is not queued before they are."""

from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from state import outbox, problems, summaries
from state.ledger import Connection

if TYPE_CHECKING:
    from state.staging_families import Belonging

REFUNDED = 2
"""The state of a credit memo whose money went back."""
WAIT = 2.0


class Waits(NamedTuple):
    """A document that waits for a held one of its order. `amount` is None where the order says it already."""

    key: str
    kind: str
    amount: Decimal | None
    currency: str


def belonging(conn: Connection, staging_path: Path | None, numbers: Collection[str]) -> dict[str, list[Waits]]:
    """What waits with the held documents of these orders, by the order's number. Empty while another process keeps
    the staging file at `staging_path`, or where there is none."""
    if staging_path is None or not numbers or not staging_path.is_file():
        return {}
    from state import staging
    from state.staging_families import belonging as landed

    try:
        with staging.open(staging_path, wait=WAIT) as store:
            found = landed(store, sorted(numbers))
    except staging.StagingBusy:
        return {}
    families = {number: list(members) for number, members in groupby(found, key=lambda one: one.order)}
    there, held = _there(conn, found), {one.problem.document for one in problems.open_problems(conn, hold=True)}
    waiting = {number: list(_waiting(members, there, held)) for number, members in families.items()}
    return {number: waits for number, waits in waiting.items() if waits}


def _there(conn: Connection, found: Iterable["Belonging"]) -> set[str]:
    """The keys of their documents that are queued, in QuickBooks or in a summary."""
    keys = [key for one in found for key in _keys(one)]
    return set(outbox.kinds(conn, keys)) | summaries.documents_of(conn, {f"order/{one.order}" for one in found})


def _keys(one: "Belonging") -> list[str]:
    prefixes = ("invoice", "payment") if one.kind == "invoice" else (one.kind,)
    return [f"{prefix}/{one.number}" for prefix in prefixes]


def _waiting(members: list["Belonging"], there: set[str], held: set[str]) -> Iterator[Waits]:
    by_invoice = any(f"invoice/{one.number}" in there | held for one in members if one.kind == "invoice")
    held_order = by_invoice or not any(f"order/{one.number}" in there for one in members if one.kind == "order")
    for one in members:
        if any(key in there or key in held for key in _keys(one)):
            continue
        if one.kind == "creditmemo" and one.state in (None, REFUNDED):
            yield Waits(f"creditmemo/{one.number}", "credit memo", one.total, one.currency or "")
        elif one.kind == "invoice" and held_order:
            total = one.total if by_invoice else None
            yield Waits(f"invoice/{one.number}", "Magento invoice", total, one.currency or "")
        elif one.kind == "order" and not by_invoice:
            yield Waits(f"order/{one.number}", "order", None, "")
