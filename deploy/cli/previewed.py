"""A preview as a person reads it. Pure: `magebooks preview --json` in, tables and sentences out."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from deploy.cli import words
from deploy.cli.explained import document

Data = Mapping[str, Any]

FEW = 10
"""Up to so many documents are shown line by line; more only with `-v`."""


def told(data: Data, home: Path | None, sync: str, *, every: bool) -> Iterator[RenderableType]:
    """What would be posted, what it does to each account, what would be held. `sync` is the command that posts it."""
    if every or len(data["documents"]) <= FEW:
        for one in data["documents"]:
            yield from document(one)
        yield ""
    kinds = ", ".join(words.kind(name, number) for name, number in sorted(data["by_kind"].items()))
    yield Text(f"{words.count(len(data['documents']), 'document')} would be posted{': ' + kinds if kinds else '.'}")
    for line in _beside(data):
        yield Text(f"  {line}", style="dim")
    for currency, accounts in data["accounts"].items():
        yield ""
        yield _accounts(currency, accounts)
    yield from _held(data)
    hints = [(sync, "post them")] if data["documents"] else []
    if not every and len(data["documents"]) > FEW:
        hints.append((f"{sync} -n -v", "each document's debits and credits"))
    yield ""
    yield Text("Nothing was written.", style="green")
    if hints:
        yield words.hints(hints, home)


def _beside(data: Data) -> Iterator[str]:
    if data["would_create"]:
        kinds = ", ".join(words.kind(name, number) for name, number in sorted(data["would_create"].items()))
        yield f"{kinds} would be created first"
    if already := data["in_your_books_already"]:
        yield f"{already:,} are in your books already"
    if left := data["left_out"]:
        yield f"{left:,} would be skipped: nothing to post"
    if held := data["with_held"]:
        yield f"{words.count(held, 'more document')} would wait for held documents of the same order"


def _accounts(currency: str, accounts: Mapping[str, Mapping[str, str]]) -> Table:
    table = Table(title=f"Accounts, {currency}", title_justify="left", box=None, header_style="dim", pad_edge=False)
    table.add_column("Account")
    table.add_column("Debit", justify="right")
    table.add_column("Credit", justify="right")
    for account, sums in accounts.items():
        table.add_row(account, words.money(sums["debit"]), words.money(sums["credit"]))
    return table


def _held(data: Data) -> Iterator[Text]:
    if not data["held"]:
        return
    causes: dict[tuple[str, str], list[Data]] = defaultdict(list)
    for one in data["held"]:
        causes[one["code"], one["fix"]].append(one)
    yield Text(f"\n{words.count(len(data['held']), 'document')} would be held:", style="red")
    for ones in causes.values():
        yield Text(f"  {len(ones):>5,}  {ones[0]['reason']}")
        yield Text(f"         What to do: {ones[0]['fix']}", style="green")
