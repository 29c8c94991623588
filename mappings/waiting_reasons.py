"""Why a document waits or is nothing of its own, in the sentences that booking gives and that reports sort by."""

import re
from typing import Final

CANCELED: Final = "Cancelled before anything was paid or posted."
PAID_BY_RECEIPT: Final = "Its order is paid with its sales receipt."
BY_INVOICES: Final = "Its Magento invoices are booked one by one."
NOT_CAPTURED: Final = "Magento has not captured it yet."
ON_ACCOUNT: Final = "Its payment method is on account: the payment is recorded in QuickBooks."
NO_INVOICE: Final = "Its order has no invoice in QuickBooks."
MEMO_OPEN: Final = "It is open in Magento (no money was refunded yet); it is booked when Magento refunds it."
MEMO_CANCELED: Final = "It is canceled in Magento: there is nothing to book."
WITH_HELD: Final = "Its order is held."
"""Why a document waits that is in order itself."""
_BY_RULE: Final = re.compile(r'It (waits by|is left out by) the document rule "(.+)"\.')


def by_rule(row: str, *, waits: bool) -> str:
    """The reason of a document that the document rule with this id lets wait, or skips."""
    return f'It {"waits by" if waits else "is left out by"} the document rule "{row}".'


def read_rule(reason: str) -> tuple[str, bool] | None:
    """The rule's id, and whether the document waits; None for another reason."""
    found = _BY_RULE.fullmatch(reason)
    return (found[2], found[1] == "waits by") if found else None
