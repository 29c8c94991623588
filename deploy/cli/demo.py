"""`magebooks demo`: the whole story in an embedded shop and company. No account, nothing leaves this machine."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from cyclopts.validators import Number
from rich.text import Text

from deploy.cli import summary, words
from deploy.cli.init import Template, write_home
from deploy.cli.session import Answer, Exit, Failure, Given, Session

if TYPE_CHECKING:
    from deploy.cli.compare import Comparison
    from deploy.sandbox.world import Sandbox
    from state.settings import Settings

OURS = ("MAGENTO_", "QUICKBOOKS_", "MAGEBOOKS_", "QBWC_", "PREFECT_")
MINUTE_SECONDS = 6.0
"""How long Intuit's minute lasts in the demo: its limits hold, and nobody waits for them."""
KEPT = Path("demo-home")
REPORTS = Path("reports")


def demo(
    *,
    orders: Annotated[int, Parameter(help="How many orders the shop has.", validator=Number(gte=1))] = 500,
    template: Annotated[Template, Parameter(help="The business to play: a US shop, or EU VAT.")] = "us_retail",
    keep: Annotated[
        bool, Parameter("--keep", negative="", help="Keep the home in ./demo-home to look around.")
    ] = False,
    session: Given,
) -> Answer:
    """See the whole story in an embedded shop and QuickBooks company, no accounts needed."""
    from deploy.sandbox.world import Sandbox

    with (
        _home(keep) as home,
        Sandbox(orders=orders, template=template, empty=True, minute_seconds=MINUTE_SECONDS) as world,
        _only_this_world(world.environment()),
    ):
        session.say(f"A shop with {words.count(orders, 'order')} and an empty QuickBooks company are running here.")
        settings = _prepare(session, home, template)
        counts, comparison = _run(session, settings, world)
    told = (*_told(counts, comparison), words.hints(_next(keep, counts)))
    status = Exit.DONE if comparison.agrees and not counts["rejected"] and not counts["unknown"] else Exit.LOOK
    return Answer(summary.data(counts) | {"comparison": _data(comparison)}, told, status)


def _prepare(session: Session, home: Path, template: str) -> Settings:
    """A home, and in QuickBooks what its rules name; Prefect's temporary server starts meanwhile."""
    from deploy.cli import running
    from deploy.cli.opened import engine_of, rules_of
    from mappings.rules_needs import needs
    from state.settings import load_settings

    write_home(home, template)
    settings = load_settings(home)
    with ThreadPoolExecutor(1) as beside, engine_of(settings) as engine:
        started = beside.submit(running.prepare, session, home)
        created = asyncio.run(_create(settings, engine, needs(rules_of(settings))))
        session.say(
            f"Created {words.count(created, 'account, item and the like', 'accounts, items and the like')} there."
        )
        started.result()
    return settings


async def _create(settings: Settings, engine: Any, wanted: Any) -> int:
    from deploy.cli import company, setup
    from deploy.cli.clients import quickbooks

    async with quickbooks(settings, engine) as books:
        found = await company.read_lists(books)
        missing = [one for one in company.lacking(wanted, found) if one.body]
        await setup.create(books, engine, missing, found)
    return len(missing)


def _run(session: Session, settings: Settings, world: Sandbox) -> tuple[dict[str, Any], Comparison]:
    """Sync everything, then add both sides up without asking the ledger what it thinks it posted."""
    from deploy.cli.compare import SIGNS, compare
    from deploy.cli.run_report import write_report
    from deploy.cli.sync import carry_out, window

    counts = carry_out(session, settings, window(None, None))
    documents = {entity: world.books.documents(entity) for entity in SIGNS}
    comparison = compare(world.shop.orders, documents, _explained(settings))
    scope = f"Demo: {words.count(len(world.shop.orders), 'order')}"
    written = write_report(settings, scope, counts, comparison.balances)
    counts["report"] = str(_published(written))
    counts["violations"] = world.books.violations
    counts["example"] = _example(settings)
    return counts, comparison


def _explained(settings: Settings) -> set[str]:
    """Numbers of the orders that the ledger says are held, refused or on their way."""
    from deploy.cli.opened import engine_of
    from state import ledger, outbox, problems

    with engine_of(settings) as engine, ledger.reading(engine) as conn:
        held = {one.number for one in problems.open_problems(conn, hold=True)}
        waiting = outbox.rows(conn, status=("ready", "sent", "unknown", "rejected"))
    return held | {row.order_key.partition("/")[2] for row in waiting}


def _example(settings: Settings) -> str:
    """The number of an order that is worth explaining: an invoice with its payments, else any."""
    from deploy.cli.opened import engine_of
    from state import ledger, outbox

    with engine_of(settings) as engine, ledger.reading(engine) as conn:
        rows = outbox.rows(conn, status="posted")
    paid = [row.order_key for row in rows if row.kind == "payment"]
    return next(iter([*paid, *(row.order_key for row in rows if row.order_key)]), "").partition("/")[2]


def _published(written: Path) -> Path:
    """The report beside the caller, because the demo's home may vanish."""
    REPORTS.mkdir(exist_ok=True)
    copy = REPORTS / f"demo-{written.name}"
    copy.write_bytes(written.read_bytes())
    return copy


@contextmanager
def _home(keep: bool) -> Iterator[Path]:
    if not keep:
        with tempfile.TemporaryDirectory(prefix="magebooks-demo-", ignore_cleanup_errors=True) as made:
            yield Path(made)
        return
    if KEPT.exists():
        raise Failure("exists", f"{KEPT} exists already, from another world.", f"Remove it: rm -r {KEPT}")
    yield KEPT.absolute()


@contextmanager
def _only_this_world(environment: Mapping[str, str]) -> Iterator[None]:
    """The process's environment without the user's own shop, company, ledger and Prefect, for they are real."""
    before = dict(os.environ)
    for name in [name for name in os.environ if name.startswith(OURS)]:
        del os.environ[name]
    os.environ.update(environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _told(counts: Mapping[str, Any], comparison: Comparison) -> tuple[Any, ...]:
    from mappings.catalogue import CATALOGUE

    titles = {code: cause.title for code, cause in CATALOGUE.items()}
    api = counts["api"]
    calls = (
        f"{counts['landed']:,} documents read; {api['magento']:,} calls to Magento, "
        f"{api['quickbooks']:,} to QuickBooks ({api['batches']:,} batches, {api['reads']:,} reads); "
        f"{counts['seconds']} s."
    )
    waiting = summary.needs_you(counts, titles)
    parts = (summary.books(counts), *([waiting] if waiting else []))
    return (*parts, "", *_verdict(comparison), calls, f"Report: {counts['report']}", "")


def _verdict(comparison: Comparison) -> Iterator[Text]:
    yield Text("Added up independently, shop against QuickBooks:", style="bold")
    for balance in comparison.balances:
        style = "red" if balance.difference else "green"
        sides = f"{balance.currency}: shop {balance.store:,.2f}, books {balance.books:,.2f}"
        yield Text(f"  {sides}, difference {balance.difference:,.2f}", style=style)
    lost, doubled = len(comparison.lost), len(comparison.doubled)
    style = "red" if lost or doubled else "green"
    yield Text(f"  {words.count(lost, 'order')} lost, {words.count(doubled, 'document')} doubled", style=style)


def _data(comparison: Comparison) -> dict[str, object]:
    balances = {
        balance.currency: {
            "store": f"{balance.store:.2f}",
            "books": f"{balance.books:.2f}",
            "difference": f"{balance.difference:.2f}",
        }
        for balance in comparison.balances
    }
    return {"balances": balances, "lost": list(comparison.lost), "doubled": list(comparison.doubled)}


def _next(keep: bool, counts: Mapping[str, Any]) -> list[tuple[str, str]]:
    if keep:
        place = f"--home {KEPT}"
        return [
            (f"magebooks held {place}", "what waits, and why"),
            (f"magebooks explain {counts['example']} {place}", "one order's debits, credits and reasons"),
            (f"magebooks rules show {place}", "the rules behind them"),
        ]
    return [
        ("magebooks demo --keep", "keep the home, to look around in it"),
        ("magebooks init", "begin with your shop"),
    ]
