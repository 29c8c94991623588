"""What the state of a credit memo means for the books: open, it waits; canceled, there is nothing to book.

One that was posted before, and of which no money moved after all, is taken back: what should be in the books in its
place is nothing, which `mappings.revisions` makes into the document that follows.
"""

from dataclasses import replace
from typing import Final

from mappings.context import Context
from mappings.entry import Entry
from mappings.model import ZERO, CreditMemo, Problem, Waiting
from mappings.waiting_reasons import MEMO_CANCELED, MEMO_OPEN

_OWN: Final = ("refund_receipt", "credit_memo", "journal")
"""The documents of a memo itself; a payment of zero only applies one."""


def waiting_for_refund(memo: CreditMemo, context: Context) -> Waiting | None:
    """Why a memo of which no money moved is not booked; None for one that was refunded, or that is posted."""
    if memo.refunded or memo.key in context.dated:
        return None
    return Waiting(memo.key, MEMO_CANCELED if memo.canceled else MEMO_OPEN)


def in_place_of(
    booked: tuple[Entry, ...] | Problem | Waiting, memo: CreditMemo
) -> tuple[Entry, ...] | Problem | Waiting:
    """What should be in the books for a memo: as it was booked, or nothing where no money moved."""
    if memo.refunded or not isinstance(booked, tuple):
        return booked
    said = "canceled" if memo.canceled else "open"
    return tuple(replace(entry, total=ZERO, tax=ZERO, lines=(), said=said) for entry in booked if entry.kind in _OWN)
