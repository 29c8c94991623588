"""Shop and books added up independently of MageBooks' own records: what the demo claims has to be true on both sides.

Pure: Magento's orders and QuickBooks' documents as both systems show them.
"""

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType
from typing import Any, Final

from deploy.report import Balance

CENT = Decimal("0.01")
NONE: Final[Mapping[str, str]] = MappingProxyType({})
NOT_YET = ("pending_payment", "payment_review", "holded", "canceled")
"""Magento's states in which an order is rightly not in the books."""
SIGNS = {"SalesReceipt": 1, "Invoice": 1, "CreditMemo": -1, "RefundReceipt": -1}
ON_DESKTOP = ("SalesReceipt", "Invoice", "CreditMemo")
"""QuickBooks Desktop has no refund receipt: a refund uses up a credit memo."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """`balances` per currency over the orders that are in the books, less what was refunded; `lost` are orders and
    credit memos that are neither there nor explained; `doubled` are document numbers that stand in the books twice."""

    balances: tuple[Balance, ...]
    lost: tuple[str, ...]
    doubled: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Nothing lost, nothing double, every difference 0.00."""
        return not self.lost and not self.doubled and not any(balance.difference for balance in self.balances)


def compare(
    orders: Sequence[Mapping[str, Any]],
    memos: Iterable[Mapping[str, Any]],
    books: Mapping[str, Sequence[Mapping[str, Any]]],
    explained: Container[str],
    summaries: Mapping[str, str] = NONE,
) -> Comparison:
    """`orders` and credit `memos` are Magento's, `books` QuickBooks' documents by entity, `explained` the numbers of
    orders of which MageBooks says that something is held or on its way; `summaries` names the daily summary that
    stands for an order (by its number) or a credit memo (`C` before it). Amounts are the shop's in any case."""
    numbers = _numbers(books, 1)
    store: dict[str, Decimal] = {}
    lost: list[str] = []
    for order in orders:
        number, currency = str(order["increment_id"]), str(order["base_currency_code"])
        if number in numbers or summaries.get(number) in numbers:
            store[currency] = store.get(currency, Decimal(0)) + _owed(order)
        elif order["state"] not in NOT_YET and number not in explained:
            lost.append(number)
    given_back = _numbers(books, -1)
    of = {order["entity_id"]: str(order["increment_id"]) for order in orders}
    for memo in memos:
        number, currency, sold = f"C{memo['increment_id']}", str(memo["base_currency_code"]), of[memo["order_id"]]
        if number in given_back or summaries.get(number) in given_back:
            store[currency] = store.get(currency, Decimal(0)) - _cents(memo["base_grand_total"])
        elif (sold in numbers or summaries.get(sold) in numbers) and sold not in explained:
            lost.append(number)
    shown = _booked(books)
    pairs = (Balance(name, store.get(name, Decimal(0)), shown.get(name, Decimal(0))) for name in {*store, *shown})
    doubled = tuple(
        number for each in (numbers, given_back) for number, times in each.items() if times > 1 or number in summaries
    )
    return Comparison(tuple(sorted(pairs, key=lambda balance: balance.currency)), tuple(lost), doubled)


def _owed(order: Mapping[str, Any]) -> Decimal:
    """What an order came to in the end, in base currency, rounded to cents once."""
    return _cents(Decimal(order["base_grand_total"]) - Decimal(order.get("base_total_canceled") or 0))


def _cents(amount: Decimal | str) -> Decimal:
    return Decimal(amount).quantize(CENT, ROUND_HALF_UP)


def _numbers(books: Mapping[str, Sequence[Mapping[str, Any]]], sign: int) -> Counter[str]:
    """How often each number stands in the books, on sales (1) or on what takes them back (-1)."""
    kinds = [name for name, its in SIGNS.items() if its == sign]
    return Counter(str(one["DocNumber"]) for name in kinds for one in books.get(name, ()))


def _booked(books: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for entity, sign in SIGNS.items():
        for one in books.get(entity, ()):
            currency = str(one["CurrencyRef"]["value"])
            sums[currency] = sums.get(currency, Decimal(0)) + sign * Decimal(one["TotalAmt"])
    return sums
