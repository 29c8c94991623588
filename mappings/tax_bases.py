"""The base of each tax that QuickBooks keeps: what a document's own lines come to under the tax's code."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from mappings.entry import EntryLine
from mappings.model import ZERO


def with_bases(lines: Iterable[EntryLine], sign: int) -> tuple[EntryLine, ...]:
    """The lines of a document, each tax of its kind (`taxable` is not None) with the base that the others make of it.

    `sign` is -1 for a sale, whose lines are credits, and 1 for what takes one back: a base is positive like its tax.
    """
    lines = tuple(lines)
    bases: dict[str, Decimal] = {}
    for line in lines:
        if line.taxable is None:
            bases[line.tax_code] = bases.get(line.tax_code, ZERO) + sign * line.amount
    return tuple(
        line if line.taxable is None else replace(line, taxable=bases.get(line.tax_code, ZERO)) for line in lines
    )
