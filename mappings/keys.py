"""Symbols: how a payload names what QuickBooks will have an id for (`@account:4000 Sales`), and how they compare."""

import hashlib
import re
from typing import Final

from mappings.texts import clean, folded

Symbol = tuple[str, str]
SYMBOL: Final = re.compile(r"@([a-z_]+):(.*)", re.DOTALL)
"""A text that is a symbol, with its kind and its name."""

BY_NAME = {
    "account": "unknown-account",
    "item": "unknown-item",
    "tax_code": "unknown-tax-code",
    "tax_rate": "unknown-tax-code",
    "payment_method": "unknown-reference",
    "term": "unknown-reference",
    "class": "unknown-reference",
    "department": "unknown-reference",
    "custom_field": "unknown-reference",
    "currency": "unknown-reference",
}
"""Kinds that are found by their name in QuickBooks, with the problem that a missing one is."""
SKU: Final = "sku"
CUSTOMER: Final = "customer"


def digest(natural_key: str) -> str:
    """A short name for a key that may be personal: 20 hex digits of its SHA-256."""
    return hashlib.sha256(natural_key.encode()).hexdigest()[:20]


def fold(symbol: Symbol) -> Symbol:
    """Names in QuickBooks and SKUs compare without case, outer and double blanks; our own keys stay as they are."""
    kind, key = symbol
    if kind in BY_NAME or kind == SKU:
        return kind, folded(key)
    return kind, clean(key) if kind == CUSTOMER else key.strip()
