"""`magebooks doctor`: one line for each check, what was found, what to do, where the value came from."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from deploy.cli import checks, checks_revenue, words
from deploy.cli.checks import GROUPS, Check
from deploy.cli.opened import engine_of, settings_of
from deploy.cli.session import Answer, Exit, Given

if TYPE_CHECKING:
    from mappings.rules import Rules
    from state.ledger import Ledger
    from state.settings import Settings

STYLES = {"ok": "green", "warn": "yellow", "fail": "red"}


def doctor(*, session: Given) -> Answer:
    """Check both connections, permissions, company settings, rules and this machine."""
    settings = settings_of(session)
    rules, about_rules = checks.rules(settings)
    found = [*checks.machine(settings), *checks.required(settings, rules), *about_rules, *checks.prefect(os.environ)]
    found += checks_revenue.revenue(settings, rules)
    with engine_of(settings) as engine:
        found += asyncio.run(_connections(settings, engine, rules))
    ordered = sorted(found, key=lambda check: GROUPS.index(check.group))
    worst = max((check.status for check in ordered), default=Exit.DONE)
    data = {"checks": [_data(check) for check in ordered], "worst": _worst(ordered)}
    return Answer(data, tuple(_told(ordered)), worst)


async def _connections(settings: Settings, engine: Ledger, rules: Rules | None) -> list[Check]:
    from deploy.cli import checks_books, checks_desktop, checks_shop, clients
    from state import ledger

    now = datetime.now(UTC)
    on_desktop = rules is not None and rules.books.target == "desktop"
    with ledger.reading(engine) as conn:
        found = [*checks.delivery(conn, settings, now)]
    if others := checks.belonging(engine, settings, rules):
        return [*found, *others]  # nothing is read from a shop or a company that these books are not of
    with ledger.reading(engine) as conn:
        if on_desktop and rules is not None:
            found += checks_desktop.desktop(conn, rules, now)
        else:
            found.append(signed := checks_books.sign_in(conn, settings, now))
    lacking = {check.group for check in checks.required(settings, rules)}
    if any(check.name == "vault key" and check.status for check in checks.machine(settings)):
        return found
    if checks.SHOP not in lacking:
        found += await _clock("the shop", settings.magento_base_url)
        async with clients.magento(settings, engine) as shop:
            found += [check async for check in checks_shop.shop(shop, settings, rules)]
    if not on_desktop and checks.QUICKBOOKS not in lacking and signed.status is not Exit.CONNECTION:
        found += await _clock("QuickBooks", settings.quickbooks_api_url)
        async with clients.quickbooks(settings, engine) as books:
            found += [check async for check in checks_books.books(books, rules)]
    return found


async def _clock(side: str, url: str) -> list[Check]:
    """Compare clocks by the Date header of any answer; nothing when none comes, for another check tells that."""
    import httpx

    try:
        async with httpx.AsyncClient(timeout=10) as client:
            date = (await client.get(url)).headers.get("date", "")
        return [checks.clock(side, parsedate_to_datetime(date), datetime.now(UTC))]
    except (httpx.HTTPError, ValueError):
        return []


def _data(check: Check) -> dict[str, str]:
    names = ("group", "name", "level", "found", "fix", "source")
    return {name: getattr(check, name) for name in names}


def _worst(found: Sequence[Check]) -> str:
    return max((check.level for check in found), key=("ok", "warn", "fail").index, default="ok")


def _told(found: Sequence[Check]) -> list[RenderableType]:
    parts: list[RenderableType] = []
    for group in GROUPS:
        of = [check for check in found if check.group == group]
        if of:
            parts += [Text(group, style="bold"), _table(of), ""]
    failed = sum(check.level == "fail" for check in found)
    warned = sum(check.level == "warn" for check in found)
    if failed or warned:
        told = f"{words.count(failed, 'thing')} to fix, {words.count(warned, 'thing')} to look at."
        return [*parts, Text(told, style="red" if failed else "yellow")]
    return [*parts, Text("All is well.", style="green")]


def _table(of: Sequence[Check]) -> Table:
    table = Table.grid(padding=(0, 2))
    for _ in range(3):
        table.add_column(overflow="fold")
    for check in of:
        told = Text(check.found)
        if check.source:
            told.append(f"  (from {check.source})", style="dim")
        if check.fix:
            told.append(f"\n-> {check.fix}", style=STYLES[check.level])
        table.add_row(Text(f"  {check.level:<4}", style=STYLES[check.level]), check.name, told)
    return table
