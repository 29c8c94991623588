"""A settlement's rows beside what stands in the books, joined on the transaction id.

A row that the books do not know, or know with another amount, stops no payout: the money did arrive. It is named, so
that a person sees why the clearing account does not return to zero.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from mappings.booking_head import REFERENCE_LENGTH
from mappings.catalogue import problem
from mappings.model import ZERO, Problem
from mappings.rules import Target
from mappings.settlement import Movement, Settlement

SHOWN: Final = 10
_SALES: Final = ("sales_receipt", "payment")
_SUFFIXES: Final = ("", "-capture", "-refund")
"""Magento adds these where a capture or a refund has the id of its payment (Magento\\Sales, Transaction Manager)."""


@dataclass(frozen=True, slots=True)
class Booked:
    """A document in the books that carries a processor's transaction: `reference` as it is stored, `amount` signed
    as the document shows it, of a journal entry as it moved money."""

    reference: str
    kind: str
    amount: Decimal
    currency: str


def references(settlement: Settlement, target: Target) -> set[str]:
    """Every reference under which the books may know a row of the settlement."""
    rows = (*settlement.each("sale"), *settlement.each("refund"))
    return {found for row in rows for found in _stored(row, target)}


def compare(settlement: Settlement, booked: Iterable[Booked], target: Target) -> list[Problem]:
    """What a person should look at: sales and refunds that the books lack, and sales of another amount."""
    sales, refunds = _by_reference(booked, settlement.currency)
    unknown = [row for row in settlement.each("sale") if _found(row, sales, target) is None]
    unknown += [row for row in settlement.each("refund") if _found(row, refunds, target) is None]
    return [*_unknown(settlement, unknown), *_differing(settlement, sales, target)]


def _stored(row: Movement, target: Target) -> list[str]:
    longest = REFERENCE_LENGTH[target]
    return [f"{each}{suffix}"[-longest:] for each in row.transactions for suffix in _SUFFIXES]


def _by_reference(booked: Iterable[Booked], currency: str) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    sales: dict[str, Decimal] = {}
    refunds: dict[str, Decimal] = {}
    for one in booked:
        if one.currency == currency:
            into = sales if one.kind in _SALES or (one.kind == "journal" and one.amount > 0) else refunds
            into[one.reference] = into.get(one.reference, ZERO) + one.amount
    return sales, refunds


def _found(row: Movement, known: Collection[str], target: Target) -> str | None:
    return next((each for each in _stored(row, target) if each in known), None)


def _unknown(settlement: Settlement, rows: Sequence[Movement]) -> Iterator[Problem]:
    if not rows:
        return
    amount = sum((row.gross for row in rows), ZERO)
    reason = f"The books do not know {_listed(rows)}; together {amount:.2f} {settlement.currency}."
    yield problem(
        "settlement-unknown",
        settlement.key,
        "transaction",
        reason,
        amount=amount,
        currency=settlement.currency,
        hold=False,
    )


def _differing(settlement: Settlement, sales: Mapping[str, Decimal], target: Target) -> Iterator[Problem]:
    settled: dict[str, Decimal] = {}
    first: dict[str, Movement] = {}
    for row in settlement.each("sale"):
        reference = _found(row, sales, target)
        if reference is not None:
            settled[reference] = settled.get(reference, ZERO) + row.gross
            first.setdefault(reference, row)
    wrong = [reference for reference, amount in settled.items() if amount != sales[reference]]
    if not wrong:
        return
    amount = sum((settled[each] - sales[each] for each in wrong), ZERO)
    each = first[wrong[0]]
    reason = (
        f"{_listed([first[one] for one in wrong])}: settled with {settled[wrong[0]]:.2f}, in the books with "
        f"{sales[wrong[0]]:.2f}{' (the first of them)' if len(wrong) > 1 else ''}; line {each.line} of the file."
    )
    yield problem(
        "settlement-amount-differs",
        settlement.key,
        "gross",
        reason,
        amount=amount,
        currency=settlement.currency,
        hold=False,
    )


def _listed(rows: Sequence[Movement]) -> str:
    """`sale 8AB12 and refund 9CD34`; many are cut after the first few."""
    names = [f"{row.kind} {row.transactions[0] if row.transactions else f'in line {row.line}'}" for row in rows]
    if len(names) > SHOWN:
        return f"{', '.join(names[:SHOWN])} and {len(names) - SHOWN} more"
    return " and ".join(names) if len(names) < 3 else f"{', '.join(names[:-1])} and {names[-1]}"
