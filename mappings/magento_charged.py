"""A Magento document in the currency that the customer paid in, read by the same readers.

Magento keeps each amount twice (`base_grand_total` and `grand_total`). A document of two currencies is written anew
with the amounts of the order's currency under the names of the base currency: then all that is known about reading
the one holds for the other, its sums included.
"""

from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, TypeVar

from mappings.magento_fields import Document, text
from mappings.model import ZERO, CreditMemo, Invoice, Order, Problem
from mappings.rates import Rates

DocumentT = TypeVar("DocumentT", Order, Invoice, CreditMemo)

_BASE: Final = "base_"
_SPELLED: Final = MappingProxyType(
    {
        "base_currency_code": "order_currency_code",
        # Magento shortens these two in base currency only.
        "base_shipping_discount_tax_compensation_amnt": "shipping_discount_tax_compensation_amount",
        "base_weee_tax_applied_row_amnt": "weee_tax_applied_row_amount",
    }
)
_RATES: Final = frozenset(("base_to_order_rate", "base_to_global_rate"))


def is_charged_apart(document: Document) -> bool:
    """Whether the customer paid in another currency than the store's base currency."""
    return document.get("order_currency_code") not in (None, document.get("base_currency_code"))


def as_charged(document: Document) -> dict[str, Any]:
    """The document with the order currency's amounts under the base currency's names; what has no such twin is left
    out."""
    made: dict[str, Any] = {}
    for name, value in document.items():
        if type(value) is dict:
            made[name] = as_charged(value)
        elif type(value) is list:
            made[name] = [as_charged(each) if type(each) is dict else each for each in value]
        elif _BASE not in name or name in _RATES:
            made[name] = value
        elif name == "base_price" and not value:
            made[name] = value  # the newest Magento shows a fixed bundle's price on its parts too, as `price` alone
        elif (twin := document.get(charged_name(name))) is not None:
            made[name] = twin
    return made


def charged_name(name: str) -> str:
    """The order currency's twin of a field in base currency (`base_price` has `price`, `gw_base_price` `gw_price`)."""
    return _SPELLED.get(name) or name.replace(_BASE, "", 1)


def with_charged(document: DocumentT, charged: DocumentT | Problem) -> DocumentT:
    """`document` with what it is as `charged`, whose header and lines lead back to those in base currency."""
    if isinstance(charged, Problem):
        return replace(document, charged=_told(charged))
    lines = {line.path: line for line in document.lines}
    lead_back = replace(
        charged,
        totals=replace(charged.totals, base=document.totals),
        lines=tuple(replace(line, base=lines.get(line.path)) for line in charged.lines),
        base=document,
    )
    return replace(document, charged=lead_back)


def _told(fault: Problem) -> Problem:
    """The problem with the field's own name in place of its base currency's."""
    places = fault.field.split(".")
    field = ".".join([*places[:-1], charged_name(places[-1])])
    return replace(fault, field=field, reason=fault.reason.replace(fault.field, field))


def read_rates(document: Document) -> Rates:
    """The document's exchange rates; a rate of zero is none (Magento writes it where it knows no rate).

    `base_to_order_rate` is order currency for one unit of base currency, `base_to_global_rate` global currency for one
    (Magento's own reports multiply base amounts by it: Sales/Model/ResourceModel/Report/Order/Createdat).
    """
    named = text(document, "global_currency_code")
    return Rates(_rate(document, "base_to_order_rate"), _rate(document, "base_to_global_rate"), named)


def _rate(document: Document, name: str) -> Decimal | None:
    value = document.get(name)
    return value if isinstance(value, Decimal) and value.is_finite() and value > ZERO else None
