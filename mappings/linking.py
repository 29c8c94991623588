"""What an entry needs to exist in QuickBooks before it can be posted: names to find, customers and items to create.

Payloads hold symbols (`@account:4000 Sales`); a symbol is fine when QuickBooks has it, when a queued row will
create it, or when the rules let us create it. Anything else holds the document with the name and the fix.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from typing import Any

from mappings import qbo
from mappings.catalogue import problem
from mappings.entry import Entry
from mappings.keys import BY_NAME, Symbol, digest, fold
from mappings.model import Books, Problem
from mappings.rules import Rules


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


def link(entries: tuple[Entry, ...], rules: Rules, books: Books, known: Set[Symbol]) -> Linked | Problem:
    """Write the entries and settle every symbol in them against `known` (folded symbols that have or will have an id).

    A Problem holds the whole family: an invoice without its item must not leave its payment behind.
    """
    payloads, creations, depends = [], {}, []
    for entry in entries:
        payload = qbo.write(_with_fallback(entry, rules, known), rules, books)
        needed: list[str] = []
        for symbol in sorted(qbo.references(payload)):
            if symbol[0] == "txn":
                needed.append(symbol[1])
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
    if kind != "sku":
        return _missing(symbol, entry)
    found = _item(key, entry, rules, known)
    if isinstance(found, Problem):
        return found
    # An item that QuickBooks would refuse for its account would hold up every order that sells it.
    lost = next((needed for needed in sorted(qbo.references(found.payload)) if fold(needed) not in known), None)
    return _missing(lost, entry) if lost else found


def _missing(symbol: Symbol, entry: Entry) -> Problem:
    kind, words = symbol[0], symbol[0].replace("_", " ")
    reason = f"QuickBooks has no {words} called {symbol[1]!r}."
    return problem(BY_NAME[kind], entry.key, words, reason, amount=entry.total, currency=entry.currency)


def _customer(entry: Entry) -> Creation:
    name = qbo.display_name(entry.party)
    return Creation(
        key=f"customer/{digest(entry.party.key)}",
        symbol=("customer", entry.party.key),
        entity="Customer",
        payload=qbo.customer_payload(entry.party, name),
        wanted_name=name,
    )


def _item(sku: str, entry: Entry, rules: Rules, known: Set[Symbol]) -> Creation | Problem:
    if rules.books.unknown_item != "create":
        return problem(
            "unknown-item",
            entry.key,
            "items.sku",
            f"QuickBooks has no item with the SKU {sku!r}.",
            amount=entry.total,
            currency=entry.currency,
        )
    line = next(line for line in entry.lines if line.sku == sku and not line.item)
    name = qbo.clean(sku)
    # One of our own items, or another product, may be called like this SKU: the SKU stays what finds the item.
    if ("item", fold(("item", name))[1]) in known or name in rules.items.model_dump().values():
        name = f"{name[:90]} (SKU)"
    return Creation(
        key=f"item/{digest(sku)}",
        symbol=("sku", sku),
        entity="Item",
        payload=qbo.item_payload(name, sku, line.description, line.account, line.item_type),
    )


def _with_fallback(entry: Entry, rules: Rules, known: Set[Symbol]) -> Entry:
    """With `unknown_item = "fallback"`, lines of unknown SKUs go to the fallback item; the SKU stays in the text."""
    if rules.books.unknown_item != "fallback":
        return entry
    lines = tuple(
        replace(line, item=rules.items.fallback, description=f"{line.sku} {line.description}")
        if line.sku and not line.item and ("sku", line.sku) not in known
        else line
        for line in entry.lines
    )
    return replace(entry, lines=lines)
