"""What `magebooks explain` says about documents that were read from the shop and have no row in the outbox: skipped,
waiting, on hold in Magento, covered by another document. The same mapping as a run's decides, and nothing is written.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mappings import waiting_reasons as reasons
from mappings.model import Problem, Waiting
from mappings.rules import Rules
from state import problems, staging, staging_families, summaries
from state.ledger import Connection
from state.staging_families import Family, Named
from tasks import company
from tasks.outcomes import Outcome, outcomes_of

Json = dict[str, Any]

WAIT = 2.0
KINDS: Mapping[str, str] = {
    "order": "Order",
    "invoice": "Magento invoice",
    "payment": "Magento invoice",
    "creditmemo": "Credit memo",
    "shipment": "Shipment",
}
STATES: Mapping[str, str] = {
    "holded": "on hold",
    "pending_payment": "pending payment",
    "payment_review": "in payment review",
    "canceled": "canceled",
}
READ_AS: Mapping[str, str] = {"payment": "invoice"}
"""The kind in staging of a document whose key begins otherwise."""


@dataclass(frozen=True, slots=True)
class Read:
    """An order as it was read: its number, and the documents of it that are not in the outbox, as `explain --json`
    says them. `asked` is the key that was asked for, where that is not the order's."""

    number: str
    asked: str
    documents: tuple[Json, ...]


def read_of(conn: Connection, staging_path: Path, given: str, rules: Rules | None) -> Read | None:
    """The order that `given` names, by its own number or that of an invoice or credit memo of it; None where nothing of
    that number was read. Raises `StagingBusy` while another process keeps the staging file."""
    if not staging_path.is_file():
        return None
    kind, _, number = given.rpartition("/")
    kind = READ_AS.get(kind.partition("/")[0], kind.partition("/")[0])
    with staging.open(staging_path, wait=WAIT) as store:
        found = [one for one in staging_families.named(store, number) if kind in ("", one.kind)]
        if not found:
            return None
        [family] = staging_families.families(store, [found[0].order_id])
        outcomes = _outcomes(conn, store, family, rules)
    return Read(family.number, _asked(found[0]), tuple(_told(conn, family, outcomes)))


def _asked(found: Named) -> str:
    return "" if found.kind == "order" else f"{found.kind}/{found.number}"


def _outcomes(
    conn: Connection, store: staging.Staging, family: Family, rules: Rules | None
) -> dict[str, Outcome] | None:
    """What the next run would make of the order; None while the rules or the company cannot be read."""
    from mappings.magento import parse, read_order
    from tasks.pages import CommonContext, Page, orders_of

    if rules is None or not company.is_known(conn):
        return None
    page = Page([family], staging.products(store, [family]), staging.originals(store, [family]))
    orders, _ = orders_of(conn, page, CommonContext(staging.shop(store), {}, frozenset()), rules.hash)
    order = None if family.order is None else read_order(parse(family.order))
    return outcomes_of(family, order, orders.context, rules)


def _told(conn: Connection, family: Family, outcomes: dict[str, Outcome] | None) -> Iterator[Json]:
    if outcomes is None:
        words = f"Order {family.number} was read: it is {_state(family)} in Magento. It is booked with the next sync."
        yield _one(family.key, "read", words)
        return
    there = _there(conn, family)
    for key, outcome in outcomes.items():
        if key not in there:
            yield _one(key, *_words(key, outcome, family, there))


def _there(conn: Connection, family: Family) -> dict[str, str]:
    """The keys of the order's documents that are in the outbox, in a summary or held, with their kind."""
    from state import outbox

    rows = {row.key: row.kind for row in outbox.rows(conn, order_key=family.key)}
    together = {member.document: member.kind for member in summaries.members(conn, order_key=family.key)}
    held = {one.problem.document: "" for one in problems.open_problems(conn, number=family.number)}
    return held | together | rows


def _one(key: str, outcome: str, words: str) -> Json:
    return {"document": key, "outcome": outcome, "words": words}


def _words(key: str, outcome: Outcome, family: Family, there: Mapping[str, str]) -> tuple[str, str]:
    """What became of a document (`skipped`, `covered`, `waits`, `waits-for-held`, `held`, `not-queued`), and a sentence
    about it."""
    kind, number = key.split("/")[:2]
    name = f"{KINDS.get(kind, kind)} {number}"
    if isinstance(outcome, Problem):
        return "held", f"{name} is not queued: {outcome.reason} Run magebooks sync."
    if not isinstance(outcome, Waiting):
        return "not-queued", f"{name} was read and is not queued yet. Run magebooks sync."
    if outcome.reason == reasons.MEMO_OPEN:
        return "waits", f"{name}{outcome.reason.removeprefix('It')}"
    if outcome.reason == reasons.WITH_HELD:
        return "waits-for-held", f"{name} waits for a document of its order that is on hold."
    if outcome.reason in (reasons.CANCELED, reasons.MEMO_CANCELED):
        return "skipped", f"{name} is canceled in Magento; nothing to post."
    if outcome.reason == reasons.PAID_BY_RECEIPT:
        sale = there.get(family.key, "").replace("_", " ") or "document"
        return "covered", f"{name} is covered by the {sale} of order {family.number}; nothing to post."
    if outcome.reason == reasons.BY_INVOICES:
        return "covered", f"{name} is posted by its Magento invoices, one by one; it has {len(family.invoices)}."
    if ruled := reasons.read_rule(outcome.reason):
        return _by_rule(name, *ruled, _state(family))
    return "skipped", f"{name} is not posted: {outcome.reason[:1].lower()}{outcome.reason[1:]}"


def _by_rule(name: str, rule: str, waits: bool, state: str) -> tuple[str, str]:
    if waits:
        return "waits", f'{name} is {state} in Magento. The document rule "{rule}" waits until that changes.'
    return "skipped", f'{name} is skipped by the document rule "{rule}"; nothing to post.'


def _state(family: Family) -> str:
    """The order's state in Magento, in words."""
    from mappings.magento import parse

    raw = parse(family.order) if family.order else {}
    state = str(raw.get("state") or "")
    return STATES.get(state, f'in the state "{state}"' if state else "in a state that cannot be read")
