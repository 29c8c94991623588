"""What an extension adds to a total in a field of its own, found by its amount: nothing else says what it is.

Magento's own fields are those of its REST schema (`sales-data-order-interface` and the attributes that Adobe Commerce
adds); an extension's field stands beside them, or among the extension attributes.
"""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from mappings.magento_fields import Document

_OWN: Final = re.compile(
    r"(base_)?(adjustment|discount|grand_total|shipping|subtotal|tax|total)"
    r"(_(amnt|amount|canceled|compensation|cost|count|discount|due|incl|invoiced|item|negative|offline|online|ordered"
    r"|paid|positive|qty|refunded|tax))*"
    r"|(base_)?(bs_customer_bal|customer_balance|gift_cards|gw|reward)_\w+"
    r"|\w+_(flag|guest|id|increment|notify|rate|sent|virtual)|state|weight"
)
_OWN_SECTIONS: Final = frozenset(
    [
        "additional_itemized_taxes",
        "applied_taxes",
        "custom_fees",
        "gift_cards",
        "gift_message",
        "item_applied_taxes",
        "itemized_taxes",
        "payment_additional_info",
        "shipping_assignments",
        "taxes",
    ]
)
_EXTENSION: Final = "extension_attributes"
_LONGEST: Final = 20  # digits of an amount that is written as text


def unread(document: Document, amount: Decimal) -> list[str]:
    """Paths of fields that are none of Magento's own and hold `amount`, with either sign; in base currency where the
    extension says it in both."""
    extension = document.get(_EXTENSION)
    fields = [*document.items(), *(_attributes(extension) if type(extension) is dict else ())]
    found = [path for path, value in fields if not _OWN.fullmatch(path.rpartition(".")[2]) and _is(value, amount)]
    return [path for path in found if "base" in path] or found


def _attributes(extension: Document) -> Iterator[tuple[str, Any]]:
    """The extension attributes, each with its path; of an object or of rows what stands in them."""
    for name, value in extension.items():
        path = f"{_EXTENSION}.{name}"
        if type(value) is dict and name not in _OWN_SECTIONS:
            yield from ((f"{path}.{inner}", each) for inner, each in value.items())
        elif type(value) is list and name not in _OWN_SECTIONS:
            rows = ((f"{path}[{at}]", row) for at, row in enumerate(value) if type(row) is dict)
            yield from ((f"{place}.{inner}", each) for place, row in rows for inner, each in row.items())
        else:
            yield path, value


def _is(value: object, amount: Decimal) -> bool:
    if not isinstance(value, Decimal | str) or (isinstance(value, str) and len(value) > _LONGEST):
        return False
    try:
        return abs(Decimal(value)) == abs(amount)
    except InvalidOperation:
        return False
