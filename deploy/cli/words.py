"""The words and figures that people read: states, amounts, times. Pure functions."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from rich.text import Text

NEEDS_YOU = "Needs attention"
ON_ITS_WAY = "On its way"
IN_YOUR_BOOKS = "In your books"
LEFT_OUT = "Skipped"

STATES: Mapping[str, str] = {
    "held": NEEDS_YOU,
    "rejected": f"{NEEDS_YOU}: QuickBooks rejected it",
    "ready": ON_ITS_WAY,
    "sent": ON_ITS_WAY,
    "unknown": f"{ON_ITS_WAY}: checking with QuickBooks",
    "posted": IN_YOUR_BOOKS,
    "skipped": LEFT_OUT,
}

KINDS: Mapping[str, tuple[str, str]] = {
    "sales_receipt": ("sales receipt", "sales receipts"),
    "invoice": ("invoice", "invoices"),
    "payment": ("payment", "payments"),
    "void": ("void", "voids"),
    "credit_memo": ("credit memo", "credit memos"),
    "refund_receipt": ("refund receipt", "refund receipts"),
    "refund": ("refund", "refunds"),
    "deposit": ("deposit", "deposits"),
    "journal": ("journal entry", "journal entries"),
    "customer": ("new customer", "new customers"),
    "item": ("new item", "new items"),
    "customer_update": ("changed customer", "changed customers"),
    "item_update": ("changed item", "changed items"),
    "customer_field": ("custom field of a customer", "custom fields of customers"),
    "item_field": ("custom field of an item", "custom fields of items"),
}


def state(status: str) -> str:
    """What a person reads for a ledger status."""
    return STATES.get(status, status)


def count(number: int, one: str, many: str | None = None) -> str:
    """`1 order`, `1,204 orders`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def kind(name: str, number: int) -> str:
    """`12 sales receipts` for an entry kind of `mappings.model`."""
    one, many = KINDS.get(name, (name.replace("_", " "), name.replace("_", " ") + "s"))
    return count(number, one, many)


def money(amount: Decimal | str | None, currency: str = "") -> str:
    """`1,204.50 USD`: cents always, no sign games; empty for None."""
    if amount is None or amount == "":
        return ""
    text = f"{Decimal(amount).quantize(Decimal('0.01')):,}"
    return f"{text} {currency}".rstrip()


def signed(amount: Decimal | str) -> str:
    """`+1,022.60` or `-7.50`: a change."""
    return f"{Decimal(amount).quantize(Decimal('0.01')):+,}"


def amounts(by_currency: Mapping[str, Decimal | str]) -> str:
    """`1,204.50 USD and 80.00 EUR`."""
    return " and ".join(money(amount, currency) for currency, amount in sorted(by_currency.items()))


def when(moment: datetime | None, now: datetime) -> str:
    """`4 minutes ago`, `in 3 days`, `2026-11-01 09:12 UTC` beyond two weeks; `never` for None."""
    if moment is None:
        return "never"
    gap = now - moment
    if abs(gap) > timedelta(days=14):
        return f"{moment:%Y-%m-%d %H:%M} UTC"
    seconds = abs(gap).total_seconds()
    size, name = next(((size, name) for size, name in _UNITS if seconds >= size), (1, "second"))
    span = count(int(seconds // size), name)
    return f"{span} ago" if gap >= timedelta(0) else f"in {span}"


_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"))


def hints(pairs: Iterable[tuple[str, str]], home: Path | None = None) -> Text:
    """The indented "what to do next" lines under a result: a command and what it is good for. Commands carry the
    `--home` that this one was given, so that they can be copied."""
    place = f" --home {home}" if home else ""
    rows = [(command + place if command.startswith("magebooks ") else command, purpose) for command, purpose in pairs]
    width = max((len(command) for command, _ in rows), default=0)
    text = Text()
    for number, (command, purpose) in enumerate(rows):
        text.append("\n" if number else "")
        text.append(f"  {command:<{width}}", style="bold")
        text.append(f"   {purpose}", style="dim")
    return text
