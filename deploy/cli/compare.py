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
REFUNDED: Final = 2
"""The state of a credit memo whose money went back; of an open (1) or canceled one (3) nothing is in the books."""
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
    stands for an order (by its number) or a credit memo (`C` before it). Amounts are the shop's in any case: in the
    currency that the customer paid in where the document is in that, else in base currency."""
    numbers, given_back = _numbers(books, 1), _numbers(books, -1)
    currencies = {str(one["DocNumber"]): _currency(one) for name in SIGNS for one in books.get(name, ())}
    store: dict[str, Decimal] = {}
    lost: list[str] = []
    for order in orders:
        number = str(order["increment_id"])
        named = number if number in numbers else summaries.get(number)
        if named in numbers:
            currency, owed = _owed(order, currencies[str(named)])
            store[currency] = store.get(currency, Decimal(0)) + owed
        elif order["state"] not in NOT_YET and number not in explained:
            lost.append(number)
    of = {order["entity_id"]: str(order["increment_id"]) for order in orders}
    for memo in memos:
        if memo.get("state", REFUNDED) != REFUNDED:
            continue
        number, sold = f"C{memo['increment_id']}", of[memo["order_id"]]
        named = number if number in given_back else summaries.get(number)
        if named in given_back:
            currency, back = _owed(memo, currencies[str(named)])
            store[currency] = store.get(currency, Decimal(0)) - back
        elif (sold in numbers or summaries.get(sold) in numbers) and sold not in explained:
            lost.append(number)
    shown = _booked(books)
    pairs = (Balance(name, store.get(name, Decimal(0)), shown.get(name, Decimal(0))) for name in {*store, *shown})
    doubled = tuple(
        number for each in (numbers, given_back) for number, times in each.items() if times > 1 or number in summaries
    )
    return Comparison(tuple(sorted(pairs, key=lambda balance: balance.currency)), tuple(lost), doubled)


def _owed(document: Mapping[str, Any], currency: str) -> tuple[str, Decimal]:
    """What an order or a credit memo came to in the end, in the currency of its document or else in base currency,
    rounded to cents once."""
    base = str(document["base_currency_code"])
    shown = currency != base and currency == document.get("order_currency_code")
    field = "" if shown else "base_"
    less = Decimal(document.get(f"{field}total_canceled") or 0)
    return currency if shown else base, _cents(Decimal(document[f"{field}grand_total"]) - less)


def _currency(document: Mapping[str, Any]) -> str:
    return str(document["CurrencyRef"]["value"])


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def _numbers(books: Mapping[str, Sequence[Mapping[str, Any]]], sign: int) -> Counter[str]:
    """How often each number stands in the books, on sales (1) or on what takes them back (-1)."""
    kinds = [name for name, its in SIGNS.items() if its == sign]
    return Counter(str(one["DocNumber"]) for name in kinds for one in books.get(name, ()))


def _booked(books: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for entity, sign in SIGNS.items():
        for one in books.get(entity, ()):
            currency = _currency(one)
            sums[currency] = sums.get(currency, Decimal(0)) + sign * Decimal(one["TotalAmt"])
    return sums
