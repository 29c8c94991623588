"""An order with all that belongs to it: the unit that is mapped, so that no part is decided without the rest."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from state.staging_sql import statements
from state.staging_store import Staging


class Member(NamedTuple):
    """An invoice, a credit memo or a shipment: its increment id (empty when it has none) and its JSON."""

    number: str
    payload: str


@dataclass(frozen=True, slots=True)
class Family:
    """The JSON of an order (None while only what belongs to it has landed), its invoices, credit memos and shipments,
    in the order of their ids. `number` is the order's increment id, empty while it has not landed."""

    order_id: int
    number: str
    order: str | None
    invoices: tuple[Member, ...]
    creditmemos: tuple[Member, ...]
    shipments: tuple[Member, ...] = ()

    @property
    def key(self) -> str:
        """The outbox key of the order."""
        return f"order/{self.number}" if self.number else f"order/id-{self.order_id}"


def touched(store: Staging, after: int, numbers: Sequence[str]) -> frozenset[int]:
    """Ids of the orders of which anything landed or changed after sequence number `after`, and of those in which a
    document has one of `numbers` (increment ids)."""
    found = store.rows(statements("families")["touched"], after=after, numbers=list(numbers))
    return frozenset(order_id for (order_id,) in found)


class Refund(NamedTuple):
    """A credit memo, by its number and its order's."""

    number: str
    order: str


def refunds(store: Staging, after: int, numbers: Sequence[str]) -> list[Refund]:
    """The credit memos of families that are `touched`."""
    rows = store.rows(statements("families")["refunds"], ids=sorted(touched(store, after, numbers)))
    return [Refund(*row) for row in rows]


def families(store: Staging, after: int, numbers: Sequence[str], size: int) -> Iterator[list[Family]]:
    """The families that are `touched`, by order id, `size` at a time."""
    sql = statements("families")
    ids = sorted(touched(store, after, numbers))
    for start in range(0, len(ids), size):
        rows = store.rows(sql["families"], ids=ids[start : start + size])
        yield [_family(order_id, list(members)) for order_id, members in groupby(rows, key=lambda row: int(row[0]))]


def _family(order_id: int, rows: Sequence[tuple[int, str, str, str]]) -> Family:
    """Put together rows of (order id, kind, number, payload)."""
    members: dict[str, list[Member]] = {"order": [], "invoice": [], "creditmemo": [], "shipment": []}
    for _, kind, number, payload in rows:
        members[kind].append(Member(number, payload))
    order = members["order"][0] if members["order"] else Member("", "")
    return Family(
        order_id,
        order.number,
        order.payload or None,
        tuple(members["invoice"]),
        tuple(members["creditmemo"]),
        tuple(members["shipment"]),
    )
