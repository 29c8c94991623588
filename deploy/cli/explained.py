"""The story of an order or payout as a person reads it. Pure: `explain --json` in, tables and sentences out."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from deploy.cli import words
from tasks import waiting_text

Data = Mapping[str, Any]

MOST = 50
"""So many documents of a summary are listed."""
STYLES = {"posted": "green", "rejected": "red", "unknown": "yellow", "ready": "default", "sent": "default"}
HOW = {"reversal": "Takes back", "repost": "In place of", "adjustment": "Adjusts"}
"""A revision in words."""
NAMES = {"invoice": "Magento invoice", "creditmemo": "Credit memo"}


def told(data: Data) -> Iterator[RenderableType]:
    """Documents with debits, credits and reasons; what is wrong; what happened when."""
    [title] = [f"{name.title()} {data[name]}" for name in ("order", "payout", "summary", "record") if name in data]
    yield Text(title, style="bold")
    yield from _read(data)
    for one in data["documents"]:
        yield from document(one)
    if pile := data.get("behind"):
        waits = waiting_text.piled(pile | {"orders": len(pile["orders"])})
        yield Text(f"  {waits} for it: {', '.join(pile['orders'])}")
    if "list" in data:
        yield from _list(data["list"])
    for problem in data["problems"]:
        yield from _problem(problem)
    if data["story"]:
        yield Text("\nWhat happened", style="bold")
        yield _story(data)


def document(data: Data) -> Iterator[RenderableType]:
    """One document: its head, its debits and credits with the rules behind them."""
    one, _ = words.KINDS.get(data["kind"], (data["kind"], ""))
    head = Text(f"\n{one[:1].upper()}{one[1:]} {data['number']}".rstrip(), style="bold")
    head.append(f"   {data['state']}", style=STYLES.get(data["status"], "default"))
    if data["currency"]:
        head.append(f"   {data['date'] or ''}   {words.money(data['total'], data['currency'])}", style="not bold")
    yield head
    if summary := data.get("summary"):
        others = words.count(summary["documents"], "document")
        yield Text(f"  Part of summary {summary['number']}, which is of {others}", style="dim")
    if data["quickbooks"]["id"]:
        yield Text(_in_books(data), style="dim")
    if data.get("revision"):
        yield Text(f"  {_revision(data['revision'])}", style="yellow")
    yield from _waits(data)
    if data["lines"]:
        yield _lines(data)
    if data.get("cents"):
        yield Text(f"  {_cents(data['cents'])}", style="yellow")
    for adjusted in data["adjusted"]:
        yield Text(f"  {_adjusted(adjusted)}", style="yellow")
    by_line = (line["because"] for line in data["lines"] if line["because"]["passed_over"])
    told = dict.fromkeys(_why(decision) for decision in (*data["decisions"], *by_line))
    for why in told:
        yield Text(f"  {why}", style="dim")
    if not data["rules_are_current"]:
        yield Text(f"  Booked with earlier rules ({data['rules'][:8]}).", style="dim")


def _read(data: Data) -> Iterator[Text]:
    """What became of documents that are not in the outbox."""
    if asked := data.get("asked"):
        kind, _, number = asked.partition("/")
        yield Text(f"{NAMES[kind]} {number} belongs to this order.")
    for one in data.get("read", ()):
        yield Text(one["words"])


def _waits(data: Data) -> Iterator[Text]:
    for root in data.get("waits_for", ()):
        yield Text(f"  {_waits_for(root)}", style="red")
    if data["error"]:
        yield Text(f"  QuickBooks said ({data['error']['code']}): {data['error']['words']}", style="red")


def _waits_for(root: Data) -> str:
    why = {
        "rejected": "QuickBooks rejected",
        "unknown": "may be in QuickBooks already",
        "held": "is on hold",
        "missing": "is not queued: run magebooks sync",
    }
    return f"Waits for {root['document']}, which {why[root['status']]}{': ' if root['words'] else ''}{root['words']}"


def _revision(revision: Data) -> str:
    return f"{HOW[revision['how']]} {revision['of']}, which changed: {revision['words']}"


def _cents(cents: Data) -> str:
    """The difference between the shop's figures and QuickBooks', and where it stands."""
    rule = f"({cents['because']['list']} · {cents['because']['row']})"
    if cents["difference"] == "0.00":
        return (
            f"The shop's lines and tax leave {cents['rounding']} to its total: it stands on the rounding item {rule}."
        )
    shown = f"The shop's tax is {cents['store_tax']}, QuickBooks' {cents['quickbooks_tax']}:"
    where = "a line of its own" if cents["because"]["row"] == "tax_method" else "the rounding item"
    return f"{shown} the difference of {cents['difference']} stands on {where} {rule}."


def _in_books(document: Data) -> str:
    books = document["quickbooks"]
    total = f", total {words.money(books['total'])}" if books["total"] is not None else ""
    return f"  In QuickBooks: id {books['id']}, number {books['number'] or 'none'}{total}"


def _lines(document: Data) -> Table:
    table = Table(box=None, header_style="dim", pad_edge=False)
    placed = ("Line of summary",) if document.get("summary") else ()
    for name in ("", "Account", "Debit", "Credit", "Because of", "Magento", "Item", *placed):
        table.add_column(name, justify="right" if name in ("Debit", "Credit") else "left", overflow="fold")
    for line in document["lines"]:
        because = line["because"]
        table.add_row(
            f"  {'Dr' if line['debit'] else 'Cr'}",
            line["account"],
            words.money(line["debit"]),
            words.money(line["credit"]),
            f"{because['list']} · {because['row']}",
            ", ".join(line["source"]),
            line["item"],
            *(str(line["summary_line"]) for _ in placed),
        )
    return table


def _list(data: Data) -> Iterator[RenderableType]:
    """Which documents a summary is made of, and of how many each of its lines is."""
    yield Text(f"\nMade of {words.count(len(data['documents']), 'document')} (list {data['list']})", style="bold")
    table = Table(box=None, header_style="dim", pad_edge=False)
    for name in ("  Line", "Account", "Item", "Documents"):
        table.add_column(name, justify="right" if name == "Documents" else "left", overflow="fold")
    for line in data["lines"]:
        table.add_row(f"  {line['line']}", line["account"], line["item"], f"{line['documents']:,}")
    yield table
    shown = data["documents"][:MOST]
    table = Table(box=None, header_style="dim", pad_edge=False)
    for name in ("  Document", "Total", "Tax"):
        table.add_column(name, justify="left" if name == "  Document" else "right", overflow="fold")
    for one in shown:
        table.add_row(f"  {one['document']}", words.money(one["total"]), words.money(one["tax"]))
    yield table
    if more := len(data["documents"]) - len(shown):
        yield Text(f"  and {more:,} more: --json lists all, and so does summary_documents in books.duckdb", style="dim")


def _adjusted(one: Data) -> str:
    if one["how"] == "shortened":
        return f"{one['field']} had {one['length']} characters and was shortened to fit; it stands whole in the memo"
    if one["how"] == "cut":
        return (
            f"{one['field']} had {one['length']} characters and was cut to what QuickBooks takes; the shop has it whole"
        )
    if one["how"] == "cleaned":
        return f"{one['field']} held characters that nobody sees and QuickBooks may refuse; it was written without them"
    return f"{one['field']} holds characters that QuickBooks Desktop cannot store; they are spelled in others"


def _why(decision: Data) -> str:
    passed = decision["passed_over"]
    tried = f"; passed over: {', '.join(passed)}" if passed else ""
    return f"{decision['list']} · {decision['row']}{tried}"


def _problem(problem: Data) -> Iterator[RenderableType]:
    amount = words.money(problem["amount"], problem["currency"])
    state = words.NEEDS_YOU if problem["hold"] else f"{words.IN_YOUR_BOOKS}, look at this"
    yield Text(f"\n{problem['document']}   {state}   {amount}", style="red" if problem["hold"] else "yellow")
    yield Text(f"  {problem['reason']}")
    yield Text(f"  What to do: {problem['fix']}", style="green")
    yield Text(f"  ({problem['code']}; {problem['field']})", style="dim")


def _story(data: Data) -> Table:
    table = Table.grid(padding=(0, 2))
    for line in data["story"]:
        at = datetime.fromisoformat(line["at"])
        outcome = " ".join(part for part in (line["outcome"], line["code"]) if part)
        changed = ", ".join(f"{name} {value}" for name, value in line["changed"].items())
        trace = f"intuit_tid {line['tid']}" if line["tid"] else ""
        table.add_row(f"  {at:%Y-%m-%d %H:%M:%S}", line["key"], line["action"], outcome, changed, trace)
    return table
