"""In which form a shop shows the row totals of its orders, learned from orders that were read.

The form moves with Magento's version and with a display setting (`tax/sales_display/price`), and is no field of any
answer. Reading does not need it (`magento_row_totals`): it tells people what their shop does.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from mappings.magento import read_order
from mappings.magento_fields import Document, amounts
from mappings.model import ZERO, Line, Order, Problem

_HALF_CENT: Final = Decimal("0.005")
_FIELDS: Final = ("base_row_total", "base_price_incl_tax")
UNSEEN: Final = "row totals whose form no recent order shows"

_Shown = Callable[[Line, Decimal], Decimal]
FORMS: Final[Mapping[str, _Shown]] = MappingProxyType(
    {
        "rows net of discount (Magento 2.4.7, or later than 2.4.8)": lambda line, _: max(
            ZERO, line.gross - line.discount
        ),
        "unit-price rows (Magento 2.4.8)": lambda line, _: max(ZERO, line.price - line.discount),
        "unit-price rows with tax (Magento 2.4.8, sales prices displayed with tax)": lambda line, shelf: max(
            ZERO, shelf - line.discount - line.tax
        ),
        "rows with tax (later than Magento 2.4.8, sales prices displayed with tax)": lambda line, shelf: max(
            ZERO, shelf * line.quantity - line.discount - line.tax
        ),
        "rows before discount (older Magento)": lambda line, _: line.gross,
    }
)
"""What a row shows in each form, of its line and its price with tax."""


@dataclass(frozen=True, slots=True)
class Forms:
    """What orders show: the `form` of their row totals in words, and how many of the `orders` that can be read
    otherwise have rows that `add_up` to their subtotal."""

    form: str
    add_up: int
    orders: int


def learn_form(documents: Iterable[Document]) -> Forms:
    """The form of a shop's recent orders. One that cannot be read for another reason says nothing."""
    seen, read, differ = Counter[str](), 0, 0
    for document in documents:
        found = read_order(document)
        if isinstance(found, Order):
            read += 1
            for fitting in _rows(found, document):
                seen.update(fitting)
        differ += isinstance(found, Problem) and found.code == "lines-differ"
    best = seen.most_common(2)
    clear = len(best) == 1 or (len(best) == 2 and best[0][1] > best[1][1])
    return Forms(best[0][0] if clear else UNSEEN, read, read + differ)


def _rows(order: Order, document: Document) -> Iterator[set[str]]:
    """For each row that not all forms show alike, those that show it as it is."""
    items = document["items"]
    for line in order.lines:
        shown, shelf = amounts(items[int(line.path[len("items[") : -1])], _FIELDS)
        fitting = {
            form for form, of in FORMS.items() if abs(of(line, shelf) - shown) <= _HALF_CENT * _tolerance(form, line)
        }
        if fitting and len(fitting) < len(FORMS):
            yield fitting


def _tolerance(form: str, line: Line) -> Decimal:
    """A row with tax is known from its rounded price alone."""
    return line.quantity + 2 if form.startswith("rows with tax") else ZERO
