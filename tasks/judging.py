"""What QuickBooks' answer to one batch item means: posted, refused, to be tried again, or to be looked up. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from mappings import qbo
from mappings.agreement import differences
from mappings.model import Problem
from state.outbox import UNDECIDED, Outcome, Row
from tasks.clients.quickbooks_faults import Verdict, fault_of, sort
from tasks.revising import is_revision

STALE = "stale"
OUT_OF_DATE = "5010"
TWICE = 2
PATIENCE = 5  # attempts after which a person sees what is only tried again

A_MOMENT = timedelta(seconds=1)
SPLIT = "split"
"""The code of a row whose batch was refused, or left in doubt, as a whole."""

Halt = Literal["", "reconnect", "stop"]


@dataclass(frozen=True, slots=True)
class Judged:
    """One item's outcome. `inquire`: QuickBooks has this already, or may have it, so look before deciding.

    `halt` ends the delivery: the connection or the subscription needs a person. `problems` are shown, not held.
    """

    outcome: Outcome
    problems: tuple[Problem, ...] = ()
    inquire: bool = False
    halt: Halt = ""


def judge(bid: str, row: Row, sent: Mapping[str, Any], item: Mapping[str, Any] | None, now: datetime) -> Judged:
    """Judge the answer to one item; `sent` is the payload under its bId, None an item without any answer."""
    if item is None:
        return Judged(Outcome(bid, "doubtful", code="no-answer", words="QuickBooks did not answer."), inquire=True)
    fault = fault_of(item)
    if fault is not None:
        return _refused(bid, row, sort(fault, 400), now)
    entity = item.get(row.entity)
    if not isinstance(entity, Mapping) or not entity.get("Id"):
        words = "The answer names no document."
        return Judged(Outcome(bid, "doubtful", code="no-answer", words=words), inquire=True)
    return accept(bid, row, sent, entity)


def missing(bid: str, row: Row) -> Judged:
    """QuickBooks does not show the document, and is surely not at work on it any more: it goes out again.

    A batch that was answered as a whole goes out in halves until one document is alone. That one gets `PATIENCE`
    attempts, and then stays unknown until it is found or a person decides.
    """
    if row.error_code == SPLIT:
        return Judged(Outcome(bid, "ready", code=SPLIT, counts=False, halve=True))
    if row.attempt >= PATIENCE:
        return Judged(Outcome(bid, "doubtful", code=UNDECIDED, words=row.error_words))
    return Judged(Outcome(bid, "ready", code="not-found", halve=True))


def booked_otherwise(row: Row, form: str) -> str:
    """Why a document does not go out whose number QuickBooks has for the same customer or order, on a document of this
    `form` (an invoice, ...): the order changed in the shop after it was posted and the ledger has forgotten that it
    was, or a person entered it."""
    return (
        f"QuickBooks has {form} with number {row.number} already, and this ledger does not know of it: it was posted "
        "before the ledger was restored or moved, or somebody entered it. Delete it there, with its payments, or give "
        f"it another number, then: magebooks retry {row.key}"
    )


def accept(
    bid: str, row: Row, sent: Mapping[str, Any], entity: Mapping[str, Any], *, looked_up: bool = False
) -> Judged:
    """The document is in the books: keep its id, and compare what QuickBooks made of it with the entry."""
    answer = qbo.read_answer(entity)
    entry = json.loads(row.entry)
    symbols = tuple((kind, key) for kind, key in entry.get("symbols", ()))
    name = str(entity.get("DisplayName") or entity.get("Name") or "")
    outcome = Outcome(
        bid,
        "posted",
        qb_id=answer.id,
        sync_token=answer.sync_token,
        number=answer.doc_number,
        total=answer.total,
        tax=answer.tax,
        name=name,
        symbols=symbols,
        looked_up=looked_up,
    )
    if row.kind in ("customer", "item"):
        return Judged(outcome)
    wanted = str(sent.get("CustomerRef", {}).get("value", ""))
    return Judged(outcome, tuple(differences(row, answer.total, answer.tax, wanted, answer.customer, answer.date)))


def quoted(verdict: Verdict) -> str:
    """QuickBooks' words with its code."""
    return f"{verdict.words} (QuickBooks {verdict.code})" if verdict.code else verdict.words


def _refused(bid: str, row: Row, verdict: Verdict, now: datetime) -> Judged:
    if verdict.code == OUT_OF_DATE and is_revision(row) and row.attempt < TWICE:
        return Judged(Outcome(bid, "ready", code=STALE))
    words = quoted(verdict)
    rejected = Outcome(bid, "rejected", code=verdict.problem, words=words)
    if not verdict.not_done:
        return Judged(Outcome(bid, "doubtful", code=verdict.problem, words=words), inquire=True)
    match verdict.action:
        case "ours_already":
            return Judged(rejected, inquire=True)
        case "wait":  # others use up what the company allows: that is not the document's fault, however often
            return Judged(Outcome(bid, "ready", code=verdict.problem, not_before=now + A_MOMENT, counts=False))
        case "retry" if row.attempt < PATIENCE:
            return Judged(Outcome(bid, "ready", code=verdict.problem, not_before=now + A_MOMENT))
        case "reconnect" | "stop" as halt:
            return Judged(Outcome(bid, "ready", code=verdict.problem, counts=False), halt=halt)
        case _:
            return Judged(rejected)
