"""What an entry needs to exist in QuickBooks before it can be posted: names to find, customers and items to create.

Payloads hold symbols (`@account:4000 Sales`); a symbol is fine when QuickBooks has it, when a queued row will
create it, or when the rules let us create it. Anything else holds the document with the name and the fix.
"""

import hashlib
from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any

from mappings import qbo
from mappings.catalogue import problem
from mappings.model import Entry, Problem
from mappings.rules import Rules

Symbol = tuple[str, str]

BY_NAME = {
    "account": "unknown-account",
    "item": "unknown-item",
    "tax_code": "unknown-tax-code",
    "tax_rate": "unknown-tax-code",
    "payment_method": "unknown-reference",
    "term": "unknown-reference",
    "class": "unknown-reference",
    "department": "unknown-reference",
}


@dataclass(frozen=True, slots=True)
class Creation:
    """A list object that has to be created first: its outbox key, the symbol it will answer, and its payload.

    `wanted_name` is a customer's DisplayName before collisions with other names are settled; empty for items.
    """

    key: str
    symbol: Symbol
    entity: str
    payload: Mapping[str, Any]
    wanted_name: str = ""


@dataclass(frozen=True, slots=True)
class Linked:
    """Payloads ready to be queued (in the order of their entries), what to create first, and by which keys."""

    payloads: tuple[dict[str, Any], ...]
    creations: tuple[Creation, ...]
    depends: tuple[tuple[str, ...], ...]


def digest(natural_key: str) -> str:
    """A short name for a key that may be personal: 20 hex digits of its SHA-256."""
    return hashlib.sha256(natural_key.encode()).hexdigest()[:20]


def fold(symbol: Symbol) -> Symbol:
    """Names in QuickBooks are case-insensitive; SKUs and our own keys are taken as they are."""
    kind, key = symbol
    return (kind, key.strip().casefold()) if kind in BY_NAME else (kind, key.strip())


def link(entries: tuple[Entry, ...], rules: Rules, books: Any, known: Set[Symbol]) -> Linked | Problem:
    """Write the entries and settle every symbol in them against `known` (folded symbols that have or will have an id).

    A Problem holds the whole family: an invoice without its item must not leave its payment behind.
    """
    payloads, creations, depends = [], {}, []
    for entry in entries:
        payload = qbo.write(entry, rules, books)
        needed: list[str] = [entry.applies_to] if entry.applies_to else []
        for symbol in sorted(qbo.references(payload)):
            found = _settle(symbol, entry, rules, known)
            if isinstance(found, Problem):
                return found
            if isinstance(found, Creation):
                creations[found.key] = found
                needed.append(found.key)
        payloads.append(payload)
        depends.append(tuple(dict.fromkeys(needed)))
    return Linked(tuple(payloads), tuple(creations.values()), tuple(depends))


def _settle(symbol: Symbol, entry: Entry, rules: Rules, known: Set[Symbol]) -> Creation | Problem | None:
    kind, key = symbol
    if kind in ("txn", "sync") or fold(symbol) in known:
        return None
    if kind == "customer":
        return _customer(entry)
    if kind == "sku":
        return _item(key, entry, rules)
    return problem(
        BY_NAME[kind],
        entry.key,
        kind.replace("_", " "),
        f"QuickBooks has no {kind.replace('_', ' ')} called {key!r}.",
        amount=entry.total,
        currency=entry.currency,
    )


def _customer(entry: Entry) -> Creation:
    name = qbo.display_name(entry.party)
    return Creation(
        key=f"customer/{digest(entry.party.key)}",
        symbol=("customer", entry.party.key),
        entity="Customer",
        payload=qbo.customer_payload(entry.party, name),
        wanted_name=name,
    )


def _item(sku: str, entry: Entry, rules: Rules) -> Creation | Problem:
    if rules.books.unknown_item == "hold":
        return problem(
            "unknown-item",
            entry.key,
            "items.sku",
            f"QuickBooks has no item with the SKU {sku!r}.",
            amount=entry.total,
            currency=entry.currency,
        )
    name, account, kind = next((n, a, t) for s, n, a, t in qbo.items(entry) if s == sku)
    return Creation(
        key=f"item/{digest(sku)}",
        symbol=("sku", sku),
        entity="Item",
        payload=qbo.item_payload(name, sku, account, kind),
    )
