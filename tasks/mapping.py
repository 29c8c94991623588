"""From staging to the outbox: read, book, link and queue, one transaction for each page of orders.

The unit is an order with its invoices and credit memos: whatever of them is new, all of them are mapped again, so an
invoice never meets an order that was decided without it. Queueing the same again changes nothing.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from prefect import task

from mappings import revisions
from mappings.catalogue import problem
from mappings.matching import PERSON
from mappings.waiting_reasons import WITH_HELD
from state import (
    ledger,
    outbox,
    problems,
    references,
    staging,
    staging_families,
    summaries,
    summary_sales,
    watermarks,
)
from state.summaries import Joined, Member
from tasks import connections, progress
from tasks.balances import open_balances
from tasks.connections import Session
from tasks.magento import DEFERRED
from tasks.mapped import Begun, Mapped, Terms, map_rest
from tasks.mapping_ahead import prepared
from tasks.pages import CommonContext, Page, Wanted, orders_of
from tasks.paging import uncollected
from tasks.retrying import POLICY
from tasks.rows import creation_rows
from tasks.running import SKIPPED

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
FROM_THE_BOOKS = ("total-differs", "tax-differs", "customer-differs", "day-differs")
"""Problems that QuickBooks' answers raised: mapping a document again must not clear them."""


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
        known = references.symbols(conn, SYMBOLS)
        inactive = references.inactive(conn, SYMBOLS)
    with staging.open(here.settings.staging_path) as store:
        shop, newest = staging.shop(store), staging.newest(store)
        retried += _posted_for_nothing(here, staging.unmoved_memos(store))
        new = staging_families.touched(store, reached.seq, retried)
        wanted = Wanted(new) if reached.same else Wanted(staging_families.touched(store, 0, retried), frozenset(new))
        refunds = staging_families.refunds(store, wanted.order_ids)
    common = CommonContext(shop, await open_balances(here, refunds), inactive)
    terms = Terms(here.run, here.rules, known)
    counts: Counter[str] = Counter()
    with prepared(here.settings, here.ledger, wanted, common, terms) as coming:
        for page, begun in coming:
            counts += queue_page(here, page, common, terms, begun)
            progress.report("Mapped", counts["mapped"], None, "documents")
    with ledger.begin(here.ledger) as conn:
        watermarks.reached_by_rules(conn, MAPPED, here.rules.hash, datetime.now(UTC), newest)
    return dict(counts)


def _posted_for_nothing(here: Session, memos: Sequence[str]) -> list[str]:
    """Those of these credit memos, of which no money moved, that were queued and not taken back: an earlier version
    booked open and canceled ones, too."""
    keys = {f"creditmemo/{number}": number for number in memos}
    with ledger.reading(here.ledger) as conn:
        queued = summary_sales.places(conn, keys)
        followed = summary_sales.places(conn, [f"{key}{step}" for key in queued for step in ("/reversal", "/2")])
    return [keys[key] for key in queued if not {f"{key}/reversal", f"{key}/2"} & followed.keys()]


def _may_follow(here: Session, one: problems.Open) -> bool:
    """Whether a document that was only shown may get a revision by today's rules."""
    return one.problem.code == "changed-after-posting" and here.rules.books.changed != "show"


@uncollected()
def queue_page(here: Session, page: Page, common: CommonContext, terms: Terms, begun: Begun | None) -> Counter[str]:
    """Map one page of orders and queue what comes of it, in one transaction."""
    now, keys = datetime.now(UTC), page.keys
    with ledger.begin(here.ledger) as conn:
        summaries.one_writer(conn)
        summaries.overtaken(conn, keys, here.rules.hash, now)
        orders, rows = orders_of(conn, page, common, here.rules.hash)
        mapped = map_rest(orders, begun, terms)
        created, adjusted = creation_rows(conn, mapped.creations.values(), here.rules, here.run)
        mapped.adjusted += adjusted
        if mapped.defers:
            watermarks.advance(conn, DEFERRED, now, at=now)
        put = outbox.put(conn, [*created, *mapped.rows], now)
        made = {row.key for row in mapped.rows}
        unwanted = (rows.overtaken | rows.standing.keys()) - made  # what is on its way to QuickBooks stays
        outbox.discard(conn, [key for key in unwanted if not revisions.step(key)])
        joined = summaries.join(conn, keys, _not_by_themselves(conn, mapped.members), now)
        _note_changes(mapped, orders.posted, put, joined)
        held = [key for key, found in mapped.found.items() if any(one.hold for one in found)]
        stale = revisions.stale((*rows.standing, *rows.overtaken), orders.posted, made)
        outbox.discard(conn, [*held, *stale])
        problems.replace_many(conn, mapped.found, here.run, now, mapped.numbers, keep=FROM_THE_BOOKS)
    return Counter(
        mapped=sum(1 + len(family.invoices) + len(family.creditmemos) for family in page.families),
        queued=put.queued,
        replaced=put.replaced,
        unchanged=put.unchanged,
        held=len(held),
        adjusted=mapped.adjusted,
        summarised=joined.joined,
        **_waiting(mapped),
    )


def _waiting(mapped: Mapped) -> dict[str, int]:
    """The documents that simply wait: those of held orders apart, the others by reason, each after `SKIPPED`."""
    reasons = Counter(one.reason for one in mapped.waiting)
    with_held = reasons.pop(WITH_HELD, 0)
    by_reason = {f"{SKIPPED}{reason}": number for reason, number in reasons.items()}
    return {"skipped": reasons.total(), "with_held": with_held, **by_reason}


def _not_by_themselves(conn: ledger.Connection, together: Sequence[Member]) -> list[Member]:
    """The members without those that a delivery has just taken from the outbox: these stand by themselves."""
    alone = outbox.kinds(conn, [member.document for member in together])
    return [member for member in together if member.document not in alone]


def _note_changes(mapped: Mapped, posted: Collection[str], put: outbox.Put, joined: Joined) -> None:
    """Documents that changed in the shop after they were posted, and numbers that two documents claim."""
    amounts = {row.key: row.amount for row in mapped.rows} | {one.document: one.amount for one in mapped.members}
    for key in (*put.changed, *joined.changed):
        if key in posted:  # compared as entries already
            continue
        reason = f"{key} is in the books, and the shop or the rules now say something else."
        mapped.found.setdefault(key, []).append(
            problem("changed-after-posting", key, "payload", reason, amount=amounts[key], hold=False)
        )
    for key in (*put.clashes, *joined.clashes):
        reason = f"Two Magento documents have the number of {key}."
        mapped.found.setdefault(key, []).append(problem("number-clash", key, "increment_id", reason))
