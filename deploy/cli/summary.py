"""A run's counts -> what a person reads at its end, and the exit status. Pure functions.

The counts are those of `magebooks sync --json` (`magebooks help json`).
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from deploy.cli import restored, words
from deploy.cli.session import Exit
from tasks import waiting_text

Counts = Mapping[str, Any]

KEYS = ("run", "landed", "queued", "posted", "held", "rejected", "unknown", "skipped", "api", "seconds")
"""What `sync --json` answers at least, in this order."""


def data(counts: Counts) -> dict[str, object]:
    """The JSON object: the promised keys first, whatever else the run counted after them."""
    return {key: counts.get(key, 0) for key in KEYS} | {key: counts[key] for key in counts if key not in KEYS}


def status(counts: Counts) -> Exit:
    """1 when something is held, refused, waits behind that, is not yet known or not sent yet (to Online); else 0."""
    keys = ("held", "rejected", "unknown", *(() if _desktop(counts) else ("waiting",)))
    behind = (counts.get("behind") or {}).get("documents", 0)
    looked_at = not counts.get("company_known", True) or behind or any(counts.get(key, 0) for key in keys)
    return Exit.LOOK if looked_at else Exit.DONE


def _desktop(counts: Counts) -> bool:
    """Desktop fetches its documents itself, so those that wait are no reason to look."""
    return counts.get("target") == "desktop"


def text(
    counts: Counts, causes: Mapping[str, str], home: Path | None = None, again: str = "magebooks sync"
) -> tuple[RenderableType, ...]:
    """The closing lines of a run and what to do next. `causes` says each problem code's title; `again` is the command
    that books what was mended, and no more than this run did."""
    found = (books(counts), _totals(counts), needs_you(counts, causes), _next(counts, home, again))
    return tuple(part for part in found if part)


def books(counts: Counts) -> Text:
    """What the run brought into the books, what it asks about, what waits, what it skipped."""
    return _for_desktop(counts) if _desktop(counts) else posted(counts)


def posted(counts: Counts) -> Text:
    """What stands in the books now, by kind, and what does not yet."""
    posted = int(counts.get("posted", 0))
    line = Text(f"{words.count(posted, 'document is', 'documents are')} in your books.", style="green")
    kinds = counts.get("posted_by_kind") or {}
    if kinds:
        listed = ", ".join(words.kind(name, number) for name, number in sorted(kinds.items()))
        line.append(f"\n  {listed}", style="default")
    if unknown := asked_about(counts):
        line.append(f"\n{_asking(unknown)}", style="yellow")
    if way := _on_its_way(counts):
        are = words.count(way, "document is", "documents are")
        line.append(f"\n{are} not posted yet. Run magebooks sync to continue.", style="yellow")
    return _rest(line, counts)


def _on_its_way(counts: Counts) -> int:
    return int(counts.get("on_its_way", counts.get("waiting", 0)))


def _rest(line: Text, counts: Counts) -> Text:
    """What waits, and for what; what is no document of its own, or none yet."""
    if counts.get("restored"):
        line.append(f"\n{restored.NOTICED}", style="yellow")
    for sentence in waiting_text.sentences(counts):
        line.append(f"\n{sentence} (magebooks held).", style="red")
    if later := waiting_text.later(counts):
        line.append(f"\n{later}.", style="yellow")
    if summarised := counts.get("summarised", 0):
        line.append(f"\n  {words.count(summarised, 'order or refund', 'orders and refunds')} in daily summaries")
    if days := counts.get("for_summaries", 0):
        line.append(f"\n  {words.count(days, 'document')} for daily summaries, when their day is over", style="dim")
    if skipped := waiting_text.skipped(counts):
        line.append(f"\n  {skipped}", style="dim")
    return line


def _for_desktop(counts: Counts) -> Text:
    """What waits for QuickBooks Desktop to fetch it."""
    if not counts.get("company_known", True):
        return Text(
            f"{words.count(counts['landed'], 'document')} read from the shop, none booked yet: QuickBooks Desktop "
            "has not called, so its accounts and items are unknown.\n"
            "Let the Web Connector update once (magebooks qwc tells how to install it), then: magebooks sync",
            style="yellow",
        )
    waits = words.count(_on_its_way(counts), "document waits", "documents wait")
    line = Text(f"{waits} for QuickBooks Desktop: its Web Connector fetches them at its next update.", style="green")
    if unknown := asked_about(counts):
        line.append(f"\n{words.count(unknown, 'document')} on the way; it asks QuickBooks first.", style="yellow")
    if adjusted := counts.get("adjusted", 0):
        line.append(f"\n  {adjusted:,} with text changed to fit: magebooks explain names the fields", style="dim")
    return _rest(line, counts)


def asked_about(counts: Counts) -> int:
    """Documents whose outcome a later run finds out by itself."""
    return int(counts.get("unknown", 0)) - int(counts.get("undecided", 0))


def _asking(number: int) -> str:
    return (
        f"{words.count(number, 'document was', 'documents were')} sent without a clear answer. "
        "The next run asks QuickBooks. Do not enter them by hand."
    )


def _totals(counts: Counts) -> Text | None:
    lines = [
        f"{currency}: store {words.money(sides['store'])}, books {words.money(sides['books'])}, "
        f"difference {words.money(sides['difference'])}"
        for currency, sides in sorted((counts.get("totals") or {}).items())
    ]
    if not lines:
        return None
    agrees = all(not Decimal(sides["difference"]) for sides in counts["totals"].values())
    return Text("\n".join(lines), style="default" if agrees else "red")


def needs_you(counts: Counts, causes: Mapping[str, str]) -> Text | None:
    """What waits for a person, by cause; None when nothing does."""
    number = counts.get("held", 0) + counts.get("rejected", 0) + counts.get("undecided", 0)
    if not number:
        return None
    needs = "needs" if number == 1 else "need"
    return Text("\n".join([f"{number:,} {needs} your attention:", *_causes(counts, causes)]), style="red")


def _causes(counts: Counts, causes: Mapping[str, str]) -> Iterator[str]:
    by_cause = counts.get("held_by_cause") or {}
    for code, number in sorted(by_cause.items(), key=lambda item: (-item[1], item[0])):
        yield f"  {number:>5,}  {causes.get(code, code)}"
    if refused := counts.get("rejected", 0):
        yield f"  {refused:>5,}  QuickBooks rejected the document"
    if undecided := counts.get("undecided", 0):
        yield f"  {undecided:>5,}  QuickBooks may have the document already"


def _next(counts: Counts, home: Path | None, again: str) -> Text | None:
    if status(counts) is Exit.DONE:
        return None
    return words.hints([("magebooks held", "see which, and what to do"), (again, "when it is fixed")], home)
