"""The closing date: what becomes of a document whose day lies in a closed period.

It is held, or by rule booked on the first open day: as it is, or as an adjusting entry. An adjusting entry posts what
the document would have posted, without restating the sales by item and customer of either month. Tax that QuickBooks
keeps itself goes to a liability account instead: the month's return is filed, and neither QuickBooks lets a journal
entry tell its agency anything.
"""

from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from mappings.context import Books
from mappings.entry import Because, Entry, EntryLine, debits
from mappings.model import ZERO, EntryKind
from mappings.records import record
from mappings.rules import Rules

BECAUSE: Final = Because("accounts", "tax_adjustments")


@record(frozen=True, slots=True)
class Stands:
    """A document that is in QuickBooks, or may be: its kind there, and its day."""

    kind: EntryKind
    day: date


@record(frozen=True, slots=True)
class Dated:
    """The day that a document gets, what its memo says about it, and whether it is an adjusting entry."""

    day: date
    clause: str = ""
    adjusting: bool = False


def dated(day: date, stands: Stands | None, books: Books, rules: Rules) -> Dated | str:
    """`day`, or the first open day where the rules say so; else the reason for a person to look. A document that
    stands keeps its day and kind, wherever the closing date has gone since."""
    if stands is not None:
        return _moved(day, stands.day, adjusting=stands.kind == "journal")
    closed = books.close_date
    if closed is None or day > closed:
        return Dated(day)
    if rules.books.closed_period == "hold":
        return f"It is dated {day}; the books are closed up to {closed}."
    return _moved(day, closed + timedelta(days=1), adjusting=rules.books.closed_period == "adjusting_entry")


def adjusting_entry(entry: Entry, rules: Rules) -> Entry:
    """The journal entry that makes up for what `entry` would have posted in a closed period."""
    return adjusting(journal_entry(entry, rules))


def adjusting(entry: Entry) -> Entry:
    """The journal entry, named an adjusting one."""
    return replace(entry, memo=f"Adjusting entry: {entry.memo}", adjusting=True)


def journal_entry(entry: Entry, rules: Rules) -> Entry:
    """The journal entry that posts what `entry` would have posted."""
    lines = tuple(_off_the_agency(line, rules) for line in entry.lines)
    return replace(entry, kind="journal", total=debits(lines), tax=ZERO, lines=lines)


def _moved(day: date, to: date, *, adjusting: bool) -> Dated:
    clause = f", dated {day} and moved out of the closed period" if to != day else ""
    return Dated(to, clause, adjusting)


def _off_the_agency(line: EntryLine, rules: Rules) -> EntryLine:
    """Tax on an account that is ours stays there."""
    if line.role != "tax" or line.item:
        return line
    account, words = rules.account("tax_adjustments"), "Sales tax, to be settled with its agency"
    return replace(line, account=account, because=BECAUSE, description=words)
