"""What the item of a SKU is called: distinct SKUs have distinct items, those that differ only in case and blanks one.

Magento and QuickBooks compare SKUs and item names that way. A SKU that cannot be a name as it is gets six hex digits of
its own.
"""

import hashlib
from collections.abc import Collection
from typing import Final

from mappings.qbxml_fit import HASHED, ITEM_NAME, latin
from mappings.texts import clean, folded

ONLINE_NAME: Final = 100
_OURS: Final = " (SKU)"


def sku_key(sku: str, taken: Collection[str]) -> str:
    """The Name under which Desktop has the item of this SKU: at most 31 characters, no colon.

    One that is called like an item of ours (`taken`) says that it is a SKU.
    """
    return _named(sku, latin(sku), taken, ITEM_NAME)


def online_sku(sku: str) -> str:
    """The Sku by which QuickBooks Online finds the item of this SKU: at most 100 characters (Intuit, Item)."""
    return _short(clean(sku), ONLINE_NAME)


def online_name(sku: str, taken: Collection[str]) -> str:
    """The Name of a new item in QuickBooks Online, where the Sku is what finds it: at most 100 characters, no colon."""
    return _named(sku, sku, taken, ONLINE_NAME)


def _named(sku: str, spelled: str, taken: Collection[str], longest: int) -> str:
    name = clean(spelled.replace(":", " "))
    if folded(name) in {folded(each) for each in taken}:
        return _short(f"{name}{_OURS}", longest)
    if name and name == clean(sku) and not folded(name).endswith(folded(_OURS)):
        return _short(name, longest)
    return f"{name[: longest - HASHED]}~{_digits(sku)}"


def _short(name: str, longest: int) -> str:
    return name if len(name) <= longest else f"{name[: longest - HASHED]}~{_digits(name)}"


def _digits(text: str) -> str:
    """The same for all spellings of a SKU; in capitals, because most items that exist were named by such SKUs."""
    spelling = folded(text).upper()
    return hashlib.sha256(spelling.encode("utf-8", "surrogatepass")).hexdigest()[: HASHED - 1]
