"""What has landed of the shop, for commands that try rules on it: nothing is read over the network, nothing written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deploy.cli.opened import kept

if TYPE_CHECKING:
    from mappings.context import Books, Context
    from mappings.model import CreditMemo, Invoice, Order
    from state.ledger import Connection
    from state.settings import Settings
    from state.staging import Shop, Staging
    from state.staging_families import Family

PAGE = 500
WAIT = 2.0

Sale = tuple["Order", tuple["Invoice", ...], tuple["CreditMemo", ...], "Context"]


@dataclass(frozen=True, slots=True)
class Landed:
    """The open staging file, what the shop says about itself, and the company as the mirror last saw it; processor and
    currency of every payout that is queued, posted or held."""

    store: Staging
    shop: Shop
    books: Books
    payouts: tuple[tuple[str, str], ...] = ()

    def sales(self, numbers: Sequence[str] | None = None) -> Iterator[Sale]:
        """Every order that can be read, with those of its invoices and credit memos that can, or the orders with these
        numbers."""
        from mappings.context import Context
        from state import staging
        from state.ledger import chunks
        from state.staging_families import families, touched

        after = 0 if numbers is None else staging.newest(self.store)
        for order_ids in chunks(touched(self.store, after, numbers or ()), PAGE):
            page = families(self.store, order_ids)
            context = Context(self.books, self.shop.stores, self.shop.groups, staging.products(self.store, page))
            for family in page:
                read = _read(family) if numbers is None or family.number in numbers else None
                if read is not None:
                    yield (*read, context)


def _read(family: Family) -> tuple[Order, tuple[Invoice, ...], tuple[CreditMemo, ...]] | None:
    from mappings import magento
    from mappings.model import CreditMemo, Invoice, Order

    order = magento.read_order(magento.parse(family.order)) if family.order else None
    if not isinstance(order, Order):
        return None
    invoices = (magento.read_invoice(magento.parse(member.payload), order) for member in family.invoices)
    memos = (magento.read_credit_memo(magento.parse(member.payload), order) for member in family.creditmemos)
    return (
        order,
        tuple(each for each in invoices if isinstance(each, Invoice)),
        tuple(each for each in memos if isinstance(each, CreditMemo)),
    )


@contextmanager
def landed(settings: Settings) -> Iterator[Landed | str]:
    """What has landed, or in words why it cannot be looked at now."""
    from state import ledger, staging
    from tasks import company

    if not settings.staging_path.is_file():
        yield "Nothing has been read from the shop yet."
        return
    with kept(settings) as engine, ledger.reading(engine) as conn:
        books = company.read_books(conn) if company.is_known(conn) else None
        payouts = _payouts(conn)
    if books is None:
        yield "QuickBooks has not been looked at yet."
        return
    with ExitStack() as opened:
        try:
            store = opened.enter_context(staging.open(settings.staging_path, wait=WAIT))
        except staging.StagingBusy:
            yield "A run is at work; try again when it has ended."
            return
        yield Landed(store, staging.shop(store), books, payouts)


def _payouts(conn: Connection) -> tuple[tuple[str, str], ...]:
    from state import outbox, problems

    held = (one.problem.document for one in problems.open_problems(conn, hold=True))
    keys = {*(row.key for row in outbox.rows(conn, order_key="")), *held}
    found = (key.split("/") for key in sorted(keys) if key.startswith("settlement/"))
    return tuple((parts[1], parts[3]) for parts in found if len(parts) == 4)
