"""What an entry needs to exist in QuickBooks before it can be posted: names to find, customers and items to create.

Payloads hold symbols (`@account:4000 Sales`); a symbol is fine when QuickBooks has it, when a queued row will
create it, or when the rules let us create it. Anything else holds the document with the name and the fix.
"""

from collections.abc import Set
from dataclasses import replace
from typing import Final

from mappings.catalogue import problem
from mappings.context import Books
from mappings.dialect import Dialect, dialect
from mappings.entry import Entry, EntryLine, Party
from mappings.keys import BY_NAME, SKU, Symbol, digest, fold
from mappings.matching import PERSON, place_of
from mappings.model import Problem
from mappings.qbxml import Request
from mappings.records import record
from mappings.rules import Rules

NONE: Final[frozenset[Symbol]] = frozenset()


@record(frozen=True, slots=True)
class Creation:
    """A list object that has to be created first: its outbox key, the symbol it will answer, and what it is made of: a
    customer, or the line of an item. `wanted_name` is a customer's name before collisions with other names are
    settled."""

    key: str
    symbol: Symbol
    entity: str
    made_of: Party | EntryLine
    wanted_name: str

    def write(self, name: str, rules: Rules) -> Request:
        """The request that creates it under a name."""
        into = dialect(rules)
        if isinstance(self.made_of, Party):
            return into.customer(self.made_of, name)
        return into.item(name, self.made_of, rules)


@record(frozen=True, slots=True)
class Linked:
    """Entries as this QuickBooks can show them with their requests (in the same order), what to create first, by
    which keys each waits, and what a person should look at. `booked` are the entries as they were before they were made
    to fit, None for a document that is a part of one."""

    entries: tuple[Entry, ...]
    booked: tuple[Entry | None, ...]
    requests: tuple[Request, ...]
    creations: tuple[Creation, ...]
    depends: tuple[tuple[str, ...], ...]
    problems: tuple[Problem, ...]

    def alone(self) -> "Linked":
        """Without the entries that go into daily summaries: those are linked to see that QuickBooks lacks nothing."""
        if all(entry.summary is None for entry in self.entries):
            return self
        kept = [number for number, entry in enumerate(self.entries) if entry.summary is None]
        keys = {self.entries[number].key for number in kept}
        return replace(
            self,
            entries=tuple(self.entries[number] for number in kept),
            booked=tuple(self.booked[number] for number in kept),
            requests=tuple(self.requests[number] for number in kept),
            depends=tuple(self.depends[number] for number in kept),
            problems=tuple(each for each in self.problems if each.document in keys),
            creations=tuple(each for each in self.creations if any(each.key in self.depends[n] for n in kept)),
        )


def link(
    entries: tuple[Entry, ...],
    rules: Rules,
    books: Books,
    known: Set[Symbol],
    inactive: Set[Symbol] = NONE,
    approved: Set[str] = frozenset(),
) -> Linked | Problem:
    """Write the entries and settle every symbol in them against `known` (folded symbols that have or will have an id).
    `inactive` are those that QuickBooks has switched off, `approved` the documents that a person has released.

    A Problem holds the whole family: an invoice without its item must not leave its payment behind.
    """
    into = dialect(rules)
    written, booked, requests, depends = [], [], [], []
    shown: list[Problem] = []
    creations: dict[str, Creation] = {}
    for whole, each in ((entry, document) for entry in entries for document in into.documents(entry, rules)):
        fitted = into.fit(_with_fallback(each, rules, known, inactive, into), rules, books)
        if isinstance(fitted, Problem):
            return fitted
        entry = fitted.entry
        request = into.write(entry, rules, books)
        needed = [*entry.after.split(), *entry.applies_to.split()]
        for symbol in sorted(request.symbols):
            if symbol[0] == "txn":
                needed.append(symbol[1])
            found = _settle(symbol, entry, rules, known, into)
            if found is not None and fold(symbol) in inactive:
                return _on(entry, switched_off(symbol, entry.key))
            if isinstance(found, Creation) and symbol[0] == "customer" and entry.key not in approved:
                found = alike(entry.party, entry.key, known) or found
            if isinstance(found, Problem):
                return _on(entry, found)
            if isinstance(found, Creation):
                creations[found.key] = found
                needed.append(found.key)
        written.append(entry)
        booked.append(whole if whole.key == entry.key else None)
        requests.append(request)
        depends.append(tuple(dict.fromkeys(needed)))
        shown += fitted.problems
    return Linked(
        tuple(written), tuple(booked), tuple(requests), tuple(creations.values()), tuple(depends), tuple(shown)
    )


def _settle(symbol: Symbol, entry: Entry, rules: Rules, known: Set[Symbol], into: Dialect) -> Creation | Problem | None:
    kind, key = symbol
    if kind in ("txn", "sync") or fold(symbol) in known:
        return None
    if kind not in ("customer", "sku"):
        return missing(symbol, entry.key)
    customer = kind == "customer"
    found = customer_creation(entry.party, into) if customer else _item(key, entry, rules, known, into)
    lost = None if isinstance(found, Problem) else lacking(found, rules, known)
    return missing(lost, entry.key) if lost else found


def lacking(creation: Creation, rules: Rules, known: Set[Symbol]) -> Symbol | None:
    """What QuickBooks lacks for it, such as an item's account or a currency: it would be refused, and hold up all that
    needs it."""
    needs = sorted(creation.write(creation.wanted_name, rules).symbols)
    return next((needed for needed in needs if fold(needed) not in known), None)


def missing(symbol: Symbol, document: str) -> Problem:
    """QuickBooks has nothing of this kind and name."""
    kind, words = symbol[0], symbol[0].replace("_", " ")
    return problem(BY_NAME[kind], document, words, f"QuickBooks has no {words} called {symbol[1]!r}.")


def switched_off(symbol: Symbol, document: str) -> Problem:
    """QuickBooks has it, and nobody may use it. A customer's name is personal and not told."""
    kind = symbol[0].replace("_", " ")
    what = f"The {kind}" if kind == "customer" else f"The {'item' if kind == 'sku' else kind} {symbol[1]!r}"
    reason = f"{what} is inactive in QuickBooks, or was renamed, merged or deleted there."
    return problem("inactive", document, kind, reason)


def alike(party: Party, document: str, known: Set[Symbol]) -> Problem | None:
    """A question, where QuickBooks has somebody of this name and address whose e-mail it does not know."""
    place = place_of(party)
    if place is None or (PERSON, place) not in known:
        return None
    reason = "QuickBooks has a customer of the same name at the same address, without an e-mail."
    return problem("customer-alike", document, "customer", reason)


def _on(entry: Entry, found: Problem) -> Problem:
    return replace(found, amount=entry.total, currency=entry.currency)


def customer_creation(party: Party, into: Dialect) -> Creation:
    """A customer who is not in QuickBooks yet."""
    return Creation(
        key=f"customer/{digest(party.key)}",
        symbol=("customer", party.key),
        entity="Customer",
        made_of=party,
        wanted_name=into.display_name(party),
    )


def _item(key: str, entry: Entry, rules: Rules, known: Set[Symbol], into: Dialect) -> Creation | Problem:
    ours = rules.own_items
    wanted = fold((SKU, key))
    skus = (line for line in entry.lines if line.sku and not line.item)
    line = next(line for line in skus if fold((SKU, into.sku_key(line.sku, ours))) == wanted)
    if rules.books.unknown_item != "create":
        return problem(
            "unknown-item",
            entry.key,
            "items.sku",
            f"QuickBooks has no item with the SKU {line.sku!r}.",
            amount=entry.total,
            currency=entry.currency,
        )
    return item_creation(line, rules, known, into)


def item_creation(line: EntryLine, rules: Rules, known: Set[Symbol], into: Dialect) -> Creation:
    """The item of a line's SKU, which is not in QuickBooks yet."""
    key = into.sku_key(line.sku, rules.own_items)
    return Creation(
        key=f"item/{digest(fold((SKU, key))[1])}",
        symbol=(SKU, key),
        entity="Item",
        made_of=line,
        wanted_name=_free_name(line.sku, rules.own_items, known, into),
    )


def _free_name(sku: str, ours: frozenset[str], known: Set[Symbol], into: Dialect) -> str:
    """A name for the item of this SKU that neither an item of ours nor another product has."""
    name = into.item_name(sku, ours)
    return into.item_name(sku, ours | {name}) if fold(("item", name)) in known else name


def _with_fallback(entry: Entry, rules: Rules, known: Set[Symbol], inactive: Set[Symbol], into: Dialect) -> Entry:
    """With `unknown_item = "fallback"`, lines of unknown SKUs go to the fallback item; the SKU stays in the text."""
    if rules.books.unknown_item != "fallback":
        return entry
    ours = rules.own_items
    lines = tuple(
        replace(line, item=rules.items.fallback, description=f"{line.sku} {line.description}")
        if line.sku
        and not line.item
        and (symbol := fold((SKU, into.sku_key(line.sku, ours)))) not in known
        and symbol not in inactive
        else line
        for line in entry.lines
    )
    return replace(entry, lines=lines)
