"""`magebooks sync`: land, queue and deliver a date range, or everything new since the last time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

from cyclopts import Parameter

from deploy.cli import running, summary
from deploy.cli.dates import Since, Until
from deploy.cli.opened import engine_of, rules_of, settings_of
from deploy.cli.session import Answer, Failure, Given, Session

if TYPE_CHECKING:
    from datetime import date

    from state.settings import Settings
    from tasks.windows import Window

Part = Literal["orders", "invoices", "creditmemos", "shipments", "customers", "products"]
Target = Literal["online", "desktop"]


def sync(
    *,
    since: Since = None,
    until: Until = None,
    only: Annotated[
        str, Parameter(help=f"Only these, with commas between: {', '.join(get_args(Part))}. Default: all.")
    ] = "",
    target: Annotated[Target | None, Parameter(help="Which QuickBooks. Default: what the rules name.")] = None,
    dry_run: Annotated[
        bool, Parameter(("--dry-run", "-n"), negative="", help="Show what would be posted; write nothing.")
    ] = False,
    shop_moved: Annotated[
        bool, Parameter("--shop-moved", negative="", help="The same shop has a new address: keep its ledger for it.")
    ] = False,
    session: Given,
) -> Answer:
    """Bring a date range into the books, or everything new since the last time."""
    settings = settings_of(session)
    rules_of(settings, target)
    chosen = chosen_parts(only)
    span = window(since, until)
    if shop_moved:
        _move_shop(settings)
    if dry_run:
        from deploy.cli.preview import look

        return look(session, settings, span, target)
    counts = carry_out(session, settings, span, chosen, target)
    from mappings.catalogue import CATALOGUE

    titles = {code: cause.title for code, cause in CATALOGUE.items()}
    told = summary.text(counts, titles, session.home, command(span))
    return Answer(summary.data(counts), told, summary.status(counts))


def _move_shop(settings: Settings) -> None:
    """Take the settings' address of the shop for its new one."""
    from deploy.cli.retry import who
    from tasks import belonging

    with engine_of(settings) as engine:
        belonging.shop_moved(engine, settings, who())


def command(span: Window) -> str:
    """The `magebooks sync` of these days: without any it would read the whole shop the first time."""
    since = f" --from {span.since}" if span.since else ""
    return f"magebooks sync{since}{f' --to {span.until}' if span.until else ''}"


def carry_out(
    session: Session, settings: Settings, span: Window, only: tuple[Part, ...] = (), target: Target | None = None
) -> dict[str, Any]:
    """Run the flow, write its report, and return its counts from the ledger."""
    running.prepare(session, settings.home)
    from flows.orders import orders

    home = str(settings.home)
    run_id: Any = running.carry_out(session, orders(window=span, home=home, only=[*only] or None, target=target))
    counts = run_counts(settings, str(run_id))
    counts["report"] = str(_report(settings, span, counts))
    session.detail(f"Report: {counts['report']}")
    return counts


def run_counts(settings: Settings, run_id: str) -> dict[str, Any]:
    """What the ledger says about a run."""
    from state import ledger, runs

    with engine_of(settings) as engine, ledger.reading(engine) as conn:
        run = runs.get(conn, run_id)
    if run is None:
        raise Failure("no-run", f"The ledger does not know run {run_id}.", "Look: magebooks status")
    return {"run": run_id, **run.counts}


def window(since: date | None, until: date | None) -> Window:
    """The run's window. Raises Failure with the reason when the two dates do not make one."""
    from pydantic import ValidationError

    from tasks.windows import Window

    try:
        return Window(since=since, until=until)
    except ValidationError as error:
        reason = error.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")
        raise Failure("usage", reason, "See: magebooks sync --help") from None


def chosen_parts(text: str) -> tuple[Part, ...]:
    """`orders, invoices` -> the parts of a run. Raises Failure for an unknown one."""
    known: dict[str, Part] = {part: part for part in get_args(Part)}
    asked = [part.strip() for part in text.split(",") if part.strip()]
    if unknown := [part for part in asked if part not in known]:
        raise Failure(
            "usage", f'--only: "{unknown[0]}" is not one of {", ".join(known)}.', "See: magebooks sync --help"
        )
    return tuple(known[part] for part in asked)


def _report(settings: Settings, span: Window, counts: dict[str, Any]) -> object:
    from deploy.cli.run_report import write_report

    return write_report(settings, f"{span}", counts)
