"""Symbols: how a payload names what QuickBooks will have an id for (`@account:4000 Sales`), and how they compare."""

import hashlib
import re
from typing import Final

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


def digest(natural_key: str) -> str:
    """A short name for a key that may be personal: 20 hex digits of its SHA-256."""
    return hashlib.sha256(natural_key.encode()).hexdigest()[:20]


def fold(symbol: Symbol) -> Symbol:
    """Names in QuickBooks are case-insensitive; SKUs and our own keys are taken as they are."""
    kind, key = symbol
    return (kind, key.strip().casefold()) if kind in BY_NAME else (kind, key.strip())
