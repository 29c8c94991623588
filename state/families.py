"""An order with its invoices and credit memos: the unit that is mapped, so no part is decided without the rest."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from state.staging_sql import statements
from state.staging_store import Staging


@dataclass(frozen=True, slots=True)
class Family:
    """`key` is the order's outbox key, or `order/entity-N` while only its invoices have landed (`order` is None then).

    Payloads are JSON text, invoices and credit memos by entity id.
    """

    key: str
    order_id: int
    order: str | None
    invoices: tuple[str, ...]
    creditmemos: tuple[str, ...]


def families(store: Staging, after_seq: int, numbers: Sequence[str], size: int) -> Iterator[list[Family]]:
    """Families of which anything landed or changed after `after_seq`, and those in which a document has one of
    `numbers` (increment ids); by order id, `size` families at a time."""
    sql = statements("families")
    ids = [order_id for (order_id,) in store.rows(sql["touched"], after_seq=after_seq, numbers=list(numbers))]
    for start in range(0, len(ids), size):
        rows = store.rows(sql["members"], orders=ids[start : start + size])
        yield [_family(order_id, list(members)) for order_id, members in groupby(rows, key=lambda row: int(row[0]))]


def _family(order_id: int, members: list[tuple[int, str, str, str]]) -> Family:
    """Put together rows of (order id, kind, number, payload)."""
    payloads = {kind: tuple(row[3] for row in members if row[1] == kind) for kind in ("invoice", "creditmemo")}
    number, order = next(((row[2], row[3]) for row in members if row[1] == "order"), (f"entity-{order_id}", None))
    return Family(f"order/{number}", order_id, order, payloads["invoice"], payloads["creditmemo"])
