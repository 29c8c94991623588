"""Landing what the shop has: orders and all that belongs to them in a window, and the lists that rules ask about.

Since the watermark, what changed is read (`updated_at`); a range of days asks for what was created in it. Invoices and
credit memos have watermarks of their own, because an invoice may appear without its order being touched.

A watermark is the newest stamp that was read, but never later than the shop's own time (`Page.asked_at`) at which the
reading began: what changed meanwhile, behind the page that was being read, is read the next time. It does not move to
that time where nothing newer was read, because stamps are the database's clock and `Date` is the web server's. When
the shop was read is kept apart (`watermarks.read_at`).
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from anyio import EndOfStream, WouldBlock, create_memory_object_stream
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from prefect import task
from prefect.logging import get_run_logger

from mappings.rules import Rules
from state import ledger, staging, watermarks
from state.staging import Shop
from tasks import connections, progress
from tasks.breaking import guarded
from tasks.clients.errors import TryLater
from tasks.clients.magento import Page
from tasks.clients.magento_search import Kind, Stamp
from tasks.retrying import POLICY
from tasks.windows import SINCE_THE_WATERMARK, Window

OVERLAP = timedelta(minutes=10)
"""How far each reading goes back behind the last one: a row can become visible after its stamp, and landing the same
document again changes nothing. Longer than any call may take, whose answer's time is that of its end."""
DEFERRED = "deferred"
"""The watermark of the last time that a sale deferred revenue."""
TOGETHER = 8  # pages for which the staging file is opened once, at most
Part = Literal["orders", "invoices", "creditmemos", "shipments"]
PARTS: dict[Part, Kind] = {
    "orders": "order",
    "invoices": "invoice",
    "creditmemos": "creditmemo",
    "shipments": "shipment",
}
ListPart = Literal["customers", "products"]
LISTS: dict[ListPart, Literal["customer", "product"]] = {"customers": "customer", "products": "product"}
WORDS: dict[Kind, str] = {
    "order": "orders",
    "invoice": "invoices",
    "creditmemo": "credit memos",
    "shipment": "shipments",
    "customer": "customers",
    "product": "products",
}


@task(name="land store views and customer groups", **POLICY)
async def land_shop() -> None:
    """Read the shop's own lists. Landing is idempotent, so a retry simply starts over."""
    here = connections.current()
    async with guarded("Magento"):
        configs, views = await here.magento.stores()
        groups = await here.magento.groups()
    with staging.open(here.settings.staging_path) as store:
        staging.land(store, "store", configs, here.run)
        staging.land(store, "store_view", views, here.run)
        staging.land(store, "group", groups, here.run)


@task(name="land documents", task_run_name="land {kind}s {window}", **POLICY)
async def land_documents(kind: Kind, window: Window) -> int:
    """Land every document of a kind in the window; returns how many there were.

    Landing is idempotent, so a retry simply starts over. The watermark moves after the last page, and only in runs
    that read since the watermark.
    """
    if not window.is_range:
        return await _land_changed(kind)
    here = connections.current()
    with staging.open(here.settings.staging_path) as store:
        since, until = window.bounds(zone(staging.shop(store), here.rules))
    return (await _land_window(kind, since, until, "created_at")).seen


async def _land_changed(kind: Kind) -> int:
    """Land what changed since the watermark, or everything where that is ahead of the shop's time: a stamp in the
    future moved it there before versions that know better, and what it passed over was not read."""
    here, begun = connections.current(), datetime.now(UTC)
    with ledger.reading(here.ledger) as conn:
        since, moved = since_mark(conn, kind), watermarks.changed_at(conn, kind)
    landed = await _land_window(kind, since, None, "updated_at")
    if since is not None and is_ahead(since, moved, landed.asked_at):
        words = "%s: they were read up to %s, which is ahead of the shop's clock; all of them are read again"
        get_run_logger().warning(words, WORDS[kind], f"{since + OVERLAP:%Y-%m-%d %H:%M:%S} UTC")
        with ledger.begin(here.ledger) as conn:
            watermarks.reset(conn, kind)
        landed = await _land_window(kind, None, None, "updated_at")
    with ledger.begin(here.ledger) as conn:
        if landed.newest is not None:
            watermarks.advance(conn, kind, landed.asked_at, at=min(landed.newest, landed.asked_at))
        watermarks.put(conn, watermarks.read_at(kind), begun, at=begun)
    return landed.seen


async def _land_window(kind: Kind, since: datetime | None, until: datetime | None, stamp: Stamp) -> "_Landed":
    here = connections.current()
    pages = here.magento.pages(kind, since, until, page_size=here.settings.magento_page_size, stamp=stamp)
    async with guarded("Magento"):
        return await _land(kind, pages)


def since_mark(conn: ledger.Connection, kind: Kind) -> datetime | None:
    """Since when what changed is read; None for all of it."""
    mark = watermarks.get(conn, kind).at
    return mark - OVERLAP if mark else None


def is_ahead(since: datetime, moved: datetime | None, asked_at: datetime) -> bool:
    """Whether a reading since then passes something over: the watermark is ahead of the shop's time, or was when it
    `moved`."""
    return since > min(asked_at, moved or asked_at)


@task(name="land missing orders", **POLICY)
async def land_missing_orders() -> int:
    """Land orders that an invoice or credit memo names but that lie outside the window; returns how many."""
    here = connections.current()
    with staging.open(here.settings.staging_path) as store:
        missing = staging.missing_orders(store)
    if not missing:
        return 0
    async with guarded("Magento"):
        return (await _land("order", here.magento.by_ids("order", missing))).seen


@task(name="land open credit memos", **POLICY)
async def land_open_memos() -> int:
    """Land credit memos again that were open the last time; returns how many. A watermark alone would do only where the
    shop moves their `updated_at` when the money goes back, which extensions that write the state may not do."""
    here = connections.current()
    with staging.open(here.settings.staging_path) as store:
        waiting = staging.open_memos(store)
    if not waiting:
        return 0
    async with guarded("Magento"):
        return (await _land("creditmemo", here.magento.by_ids("creditmemo", waiting))).seen


def kinds_of(parts: Sequence[Part | ListPart] | None) -> list[Kind]:
    """The kinds of documents to read for the parts that were asked for; all of them when none was. Shipments are read
    unasked where the rules earn revenue by them, and on where they once did: what was deferred is still released."""
    here = connections.current()
    with ledger.reading(here.ledger) as conn:
        defers = here.rules.defers or watermarks.get(conn, DEFERRED).at is not None
    unasked = [part for part in PARTS if part != "shipments" or defers]
    return [kind for part, kind in PARTS.items() if part in (parts or unasked)]


def lists_of(parts: Sequence[Part | ListPart] | None) -> list[ListPart]:
    """The lists among the parts that were asked for; both when none was."""
    return [part for part in LISTS if not parts or part in parts]


async def land(window: Window, kinds: Sequence[Kind]) -> int:
    """Land the shop's lists and every kind; returns how many documents there were."""
    await land_shop()
    for kind in LISTS.values():
        await land_documents(kind, SINCE_THE_WATERMARK)
    landed = [await land_documents(kind, window) for kind in kinds]
    if "creditmemo" in kinds:
        await land_open_memos()
    return sum(landed) + await land_missing_orders()


async def land_list(part: ListPart, window: Window) -> int:
    """Land one of the shop's own lists, and what rules may ask about it; returns how many there were."""
    await land_shop()
    return await land_documents(LISTS[part], window)


@dataclass(frozen=True, slots=True)
class _Landed:
    """How many documents landed, the newest stamp among them, and the shop's time at which their reading began."""

    seen: int
    newest: datetime | None
    asked_at: datetime


async def _land(kind: Kind, pages: AsyncGenerator[Page]) -> _Landed:
    """Land pages while the next ones are under way: those together that came while the ones before were landed. The
    file is opened for each few, so that others can work."""
    seen, expected = 0, 0
    newest: datetime | None = None
    asked_at = datetime.now(UTC)
    arrived, waiting = create_memory_object_stream[Page](TOGETHER)
    reading = asyncio.create_task(_read(pages, arrived))
    try:
        async with waiting:
            while few := await _next(waiting):
                await asyncio.to_thread(_land_pages, kind, [page.body for page in few])
                seen, expected = few[-1].seen, few[-1].expected
                asked_at = few[-1].asked_at
                newest = max(filter(None, (newest, *(page.latest for page in few))), default=None)
                progress.report(f"Shop {WORDS[kind]}", seen, expected, WORDS[kind])
        await reading
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
    if seen < expected:
        # Documents that change while pages are read leave the window; the next reading's overlap finds them.
        get_run_logger().warning("%ss: the shop announced %s and gave %s", kind, expected, seen)
    return _Landed(seen, newest, asked_at)


async def _read(pages: AsyncGenerator[Page], arrived: MemoryObjectSendStream[Page]) -> None:
    async with aclosing(pages), arrived:
        async for page in pages:
            await arrived.send(page)


async def _next(waiting: MemoryObjectReceiveStream[Page]) -> list[Page]:
    """The next page and those that wait behind it, at most `TOGETHER`; none when all have come."""
    few: list[Page] = []
    with suppress(EndOfStream, WouldBlock):
        few.append(await waiting.receive())
        while len(few) < TOGETHER:
            few.append(waiting.receive_nowait())
    return few


def _land_pages(kind: Kind, bodies: Sequence[bytes]) -> None:
    here = connections.current()
    try:
        with staging.open(here.settings.staging_path) as store:
            staging.land_all(store, kind, bodies, here.run)
    except staging.BadPage as error:
        raise TryLater("Magento", str(error)) from None


def zone(shop: Shop, rules: Rules) -> str:
    """The time zone of the days in a range: the rules' own, or that of the shop's first store view."""
    if rules.books.timezone != "store":
        return rules.books.timezone
    return shop.stores[min(shop.stores)].timezone if shop.stores else "UTC"
