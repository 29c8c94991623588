"""A run's counts and the ledger's open causes -> the HTML report in the home."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from deploy import report
from deploy.cli import causes, restored, words
from deploy.cli.opened import engine_of
from deploy.cli.summary import asked_about
from deploy.report import Balance, Report
from state import ledger
from state.settings import Settings
from tasks import waiting_text


def write_report(settings: Settings, scope: str, counts: Mapping[str, Any], balances: tuple[Balance, ...] = ()) -> Path:
    """Write the report of the run that `counts` tells of and return its path. `balances` replace the run's own
    totals, for whoever added both sides up independently."""
    with engine_of(settings) as engine, ledger.reading(engine) as conn:
        waiting = causes.waiting(conn, settings.staging_path)
    return report.write(settings.reports_path, _report(scope, counts, waiting, balances))


def _report(
    scope: str, counts: Mapping[str, Any], waiting: list[causes.Cause], balances: tuple[Balance, ...]
) -> Report:
    return Report(
        title=f"Run {counts['run']}",
        scope=scope,
        run=str(counts["run"]),
        finished=datetime.now(UTC),
        landed=counts.get("landed", 0),
        posted=counts.get("posted", 0),
        on_its_way=counts.get("on_its_way", counts.get("waiting", 0)) + asked_about(counts),
        behind=(counts.get("behind") or {}).get("documents", 0) + counts.get("with_held", 0),
        needs_you=counts.get("held", 0) + counts.get("rejected", 0) + counts.get("undecided", 0),
        left_out=counts.get("skipped", 0),
        balances=balances or _balances(counts),
        kinds=[(_kind(name), number) for name, number in sorted((counts.get("posted_by_kind") or {}).items())],
        causes=[_cause(cause) for cause in waiting],
        facts=_facts(counts),
    )


def _balances(counts: Mapping[str, Any]) -> tuple[Balance, ...]:
    totals = counts.get("totals") or {}
    return tuple(Balance(name, Decimal(side["store"]), Decimal(side["books"])) for name, side in sorted(totals.items()))


def _kind(name: str) -> str:
    many = words.KINDS.get(name, ("", name))[1]
    return f"{many[:1].upper()}{many[1:]}"


def _cause(cause: causes.Cause) -> report.Cause:
    return report.Cause(
        cause.title,
        cause.reason,
        cause.fix,
        cause.count,
        words.amounts(cause.amounts),
        cause.documents,
        tuple(cause.waits()),
    )


def _facts(counts: Mapping[str, Any]) -> list[tuple[str, str]]:
    api = counts.get("api") or {}
    calls = f"{api.get('magento', 0):,} to Magento, {api.get('quickbooks', 0):,} to QuickBooks"
    of_these = f"{api.get('batches', 0):,} batches, {api.get('reads', 0):,} metered reads"
    noticed = [("Ledger", restored.NOTICED)] if counts.get("restored") else []
    waits = [*waiting_text.sentences(counts), waiting_text.later(counts), waiting_text.skipped(counts)]
    shown = [("Not posted", sentence) for sentence in waits if sentence]
    return [*noticed, *shown, ("Calls", f"{calls} ({of_these})"), ("Seconds", f"{counts.get('seconds', 0)}")]
