"""What must be true before anything is queued: currency, store, period, number, balance."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Protocol

from mappings.catalogue import problem
from mappings.facts import FactValue
from mappings.model import ZERO, Context, Entry, Order, Problem

NUMBER = 21  # Intuit: DocNumber holds 21 characters, and PaymentRefNum as many
NOTE = 4000  # Intuit: PrivateNote


class Rendering(Protocol):
    """A value template."""

    def render(self, facts: Mapping[str, FactValue]) -> str: ...


def check_order(key: str, order: Order, context: Context) -> Problem | None:
    """Whether the order may enter these books at all: known store view, the company's currency."""
    total, home = order.totals.grand_total, context.books.home_currency
    if order.store_id not in context.stores:
        reason = f"Order {order.number} names store view {order.store_id}, which Magento does not list."
        return problem("store-unknown", key, "store_id", reason, amount=total, currency=order.currency)
    if order.currency != home:
        reason = f"Order {order.number} is kept in {order.currency}, the books in {home}."
        return problem("currency-differs", key, "base_currency_code", reason, amount=total, currency=order.currency)
    return None


def check_entry(entry: Entry) -> Entry | Problem:
    """The entry, if it balances to the cent, is not negative, and its texts fit."""
    if off := sum((line.amount for line in entry.lines), ZERO):
        return _held(entry, "unbalanced", "base_grand_total", f"Debits and credits differ by {off} {entry.currency}.")
    if entry.total < 0:
        return _held(
            entry, "unbalanced", "base_grand_total", f"The total of {entry.number} is negative: {entry.total}."
        )
    if len(entry.number) > NUMBER:
        reason = f"The number {entry.number!r} has {len(entry.number)} characters, QuickBooks takes {NUMBER}."
        return _held(entry, "number-too-long", "increment_id", reason)
    if len(entry.memo) > NOTE:
        return _held(entry, "text-too-long", "PrivateNote", f"The note of {entry.number} exceeds {NOTE} characters.")
    return entry


def shift_date(day: date, closed: date | None, rule: str) -> date | None:
    """The day to post on: the document's own, the first open one, or None when the period is closed and the rules
    hold such documents. The closing date itself is closed (QuickBooks: on or before)."""
    if closed is None or day > closed:
        return day
    return closed + timedelta(days=1) if rule == "first_open_day" else None


def numbered(prefix: str, template: Rendering, facts: Mapping[str, FactValue]) -> str:
    """A document's number: the prefix and the rendered template."""
    return f"{prefix}{template.render(facts)}"


def stored_reference(memo: str, reference: str) -> tuple[str, str]:
    """Memo and PaymentRefNum: a transaction id that is too long keeps its end, and stands whole in the memo."""
    if len(reference) <= NUMBER:
        return memo, reference
    return f"{memo}, transaction {reference}", reference[-NUMBER:]


def _held(entry: Entry, code: str, field: str, reason: str) -> Problem:
    return problem(code, entry.key, field, reason, amount=entry.total, currency=entry.currency)
