"""What a run tells on Prefect's own pages: one artifact with its numbers and what to do next.

No names, addresses or document contents: whoever may open Prefect's pages may read this.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import httpx
from prefect.artifacts import acreate_markdown_artifact
from prefect.exceptions import PrefectException
from prefect.logging import get_run_logger

from mappings.catalogue import CATALOGUE
from tasks import waiting_text

KEY = "run-summary"
"""One key for all runs, so that Prefect keeps their history."""
REST = (
    ("rejected", "QuickBooks rejected the document", "`magebooks held` shows QuickBooks' words."),
    (
        "unknown",
        "Sent, and no clear answer came",
        "Do not enter them by hand: a later run looks them up in QuickBooks, and `magebooks held` names the rest.",
    ),
    ("on_its_way", "Not sent yet", "Nothing: the next run, or the Web Connector's next update, sends them."),
)


async def publish_summary(run: str, counts: Mapping[str, Any]) -> None:
    """Show a run's counts (`tasks.running.summary`) as the artifact `run-summary`.

    A server that does not take it costs the artifact, never the run: what was posted is posted.
    """
    if adjusted := counts.get("adjusted"):
        get_run_logger().info("%s records have text that was changed to fit QuickBooks: magebooks explain", adjusted)
    try:
        await acreate_markdown_artifact(summary_page(run, counts), key=KEY, description=summary_line(counts))
    except (PrefectException, httpx.HTTPError) as error:
        get_run_logger().warning("Prefect did not take the run's summary: %s", type(error).__name__)


def summary_line(counts: Mapping[str, Any]) -> str:
    """A run in a sentence: `25 posted, 3 need your attention`; Desktop, which fetches: `25 wait for QuickBooks,
    3 need your attention`."""
    needs = counts.get("held", 0) + counts.get("rejected", 0) + counts.get("undecided", 0)
    desktop = counts.get("target") == "desktop"
    done = f"{_on_its_way(counts)} wait for QuickBooks" if desktop else f"{counts.get('posted', 0)} posted"
    behind = (counts.get("behind") or {}).get("documents", 0)
    waits = f", {behind} {'waits' if behind == 1 else 'wait'} behind other records" if behind else ""
    return f"{done}, {needs} {'needs' if needs == 1 else 'need'} your attention{waits}"


def _on_its_way(counts: Mapping[str, Any]) -> int:
    return int(counts.get("on_its_way", counts.get("waiting", 0)))


def summary_page(run: str, counts: Mapping[str, Any]) -> str:
    """The run's numbers and what to do, as Markdown."""
    return "\n".join(
        [
            f"# {summary_line(counts)}",
            "",
            f"Run `{run}`, {counts.get('seconds', 0)} seconds.",
            "",
            *_numbers(counts),
            *_money(counts.get("totals", {})),
            *_to_do(counts),
        ]
    )


def _numbers(counts: Mapping[str, Any]) -> Iterator[str]:
    yield from ("| | Documents |", "|---|---:|", f"| Read from the shop | {counts.get('landed', 0)} |")
    yield f"| In your books now | {counts.get('posted', 0)} |"
    for kind, number in sorted(counts.get("posted_by_kind", {}).items()):
        yield f"| · {kind.replace('_', ' ')} | {number} |"
    if waiting := counts.get("for_summaries"):
        yield f"| For daily summaries, when their day is over | {waiting} |"
    yield f"| Skipped: nothing to post | {counts.get('skipped', 0)} |"
    if reasons := waiting_text.skipped(counts).partition(": ")[2]:
        yield f"| · {reasons.replace('|', '/')} | |"
    if adjusted := counts.get("adjusted"):
        yield f"| Text changed to fit QuickBooks | {adjusted} |"


def _money(totals: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    if totals:
        yield from ("", "| Sales of this run | Store | Books | Difference |", "|---|---:|---:|---:|")
    for currency, sides in totals.items():
        yield f"| {currency} | {sides['store']} | {sides['books']} | {sides['difference']} |"


def _to_do(counts: Mapping[str, Any]) -> Iterator[str]:
    by_cause: Mapping[str, int] = counts.get("held_by_cause", {})
    rows = [
        (CATALOGUE[code].title, number, CATALOGUE[code].fix)
        for code, number in sorted(by_cause.items(), key=lambda found: (-found[1], found[0]))
    ]
    shown = {**counts, "on_its_way": _on_its_way(counts)}
    rows += [(title, shown[name], fix) for name, title, fix in REST if shown.get(name)]
    waits = list(_waits(counts))
    if not rows and not waits:
        yield from ("", "Nothing needs your attention.")
        return
    if rows:
        yield from ("", "| Needs attention | Documents | What to do |", "|---|---:|---|")
    yield from (f"| {title} | {number} | {fix.replace('|', '/')} |" for title, number, fix in rows)
    if waits:
        yield from ("", *waits)
    yield from ("", "Which documents: `magebooks held`. When it is fixed: `magebooks sync`.")


def _waits(counts: Mapping[str, Any]) -> Iterator[str]:
    """What is not on its way, although it is in order itself: counts and order numbers."""
    for sentence in (*waiting_text.sentences(counts), waiting_text.later(counts)):
        if sentence:
            yield f"- {sentence}."
    behind = counts.get("behind") or {}
    if numbers := behind.get("numbers"):
        more = behind["orders"] - len(numbers)
        yield f"- Orders that wait: {', '.join(numbers)}{f' and {more:,} more' if more else ''}."
