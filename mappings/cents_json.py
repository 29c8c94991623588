"""Where the shop's figures and QuickBooks' differ by cents, kept beside the entry: both, the difference, the rule."""

from decimal import Decimal
from typing import Any, Final

from mappings.entry import Because, Entry
from mappings.model import ZERO

_KINDS: Final = ("sales_receipt", "invoice", "credit_memo", "refund_receipt")


def cents_json(booked: Entry | None, written: Entry) -> dict[str, Any]:
    """The tax that the shop charged, the one QuickBooks will show, and what stands on the rounding item (positive where
    the document's total is the larger); no key where all agree. QuickBooks Online keeps the tax it is told."""
    if booked is None or written.kind not in _KINDS:
        return {}
    rounding = sum((line.amount for line in written.lines if line.role == "rounding"), ZERO)
    back = written.kind in ("credit_memo", "refund_receipt")
    difference = booked.tax - written.tax
    if not (difference or rounding):
        return {}
    because = _because(written, difference)
    return {
        "cents": {
            "store_tax": booked.tax,
            "quickbooks_tax": written.tax,
            "difference": difference,
            "rounding": rounding if back else -rounding,
            "because": [because.list, because.row],
        }
    }


def _because(written: Entry, difference: Decimal) -> Because:
    """The setting that allowed the difference: a line of its own, a cap on cents, or the rounding of the total."""
    if not difference:
        return Because("accounts", "rounding")
    own = any(line.role == "tax" and line.item and line.because.list == "books" for line in written.lines)
    return Because("books", "tax_method" if own else "tax_cap_cents")
