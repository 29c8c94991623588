"""From staging to the outbox: read, book, link and queue, one transaction for each page of orders.

The unit is an order with its invoices and credit memos: whatever of them is new, all of them are mapped again, so an
invoice never meets an order that was decided without it. Queueing the same again changes nothing.
"""

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from prefect import task

from mappings import linking, revisions, summary
from mappings.catalogue import problem
from mappings.entry_booked import Posted
from mappings.keys import Symbol
from mappings.linking import Creation, Linked
from mappings.matching import PERSON
from mappings.model import Context, Order, Problem, Waiting
from mappings.rules import Rules
from state import (
    ledger,
    outbox,
    problems,
    references,
    staging,
    staging_families,
    summaries,
    watermarks,
)
from state.outbox import NewRow
from state.staging import Shop
from state.staging_families import Family
from state.summaries import Joined, Member
from tasks import connections, progress
from tasks.balances import open_balances
from tasks.connections import Session
from tasks.magento import DEFERRED
from tasks.outcomes import outcomes_of
from tasks.pages import Page, context_of, pages, read_order, standing
from tasks.paging import ahead, uncollected
from tasks.retrying import POLICY
from tasks.rows import creation_rows, document_rows, members

MAPPED = "mapped"
SYMBOLS = (
    "account",
    "item",
    "sku",
    "customer",
    "tax_code",
    "tax_rate",
    "payment_method",
    "term",
    "class",
    "department",
    "currency",
    PERSON,
)
FROM_THE_BOOKS = ("total-differs", "tax-differs", "customer-differs")
"""Problems that QuickBooks' answers raised: mapping a document again must not clear them."""


@dataclass(slots=True)
class Mapped:
    """What mapping one page found: rows to queue, members of daily summaries, problems by document, documents that
    simply wait, the number of the order that each document belongs to, and how many rows had text that had to be
    changed to fit QuickBooks. `posted` is what stands in the books for the orders on the page, and `defers` whether
    revenue waits for shipments of any."""

    rows: list[NewRow] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)
    creations: dict[str, Creation] = field(default_factory=dict)
    found: dict[str, list[Problem]] = field(default_factory=dict)
    waiting: list[Waiting] = field(default_factory=list)
    run: str = ""
    numbers: dict[str, str] = field(default_factory=dict)
    adjusted: int = 0
    posted: Mapping[str, Posted] = field(default_factory=dict)
    defers: bool = False


@task(name="queue documents", **POLICY)
async def queue_documents() -> dict[str, int]:
    """Map everything that landed since the last time, and everything that was held; under other rules than the last
    time, everything that is not in the books yet. Returns counts by outcome.

    Idempotent: "mapped up to sequence N by these rules" is committed with the last page, and a repeat queues nothing
    twice.
    """
    here = connections.current()
    with ledger.begin(here.ledger) as conn:
        reached = watermarks.by_rules(conn, MAPPED, here.rules.hash, datetime.now(UTC))
    with ledger.reading(here.ledger) as conn:
        shown = problems.open_problems(conn)
        retried = sorted({one.number for one in shown if one.problem.hold or _may_follow(here, one)})
        known = {(kind, key) for kind in SYMBOLS for key in references.known(conn, kind)}
        inactive = references.inactive(conn, SYMBOLS)
    counts: Counter[str] = Counter()
    begin = reached.seq if reached.same else 0
    with staging.open(here.settings.staging_path) as store:
        refunds = staging_families.refunds(store, begin, retried)
    balances = await open_balances(here, refunds)
    with staging.open(here.settings.staging_path) as store:
        shop, newest = staging.shop(store), staging.newest(store)
        new = None if reached.same else staging_families.touched(store, reached.seq, retried)
        for page in ahead(pages(store, begin, retried)):
            open_page = page if new is None else page._replace(families=_not_in_the_books(here, page.families, new))
            counts += queue_page(here, open_page, known, shop, balances, inactive)
            progress.report("Mapped", counts["mapped"], None, "documents")
    with ledger.begin(here.ledger) as conn:
        watermarks.reached_by_rules(conn, MAPPED, here.rules.hash, datetime.now(UTC), newest)
    return dict(counts)


def _may_follow(here: Session, one: problems.Open) -> bool:
    """Whether a document that was only shown may get a revision by today's rules."""
    return one.problem.code == "changed-after-posting" and here.rules.books.changed != "show"


def _not_in_the_books(here: Session, page: Sequence[Family], new: Set[int]) -> list[Family]:
    """What other rules may map otherwise: orders of which something is new, or not in the books; the rest stays as it
    was posted."""
    with ledger.reading(here.ledger) as conn:
        posted = outbox.in_the_books(conn, [family.key for family in page])
    return [family for family in page if family.order_id in new or not _is_whole(family, posted.get(family.key, set()))]


def _is_whole(family: Family, posted: Set[str]) -> bool:
    """Whether an order is in the books with all that was sold: as a whole, or invoice by invoice. A payment that the
    rules left to a bookkeeper may be there as well, and is not asked for because other rules would have booked it."""
    sold = {f"invoice/{one.number}" for one in family.invoices}
    return family.key in posted or bool(posted and sold <= posted)


@uncollected()
def queue_page(
    here: Session,
    page: Page,
    known: Set[Symbol],
    shop: Shop,
    balances: Mapping[str, Decimal],
    inactive: frozenset[Symbol],
) -> Counter[str]:
    """Map one page of orders and queue what comes of it, in one transaction. `balances` is what QuickBooks says is open
    on invoices of theirs, by outbox key."""
    now, families, keys = datetime.now(UTC), page.families, page.keys
    with ledger.begin(here.ledger) as conn:
        summaries.one_writer(conn)
        summaries.overtaken(conn, keys, here.rules.hash, now)
        found, before = outbox.of_orders(conn, keys, here.rules.hash), standing(conn, keys)
        context = context_of(conn, page, found, before, shop, balances, inactive)
        mapped = Mapped(run=here.run, posted=before.posted)
        for family in families:
            map_family(family, read_order(family), context, here.rules, known, mapped)
        created, adjusted = creation_rows(conn, mapped.creations.values(), here.rules, here.run)
        mapped.adjusted += adjusted
        if mapped.defers:
            watermarks.advance(conn, DEFERRED, now, at=now)
        put = outbox.put(conn, [*created, *mapped.rows], now)
        made = {row.key for row in mapped.rows}
        unwanted = (found.overtaken | found.standing.keys()) - made  # what is on its way to QuickBooks stays
        outbox.discard(conn, [key for key in unwanted if not revisions.step(key)])
        joined = summaries.join(conn, keys, _not_by_themselves(conn, mapped.members), now)
        _note_changes(mapped, put, joined)
        held = [key for key, found in mapped.found.items() if any(one.hold for one in found)]
        stale = revisions.stale((*found.standing, *found.overtaken), mapped.posted, made)
        outbox.discard(conn, [*held, *stale])
        problems.replace_many(conn, mapped.found, here.run, now, mapped.numbers, keep=FROM_THE_BOOKS)
    return Counter(
        mapped=sum(1 + len(family.invoices) + len(family.creditmemos) for family in families),
        queued=put.queued,
        replaced=put.replaced,
        unchanged=put.unchanged,
        held=len(held),
        skipped=len(mapped.waiting),
        adjusted=mapped.adjusted,
        summarised=joined.joined,
    )


def map_family(
    family: Family, order: Order | Problem | None, context: Context, rules: Rules, known: Set[Symbol], into: Mapped
) -> None:
    """Map an order with its invoices and memos; what depends on a held order waits with it."""
    outcomes = outcomes_of(family, order, context, rules)
    entries = tuple(entry for outcome in outcomes.values() if isinstance(outcome, tuple) for entry in outcome)
    revised = revisions.revise(entries, into.posted, context, rules)
    shown = tuple(summary.as_posted(entry, rules) for entry in revised.entries)
    there = (known, context.inactive, context.approved)
    linked = linking.link(shown, rules, context.books, *there) if entries else None
    if isinstance(linked, Problem):
        outcomes = {linked.document: linked}
    elif linked is not None:
        into.creations.update({creation.key: creation for creation in linked.creations})
        linked = linked.alone()
        into.defers |= any(line.role == "deferred" for entry in linked.entries for line in entry.lines)
        into.rows += document_rows(linked, rules, into.run, family.key)
        into.members += members(revised.entries, rules, family.key)
        into.adjusted += sum(bool(request.adjusted) for request in linked.requests)
    for number, _ in family.invoices:  # what was said under the key that other rules gave it is over, too
        into.found |= {f"invoice/{number}": [], f"payment/{number}": []}
    for key, outcome in outcomes.items():
        into.found[key] = [outcome] if isinstance(outcome, Problem) else []
        if family.number:
            into.numbers[key] = family.number
        if isinstance(outcome, Waiting):
            into.waiting.append(outcome)
    for seen in (*revised.problems, *(linked.problems if isinstance(linked, Linked) else ())):
        into.found.setdefault(seen.document, []).append(seen)


def _not_by_themselves(conn: ledger.Connection, together: Sequence[Member]) -> list[Member]:
    """The members without those that a delivery has just taken from the outbox: these stand by themselves."""
    alone = outbox.kinds(conn, [member.document for member in together])
    return [member for member in together if member.document not in alone]


def _note_changes(mapped: Mapped, put: outbox.Put, joined: Joined) -> None:
    """Documents that changed in the shop after they were posted, and numbers that two documents claim."""
    amounts = {row.key: row.amount for row in mapped.rows} | {one.document: one.amount for one in mapped.members}
    for key in (*put.changed, *joined.changed):
        if key in mapped.posted:  # compared as entries already
            continue
        reason = f"{key} is in the books, and the shop or the rules now say something else."
        mapped.found.setdefault(key, []).append(
            problem("changed-after-posting", key, "payload", reason, amount=amounts[key], hold=False)
        )
    for key in (*put.clashes, *joined.clashes):
        reason = f"Two Magento documents have the number of {key}."
        mapped.found.setdefault(key, []).append(problem("number-clash", key, "increment_id", reason))
