"""What the rows of an order come to before discount and without tax, whatever form its Magento shows them in.

Every version stores this amount and subtracts or adds something before REST shows it (`ChangeOutputArray` and the
`DefaultColumn` it calls, in Magento/Sales): `base_row_total` is net of the discount up to 2.4.7, the price of one
piece less the row's discount in 2.4.8, both with tax inside where the store displays sales prices with tax, and gross
in older shops. `base_row_total_incl_tax` is `row + tax + compensation + fixed product tax - discount` since 2.4.4 and
the stored one, before discount, in older shops. What would be below zero is shown as 0.

So each way to read a row is a witness, and an order is read in one way: the one whose rows add up to the subtotal.
Where several do and differ, those whose rows all lie within rounding of price times quantity go before others, then
stored amounts before those multiplied from a rounded price, then those that add up exactly, then the order of
`READINGS`. (Seen in a simulated shop: two rows of one piece each, a cent off their prices in opposite directions,
because tax is rounded over the order.)
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from mappings.magento_fields import LARGEST_AMOUNT, Document, Unreadable, amounts, within
from mappings.magento_totals import TOLERANCE
from mappings.model import CENT, ZERO

_HALF_CENT: Final = Decimal("0.005")
_FOURTH: Final = Decimal("0.0001")
_HUNDRED: Final = Decimal(100)
_FIELDS: Final = (
    "qty_ordered",
    "base_price",
    "base_row_total",
    "base_row_total_incl_tax",
    "base_discount_amount",
    "base_tax_amount",
    "base_discount_tax_compensation_amount",
    "tax_percent",
    "base_price_incl_tax",
    "qty_invoiced",
    "base_row_invoiced",
    "base_weee_tax_applied_amount",
    "base_weee_tax_applied_row_amnt",  # Magento's own spelling
)


@dataclass(frozen=True, slots=True)
class Row:
    """What one priced row of an order says of itself: `total` and `with_tax` are its two row totals as shown, `shelf`
    the price of a piece with tax, `fixed` the fixed product tax on a piece and `fixed_row` on the row."""

    quantity: Decimal
    price: Decimal
    total: Decimal
    with_tax: Decimal
    discount: Decimal
    tax: Decimal
    compensation: Decimal
    percent: Decimal
    shelf: Decimal
    quantity_invoiced: Decimal
    invoiced: Decimal
    fixed: Decimal
    fixed_row: Decimal

    @property
    def estimate(self) -> Decimal:
        """Price times quantity. The price is rounded, so the row may differ from it by `rounding`."""
        return self.rounded(self.price * self.quantity)

    @property
    def rounding(self) -> Decimal:
        """How far a row may lie from its rounded price times quantity: its tax is rounded as well, and takes over
        what the tax of the row before was rounded by."""
        return _HALF_CENT * (self.quantity + 2)

    def rounded(self, amount: Decimal) -> Decimal:
        """As Magento rounds a row: to cents, or to four decimals where it is of a fractional quantity."""
        if abs(amount) >= LARGEST_AMOUNT:
            return amount
        unit = CENT if self.quantity == self.quantity.to_integral_value() else _FOURTH
        return amount.quantize(unit, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Gross:
    """The gross of a row by one reading. It is not `certain` where a rounded price was multiplied and no stored total
    says better, or where the shown 0 says no more than that the gross is at most `bound`."""

    amount: Decimal
    certain: bool = True
    bound: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read the rows: `words` name it in a sentence, `gross` is what a row comes to by it (None where it says
    nothing), `shown` the amount that is 0 where Magento shows none below it. `estimated` ones multiply a rounded
    price, or divide by a rate of tax."""

    words: str
    gross: Callable[[Row], Decimal | None]
    shown: Callable[[Row], Decimal] | None = None
    estimated: bool = False


def gross_of_rows(items: Iterable[tuple[str, Document]], subtotal: Decimal) -> list[Decimal]:
    """The gross of each priced row (its path and the row), adding up to the order's `subtotal`.

    Raises `Unreadable`: `lines-differ`, with what the rows come to by each reading, where none adds up.
    """
    rows = [Row(*within(path, amounts, item, _FIELDS)) for path, item in items]
    found = []
    for place, reading in enumerate(READINGS):
        if (fitting := _fitting(reading, rows, subtotal)) is not None:
            inexact = sum(fitting) != subtotal
            found.append(((*_rank(reading, rows, fitting), inexact, place), fitting))
    if not found:
        raise _differ(rows, subtotal)
    return min(found)[1]


def without_noise(amount: Decimal) -> Decimal:
    """An amount of no more than the four decimals that Magento stores: what it adds up on the way out to REST is added
    in floating point (116.91000000000001)."""
    stored = amount.quantize(_FOURTH) if abs(amount) < LARGEST_AMOUNT else amount
    return amount if stored == amount else stored


def _with_tax_less_tax(row: Row) -> Decimal:
    """`base_row_total_incl_tax` taken apart again. Its fixed product tax is that of one piece: Magento adds no more."""
    return row.with_tax - row.tax - row.compensation - row.fixed + row.discount


def _with_tax_less_row_taxes(row: Row) -> Decimal:
    return row.with_tax - row.tax - row.compensation - row.fixed_row + row.discount


def _net(row: Row) -> Decimal:
    return row.total + row.discount


def _invoiced(row: Row) -> Decimal | None:
    return row.invoiced if row.quantity_invoiced == row.quantity else None


def _gross(row: Row) -> Decimal:
    return row.total


def _of_a_piece(row: Row) -> Decimal:
    return row.rounded((row.total + row.discount) * row.quantity)


def _of_a_piece_with_tax(row: Row) -> Decimal:
    return (row.total + row.discount + row.tax) * row.quantity


def _of_the_row_with_tax(row: Row) -> Decimal:
    return row.total + row.discount + row.tax


def _before_discount(row: Row) -> Decimal:
    return row.with_tax


def _priced(row: Row) -> Decimal:
    return row.estimate


def _shelved(row: Row) -> Decimal:
    return row.shelf * row.quantity


def _less_tax(amount: Callable[[Row], Decimal]) -> Callable[[Row], Decimal]:
    """Without the tax on the full amount: that on what was paid, and the compensation for that in the discount."""
    return lambda row: row.rounded(amount(row) - row.tax - row.compensation)


def _less_rate(amount: Callable[[Row], Decimal]) -> Callable[[Row], Decimal]:
    """Without the tax on the full amount where the row's own tax is on what the discount left."""
    return lambda row: row.rounded(amount(row) / (1 + abs(row.percent) / _HUNDRED))


READINGS: Final = (
    Reading("row totals with tax, less tax", _with_tax_less_tax, _before_discount),
    Reading("row totals with tax, less tax and fixed tax", _with_tax_less_row_taxes, _before_discount),
    Reading("row totals net of discount", _net, _gross),
    Reading("rows wholly invoiced", _invoiced),
    Reading("row totals before discount", _gross, _gross),
    Reading("row totals that are prices of a piece", _of_a_piece, _gross, estimated=True),
    *(
        Reading(words, without(amount), shown, estimated=by_rate or pieces)
        for words, amount, shown, pieces in (
            ("row totals that are prices of a piece with tax", _of_a_piece_with_tax, _gross, True),
            ("row totals net of discount and tax", _of_the_row_with_tax, _gross, False),
            ("row totals with tax before discount", _before_discount, None, False),
        )
        for without, by_rate in ((_less_tax, False), (_less_rate, True))
    ),
    Reading("prices times quantities", _priced, estimated=True),
    Reading("prices with tax times quantities", _less_tax(_shelved), estimated=True),
)
"""Every way to read the rows, the best founded first."""


def _fitting(reading: Reading, rows: Sequence[Row], subtotal: Decimal) -> list[Decimal] | None:
    """The rows by this reading, None where they do not add up to `subtotal`."""
    shown = [reading.gross(row) for row in rows]
    known = [amount for amount in shown if amount is not None]
    if len(known) < len(shown):
        return None
    for way in _ways(reading, rows, known):
        if (settled := _settled(rows, way, subtotal)) is not None:
            return settled
    return None


def _ways(reading: Reading, rows: Sequence[Row], known: Sequence[Decimal]) -> Iterator[list[Gross]]:
    """As shown, then with what is hidden behind a 0 taken from the invoices or the price on the shelf, then from the
    price."""
    plain = [
        Gross(amount, not reading.estimated or row.quantity == 1 or bool(row.with_tax))
        for row, amount in zip(rows, known, strict=True)
    ]
    yield plain
    shown = reading.shown
    hidden = {place for place, row in enumerate(rows) if shown and row.price and not shown(row)}
    for estimate in (_behind, lambda row: row.estimate) if hidden else ():
        yield [
            Gross(min(gross.amount, estimate(row)), False, gross.amount) if place in hidden else gross
            for place, (row, gross) in enumerate(zip(rows, plain, strict=True))
        ]


def _behind(row: Row) -> Decimal:
    """The likely gross of a row that shows 0: what was invoiced, once all is; else the price on the shelf times
    quantity without all the tax in it; else the rounded price times quantity."""
    if row.invoiced and row.quantity_invoiced == row.quantity:
        return row.invoiced
    exact = row.shelf * row.quantity - row.tax - row.compensation
    return exact if abs(exact - row.price * row.quantity) <= row.rounding else row.estimate


def _settled(rows: Sequence[Row], way: Sequence[Gross], subtotal: Decimal) -> list[Decimal] | None:
    """The amounts when they add up; a single one that is not certain is set right by the subtotal, where the rounding
    of its price explains the gap."""
    found = [gross.amount for gross in way]
    gap = subtotal - sum(found)
    if abs(gap) <= TOLERANCE:
        return found
    uncertain = [place for place, gross in enumerate(way) if not gross.certain]
    if len(uncertain) != 1 or abs(gap) > rows[uncertain[0]].rounding:
        return None
    (place,) = uncertain
    found[place] += gap
    bound = way[place].bound
    return found if bound is None or found[place] <= bound else None


def _rank(reading: Reading, rows: Sequence[Row], found: Sequence[Decimal]) -> tuple[bool, bool]:
    """Which of two readings that both add up is the better founded one: the lesser."""
    far = any(abs(gross - row.price * row.quantity) > row.rounding for row, gross in zip(rows, found, strict=True))
    return far, reading.estimated


def _differ(rows: Sequence[Row], subtotal: Decimal) -> Unreadable:
    """The fault that says what each reading comes to."""
    sums: dict[str, Decimal] = {}
    for reading in READINGS:
        known = [amount for row in rows if (amount := reading.gross(row)) is not None]
        total = sum(known, ZERO)
        nearer = reading.words not in sums or abs(subtotal - total) < abs(subtotal - sums[reading.words])
        if len(known) == len(rows) and nearer:
            sums[reading.words] = total
    nearest = min(sums.values(), key=lambda total: abs(subtotal - total))
    witnesses = "; ".join(f"{words}: {total:.4f}" for words, total in sums.items())
    reason = f"says the subtotal is {subtotal:.4f}, and no reading of the rows adds up to it ({witnesses})"
    return Unreadable("base_subtotal", reason, "lines-differ", subtotal - nearest)
