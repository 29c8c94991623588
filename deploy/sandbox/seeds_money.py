"""Magento's arithmetic for one currency of one cart: rows, discounts, taxes, hidden tax.

Amounts are `Decimal`. Rows keep four decimals (fractional quantities); discounts and taxes are cents. Taxes and
percent discounts are rounded with the remainder carried to the next line, shipping last: Magento's
`TotalBaseCalculator::deltaRound`. Checked against recorded orders in `tests/sandbox/test_seeds_money.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

ZERO = Decimal(0)
ONE = Decimal(1)
HUNDRED = Decimal(100)


def cents(amount: Decimal) -> Decimal:
    """Half up to two decimals."""
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def basis(amount: Decimal) -> Decimal:
    """Half up to four decimals, as Magento's columns keep it."""
    return amount.quantize(Decimal("0.0001"), ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Rate:
    """A tax rate: Magento's code and its percent."""

    code: str
    percent: Decimal


@dataclass(frozen=True, slots=True)
class Coupon:
    """A cart price rule: a percentage (10 = 10 %), or a fixed amount in base currency; `shipping` extends a percentage
    to shipping; `free_shipping` waives it."""

    code: str
    rule: str
    percent: Decimal = ZERO
    amount: Decimal = ZERO
    shipping: bool = False
    free_shipping: bool = False


@dataclass(frozen=True, slots=True)
class Cost:
    """What is charged: catalogue price per unit (gross in a tax-inclusive store), quantity, tax rates."""

    price: Decimal
    quantity: Decimal
    rates: tuple[Rate, ...]


@dataclass(frozen=True, slots=True)
class Charge:
    """A cost with everything computed. `row` is net of tax and before discount; `taxes` are amounts by rate."""

    price: Decimal
    price_incl: Decimal
    row: Decimal
    row_incl: Decimal
    discount: Decimal
    tax: Decimal
    compensation: Decimal
    taxes: tuple[tuple[Rate, Decimal], ...]


class Carry:
    """Rounds to cents and carries what was cut off to the next amount with the same key."""

    def __init__(self) -> None:
        self._left: dict[str, Decimal] = {}

    def round(self, key: str, amount: Decimal) -> Decimal:
        exact = amount + self._left.get(key, ZERO)
        rounded = cents(exact)
        self._left[key] = exact - rounded
        return rounded


def percent(cost: Cost) -> Decimal:
    """The sum of a cost's tax rates, in percent."""
    return sum((rate.percent for rate in cost.rates), ZERO)


def charge(
    costs: Sequence[Cost], *, inclusive: bool, coupon: Coupon | None, scale: Decimal = ONE
) -> tuple[Charge, ...]:
    """Charges the lines of a cart and, as the last cost, its shipping. `scale` converts a coupon's fixed amount
    from base currency."""
    discounts = _discounts(costs, coupon, scale)
    before, after = Carry(), Carry()
    return tuple(
        _charge(cost, discount, inclusive, before, after) for cost, discount in zip(costs, discounts, strict=True)
    )


def _discounts(costs: Sequence[Cost], coupon: Coupon | None, scale: Decimal) -> list[Decimal]:
    if coupon is None:
        return [ZERO] * len(costs)
    rows = [basis(cost.price * cost.quantity) for cost in costs]
    *lines, shipping = rows
    if coupon.amount:
        return [*_spread(cents(coupon.amount * scale), lines), ZERO]
    carry = Carry()
    parts = [min(carry.round("", row * coupon.percent / HUNDRED), row) for row in lines]
    return [*parts, cents(shipping * coupon.percent / HUNDRED) if coupon.shipping else ZERO]


def _spread(amount: Decimal, rows: Sequence[Decimal]) -> list[Decimal]:
    """A fixed discount over the rows: each takes its share of what is left, the last all of it."""
    open_rows = sum(rows, ZERO)
    left = min(amount, cents(open_rows))
    parts = []
    for row in rows:
        part = min(cents(left * row / open_rows), row) if open_rows else ZERO
        parts.append(part)
        left, open_rows = left - part, open_rows - row
    return parts


def _charge(cost: Cost, discount: Decimal, inclusive: bool, before: Carry, after: Carry) -> Charge:
    amount = basis(cost.price * cost.quantity)
    total = percent(cost)
    divisor = HUNDRED + total if inclusive else HUNDRED
    full = sum((before.round(r.code, amount * r.percent / divisor) for r in cost.rates), ZERO)
    taxes = tuple((r, after.round(r.code, (amount - discount) * r.percent / divisor)) for r in cost.rates)
    tax = sum((part for _, part in taxes), ZERO)
    if inclusive:
        price = cents(cost.price * HUNDRED / divisor)
        return Charge(price, cost.price, amount - full, amount, discount, tax, full - tax, taxes)
    price_incl = cents(cost.price * (HUNDRED + total) / HUNDRED)
    return Charge(cost.price, price_incl, amount, amount + full, discount, tax, ZERO, taxes)
