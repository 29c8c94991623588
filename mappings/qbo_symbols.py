"""Symbols in QuickBooks Online's JSON: references to what has an id only when a batch is claimed."""

from collections.abc import Mapping
from typing import Any, Final

from mappings.keys import SYMBOL, Symbol

SYMBOL_KEYS: Final = frozenset({"value", "Id", "SyncToken", "TxnId", "DefinitionId"})
OWN_WORDS: Final = frozenset({"CustomerMemo", "ShipMethodRef"})
"""Properties whose `value` is a person's own text: an @ in it means nothing."""


def references(payload: Any) -> set[Symbol]:
    """All symbols in a payload. Raises TypeError for a float: money never went through one."""
    found: set[Symbol] = set()
    _collect(payload, found)
    return found


def resolve(payload: Any, ids: Mapping[Symbol, str]) -> Any:
    """The payload with ids in place of its symbols. Raises KeyError for a symbol without an id."""
    if isinstance(payload, dict):
        return {
            key: ids[found] if (found := _symbol(key, value)) else value if key in OWN_WORDS else resolve(value, ids)
            for key, value in payload.items()
        }
    if isinstance(payload, list):
        return [resolve(each, ids) for each in payload]
    return payload


def _symbol(key: str, value: Any) -> Symbol | None:
    if key in SYMBOL_KEYS and isinstance(value, str) and (found := SYMBOL.fullmatch(value)):
        return found[1], found[2]
    return None


def _collect(payload: Any, into: set[Symbol]) -> None:
    """Gather the symbols of a payload. It looks at every value of every document, hence by exact type."""
    for key, value in payload.items() if type(payload) is dict else enumerate(payload):
        kind = type(value)
        if kind is str:
            if key in SYMBOL_KEYS and (found := SYMBOL.fullmatch(value)):
                into.add((found[1], found[2]))
        elif kind is dict or kind is list:
            if key not in OWN_WORDS:
                _collect(value, into)
        elif kind is float:
            raise TypeError(f"{key} is a float, which has no place in a payload")
