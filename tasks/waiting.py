"""What is queued and not sent, by what it waits for: the figures of `sync`, `status`, the report and Prefect's page.
Counts, amounts and order numbers only: no names."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from state import outbox, outbox_waiting, summaries
from state.ledger import Connection
from state.outbox_waiting import Behind

FIRST = 12
"""So many order numbers are kept with a run's counts."""
SALES = ("sales_receipt", "invoice", "journal")


@dataclass(frozen=True, slots=True)
class Pile:
    """Documents that wait together, the first since `since`. `orders` are the numbers of their orders; `amounts`, by
    currency, count each order once: its sales, or where none of its sales waits, what else of it does."""

    documents: int
    orders: tuple[str, ...]
    amounts: Mapping[str, Decimal]
    since: datetime

    def data(self) -> dict[str, Any]:
        """As `held --json` and `explain --json` show it, with all numbers of orders."""
        amounts = {currency: f"{amount:.2f}" for currency, amount in sorted(self.amounts.items())}
        return {"documents": self.documents, "orders": list(self.orders), "amounts": amounts}


def piled(conn: Connection, found: Sequence[Behind]) -> Pile:
    """All of these documents (there must be one) together; a daily summary brings its orders along."""
    inside = outbox_waiting.orders_of(conn, [one.key for one in found if one.key.startswith("summary/")])
    orders = {one.order_key for one in found} | {key for keys in inside.values() for key in keys}
    numbers = sorted(key.partition("/")[2] for key in orders - {""})
    return Pile(len(found), tuple(numbers), _amounts(found), min(one.since for one in found))


def figures(conn: Connection, now: datetime) -> dict[str, Any]:
    """What is queued, in the keys of `sync --json`: `on_its_way`, `later` and `behind`, which together are `waiting`;
    and `for_summaries`, without the documents whose summary is held. Amounts as texts."""
    found, later = outbox_waiting.behind(conn), outbox_waiting.later(conn, now)
    queued = sum(one.queued for one in found)
    waiting = outbox.counts(conn).get("ready", 0)
    return {
        "waiting": waiting,
        "on_its_way": waiting - queued - later.rows,
        "later": {"documents": later.rows, "from": later.first.isoformat() if later.first else None},
        "behind": _data(conn, found),
        "for_summaries": summaries.waiting(conn) - (len(found) - queued),
    }


def _data(conn: Connection, found: Sequence[Behind]) -> dict[str, Any]:
    groups: dict[tuple[str, str], list[Behind]] = defaultdict(list)
    for one in found:
        groups[one.root_kind, one.status].append(one)
    causes = [
        {"kind": kind, "status": status, "records": len({one.root for one in group}), **_pile(piled(conn, group))}
        for (kind, status), group in groups.items()
    ]
    if not found:
        return {"documents": 0, "orders": 0, "amounts": {}, "numbers": [], "causes": []}
    return _pile(piled(conn, found)) | {"causes": sorted(causes, key=lambda cause: -cause["documents"])}


def _pile(pile: Pile) -> dict[str, Any]:
    return {
        "documents": pile.documents,
        "orders": len(pile.orders),
        "amounts": {currency: f"{amount:.2f}" for currency, amount in sorted(pile.amounts.items())},
        "numbers": list(pile.orders[:FIRST]),
    }


def _amounts(found: Iterable[Behind]) -> dict[str, Decimal]:
    by_order: dict[str, list[Behind]] = defaultdict(list)
    for one in found:
        by_order[one.order_key or one.key].append(one)
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for group in by_order.values():
        sales = [one for one in group if one.kind in SALES]
        for one in sales or group:
            if one.currency:
                sums[one.currency] += one.amount
    return dict(sums)
