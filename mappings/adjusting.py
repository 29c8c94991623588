"""One document over the difference between what stands in the books and what should."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Final, NamedTuple

from mappings.entry import Because, Entry, EntryLine
from mappings.model import ZERO, EntryKind

_AGAINST: Final = ("money", "receivable")
_CONTRARY: Final[dict[str, EntryKind]] = {
    "sales_receipt": "refund_receipt",
    "refund_receipt": "sales_receipt",
    "invoice": "credit_memo",
}


class Place(NamedTuple):
    """Where a line's amount stands in the books and in their tax reports."""

    role: str
    account: str
    item: str
    sku: str
    tax_code: str
    tax_rate: str


def lines_by_place(entry: Entry) -> dict[Place, tuple[Decimal, Decimal]]:
    """Amount and taxable base of each place, those of zero left out."""
    return _sums((1, line) for line in entry.lines)


def adjustment(old: Entry, new: Entry) -> Entry | None:
    """The document that makes `new` of `old`, without key, number, date and memo. None where no one document can:
    another customer, day or clearing account, an invoice that grew (its payment could not settle two), or a
    difference in tax against the difference of the document."""
    if _head(old) != _head(new):
        return None
    sums = _sums([(-1, line) for line in old.lines] + [(1, line) for line in new.lines])
    against = {place.account for place in sums if place.role in _AGAINST}
    grown = new.total - old.total if new.kind != "refund_receipt" else old.total - new.total
    if len(against) > 1 or (new.kind == "invoice" and grown > 0):
        return None
    more = new.total >= old.total
    total, tax = abs(new.total - old.total), new.tax - old.tax if more else old.tax - new.tax
    kind = new.kind if more else _CONTRARY[new.kind]
    sign = 1 if kind in ("refund_receipt", "credit_memo") else -1
    lines = tuple(_line(place, *amounts, sign, [*new.lines, *old.lines]) for place, amounts in sums.items())
    if tax < 0 or any(line.tax_rate and line.amount * sign < 0 for line in lines):
        return None
    return replace(new, kind=kind, total=total, tax=tax, lines=lines, terms="", due=None, reference="")


def _head(entry: Entry) -> tuple[object, ...]:
    head = (entry.kind, entry.currency, entry.party.key, entry.day or entry.txn_date)
    return (*head, entry.class_name, entry.department, entry.deposit_account)


def _line(place: Place, amount: Decimal, taxable: Decimal, sign: int, of: Iterable[EntryLine]) -> EntryLine:
    like = next(line for line in of if _place(line) == place)
    base = None if like.taxable is None else taxable
    return replace(like, amount=amount, taxable=base, quantity=None, price=None, because=Because("books", "changed"))


def _sums(lines: Iterable[tuple[int, EntryLine]]) -> dict[Place, tuple[Decimal, Decimal]]:
    found: dict[Place, tuple[Decimal, Decimal]] = {}
    for sign, line in lines:
        amount, taxable = found.get(_place(line), (ZERO, ZERO))
        found[_place(line)] = amount + sign * line.amount, taxable + sign * (line.taxable or ZERO)
    return {place: sums for place, sums in found.items() if sums[0]}


def _place(line: EntryLine) -> Place:
    return Place(line.role, line.account, line.item, line.sku, line.tax_code, line.tax_rate)
