"""What QuickBooks' answer to one batch item means: posted, refused, to be tried again, or to be asked about. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from mappings import qbo
from mappings.agreement import differences
from mappings.model import Problem
from state.outbox import Outcome, Row
from tasks.clients.quickbooks_faults import Verdict, fault_of, sort
from tasks.revising import is_revision

STALE = "stale"
OUT_OF_DATE = "5010"
TWICE = 2
PATIENCE = 5  # attempts after which "try again" becomes a refusal that a person sees

Halt = Literal["", "reconnect", "stop"]


@dataclass(frozen=True, slots=True)
class Judged:
    """One item's outcome. `inquire`: QuickBooks says it has this already, so look before deciding.

    `halt` ends the delivery: the connection or the subscription needs a person. `problems` are shown, not held.
    """

    outcome: Outcome
    problems: tuple[Problem, ...] = ()
    inquire: bool = False
    halt: Halt = ""


def judge(bid: str, row: Row, sent: Mapping[str, Any], item: Mapping[str, Any] | None, now: datetime) -> Judged:
    """Judge the answer to one item; `sent` is the payload under its bId, None an item without any answer."""
    if item is None:
        return Judged(Outcome(bid, "unknown"))
    fault = fault_of(item)
    if fault is not None:
        return _refused(bid, row, sort(fault, 400), now)
    entity = item.get(row.entity)
    if not isinstance(entity, Mapping) or not entity.get("Id"):
        return Judged(Outcome(bid, "unknown", code="no-answer", words="The answer names no document."))
    return accept(bid, row, sent, entity)


def accept(bid: str, row: Row, sent: Mapping[str, Any], entity: Mapping[str, Any]) -> Judged:
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
    )
    if row.kind in ("customer", "item"):
        return Judged(outcome)
    wanted = str(sent.get("CustomerRef", {}).get("value", ""))
    return Judged(outcome, tuple(differences(row, answer.total, answer.tax, wanted, answer.customer)))


def _refused(bid: str, row: Row, verdict: Verdict, now: datetime) -> Judged:
    if verdict.code == OUT_OF_DATE and is_revision(row) and row.attempt < TWICE:
        return Judged(Outcome(bid, "ready", code=STALE))
    rejected = Outcome(bid, "rejected", code=verdict.problem, words=f"{verdict.words} (QuickBooks {verdict.code})")
    match verdict.action:
        case "ours_already":
            return Judged(rejected, inquire=True)
        case "retry" | "wait":
            if row.attempt >= (2 if verdict.once else PATIENCE):
                return Judged(rejected)
            return Judged(Outcome(bid, "ready", code=verdict.problem, not_before=now + timedelta(seconds=1)))
        case "reconnect" | "stop" as halt:
            return Judged(Outcome(bid, "ready", code=verdict.problem), halt=halt)
        case _:
            return Judged(rejected)
