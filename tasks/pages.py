"""Pages of orders as they are mapped: what Magento says of them, and what the books know about them already."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple, cast

from mappings import magento
from mappings.deferred import Deferred, read_deferred
from mappings.entry_booked import Posted, read_booked
from mappings.jsontext import parse
from mappings.keys import Symbol
from mappings.model import Context, EntryKind, Order, Problem
from mappings.originals import Original
from mappings.shop import Product
from mappings.summary_members import read_member
from state import ledger, outbox, problems, staging, staging_families, summaries
from state.outbox import OfOrders
from state.staging import Shop, Staging
from state.staging_families import Family
from tasks.company import read_books

SIZE = 1_000


class Page(NamedTuple):
    """Orders with what belongs to them, the products on their lines by SKU, and the orders they replace by number."""

    families: list[Family]
    products: dict[str, Product]
    originals: dict[str, Original]

    @property
    def keys(self) -> list[str]:
        """The outbox keys of the orders."""
        return [family.key for family in self.families]


class Standing(NamedTuple):
    """What stands in the books for some orders: entries by key, without what an earlier version queued, and what their
    sales deferred, by the orders' keys."""

    posted: dict[str, Posted]
    deferred: dict[str, Deferred]


def pages(store: Staging, after: int, numbers: Sequence[str]) -> Iterator[Page]:
    """The orders of which anything landed after sequence number `after`, and those in which a document has one of
    `numbers`, by order id."""
    for page in staging_families.families(store, after, numbers, SIZE):
        yield Page(page, staging.products(store, page), staging.originals(store, page))


def context_of(
    conn: ledger.Connection,
    page: Page,
    found: OfOrders,
    before: Standing,
    shop: Shop,
    balances: Mapping[str, Decimal],
    inactive: frozenset[Symbol],
) -> Context:
    """All that booking asks about the orders of a page beside themselves. `found` are their rows, `before` what
    stands, `balances` what QuickBooks says is open on invoices of theirs, by outbox key."""
    together = summaries.standing(conn, page.keys)
    return Context(
        books=read_books(conn),
        stores=shop.stores,
        groups=shop.groups,
        products=page.products,
        approved=problems.approved(conn),
        originals=page.originals,
        standing=cast(dict[str, EntryKind], found.standing | together.kinds),  # the kind once chosen stays
        amounts=found.amounts,
        dated=found.dated | together.days,
        posted=frozenset(found.dated),
        summarised=frozenset(together.kinds),
        balances=balances,
        inactive=inactive,
        deferred=before.deferred,
    )


def standing(conn: ledger.Connection, keys: Sequence[str]) -> Standing:
    """What stands in the books for orders, by itself or in summaries."""
    alone = {key: parse(entry) for key, entry in outbox.standing_entries(conn, keys).items()}
    read = {key: read_booked(key, told) for key, told in alone.items()}
    read |= {key: read_member(key, *kept) for key, kept in summaries.standing_entries(conn, keys).items()}
    deferred = {key: read_deferred(key, alone) for key in keys}
    return Standing(
        {key: one for key, one in read.items() if one is not None},
        {key: one for key, one in deferred.items() if one is not None},
    )


def read_order(family: Family) -> Order | Problem | None:
    """The order of a family; None while only what belongs to it has landed."""
    return None if family.order is None else magento.read_order(magento.parse(family.order))
