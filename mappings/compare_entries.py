"""What changes between two entries of one document: by account, signed, and in the words of its head.

A `Kept` entry is the accounting part alone, without names, addresses or texts. It is balanced, so what changes adds up
to zero.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from mappings.entry import Entry
from mappings.model import ZERO

HEAD: Final = (
    "kind",
    "number",
    "date",
    "currency",
    "total",
    "tax",
    "deposit_account",
    "payment_method",
    "terms",
    "class_name",
    "department",
)


class KeptLine(NamedTuple):
    """One line: debit positive, credit negative; the item's name is empty where QuickBooks finds it by SKU."""

    role: str
    account: str
    amount: Decimal
    item: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """The accounting part of an entry; `date` as 2026-11-21. Raises ValueError when its lines are not balanced."""

    key: str
    kind: str
    number: str
    date: str
    currency: str
    total: Decimal
    tax: Decimal
    lines: tuple[KeptLine, ...]
    deposit_account: str = ""
    payment_method: str = ""
    terms: str = ""
    class_name: str = ""
    department: str = ""

    def __post_init__(self) -> None:
        if difference := sum((line.amount for line in self.lines), ZERO):
            raise ValueError(f"the lines of {self.key} add up to {difference} instead of zero")


class Amount(NamedTuple):
    """A signed change on one account, in the entry's currency."""

    account: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class EntryChange:
    """What is different. `accounts` adds up to zero; `words` are sentences on everything else."""

    key: str
    accounts: tuple[Amount, ...]
    words: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.accounts or self.words)


def keep(entry: Entry) -> Kept:
    """The accounting part of an entry."""
    lines = tuple(KeptLine(line.role, line.account, line.amount, line.item) for line in entry.lines)
    return Kept(
        key=entry.key,
        kind=entry.kind,
        number=entry.number,
        date=entry.txn_date.isoformat(),
        currency=entry.currency,
        total=entry.total,
        tax=entry.tax,
        lines=lines,
        deposit_account=entry.deposit_account,
        payment_method=entry.payment_method,
        terms=entry.terms,
        class_name=entry.class_name,
        department=entry.department,
    )


def compare(old: Kept | None, new: Kept | None) -> EntryChange:
    """What `new` does otherwise than `old`; None is an entry that is not there. One of the two has to be."""
    one = old or new
    if one is None:
        raise ValueError("there is nothing to compare")
    sums: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    for sign, each in ((-1, old), (1, new)):
        for line in each.lines if each else ():
            sums[line.account] += sign * line.amount
    accounts = tuple(Amount(account, amount) for account, amount in sorted(sums.items()) if amount)
    return EntryChange(one.key, accounts, tuple(_words(old, new)))


def compare_all(old: Iterable[Kept], new: Iterable[Kept]) -> tuple[EntryChange, ...]:
    """What changes in all entries of a document, matched by key; those that stay the same are left out."""
    before, after = {each.key: each for each in old}, {each.key: each for each in new}
    changes = (compare(before.get(key), after.get(key)) for key in dict.fromkeys((*before, *after)))
    return tuple(change for change in changes if change)


def _words(old: Kept | None, new: Kept | None) -> Iterable[str]:
    if old is None or new is None:
        yield "is new" if old is None else "is no longer booked"
        return
    for name in HEAD:
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield f"{name.replace('_', ' ').removesuffix(' name')} is {_said(after)} instead of {_said(before)}"
    gone, come = (sorted({line.item for line in each.lines} - {""}) for each in (old, new))
    if gone != come:
        yield f"items are {', '.join(come) or 'none'} instead of {', '.join(gone) or 'none'}"


def _said(value: object) -> str:
    return str(value) or "none"
