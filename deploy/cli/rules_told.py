"""What `magebooks rules check` found, as a person reads it. Pure: its `--json` in, sentences out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from deploy.cli import words

if TYPE_CHECKING:
    from mappings.rules import RulesError

Data = Mapping[str, Any]


def wrong(error: RulesError) -> Iterator[Text]:
    """A file that cannot be used: one line for each finding."""
    yield Text("\n".join(str(finding) for finding in error.findings), style="red")


def told(data: Data, home: Path | None) -> Iterator[RenderableType]:
    """A file that can be used: how many rules, which never decide, and what history says about them."""
    yield Text(f"{data['file']} is valid: {words.count(sum(data['rules'].values()), 'rule')}.", style="green")
    for finding in data["findings"]:
        yield Text(f"\n{finding['source']}:{finding['line']}: {finding['field']}: {finding['message']}", style="yellow")
        yield Text(f"  What to do: {finding['fix']}", style="green")
    if data["examples"] is not None and data["examples"]["kept"]:
        yield from _examples(data["examples"], home)
    if data["history"] is not None:
        yield from _history(data["history"])
    if data["note"]:
        yield Text(data["note"], style="dim")
    yield words.hints([("magebooks doctor", "does QuickBooks have what the rules name?")], home)


def _history(history: Data) -> Iterator[RenderableType]:
    number = history["documents"]
    yield Text(f"\nTried on {words.count(number, 'document')} that the shop has had, as if none were booked yet.")
    table = Table("List", "Rule", box=None, header_style="dim", pad_edge=False)
    table.add_column("Documents", justify="right")
    for row in history["rows"]:
        if row["documents"]:
            table.add_row(row["list"], row["row"], f"{row['documents']:,}")
    yield table
    if unused := history["never_used"]:
        names = ", ".join(f"{row['list']} · {row['row']}" for row in unused)
        yield Text(f"Never used so far: {names}", style="dim")
    for gap in history["not_covered"]:
        yield _gap(gap)


def _examples(examples: Data, home: Path | None) -> Iterator[Text]:
    same, kept = examples["same"], examples["kept"]
    yield Text(f"\nExamples: {same} of {kept} as kept.", style="green" if same == kept else "yellow")
    for one in examples["changed"]:
        yield Text(f"  {one['name']} (order {one['order']}): {one['reason']}", style="yellow")
        yield from changed(one["changes"])
        yield words.hints([(f'magebooks rules accept "{one["name"]}"', "if that is meant")], home)


def changed(changes: Iterable[Data]) -> Iterator[Text]:
    """What entries do otherwise: sentences, then one line for each account."""
    for change in changes:
        for sentence in change["words"]:
            yield Text(f"    {change['key']}: {sentence}")
        for account, amount in change["accounts"].items():
            yield Text(f"    {change['key']}: {account} {words.signed(amount)}")


def _gap(gap: Data) -> Text:
    count = words.count(gap["documents"], "document")
    if gap["held"]:
        fix = f"Add a [[{gap['list']}]] rule."
        return Text(f"No {gap['list']} rule where {gap['value']}: {count} would be held. {fix}", style="red")
    return Text(f"No {gap['list']} rule where {gap['value']}: {count}, booked without one.", style="yellow")
