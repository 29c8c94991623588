"""What an entry needs to exist in QuickBooks before it can be posted: names to find, customers and items to create.

Payloads hold symbols (`@account:4000 Sales`); a symbol is fine when QuickBooks has it, when a queued row will
create it, or when the rules let us create it. Anything else holds the document with the name and the fix.
"""

from collections.abc import Callable, Set
from dataclasses import dataclass, replace

from mappings.catalogue import problem
from mappings.dialect import Dialect, dialect
from mappings.entry import Entry
from mappings.keys import BY_NAME, Symbol, digest, fold
from mappings.model import Books, Problem
from mappings.qbxml import Request
from mappings.rules import Rules


@dataclass(frozen=True, slots=True)
class Creation:
    """A list object that has to be created first: its outbox key, the symbol it will answer, and how it is written
    under a name. `wanted_name` is a customer's name before collisions with other names are settled."""

    key: str
    symbol: Symbol
    entity: str
    write: Callable[[str], Request]
    wanted_name: str


@dataclass(frozen=True, slots=True)
class Linked:
    """Entries as this QuickBooks can show them with their requests (in the same order), what to create first, by
    which keys each waits, and what a person should look at."""

    entries: tuple[Entry, ...]
    requests: tuple[Request, ...]
    creations: tuple[Creation, ...]
    depends: tuple[tuple[str, ...], ...]
    problems: tuple[Problem, ...]


def link(entries: tuple[Entry, ...], rules: Rules, books: Books, known: Set[Symbol]) -> Linked | Problem:
    """Write the entries and settle every symbol in them against `known` (folded symbols that have or will have an id).

    A Problem holds the whole family: an invoice without its item must not leave its payment behind.
    """
    into = dialect(rules)
    written, requests, depends = [], [], []
    shown: list[Problem] = []
    creations: dict[str, Creation] = {}
    for each in (document for entry in entries for document in into.documents(entry, rules)):
        fitted = into.fit(_with_fallback(each, rules, known, into), rules, books)
        if isinstance(fitted, Problem):
            return fitted
        entry = fitted.entry
        request = into.write(entry, rules, books)
        needed: list[str] = []
        for symbol in sorted(request.symbols):
            if symbol[0] == "txn":
                needed.append(symbol[1])
            found = _settle(symbol, entry, rules, known, into)
            if isinstance(found, Problem):
                return found
            if isinstance(found, Creation):
                creations[found.key] = found
                needed.append(found.key)
        written.append(entry)
        requests.append(request)
        depends.append(tuple(dict.fromkeys(needed)))
        shown += fitted.problems
    return Linked(tuple(written), tuple(requests), tuple(creations.values()), tuple(depends), tuple(shown))


def _settle(symbol: Symbol, entry: Entry, rules: Rules, known: Set[Symbol], into: Dialect) -> Creation | Problem | None:
    kind, key = symbol
    if kind in ("txn", "sync") or fold(symbol) in known:
        return None
    if kind == "customer":
        return _customer(entry, into)
    if kind != "sku":
        return _missing(symbol, entry)
    found = _item(key, entry, rules, known, into)
    if isinstance(found, Problem):
        return found
    # An item that QuickBooks would refuse for its account would hold up every order that sells it.
    needs = sorted(found.write(found.wanted_name).symbols)
    lost = next((needed for needed in needs if fold(needed) not in known), None)
    return _missing(lost, entry) if lost else found


def _missing(symbol: Symbol, entry: Entry) -> Problem:
    kind, words = symbol[0], symbol[0].replace("_", " ")
    reason = f"QuickBooks has no {words} called {symbol[1]!r}."
    return problem(BY_NAME[kind], entry.key, words, reason, amount=entry.total, currency=entry.currency)


def _customer(entry: Entry, into: Dialect) -> Creation:
    party = entry.party
    return Creation(
        key=f"customer/{digest(party.key)}",
        symbol=("customer", party.key),
        entity="Customer",
        write=lambda name: into.customer(party, name),
        wanted_name=into.display_name(party),
    )


def _item(key: str, entry: Entry, rules: Rules, known: Set[Symbol], into: Dialect) -> Creation | Problem:
    ours = rules.own_items
    line = next(line for line in entry.lines if line.sku and not line.item and into.sku_key(line.sku, ours) == key)
    if rules.books.unknown_item != "create":
        return problem(
            "unknown-item",
            entry.key,
            "items.sku",
            f"QuickBooks has no item with the SKU {line.sku!r}.",
            amount=entry.total,
            currency=entry.currency,
        )
    return Creation(
        key=f"item/{digest(key)}",
        symbol=("sku", key),
        entity="Item",
        write=lambda name: into.item(name, line, rules),
        wanted_name=_free_name(line.sku, ours, known, into),
    )


def _free_name(sku: str, ours: frozenset[str], known: Set[Symbol], into: Dialect) -> str:
    """A name for the item of this SKU that neither an item of ours nor another product has."""
    name = into.item_name(sku, ours)
    return into.item_name(sku, ours | {name.casefold()}) if fold(("item", name)) in known else name


def _with_fallback(entry: Entry, rules: Rules, known: Set[Symbol], into: Dialect) -> Entry:
    """With `unknown_item = "fallback"`, lines of unknown SKUs go to the fallback item; the SKU stays in the text."""
    if rules.books.unknown_item != "fallback":
        return entry
    ours = rules.own_items
    lines = tuple(
        replace(line, item=rules.items.fallback, description=f"{line.sku} {line.description}")
        if line.sku and not line.item and ("sku", into.sku_key(line.sku, ours)) not in known
        else line
        for line in entry.lines
    )
    return replace(entry, lines=lines)
