"""What QuickBooks Desktop's answer to one request means: posted, refused, to be tried again or asked about. Pure.

Ranges and codes of statusCode as Intuit's "Status codes in response messages" gives them: up to 499 information,
500 to 999 a warning (the data was processed), above that an error.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from mappings import qbxml, upkeep
from mappings.agreement import differences
from mappings.model import Problem
from mappings.qbxml import Reply, Ret
from state.outbox import Outcome, Row

PATIENCE: Final = 6  # attempts after which "try again" becomes a refusal that a person sees
SOON: Final = timedelta(seconds=20)
RENAME: Final = "renamed"
STALE: Final = "stale"
NAME_TAKEN: Final = 3100
OUT_OF_DATE: Final = 3200
NOT_EXECUTED: Final = 3231
BUSY: Final = (1000, 1010, 3170, 3175, 3176, 3180)
"""Internal errors, and objects that somebody else is working on."""
NOT_SAVED: Final = 3180
"""One of these for a document; for a custom field, that it is not there (Intuit, "DataExtAdd")."""
NO_PERMISSION: Final = (3260, 3261)
CODES: Final = {3140: "unknown-reference", 3120: "unknown-reference", 3210: "quickbooks-refused"}


@dataclass(frozen=True, slots=True)
class Judged:
    """One request's outcome. `problems` are shown, not held; `halt` ends the session with these words."""

    outcome: Outcome
    problems: tuple[Problem, ...] = ()
    halt: str = ""


def judge(bid: str, row: Row, sent: str, reply: Reply | None, now: datetime) -> Judged:
    """Judge the answer to one request; `sent` is the request as it went out, None a request without any answer."""
    if reply is None:
        return Judged(Outcome(bid, "unknown"))
    if reply.status < 1000:
        if reply.rets:
            return accept(bid, row, sent, reply.rets[0])
        return Judged(Outcome(bid, "unknown", code="no-answer", words="The answer names no document."))
    words = f"{' '.join(reply.message.split())} (QuickBooks {reply.status})"
    refused = _refused(bid, sent, reply.status, words)
    if reply.status in NO_PERMISSION:
        halt = f"{words} Give MageBooks the permission in QuickBooks, then update again."
        return Judged(Outcome(bid, "ready", code="no-permission", not_before=now + SOON), halt=halt)
    if row.attempt >= PATIENCE or (reply.status == NOT_SAVED and row.entity == upkeep.EXTENSION):
        return refused
    if reply.status == NOT_EXECUTED:
        return Judged(Outcome(bid, "ready", code="not-executed"))
    if reply.status == OUT_OF_DATE and row.operation == "mod":
        return Judged(Outcome(bid, "ready", code=STALE))
    if reply.status == NAME_TAKEN:
        # A customer gets another name. Anything else is asked for: it may be what we need, or ours from a lost answer.
        return Judged(Outcome(bid, "ready", code=RENAME) if row.kind == "customer" else Outcome(bid, "unknown"))
    if reply.status in BUSY:
        return Judged(Outcome(bid, "ready", code="busy", words=words, not_before=now + SOON))
    return refused


def _refused(bid: str, sent: str, status: int, words: str) -> Judged:
    if name := qbxml.custom_field_of(sent):
        return Judged(Outcome(bid, "rejected", code="custom-field", words=f"Custom field {name!r}: {words}"))
    return Judged(Outcome(bid, "rejected", code=CODES.get(status, "quickbooks-refused"), words=words))


def accept(bid: str, row: Row, sent: str, ret: Ret) -> Judged:
    """It is in the books: keep its id, and compare what QuickBooks made of it with the entry."""
    answer = qbxml.read_answer(ret)
    symbols = tuple((kind, key) for kind, key in json.loads(row.entry).get("symbols", ()))
    outcome = Outcome(
        bid,
        "posted",
        qb_id=answer.id,
        sync_token=answer.edit_sequence,
        number=answer.number,
        total=answer.total,
        tax=answer.tax,
        name=answer.name,
        symbols=symbols,
    )
    if row.kind in ("customer", "item"):
        return Judged(outcome)
    wanted = qbxml.customer_of(sent)
    return Judged(outcome, tuple(differences(row, answer.total, answer.tax, wanted, answer.customer, answer.date)))
