"""`magebooks demo`: the whole story in an embedded shop and company. No account, nothing leaves this machine."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter
from cyclopts.validators import Number
from rich.text import Text

from deploy.cli import demo_sides, summary, words
from deploy.cli.session import Answer, Exit, Failure, Given, Session
from deploy.sandbox.shop_rows import Form

if TYPE_CHECKING:
    from deploy.cli.compare import Comparison
    from deploy.cli.demo_sides import Side
    from deploy.sandbox.world import Sandbox

OURS = ("MAGENTO_", "QUICKBOOKS_", "MAGEBOOKS_", "QBWC_", "PREFECT_")
MINUTE_SECONDS = 6.0
"""How long Intuit's minute lasts in the demo: its limits hold, and nobody waits for them."""
KEPT = Path("demo-home")
REPORTS = Path("reports")
Target = Literal["online", "desktop", "both"]
Business = Literal["us_retail", "eu_vat", "us_desktop", "daily_summary"]
"""The shops that the sandbox can play."""
SHOPS = {"daily_summary": "us_retail"}
"""Businesses that differ in their rules alone."""


def demo(
    *,
    orders: Annotated[int, Parameter(help="How many orders the shop has.", validator=Number(gte=1))] = 500,
    target: Annotated[Target, Parameter(help="Which QuickBooks gets them: online, desktop, or both.")] = "online",
    template: Annotated[
        Business, Parameter(help="The business to play: a US shop, EU VAT, or daily summaries.")
    ] = "us_retail",
    rows: Annotated[Form, Parameter(help="The Magento whose form the rows of orders have.")] = "2.4.7",
    keep: Annotated[
        bool, Parameter("--keep", negative="", help="Keep the home in ./demo-home to look around.")
    ] = False,
    session: Given,
) -> Answer:
    """See the whole story in an embedded shop and QuickBooks company, no accounts needed."""
    from deploy.sandbox.world import Sandbox

    business, target = _business(template, target)
    with (
        _homes(keep, target) as homes,
        Sandbox(
            orders=orders,
            template=SHOPS.get(business, business),
            empty=True,
            rows=rows,
            minute_seconds=MINUTE_SECONDS,
        ) as world,
        _only_this_world(world.environment(), next(iter(homes.values()))),
    ):
        company = "two empty QuickBooks companies" if len(homes) > 1 else "an empty QuickBooks company"
        session.say(f"A shop with {words.count(orders, 'order')} and {company} are running here.")
        sides = _run(session, homes, world, business)
    first = sides[0]
    told = (*(part for side in sides for part in _told(side, len(sides) > 1)), words.hints(_next(keep, sides)))
    data = summary.data(first.counts) | {"comparison": _data(first.comparison)}
    if len(sides) > 1:
        data["sides"] = {side.target: side.counts | {"comparison": _data(side.comparison)} for side in sides}
    return Answer(data, told, Exit.DONE if all(side.well for side in sides) else Exit.LOOK)


def _business(template: Business, target: Target) -> tuple[str, Target]:
    """The shop's template, and the target that goes with it. Raises Failure for one that Desktop has no rules for."""
    if template == "us_desktop":
        return "us_retail", "desktop" if target == "online" else target
    if target != "online" and template not in demo_sides.DESKTOP:
        known = ", ".join(demo_sides.DESKTOP)
        raise Failure("usage", f"The demo of QuickBooks Desktop plays: {known}.", "magebooks demo --target desktop")
    return template, target


def _run(session: Session, homes: Mapping[str, Path], world: Sandbox, template: str) -> list[Side]:
    """Each side in turn; Prefect's temporary server starts beside the first preparations."""
    from deploy.cli import running

    play = {"online": demo_sides.online, "desktop": demo_sides.desktop}
    with ThreadPoolExecutor(1) as beside:
        prefect = beside.submit(running.prepare, session, next(iter(homes.values())))
        sides = [play[target](session, home, world, template, prefect) for target, home in homes.items()]
    for side in sides:
        side.counts["report"] = str(_report(side, len(world.shop.orders)))
        side.counts["example"] = _example(side)
    return sides


def _report(side: Side, orders: int) -> Path:
    """The side's report, beside the caller, because the demo's home may vanish."""
    from deploy.cli.run_report import write_report
    from state.settings import load_settings

    scope = f"Demo: {words.count(orders, 'order')} to {side.title}"
    written = write_report(load_settings(side.home), scope, side.counts, side.comparison.balances)
    REPORTS.mkdir(exist_ok=True)
    copy = REPORTS / f"demo-{side.target}-{written.name}"
    copy.write_bytes(written.read_bytes())
    return copy


def _example(side: Side) -> str:
    """The number of an order that is worth explaining: an invoice with its payments, else any."""
    from deploy.cli.opened import engine_of
    from state import ledger, outbox
    from state.settings import load_settings

    with engine_of(load_settings(side.home)) as engine, ledger.reading(engine) as conn:
        rows = outbox.rows(conn, status="posted")
    paid = [row.order_key for row in rows if row.kind == "payment"]
    return next(iter([*paid, *(row.order_key for row in rows if row.order_key)]), "").partition("/")[2]


@contextmanager
def _homes(keep: bool, target: Target) -> Iterator[dict[str, Path]]:
    """A home for each side: one home is one set of books."""
    names = ("online", "desktop") if target == "both" else (target,)
    if keep and KEPT.exists():
        raise Failure("exists", f"{KEPT} exists already, from another world.", f"Remove it: rm -r {KEPT}")
    with tempfile.TemporaryDirectory(prefix="magebooks-demo-", ignore_cleanup_errors=True) as made:
        root = KEPT.absolute() if keep else Path(made)
        yield {name: root / name if len(names) > 1 else root for name in names}


@contextmanager
def _only_this_world(environment: Mapping[str, str], home: Path) -> Iterator[None]:
    """The process's environment without the user's own shop, company, ledger and Prefect, for they are real; what goes
    into the user's state directory goes into `home`."""
    before = dict(os.environ)
    for name in [name for name in os.environ if name.startswith(OURS)]:
        del os.environ[name]
    os.environ.update(environment, XDG_STATE_HOME=str(home / "state"))
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _told(side: Side, titled: bool) -> Iterator[Any]:
    from mappings.catalogue import CATALOGUE

    counts, titles = side.counts, {code: cause.title for code, cause in CATALOGUE.items()}
    if titled:
        yield Text(f"{side.title}", style="bold underline")
    yield summary.posted(counts)
    if waiting := summary.needs_you(counts, titles):
        yield waiting
    yield ""
    yield from _verdict(side)
    yield f"{counts['landed']:,} documents read; {_calls(side)}; {counts['seconds']} s."
    yield f"Report: {counts['report']}"
    yield ""


def _calls(side: Side) -> str:
    api = side.counts["api"]
    magento = f"{api['magento']:,} calls to Magento"
    if side.target == "desktop":
        updates = words.count(side.updates, "update", "updates")
        return f"{magento}, {words.count(side.messages, 'message')} in {updates} of the Web Connector"
    return f"{magento}, {api['quickbooks']:,} to QuickBooks ({api['batches']:,} batches, {api['reads']:,} reads)"


def _verdict(side: Side) -> Iterator[Text]:
    yield Text(f"Added up independently, shop against {side.title}:", style="bold")
    for balance in side.comparison.balances:
        style = "red" if balance.difference else "green"
        sums = f"{balance.currency}: shop {balance.store:,.2f}, books {balance.books:,.2f}"
        yield Text(f"  {sums}, difference {balance.difference:,.2f}", style=style)
    lost, doubled = len(side.comparison.lost), len(side.comparison.doubled)
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


def _next(keep: bool, sides: Sequence[Side]) -> list[tuple[str, str]]:
    if keep:
        side = sides[0]
        place = f"--home {side.home.relative_to(Path.cwd())}"
        return [
            (f"magebooks held {place}", "what waits, and why"),
            (f"magebooks explain {side.counts['example']} {place}", "one order's debits, credits and reasons"),
            (f"magebooks rules show {place}", "the rules behind them"),
        ]
    both = [("magebooks demo --target both", "the same orders into QuickBooks Online and Desktop")]
    return [
        ("magebooks demo --keep", "keep the home, to look around in it"),
        *(both if len(sides) == 1 else ()),
        ("magebooks init", "begin with your shop"),
    ]
