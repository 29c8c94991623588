"""An order with all that belongs to it: the unit that is mapped, so that no part is decided without the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
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


def touched(store: Staging, after: int, numbers: Sequence[str]) -> list[int]:
    """Ids of the orders of which anything landed or changed after sequence number `after`, and of those in which a
    document has one of `numbers` (increment ids); ascending."""
    found = store.rows(statements("families")["touched"], after=after, numbers=list(numbers))
    return [order_id for (order_id,) in found]


class Refund(NamedTuple):
    """A credit memo, by its number and its order's."""

    number: str
    order: str


def refunds(store: Staging, order_ids: Sequence[int]) -> list[Refund]:
    """The credit memos of these orders."""
    rows = store.rows(statements("families")["refunds"], ids=order_ids)
    return [Refund(*row) for row in rows]


class Named(NamedTuple):
    """A document that has a number: its kind (`order`, `invoice`, `creditmemo`), that number, and its order's id."""

    kind: str
    number: str
    order_id: int


def named(store: Staging, number: str) -> list[Named]:
    """The documents that people may mean by a number, the best first: written so before shortened, orders before
    others."""
    return [Named(*row) for row in store.rows(statements("families")["named"], number=number)]


class Belonging(NamedTuple):
    """An order, or an invoice or a credit memo of it: the order's number, the kind (`order`, `invoice`, `creditmemo`)
    and its own number; Magento's state and total in base currency, None for an order or where they cannot be read."""

    order: str
    kind: str
    number: str
    state: int | None
    total: Decimal | None
    currency: str | None


def belonging(store: Staging, numbers: Sequence[str]) -> list[Belonging]:
    """The orders with these numbers, their invoices and their credit memos."""
    return [Belonging(*row) for row in store.rows(statements("families")["belonging"], numbers=list(numbers))]


def families(store: Staging, order_ids: Sequence[int]) -> list[Family]:
    """These orders with what belongs to them, by order id."""
    rows = sorted(store.rows(statements("families")["families"], ids=order_ids))
    return [_family(order_id, list(members)) for order_id, members in groupby(rows, key=lambda row: int(row[0]))]


def _family(order_id: int, rows: Sequence[tuple[int, str, int, str, str]]) -> Family:
    """Put together rows of (order id, kind, id, number, payload)."""
    members: dict[str, list[Member]] = {"order": [], "invoice": [], "creditmemo": [], "shipment": []}
    for _, kind, _, number, payload in rows:
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
