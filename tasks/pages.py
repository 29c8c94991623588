"""Pages of orders as they are mapped: what Magento says of them, and what the books know about them already."""

from collections.abc import Iterator, Mapping, Sequence, Set
from decimal import Decimal
from typing import NamedTuple, TypeVar, cast

from mappings.context import Context
from mappings.deferred import read_deferred
from mappings.entry_booked import read_booked
from mappings.jsontext import parse
from mappings.keys import Symbol
from mappings.model import EntryKind
from mappings.originals import Original
from mappings.shop import Product
from mappings.summary_members import read_member
from state import ledger, outbox, problems, staging, staging_families, summaries
from state.ledger import Ledger, chunks
from state.outbox import OfOrders
from state.staging import Shop, Staging
from state.staging_families import Family
from tasks.company import read_books
from tasks.mapped import Orders

SIZE = 250
T = TypeVar("T")


class Page(NamedTuple):
    """Orders with what belongs to them, the products on their lines by SKU, and the orders they replace by number."""

    families: list[Family]
    products: dict[str, Product]
    originals: dict[str, Original]

    @property
    def keys(self) -> list[str]:
        """The outbox keys of the orders."""
        return [family.key for family in self.families]


class Wanted(NamedTuple):
    """The ids of orders to map. With `new`, the rules are others than the last time: of orders that are not in it, only
    those that are not in the books yet."""

    order_ids: Sequence[int]
    new: Set[int] | None = None


class CommonContext(NamedTuple):
    """The part of the context that is the same for all pages: the shop, what QuickBooks says is open on invoices, by
    outbox key, and the folded symbols that it has switched off."""

    shop: Shop
    balances: Mapping[str, Decimal]
    inactive: frozenset[Symbol]


def pages(store: Staging, engine: Ledger, wanted: Wanted) -> Iterator[Page]:
    """The orders that are wanted, `SIZE` at a time."""
    for part in chunks(wanted.order_ids, SIZE):
        families = staging_families.families(store, part)
        page = Page(families, staging.products(store, families), staging.originals(store, families))
        yield page if wanted.new is None else _not_in_the_books(engine, page, wanted.new)


def _not_in_the_books(engine: Ledger, page: Page, new: Set[int]) -> Page:
    """What other rules may map otherwise: orders of which something is new, or not in the books; the rest stays as it
    was posted."""
    with ledger.reading(engine) as conn:
        posted = outbox.in_the_books(conn, page.keys)
    wanted = [one for one in page.families if one.order_id in new or not _is_whole(one, posted.get(one.key, set()))]
    return page._replace(families=wanted)


def _is_whole(family: Family, posted: Set[str]) -> bool:
    """Whether an order is in the books with all that was sold: as a whole, or invoice by invoice. A payment that the
    rules left to a bookkeeper may be there as well, and is not asked for because other rules would have booked it."""
    sold = {f"invoice/{one.number}" for one in family.invoices}
    return family.key in posted or bool(posted and sold <= posted)


def orders_of(conn: ledger.Connection, page: Page, common: CommonContext, rules_hash: str) -> tuple[Orders, OfOrders]:
    """The orders of a page with all that booking asks about them beside themselves, and their rows in the outbox, where
    rules with this hash are those of now."""
    keys = page.keys
    rows, together = outbox.of_orders(conn, keys, rules_hash), summaries.standing(conn, keys)
    alone = {key: parse(entry) for key, entry in outbox.standing_entries(conn, keys).items()}
    context = Context(
        books=read_books(conn),
        stores=common.shop.stores,
        groups=common.shop.groups,
        products=page.products,
        approved=problems.approved(conn),
        originals=page.originals,
        standing=cast(dict[str, EntryKind], rows.standing | together.kinds),  # the kind once chosen stays
        amounts=rows.amounts,
        dated=rows.dated | together.days,
        posted=frozenset(rows.dated),
        summarised=frozenset(together.kinds),
        balances=common.balances,
        inactive=common.inactive,
        deferred=_told({key: read_deferred(key, alone) for key in keys}),
    )
    posted = {key: read_booked(key, told) for key, told in alone.items()}
    posted |= {key: read_member(key, *kept) for key, kept in summaries.standing_entries(conn, keys).items()}
    return Orders(page.families, context, _told(posted)), rows


def _told(read: Mapping[str, T | None]) -> dict[str, T]:
    """Without what an earlier version queued, which does not tell."""
    return {key: one for key, one in read.items() if one is not None}
