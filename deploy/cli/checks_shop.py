"""The checks of `magebooks doctor` at the shop: it answers, and the integration may read what a run reads."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from deploy.cli.checks import SHOP, Check
from deploy.cli.session import Exit

if TYPE_CHECKING:
    from mappings.rules import Rules
    from state.settings import Settings
    from tasks.clients.magento import Magento
    from tasks.clients.magento_search import Kind

ACL: dict[Kind, tuple[str, str]] = {
    "order": ("orders", "Sales > Operations > Orders"),
    "invoice": ("invoices", "Sales > Operations > Invoices"),
    "creditmemo": ("credit memos", "Sales > Operations > Credit Memos"),
    "shipment": ("shipments", "Sales > Operations > Shipments"),
    "customer": ("customers", "Customers > All Customers"),
    "product": ("products", "Catalog > Inventory > Products"),
}

RECENT = 200
"""How many of the newest orders are looked at."""


NOTICE_FIX = (
    "Documents are read all the same. In the shop's php.ini turn display_errors off, or put Magento into production "
    "mode: bin/magento deploy:mode:set production."
)


async def shop(magento: Magento, settings: Settings, rules: Rules | None) -> AsyncIterator[Check]:
    """One check for each kind of document, each list, and the address itself."""
    from state.settings import source_of

    source = source_of(settings, "MAGENTO_BASE_URL")
    first = await _try("stores", "Stores > Settings > All Stores", magento.stores, lambda _: "may be read")
    down = first.status in (Exit.LATER, Exit.USAGE)
    told = first.found if down else "answers"
    yield Check(
        SHOP, settings.magento_base_url, told, first.fix if down else "", first.status if down else Exit.DONE, source
    )
    if down:
        return
    yield first
    for kind, (name, resource) in ACL.items():
        if kind == "shipment" and not (rules is not None and rules.defers):
            continue
        yield await _try(name, resource, partial(magento.count, kind), lambda number: f"{number:,} may be read")
    yield await _try("customer groups", "Customers > Customer Groups", magento.groups, lambda _: "may be read")
    yield await version(magento)
    async for check in order_lines(magento, min(RECENT, settings.magento_page_size)):
        yield check
    for notice in magento.notices:
        found = f"Magento writes a PHP notice before its answers: {notice}"
        yield Check(SHOP, "PHP notices", found, NOTICE_FIX, Exit.LOOK)


async def version(magento: Magento) -> Check:
    """The version that the shop tells; many shops switch that off, which is no fault."""
    from tasks.clients.errors import CallFailed

    try:
        found = await magento.version()
    except CallFailed:
        found = ""
    return Check(SHOP, "version", found or "unknown: the shop does not answer /magento_version")


async def order_lines(magento: Magento, number: int) -> AsyncIterator[Check]:
    """In which form the shop shows the rows of its `number` newest orders, and whether they add up; nothing for a shop
    without orders, or where they cannot be read, which another check says."""
    from mappings.magento import parse
    from mappings.magento_forms import learn_form
    from tasks.clients.errors import CallFailed

    try:
        documents = parse(await magento.newest("order", number))["items"] or ()
    except (CallFailed, ValueError):
        return
    forms = learn_form(documents)
    if not forms.orders:
        return
    well = forms.add_up == forms.orders
    fix = "" if well else "A sync holds the others, and magebooks held then shows what their rows come to."
    found = f"{forms.form}; {forms.add_up:,} of {forms.orders:,} recent orders add up"
    yield Check(SHOP, "order lines", found, fix, Exit.DONE if well else Exit.LOOK)


async def _try(name: str, resource: str, call: Callable[[], Awaitable[Any]], told: Callable[[Any], str]) -> Check:
    from tasks.clients.errors import CallFailed, NeedsPerson, TryLater

    try:
        return Check(SHOP, name, told(await call()))
    except NeedsPerson as error:
        fix = f"In Magento, System > Integrations > API: allow {resource}, then save and reauthorize."
        return Check(SHOP, name, str(error), fix, Exit.CONNECTION)
    except TryLater as error:
        return Check(SHOP, name, str(error), "Is the shop up? Try again later.", Exit.LATER)
    except CallFailed as error:
        return Check(SHOP, name, str(error), "Check MAGENTO_BASE_URL: is it the store's root?", Exit.USAGE)
