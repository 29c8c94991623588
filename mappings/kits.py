"""A bundle of the shop, seen from the priced line that belongs to it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal


@dataclass(frozen=True, slots=True)
class Part:
    """One article of a fixed-price bundle. `quantity` are its pieces in one bundle, `price` what Magento says one costs
    (zero where it says nothing)."""

    sku: str
    name: str
    product_id: int | None
    quantity: Decimal
    price: Decimal


@dataclass(frozen=True, slots=True)
class Kit:
    """The bundle of a line: `fixed` where the line is the bundle itself, with its `parts`; `dynamic` where it is one of
    its articles, of which one bundle holds `pieces`. `item_id` is the bundle's row in the order."""

    kind: Literal["fixed", "dynamic"]
    item_id: int
    sku: str
    name: str
    pieces: Decimal
    parts: tuple[Part, ...] = ()
