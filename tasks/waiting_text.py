"""Sentences about what is not posted, from a run's counts: what it waits for, and why documents were skipped. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from mappings import waiting_reasons as reasons

Counts = Mapping[str, Any]

NOUNS: Mapping[str, tuple[str, str]] = {
    "creditmemo": ("credit memo", "credit memos"),
    "journal": ("journal entry", "journal entries"),
    "summary": ("daily summary", "daily summaries"),
}
WHY: Mapping[str, tuple[str, str]] = {
    "rejected": ("QuickBooks rejected", "QuickBooks rejected"),
    "unknown": ("may be in QuickBooks already", "may be in QuickBooks already"),
    "held": ("is on hold", "are on hold"),
    "missing": ("is not queued", "are not queued"),
}
SKIPPED: Mapping[str, tuple[str, str]] = {
    reasons.PAID_BY_RECEIPT: (
        "Magento invoice (covered by its order)",
        "Magento invoices (covered by their order)",
    ),
    reasons.BY_INVOICES: (
        "order (posted by its Magento invoices)",
        "orders (posted by their Magento invoices)",
    ),
    reasons.CANCELED: ("canceled", "canceled"),
    reasons.NOT_CAPTURED: ("Magento invoice not captured yet", "Magento invoices not captured yet"),
    reasons.MEMO_OPEN: ("credit memo that is open in Magento", "credit memos that are open in Magento"),
    reasons.MEMO_CANCELED: ("canceled", "canceled"),
    reasons.ON_ACCOUNT: (
        "paid on account, in QuickBooks",
        "paid on account, in QuickBooks",
    ),
}
"""Why a document waits or is nothing of its own, in a few words: for one document, and for several."""


def sentences(counts: Counts) -> Iterator[str]:
    """`48 orders, 1,594.27 USD, wait for 22 customers that QuickBooks rejected`: one for each kind of cause, and one
    for what belongs to held orders."""
    for cause in (counts.get("behind") or {}).get("causes", ()):
        records = cause["records"]
        why = WHY[cause["status"]][records != 1]
        yield f"{piled(cause)} for {records:,} {noun(cause['kind'], records)} that {why}"
    if number := counts.get("with_held", 0):
        verb = "waits" if number == 1 else "wait"
        yield f"{count(number, 'more document')} {verb} for held documents of the same order"


def piled(pile: Mapping[str, Any]) -> str:
    """`48 orders (70 documents), 1,594.27 USD, wait`, with the verb."""
    documents, orders = pile["documents"], pile["orders"]
    named = count(orders, "order") if orders else count(documents, "document")
    if orders and documents != orders:
        named += f" ({count(documents, 'document')})"
    sums = " and ".join(f"{Decimal(amount):,.2f} {currency}" for currency, amount in pile["amounts"].items())
    verb = "waits" if (orders or documents) == 1 else "wait"
    return f"{named}, {sums}, {verb}" if sums else f"{named} {verb}"


def later(counts: Counts) -> str:
    """What will be tried again, and from when on; empty for nothing."""
    waits = counts.get("later") or {}
    if not waits.get("documents"):
        return ""
    begins = datetime.fromisoformat(waits["from"])
    return f"{count(waits['documents'], 'document')} will be tried again, not before {begins:%H:%M:%S} UTC"


def skipped(counts: Counts) -> str:
    """`401 skipped, nothing to post: 313 Magento invoices (covered by their order), 32 canceled`; empty for nothing."""
    number = counts.get("skipped", 0)
    if not number:
        return ""
    by_labels: Counter[tuple[str, str]] = Counter()
    for reason, times in (counts.get("skipped_by") or {}).items():
        by_labels[_labels(reason)] += times
    parts = ", ".join(f"{times:,} {labels[times != 1]}" for labels, times in by_labels.most_common())
    return f"{number:,} skipped, nothing to post{': ' if parts else ''}{parts}"


def _labels(reason: str) -> tuple[str, str]:
    if ruled := reasons.read_rule(reason):
        row, waits = ruled
        label = f'{"waiting" if waits else "skipped"} by the rule "{row}"'
    elif reason.startswith(reasons.NO_INVOICE):
        return "Magento invoice whose order is not posted", "Magento invoices whose order is not posted"
    else:
        label = f"({reason[:1].lower()}{reason[1:].rstrip('.')})"
    return SKIPPED.get(reason, (label, label))


def noun(kind: str, number: int) -> str:
    """The word for a kind of document or record."""
    one, many = NOUNS.get(kind, (word := kind.replace("_", " "), f"{word}s"))
    return one if number == 1 else many


def count(number: int, one: str) -> str:
    """`1 order`, `1,204 orders`."""
    return f"{number:,} {one if number == 1 else one + 's'}"
