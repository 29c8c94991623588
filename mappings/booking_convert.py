"""Entries turned from one currency into another, balanced to the cent.

What a document comes to is converted once and rounded half up; its lines are converted exactly and rounded so that
they add up to that (largest remainder first), so nothing is left for a rounding line. Payments, credits and refunds
of one sale are converted together: the last takes what the others left, and an invoice is paid exactly when it was in
the shop.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from mappings.booking_tax import cents, spread
from mappings.entry import Entry, EntryLine
from mappings.model import CENT, ZERO
from mappings.tax_bases import with_bases

_AGAINST = ("money", "receivable")
_SETTLING = ("payment", "credit_memo", "refund_receipt")


def convert(entries: Sequence[Entry], earlier: Sequence[Entry], rate: Decimal, into: str) -> tuple[Entry, ...]:
    """`entries` of one order in the currency `into`, at `rate` of it for one unit of theirs. `earlier` are the order's
    entries that were converted before. The memo keeps the original amount and the rate."""
    done = list(earlier)
    for entry in entries:
        done.append(_converted(entry, done, rate, into))
    return tuple(done[len(earlier) :])


def keep_cents(entries: Sequence[Entry], amounts: Mapping[str, Decimal], rate: Decimal) -> tuple[Entry, ...]:
    """An order's converted `entries` with the cents that stand in the books: `amounts` are what documents came to
    there, by key. What came later, in whatever order it is booked, takes what these left of the sale."""
    made = {entry.key: entry for entry in entries}
    for key in dict.fromkeys(entry.applies_to for entry in entries if entry.kind in _SETTLING):
        settling = [each for each in entries if _settles(each, key)]
        kept = [each for each in settling if _stands(each, amounts, rate)]
        whole = done = ZERO
        for entry in (*kept, *(each for each in settling if each not in kept)):
            whole += _original(entry).total
            total = amounts[entry.key] if entry in kept else cents(whole * rate) - done
            done += total
            if kept and total != entry.total:
                made[entry.key] = _at(_original(entry), total, rate, entry)
    return tuple(_applied(entry, made) for entry in made.values())


def _stands(entry: Entry, amounts: Mapping[str, Decimal], rate: Decimal) -> bool:
    """Whether what stands is this document, give or take what rounding does to its place among others."""
    return entry.key in amounts and abs(amounts[entry.key] - _original(entry).total * rate) < CENT


def _settles(entry: Entry, sale: str) -> bool:
    return entry.kind in _SETTLING and entry.applies_to == sale and entry.original is not None


def _original(entry: Entry) -> Entry:
    return entry.original or entry


def _applied(entry: Entry, by_key: Mapping[str, Entry]) -> Entry:
    """A payment of zero that sets a credit memo against its invoice moves what the credit memo came to."""
    applied = by_key.get(entry.applies_to.partition(" ")[2])
    if applied is None:
        return entry
    used = applied.total
    return replace(entry, lines=tuple(replace(line, amount=used if line.amount > 0 else -used) for line in entry.lines))


def _converted(entry: Entry, earlier: Sequence[Entry], rate: Decimal, into: str) -> Entry:
    by_key = {each.key: each for each in earlier}
    said = f"{entry.memo}, {entry.currency} {entry.total:.2f} at {rate:f}"
    made = replace(entry, currency=into, memo=said, original=entry)
    if entry.kind == "void":
        undone = tuple(replace(line, amount=-line.amount) for line in by_key[entry.applies_to].lines)
        return replace(made, lines=undone, memo=entry.memo)
    if entry.applies_to.partition(" ")[2]:
        return _applied(replace(made, memo=entry.memo), by_key)
    if entry.kind == "journal":
        sides = _spread(entry, {}, rate)
        return replace(made, total=sum((line.amount for line in sides if line.amount > 0), ZERO), lines=sides)
    return _at(entry, _total(entry, earlier, rate), rate, made)


def _at(entry: Entry, total: Decimal, rate: Decimal, made: Entry) -> Entry:
    """`made` of an entry whose total was converted already."""
    lines = _lines(entry, total, rate)
    tax = sum((_sign(entry) * line.amount for line in lines if line.role == "tax" and not line.item), ZERO)
    return replace(made, total=total, tax=tax, lines=lines)


def _sign(entry: Entry) -> int:
    """What turns the lines of a sale into positive amounts: they are credits, those of a document that takes it back
    debits."""
    return 1 if entry.kind in ("credit_memo", "refund_receipt") else -1


def _total(entry: Entry, earlier: Sequence[Entry], rate: Decimal) -> Decimal:
    """The entry's total: of those that settle one sale, what all of them come to less what is settled already."""
    if entry.kind not in _SETTLING:
        return cents(entry.total * rate)
    before = [each for each in earlier if _settles(each, entry.applies_to)]
    whole = sum((_original(each).total for each in before), entry.total)
    return cents(whole * rate) - sum((each.total for each in before), ZERO)


def _spread(entry: Entry, fixed: Mapping[int, Decimal], rate: Decimal) -> tuple[EntryLine, ...]:
    """The lines in cents, `fixed` amounts by place and the others adding up against them."""
    exact = {at: line.amount * rate for at, line in enumerate(entry.lines) if at not in fixed}
    amounts = {**fixed, **spread(exact, -sum(fixed.values(), ZERO), CENT * (len(exact) + 1))}
    # A unit price follows from the amount; the shop's is in the other currency.
    return tuple(replace(line, amount=amounts[at], price=None) for at, line in enumerate(entry.lines))


def _lines(entry: Entry, total: Decimal, rate: Decimal) -> tuple[EntryLine, ...]:
    """The lines in cents: money and receivables are the total, the rest adds up against them."""
    against = {at: line for at, line in enumerate(entry.lines) if line.role in _AGAINST}
    amounts = {at: total if line.amount > 0 else -total for at, line in against.items()}
    return with_bases(_spread(entry, amounts, rate), _sign(entry))
