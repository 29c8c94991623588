"""What a document charges beside goods and shipping: gift wrapping, fixed product taxes (FPT, WEEE), custom fees.

Gift wrapping is Adobe Commerce's (`gw_...` extension attributes: the order, its items, a card; texts in Adobe's
schema). Custom fees are those of Adobe's Admin UI SDK, rows of the order's extension attribute `custom_fees`
(`CustomFeesInterface of Magento_AdminUiSdkCustomFees`): no tax is on them, and each is wholly on the first or
the last invoice and credit memo, whose ids its row then names. A fixed product tax stands on the rows only, and
Magento counts it into the subtotal or beside it as the store is set up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from mappings.fees import CustomFee
from mappings.magento_fields import Document, amounts, rows, section, texts, whole, within
from mappings.model import CENT, ZERO

_WRAP: Final = ("gw_base_price", "gw_items_base_price", "gw_card_base_price")
_CHARGED_WRAP: Final = ("gw_price", "gw_items_price", "gw_card_price")
_WRAP_TAX: Final = ("gw_base_tax_amount", "gw_items_base_tax_amount", "gw_card_base_tax_amount")
_ALL: Final = (*_WRAP, *_CHARGED_WRAP, *_WRAP_TAX)
_NULLS: Final = (None,) * len(_ALL)
_CUSTOM: Final = ("base_custom_fee_amount", "custom_fee_amount", "invoice_id", "creditmemo_id")
FIXED: Final = ("base_weee_tax_applied_row_amnt", "weee_tax_applied_row_amount")


@dataclass(frozen=True, slots=True)
class Fees:
    """Amounts in base currency; `charged_...` in the one the customer paid in."""

    wrap: Decimal = ZERO
    wrap_tax: Decimal = ZERO
    fixed: Decimal = ZERO
    charged_wrap: Decimal = ZERO
    charged_fixed: Decimal = ZERO


NO_FEES: Final = Fees()


def read_fees(document: Document) -> Fees:
    """The fees of an order, invoice or credit memo. Raises `Unreadable` for what is no number."""
    extension = section(document, "extension_attributes")
    wrapped = tuple(map(extension.get, _ALL)) != _NULLS
    items = rows(document, "items")
    taxed = any(item.get(FIXED[0]) for item in items)
    if not wrapped and not taxed:
        return NO_FEES
    wrap = within("extension_attributes", amounts, _numbers(extension), _ALL) if wrapped else (ZERO,) * len(_ALL)
    fixed = [within(f"items[{index}]", amounts, item, FIXED) for index, item in _carrying(items)]
    return Fees(
        wrap=sum(wrap[0:3], ZERO),
        charged_wrap=sum(wrap[3:6], ZERO),
        wrap_tax=sum(wrap[6:9], ZERO),
        fixed=sum((base for base, _ in fixed), ZERO),
        charged_fixed=sum((charged for _, charged in fixed), ZERO),
    )


def tax_on_fixed(document: Document, percents: Mapping[int, Decimal], gap: Decimal) -> Decimal:
    """The tax on fixed product taxes, where the `gap` between a document's tax and that of its rows and shipping is
    one; zero else. `percents` are the rates of its rows by item id.

    Magento adds it to the document's tax and to no row (`processExtraTaxables` in Tax/Model/Sales/Total/Quote/Tax.php),
    so the rows' own rates have to explain the gap to the cent for each row.
    """
    expected, most = ZERO, CENT
    for _, item in _carrying(rows(document, "items")) if gap > ZERO else ():
        (fixed,) = amounts(item, FIXED[:1])
        if fixed:
            expected += fixed * percents.get(whole(item, "item_id") or whole(item, "order_item_id") or 0, ZERO) / 100
            most += CENT
    return gap if expected and abs(expected - gap) <= most else ZERO


def _carrying(items: list[dict[str, Any]]) -> list[tuple[int, dict[str, Any]]]:
    """The rows with a fixed tax of their own: a bundle repeats the sum of its parts."""
    parents = {item.get("parent_item_id") for item in items if item.get(FIXED[0])}
    return [(index, item) for index, item in enumerate(items) if item.get("item_id") not in parents - {None}]


def _numbers(extension: Document) -> Document:
    """Adobe's schema calls these prices texts."""
    return {name: _number_of(extension.get(name)) for name in _ALL}


def _number_of(value: object) -> object:
    try:
        return Decimal(value) if isinstance(value, str) else value
    except InvalidOperation:
        return value  # named by the reader of amounts


def read_custom_fees(document: Document) -> tuple[CustomFee, ...]:
    """The custom fees of an order. Raises `Unreadable` for what is no number or no text."""
    extension = section(document, "extension_attributes")
    return tuple(
        within(f"extension_attributes.custom_fees[{index}]", _custom_fee, row)
        for index, row in enumerate(within("extension_attributes", rows, extension, "custom_fees"))
    )


def _custom_fee(row: Document) -> CustomFee:
    code, label = texts(row, ("custom_fee_code", "custom_fee_label"))
    numbers = {name: _number_of(row.get(name)) for name in _CUSTOM}
    amount, charged, invoice_id, memo_id = amounts(numbers, _CUSTOM)
    return CustomFee(code, label or code, amount, charged, int(invoice_id) or None, int(memo_id) or None)
