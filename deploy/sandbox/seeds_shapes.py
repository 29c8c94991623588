"""What an order is made from: picked articles, a charged cart, and Magento's running numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from deploy.sandbox.seeds_catalogue import Article, Person, Place
from deploy.sandbox.seeds_money import ZERO, Charge, Coupon

Document = dict[str, Any]
Role = Literal["line", "parent", "silent child", "sum parent", "priced child"]


@dataclass(frozen=True, slots=True)
class Pick:
    """An article in a cart. `role` says where the price is: on a line, on the parent (child shown at 0), or on the
    children (the parent repeats their sum)."""

    article: Article
    quantity: Decimal
    sku: str
    role: Role = "line"
    parent: int | None = None
    option: Mapping[str, Any] | None = None

    @property
    def charged(self) -> bool:
        """Whether the price stands on this row (and not on its parent or children)."""
        return self.role in ("line", "parent", "priced child")


@dataclass(frozen=True, slots=True)
class Draft:
    """All that is known of an order before it gets its numbers."""

    picks: tuple[Pick, ...]
    base: tuple[Charge, ...]
    shown: tuple[Charge, ...]
    person: Person
    place: Place
    store: int
    base_currency: str
    currency: str
    rate: Decimal
    coupon: Coupon | None
    method: str
    virtual: bool
    shipping: str
    po_number: str = ""


@dataclass(slots=True)
class Counters:
    """Magento's auto-increment ids, and increment ids per store and document type."""

    order: int = 0
    item: int = 0
    address: int = 0
    tax: int = 0
    tax_item: int = 0
    invoice: int = 0
    invoice_item: int = 0
    memo: int = 0
    memo_item: int = 0
    shipment: int = 0
    shipment_item: int = 0
    numbers: dict[tuple[str, int], int] = field(default_factory=dict)

    def number(self, kind: str, store: int) -> str:
        """The next increment id: `000000007` in the first store, `2000000007` in the second."""
        self.numbers[kind, store] = count = self.numbers.get((kind, store), 0) + 1
        return f"{count:09d}" if store == 1 else f"{store}{count:09d}"


def added(amounts: Sequence[Decimal]) -> Decimal:
    """The sum of amounts; zero when there are none."""
    return sum(amounts, ZERO)
