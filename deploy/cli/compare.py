"""Shop and books added up independently of MageBooks' own records: what the demo claims has to be true on both sides.

Pure: Magento's orders and QuickBooks' documents as both systems show them.
"""

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from deploy.report import Balance

CENT = Decimal("0.01")
NOT_YET = ("pending_payment", "payment_review", "holded", "canceled")
"""Magento's states in which an order is rightly not in the books."""
SIGNS = {"SalesReceipt": 1, "Invoice": 1, "CreditMemo": -1}


@dataclass(frozen=True, slots=True)
class Comparison:
    """`balances` per currency over the orders that are in the books; `lost` are orders that are neither there nor
    explained; `doubled` are document numbers that stand in the books twice."""

    balances: tuple[Balance, ...]
    lost: tuple[str, ...]
    doubled: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Nothing lost, nothing double, every difference 0.00."""
        return not self.lost and not self.doubled and not any(balance.difference for balance in self.balances)


def compare(
    orders: Iterable[Mapping[str, Any]], books: Mapping[str, Sequence[Mapping[str, Any]]], explained: Container[str]
) -> Comparison:
    """`orders` are Magento's, `books` QuickBooks' documents by entity, `explained` the numbers of orders that
    MageBooks says are held or on their way."""
    numbers = Counter(one["DocNumber"] for name in ("SalesReceipt", "Invoice") for one in books[name])
    store: dict[str, Decimal] = {}
    lost: list[str] = []
    for order in orders:
        number, currency = str(order["increment_id"]), str(order["base_currency_code"])
        if number in numbers:
            store[currency] = store.get(currency, Decimal(0)) + _owed(order)
        elif order["state"] not in NOT_YET and number not in explained:
            lost.append(number)
    shown = _booked(books)
    pairs = (Balance(name, store.get(name, Decimal(0)), shown.get(name, Decimal(0))) for name in {*store, *shown})
    doubled = tuple(number for number, times in numbers.items() if times > 1)
    return Comparison(tuple(sorted(pairs, key=lambda balance: balance.currency)), tuple(lost), doubled)


def _owed(order: Mapping[str, Any]) -> Decimal:
    """What an order came to in the end, in base currency, rounded to cents once."""
    total, canceled = Decimal(order["base_grand_total"]), Decimal(order.get("base_total_canceled") or 0)
    return (total - canceled).quantize(CENT, ROUND_HALF_UP)


def _booked(books: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for entity, sign in SIGNS.items():
        for one in books[entity]:
            currency = str(one["CurrencyRef"]["value"])
            sums[currency] = sums.get(currency, Decimal(0)) + sign * Decimal(one["TotalAmt"])
    return sums
