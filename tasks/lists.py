"""From staging to the outbox: registered customers and products that the rules keep in QuickBooks on their own.

What was done up to a landing sequence is remembered for the rules as they are: other rules look at the whole list
again, and so does a held customer or product. Queueing the same again changes nothing.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final

from prefect import task

from mappings import magento
from mappings.keys import Symbol, digest, fold
from mappings.linking import alike, switched_off
from mappings.listing import Listed, list_customer, list_product
from mappings.matching import PERSON
from mappings.model import Customer, Problem
from mappings.rules import Rules
from state import ledger, outbox, problems, references, staging, watermarks
from state.staging import Raw, Shop
from tasks import connections, progress
from tasks.connections import Session
from tasks.custom_fields import field_rows
from tasks.magento import LISTS, ListPart
from tasks.retrying import POLICY
from tasks.revising import theirs
from tasks.rows import creation_rows
from tasks.updating import revised

PAGE: Final = 500
KINDS: Final = ("customer", "account", "item", "sku", PERSON)

Outcome = Listed | Problem | None
Read = Callable[[dict[str, Any]], Outcome]


@dataclass(frozen=True, slots=True)
class There:
    """What QuickBooks has: ids by folded symbol, what it has switched off, and what a person has released here."""

    known: Mapping[Symbol, str]
    inactive: Set[Symbol]
    approved: Set[str]


@dataclass(slots=True)
class Page:
    """What one page of a list came to: by key, so that two products whose SKUs differ only in case are one item."""

    of_keys: dict[str, Listed] = field(default_factory=dict)
    found: dict[str, list[Problem]] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)

    @property
    def listed(self) -> list[Listed]:
        """What QuickBooks shall have."""
        return list(self.of_keys.values())


@task(name="queue list", task_run_name="queue {part}", **POLICY)
async def queue_list(part: ListPart) -> dict[str, int]:
    """Queue what QuickBooks lacks of the shop's customers or products; returns counts by outcome.

    Idempotent: a customer or item has one key, whether a document or the list asks for it first.
    """
    here = connections.current()
    if not _kept(part, here.rules):
        return {}
    with ledger.begin(here.ledger) as conn:
        reached = watermarks.by_rules(conn, part, here.rules.hash, datetime.now(UTC))
    with ledger.reading(here.ledger) as conn:
        after = reached.seq if reached.same and not _held(conn, part) else 0
        known = {(kind, key): id_ for kind in KINDS for key, id_ in references.known(conn, kind).items()}
        there = There(known, references.inactive(conn, KINDS), problems.approved(conn))
    counts: Counter[str] = Counter()
    with staging.open(here.settings.staging_path) as store:
        shop, newest = staging.shop(store), staging.newest(store)
        slices = staging.slices(store, LISTS[part], after, PAGE)
    read = _reader(part, here.rules, shop, known.keys())
    for low, high in slices:
        with staging.open(here.settings.staging_path) as store:
            raws = staging.between(store, LISTS[part], low, high)
        counts += await _queue_page(here, raws, read, there)
        progress.report(f"Looked at {part}", counts["looked_at"], None, part)
    if not counts["under_way"]:  # else they are looked at once more, when QuickBooks has answered
        with ledger.begin(here.ledger) as conn:
            watermarks.reached_by_rules(conn, part, here.rules.hash, datetime.now(UTC), newest)
    return dict(counts)


def _kept(part: ListPart, rules: Rules) -> bool:
    rows = rules.customer if part == "customers" else rules.item
    return any(row.keep != "as_needed" and not row.off for row in rows)


def _held(conn: ledger.Connection, part: ListPart) -> bool:
    kind = "customer/" if part == "customers" else "item/"
    return any(one.problem.document.startswith(kind) for one in problems.open_problems(conn, hold=True))


def _reader(part: ListPart, rules: Rules, shop: Shop, known: Set[Symbol]) -> Read:
    if part == "products":
        return lambda raw: list_product(magento.read_product(raw), rules, known)

    def read(raw: dict[str, Any]) -> Outcome:
        customer = magento.read_customer(raw)
        return list_customer(customer, shop.stores, shop.groups, rules) if isinstance(customer, Customer) else customer

    return read


async def _queue_page(here: Session, raws: Sequence[Raw], read: Read, there: There) -> Counter[str]:
    """Queue what comes of one page, in one transaction."""
    now = datetime.now(UTC)
    page = Page()
    outcomes = [read(magento.parse(raw.payload)) for raw in raws]
    with ledger.reading(here.ledger) as conn:
        for outcome in _as_queued(conn, outcomes):
            _take(outcome, page)
    wanted = [one.creation for one in page.listed if _is_new(one, there, page)]
    revisions = await revised(here, [one for one in page.listed if one.update], there.known)
    for key, left in revisions.left.items():
        page.found[key].append(theirs(key, left))
    with ledger.begin(here.ledger) as conn:
        rows, adjusted = creation_rows(conn, wanted, here.rules, here.run, anew=True)
        creating = {one.key for one in wanted}
        absent = {one.creation.key for one in page.listed if fold(one.creation.symbol) not in there.known} - creating
        field_rows(conn, here, page.listed, creating, absent, revisions)
        put = outbox.put(conn, [*rows, *revisions.rows], now)
        outbox.discard(conn, revisions.over - {row.key for row in revisions.rows})
        under_way = revisions.under_way + _creations_under_way(conn, page, there)
        problems.replace_many(conn, page.found, here.run, now, page.numbers)
    held = sum(any(one.hold for one in each) for each in page.found.values())
    return Counter(looked_at=len(raws), queued=put.queued, held=held, adjusted=adjusted, under_way=under_way)


def _as_queued(conn: ledger.Connection, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """The outcomes; an item that was queued by the letters of its SKU keeps that key, and so its revisions."""
    items = [one.creation for one in outcomes if isinstance(one, Listed) and one.creation.entity == "Item"]
    by_letters = {item.key: f"item/{digest(item.symbol[1])}" for item in items}
    queued = outbox.kinds(conn, by_letters.values())
    return [
        replace(one, creation=replace(one.creation, key=key))
        if isinstance(one, Listed) and (key := by_letters.get(one.creation.key, "")) in queued
        else one
        for one in outcomes
    ]


def _creations_under_way(conn: ledger.Connection, page: Page, there: There) -> int:
    """How many that are kept up to date QuickBooks may be creating just now, as they were before."""
    absent = {one.creation.key for one in page.listed if one.update and fold(one.creation.symbol) not in there.known}
    return sum(row.key in absent for row in outbox.rows(conn, ("sent", "unknown"))) if absent else 0


def _is_new(one: Listed, there: There, page: Page) -> bool:
    """Whether to create it: QuickBooks has neither it, nor it switched off, nor somebody who may be the same."""
    symbol, key = fold(one.creation.symbol), one.creation.key
    if symbol in there.known:
        return False
    if symbol in there.inactive:
        page.found[key].append(replace(switched_off(one.creation.symbol, key), hold=False))
        return False
    question = alike(one.party, key, there.known.keys()) if one.party and key not in there.approved else None
    page.found[key] += [question] if question else []
    return question is None


def _take(outcome: Outcome, page: Page) -> None:
    if isinstance(outcome, Problem):
        page.found[outcome.document] = [outcome]
    elif outcome is not None:
        page.of_keys[outcome.creation.key] = outcome
        page.found.setdefault(outcome.creation.key, [])
        page.numbers[outcome.creation.key] = outcome.number
