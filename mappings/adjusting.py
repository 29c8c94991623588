"""One document over the difference between what stands in the books and what should."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Final, NamedTuple

from mappings.entry import Because, Entry, EntryLine, debits
from mappings.model import ZERO, EntryKind
from mappings.tax_bases import with_bases
from mappings.texts import folded

_AGAINST: Final = ("money", "receivable")
CONTRARY: Final[Mapping[str, EntryKind]] = {
    "sales_receipt": "refund_receipt",
    "refund_receipt": "sales_receipt",
    "invoice": "credit_memo",
    "journal": "journal",
}
"""The documents that can be revised, and the kind that takes each back. A void would empty its number, and change a
period that may be reported."""


class Place(NamedTuple):
    """Where a line's amount stands in the books and in their tax reports (a tax's base follows from the amounts), by
    names as QuickBooks compares them."""

    role: str
    account: str
    item: str
    sku: str
    tax_code: str
    tax_rate: str


def lines_by_place(entry: Entry) -> dict[Place, Decimal]:
    """The amount of each place, those of zero left out."""
    return _sums((1, line) for line in entry.lines)


def alike(old: Entry, new: Entry) -> bool:
    """Whether two entries say the same to an accountant: nothing of texts, addresses, terms or document numbers."""
    return _compared(old) == _compared(new) and lines_by_place(old) == lines_by_place(new)


def _compared(entry: Entry) -> tuple[object, ...]:
    head = (entry.kind, entry.currency, entry.total, entry.tax, entry.party.key, entry.day or entry.txn_date)
    return (*head, folded(entry.class_name), folded(entry.department))


def difference(old: Entry, new: Entry) -> str:
    """What is different, in words: amounts by account, then customer, day and whatever else."""
    sums: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    for sign, entry in ((-1, old), (1, new)):
        for line in entry.lines:
            sums[line.account] += sign * line.amount
    words = [f"{account} {amount:+.2f}" for account, amount in sorted(sums.items()) if amount]
    days = [entry.day or entry.txn_date for entry in (old, new)]
    words += ["another customer"] if old.party.key != new.party.key else []
    words += [f"{days[1]} instead of {days[0]}"] if days[0] != days[1] else []
    return ", ".join(words) or "other items, tax codes or classes"


def adjustment(old: Entry, new: Entry) -> Entry | None:
    """The document that makes `new` of `old`, without key, number, date and memo. None where no one document can:
    another customer, day or clearing account, an invoice that grew (its payment could not settle two), or a
    difference in tax against the difference of the document."""
    if _head(old) != _head(new):
        return None
    sums = _sums([(-1, line) for line in old.lines] + [(1, line) for line in new.lines])
    against = {place.account for place in sums if place.role in _AGAINST}
    more = new.total >= old.total
    if len(against) > 1 or (new.kind == "invoice" and new.total > old.total):
        return None
    kind = new.kind if more else CONTRARY[new.kind]
    sign = 1 if kind in ("refund_receipt", "credit_memo") else -1
    lines = with_bases((_line(place, amount, [*new.lines, *old.lines]) for place, amount in sums.items()), sign)
    total, tax = abs(new.total - old.total), new.tax - old.tax if more else old.tax - new.tax
    if tax < 0 or any(line.tax_rate and line.amount * sign < 0 for line in lines):
        return None
    total = debits(lines) if kind == "journal" else total
    return replace(new, kind=kind, total=total, tax=tax, lines=lines, terms="", due=None, reference="")


def _head(entry: Entry) -> tuple[object, ...]:
    head = (entry.kind, entry.currency, entry.party.key, entry.day or entry.txn_date)
    return (*head, *map(folded, (entry.class_name, entry.department, entry.deposit_account)))


def _line(place: Place, amount: Decimal, of: Iterable[EntryLine]) -> EntryLine:
    like = next(line for line in of if _place(line) == place)
    return replace(like, amount=amount, quantity=None, price=None, because=Because("books", "changed"))


def _sums(lines: Iterable[tuple[int, EntryLine]]) -> dict[Place, Decimal]:
    found: dict[Place, Decimal] = {}
    for sign, line in lines:
        found[_place(line)] = found.get(_place(line), ZERO) + sign * line.amount
    return {place: amount for place, amount in found.items() if amount}


def _place(line: EntryLine) -> Place:
    return Place(line.role, *map(folded, (line.account, line.item, line.sku, line.tax_code, line.tax_rate)))
