"""What every document and every entry must satisfy before it may be queued.

Pure checks: each returns the first `Problem` found, or None.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from mappings.catalogue import problem
from mappings.context import Context
from mappings.entry import Entry, EntryLine
from mappings.model import ZERO, Order, Problem
from mappings.rules import Rules
from mappings.texts import clean

NUMBER_LENGTH: Final = {"online": 21, "desktop": 11}
"""DocNumber in QuickBooks Online (Intuit's Finance.xsd), RefNumber in Desktop (qbxmlops140.xml)."""
MEMO_LENGTH: Final = 4000
"""PrivateNote in QuickBooks Online."""
FIELD_LENGTH: Final = {"CustomerMemo": 1000, "ShipMethod": 31}
POSTCODE_LENGTH: Final = 30
CUSTOM_LENGTH: Final = 31
"""StringValue of a custom field, and names of ship methods."""


def off_balance(lines: Iterable[EntryLine]) -> Decimal:
    """Debits less credits: zero for a balanced entry."""
    return sum((line.amount for line in lines), ZERO)


def check_order(order: Order, document: str, context: Context) -> Problem | None:
    """Hold what these books cannot take: an unknown store view, another currency, a negative total."""
    total, home = order.totals.grand_total, context.books.home_currency
    if order.store_id not in context.stores:
        reason = f"Magento lists no store view with id {order.store_id}, so the order's time zone is unknown."
        return problem("store-unknown", document, "store_id", reason, amount=total, currency=order.currency)
    if home and order.currency != home:
        reason = f"The store's base currency is {order.currency}, the books are kept in {home}."
        return problem(
            "currency-differs", document, "base_currency_code", reason, amount=total, currency=order.currency
        )
    return _check_original(order, document, context) or check_total(total, document, order.currency)


def _check_original(order: Order, document: str, context: Context) -> Problem | None:
    """An edited order takes the place of one that must be gone, or the sale would be in the books twice."""
    original = context.originals.get(order.parent_number)
    if original is None or order.key in context.standing or order.key in context.approved:
        return None
    amount = order.totals.grand_total
    if original.paid:
        reason = f"It replaces order {original.number}, of which {original.paid:.2f} had been paid: that sale stands."
        fix = (
            "Decide in Magento which of the two is the sale, and correct the other in QuickBooks by hand; then let "
            f"this one through: magebooks release {order.key}"
        )
        code = "edited-order"
        return problem(code, document, "relation_parent_id", reason, fix=fix, amount=amount, currency=order.currency)
    if original.replaced:
        return None
    reason = f"It replaces order {original.number}, which Magento does not show as cancelled."
    return problem("edited-order", document, "relation_parent_id", reason, amount=amount, currency=order.currency)


def check_total(total: Decimal, document: str, currency: str) -> Problem | None:
    """QuickBooks takes no sale and no payment below zero."""
    if total >= ZERO:
        return None
    reason = f"The total is {total:.2f}: a sale cannot be below zero."
    return problem("unbalanced", document, "base_grand_total", reason, amount=total, currency=currency)


def check_entry(entry: Entry, rules: Rules) -> Problem | None:
    """The last look at an entry: it balances to the cent, its number and texts fit once they are cleaned.

    On Desktop texts are made to fit when the document is written (`mappings.qbxml_fit`); a number cannot be.
    """
    difference = off_balance(entry.lines)
    if difference:
        return _held("unbalanced", entry, "base_grand_total", f"Debits and credits differ by {difference:.2f}.")
    longest, number = NUMBER_LENGTH[rules.books.target], clean(entry.number)
    if len(number) > longest:
        reason = f'The number "{number}" has {len(number)} characters; QuickBooks takes {longest}.'
        return _held("number-too-long", entry, "books.number", reason)
    return _unfit_online(entry) if rules.books.target == "online" else None


def with_suffix(number: str, suffix: str, rules: Rules) -> str:
    """A document number with what tells it from the one it belongs to. Where it would be too long, zeros are left out
    of its longest run of them: every other digit tells documents apart."""
    over = len(number) + len(suffix) - NUMBER_LENGTH[rules.books.target]
    zeros = max(re.finditer("0+", number), key=lambda run: len(run[0]), default=None)
    if over > 0 and zeros is not None:
        number = number[: zeros.start()] + number[zeros.start() + min(over, len(zeros[0])) :]
    return f"{number}{suffix}"


def _unfit_online(entry: Entry) -> Problem | None:
    if entry.kind == "refund_receipt" and not entry.deposit_account:
        reason = "A refund receipt names the account that it is paid from, even one of zero, and no rule says which."
        return _held("unknown-payment-method", entry, "payment.method", reason)
    if len(memo := clean(entry.memo, lines=True)) > MEMO_LENGTH:
        reason = f"The memo has {len(memo)} characters; QuickBooks takes {MEMO_LENGTH}."
        return _held("text-too-long", entry, "books.memo", reason)
    for address in (entry.billing, entry.shipping):
        if address is not None and len(postcode := clean(address.postcode)) > POSTCODE_LENGTH:
            reason = f"A postal code has {len(postcode)} characters; QuickBooks takes {POSTCODE_LENGTH}."
            return _held("text-too-long", entry, "postcode", reason, "Correct the address in Magento, then sync again.")
    for to, value in entry.fields:
        longest = FIELD_LENGTH.get(to, CUSTOM_LENGTH)
        if len(text := clean(value, lines=True)) > longest:
            reason = f"{to} would get {len(text)} characters; QuickBooks takes {longest}."
            return _held("text-too-long", entry, f"field {to}", reason)
    return None


def _held(code: str, entry: Entry, field: str, reason: str, fix: str | None = None) -> Problem:
    return problem(code, entry.key, field, reason, fix=fix, amount=entry.total, currency=entry.currency)
