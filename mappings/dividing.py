"""Divides a document in two: a part of each line, exact to the cent and together the whole."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from mappings.booking_tax import cents
from mappings.entry import EntryLine
from mappings.model import ZERO
from mappings.tax_bases import with_bases

PIECES: Final = Decimal("0.00001")  # Intuit: five decimals of a quantity
Lines = tuple[EntryLine, ...]


def divided(lines: Sequence[EntryLine], part: Decimal) -> tuple[Lines, Lines]:
    """Lines of a credit memo that add up to `part`, and the lines over what is left of each; quantities are divided as
    amounts are."""
    whole = sum((line.amount for line in lines), ZERO)
    first = [_share(line, part / whole) for line in lines]
    over = part - sum((line.amount for line in first), ZERO)
    largest = max(range(len(first)), key=lambda at: abs(first[at].amount))
    first[largest] = replace(first[largest], amount=first[largest].amount + over)
    rest = [_left(line, taken) for line, taken in zip(lines, first, strict=True)]
    return with_bases(first, 1), with_bases(rest, 1)


def _share(line: EntryLine, share: Decimal) -> EntryLine:
    quantity = None if line.quantity is None else (line.quantity * share).quantize(PIECES)
    return replace(line, amount=cents(line.amount * share), quantity=quantity, price=None)


def _left(line: EntryLine, taken: EntryLine) -> EntryLine:
    quantity = None if line.quantity is None or taken.quantity is None else line.quantity - taken.quantity
    return replace(line, amount=line.amount - taken.amount, quantity=quantity, price=None)


def tax_of(lines: Sequence[EntryLine]) -> Decimal:
    """What QuickBooks keeps as tax: the lines of tax that are no lines of the document, without sign."""
    return abs(sum((line.amount for line in lines if line.role == "tax" and not line.item), ZERO))
