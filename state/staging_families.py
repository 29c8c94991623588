"""An order with its invoices and credit memos: the unit that is mapped, so no part is decided without the rest."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from state.staging_sql import statements
from state.staging_store import Staging


@dataclass(frozen=True, slots=True)
class Family:
    """The JSON of an order (None while only what belongs to it has landed), of its invoices and its credit memos, in
    the order of their ids. `number` is the order's increment id, empty while it has not landed."""

    order_id: int
    number: str
    order: str | None
    invoices: tuple[str, ...]
    creditmemos: tuple[str, ...]

    @property
    def key(self) -> str:
        """The outbox key of the order."""
        return f"order/{self.number}" if self.number else f"order/id-{self.order_id}"


def families(store: Staging, after: int, numbers: Sequence[str], size: int) -> Iterator[list[Family]]:
    """Families of which anything landed or changed after sequence number `after`, and those in which a document has
    one of `numbers` (increment ids); by order id, `size` families at a time."""
    sql = statements("families")
    touched = store.rows(sql["touched"], after=after, numbers=list(numbers))
    ids = [order_id for (order_id,) in touched]
    for start in range(0, len(ids), size):
        rows = store.rows(sql["families"], ids=ids[start : start + size])
        yield [_family(order_id, list(members)) for order_id, members in groupby(rows, key=lambda row: int(row[0]))]


def _family(order_id: int, members: Sequence[tuple[int, str, str, str]]) -> Family:
    """Put together rows of (order id, kind, number, payload)."""
    of_kind: dict[str, tuple[str, ...]] = {
        kind: tuple(payload for _, found, _, payload in members if found == kind)
        for kind in ("order", "invoice", "creditmemo")
    }
    number = next((number for _, kind, number, _ in members if kind == "order"), "")
    return Family(order_id, number, next(iter(of_kind["order"]), None), of_kind["invoice"], of_kind["creditmemo"])
