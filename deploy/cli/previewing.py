"""Reading a window into a staging file of its own and mapping it, without a trace in the ledger."""

from pathlib import Path

from deploy.cli.opened import no_connector
from mappings.model import Problem
from mappings.rules_needs import needs
from state import ledger, references, staging, staging_families, summaries, watermarks
from state.staging import Staging
from tasks import company
from tasks.balances import open_balances
from tasks.clients.magento_search import Kind, Stamp
from tasks.connections import Session
from tasks.magento import LISTS, PARTS, is_ahead, kinds_of, since_mark, zone
from tasks.mapped import Mapped, Terms, map_orders
from tasks.mapping import SYMBOLS
from tasks.pages import CommonContext, Wanted, orders_of, pages
from tasks.references import mirror_moving, mirror_static
from tasks.summaries import sum_up
from tasks.windows import SINCE_THE_WATERMARK, Window

RUN = "preview"


async def bring_lists(here: Session) -> None:
    """Bring the mirror of QuickBooks Online's lists up to date; Desktop's came with the Web Connector.

    Raises Failure while no Web Connector has come.
    """
    if here.rules.books.target == "online":
        await mirror_static.fn(RUN)
        await mirror_moving.fn()
        return
    with ledger.reading(here.ledger) as conn:
        if not company.is_known(conn):
            raise no_connector()


async def land(here: Session, path: Path, window: Window) -> int:
    """Read the shop's lists and the window's documents into the file at `path`; returns how many documents."""
    with staging.open(path) as store:
        configs, views = await here.magento.stores()
        staging.land(store, "store", configs, RUN)
        staging.land(store, "store_view", views, RUN)
        staging.land(store, "group", await here.magento.groups(), RUN)
        if needs(here.rules).product_attributes:
            for kind in LISTS.values():
                await _land(here, store, kind, SINCE_THE_WATERMARK)
        landed = [await _land(here, store, kind, window) for kind in kinds_of(None)]
        if missing := staging.missing_orders(store):
            async for page in here.magento.by_ids("order", missing):
                staging.land(store, "order", page.body, RUN)
    return sum(landed)


async def _land(here: Session, store: Staging, kind: Kind, window: Window, *, whole: bool = False) -> int:
    """Land a kind as a run would, `whole` or since its watermark; returns how many documents."""
    seen, moved = 0, None
    since, until = window.bounds(zone(staging.shop(store), here.rules))
    if kind in PARTS.values() and not window.is_range and not whole:
        with ledger.reading(here.ledger) as conn:
            since, moved = since_mark(conn, kind), watermarks.changed_at(conn, kind)
    stamp: Stamp = "created_at" if window.is_range else "updated_at"
    async for page in here.magento.pages(kind, since, until, page_size=here.settings.magento_page_size, stamp=stamp):
        if not window.is_range and since is not None and is_ahead(since, moved, page.asked_at):
            return await _land(here, store, kind, window, whole=True)
        staging.land(store, kind, page.body, RUN)
        seen += page.count
    return seen


async def map_landed(here: Session, path: Path) -> Mapped:
    """Map everything in the file, as a run would."""
    mapped = Mapped()
    with staging.open(path) as store:
        order_ids = staging_families.touched(store, 0, ())
        refunds = staging_families.refunds(store, order_ids)
    balances = await open_balances(here, refunds)
    with staging.open(path) as store, ledger.reading(here.ledger) as conn:
        terms = Terms(RUN, here.rules, references.symbols(conn, SYMBOLS))
        common = CommonContext(staging.shop(store), balances, references.inactive(conn, SYMBOLS))
        for page in pages(store, here.ledger, Wanted(order_ids)):
            orders, _ = orders_of(conn, page, common, here.rules.hash)
            mapped.add(map_orders(orders, terms))
        _sum_up(conn, mapped, terms)
    return mapped


def _sum_up(conn: ledger.Connection, mapped: Mapped, terms: Terms) -> None:
    """Add the daily summaries that the documents of this window would make; those of posted ones are there already."""
    there = summaries.standing(conn, [member.order_key for member in mapped.members]).kinds
    fresh = [member for member in mapped.members if member.document not in there]
    for made in sum_up(conn, fresh, terms.rules, terms.known):
        if isinstance(made, Problem):
            mapped.found[made.document] = [made]
        else:
            mapped.rows.append(made)
