"""Documents that QuickBooks may have already, asked for before they go out: after the ledger was restored, or when an
answer left it open whether they were made.

The rows are claimed and nothing is stored to be sent, so that a session that ends here leaves them as they were. What
is found is posted; the rest goes out later in the same session, under a message id that was never used.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from deploy.gateway.advice import PARSE_ERROR
from deploy.gateway.judging import PATIENCE, Judged, accept
from deploy.gateway.turn import VERSION, Turn
from mappings import qbxml
from mappings.qbxml import Reply, Response, Ret
from state import outbox, problems
from state.outbox import Claim, Outcome, Row
from tasks.inquiry import FORMS
from tasks.judging import booked_otherwise

LATER: Final = timedelta(minutes=10)
"""A question that was not answered is asked in the next session."""
UNANSWERED: Final = "look-up-failed"
OTHER: Final = ".other"


def question(turn: Turn, claimed: Claim, requests: Mapping[str, str]) -> bytes | None:
    """The message that asks for those of the claimed rows that may be there; None when none of them may. `requests`
    are the resolved requests, by bId."""
    asked = {bid: requests[bid] for bid, _ in _doubted(turn, claimed)}
    if not asked:
        return None
    turn.memory["asked"] = asked
    queries = [(_name(claimed, bid), qbxml.find_request(sent)) for bid, sent in asked.items()]
    others = [(_name(claimed, bid, OTHER), query) for bid in asked if (query := qbxml.find_otherwise(asked[bid]))]
    return qbxml.message([*queries, *others], VERSION)


def hear(turn: Turn, claimed: Claim, response: Response) -> None:
    """What is found is posted, what is not goes out in this session; what was not answered is asked for later."""
    asked: dict[str, str] = turn.memory.pop("asked")
    taken: set[tuple[str, str]] = set()
    judged = []
    for bid, row in claimed.items:
        replies = [response.replies.get(_name(claimed, bid))]
        if bid in asked and qbxml.find_otherwise(asked[bid]):
            replies.append(response.replies.get(_name(claimed, bid, OTHER)))
        if bid not in asked:
            verdict = _go_out(bid)
        elif failed := next((one for one in replies if one is None or one.status >= 1000), None):
            verdict = _unanswered(turn, bid, row, failed)
        elif None in replies:
            verdict = _unanswered(turn, bid, row, None)
        else:
            found = [one.rets for one in replies if one is not None]
            verdict = (
                _found(turn, bid, row, asked[bid], found[0], taken)
                or _otherwise(turn, bid, row, asked[bid], found)
                or _is_not_there(turn, bid, row)
            )
        judged.append((row, verdict))
    _settle(turn, claimed, judged)


def lost(turn: Turn, claimed: Claim, hresult: str) -> None:
    """Nothing was sent, and nothing is known. A message that QuickBooks cannot read is asked again in two halves."""
    asked: dict[str, str] = turn.memory.pop("asked")
    split = hresult == PARSE_ERROR and len(asked) > 1
    if split:
        keys = [row.key for bid, row in claimed.items if bid in asked]
        turn.memory["split"] = [keys[: len(keys) // 2], keys[len(keys) // 2 :], *turn.memory.get("split", [])]
    judged = [
        (row, _go_out(bid) if split or bid not in asked else _unanswered(turn, bid, row, None))
        for bid, row in claimed.items
    ]
    _settle(turn, claimed, judged)


def _settle(turn: Turn, claimed: Claim, judged: Sequence[tuple[Row, Judged]]) -> None:
    outcomes = [verdict.outcome for _, verdict in judged]
    outbox.settle(turn.conn, claimed.batch_id, claimed.epoch, outcomes, turn.now)
    for row, verdict in judged:
        problems.note(turn.conn, verdict.problems, turn.session.run, turn.now)
        turn.note(row, claimed.batch_id, "look up", verdict.outcome.status, verdict.outcome.code)
        if verdict.outcome.status != "ready":
            turn.count(verdict.outcome.status)


def _doubted(turn: Turn, claimed: Claim) -> Sequence[tuple[str, Row]]:
    looked_up = set(turn.memory.get("looked up", []))
    return [(bid, row) for bid, row in claimed.items if row.look_up_first and row.key not in looked_up]


def _name(claimed: Claim, bid: str, ending: str = "") -> str:
    return f"{claimed.batch_id}.{bid}{ending}"


def _found(
    turn: Turn, bid: str, row: Row, sent: str, rets: Sequence[Ret], taken: set[tuple[str, str]]
) -> Judged | None:
    """The row as posted, when one of what was found is what it became: two payments of a day may look the same, and
    what another row became is not this one."""
    free = [ret for ret in rets if not _is_another(turn, row, ret, taken)]
    ours = qbxml.made(sent, free, row.amount)
    if ours is None and row.operation == "create":
        ours = qbxml.made_before(sent, free, _order(row))
    if ours is None:
        return None
    verdict = accept(bid, row, sent, ours)
    taken.add((row.entity, verdict.outcome.qb_id))
    return verdict


def _is_another(turn: Turn, row: Row, ret: Ret, taken: set[tuple[str, str]]) -> bool:
    if row.operation != "create":
        return False
    qb_id = qbxml.read_answer(ret).id
    return (row.entity, qb_id) in taken or outbox.held_by_another(turn.conn, row.key, qb_id)


def _otherwise(turn: Turn, bid: str, row: Row, sent: str, found: Sequence[Sequence[Ret]]) -> Judged | None:
    """Refused, when the same sale is there in the other form, because the shop's order has changed since it was posted,
    or when somebody else's document has its number."""
    rets = [ret for rets in found for ret in rets if not _is_known(turn, ret)]
    if not rets or (other := qbxml.made_otherwise(sent, rets, _order(row))) is None:
        return None
    words = booked_otherwise(row, FORMS[other.entity])
    return Judged(Outcome(bid, "rejected", code=outbox.UNDECIDED, words=words))


def _order(row: Row) -> str:
    """The number of the Magento order that a row belongs to; empty for none."""
    return row.order_key.removeprefix("order/")


def _is_known(turn: Turn, ret: Ret) -> bool:
    return outbox.is_known(turn.conn, ret.entity, qbxml.read_answer(ret).id)


def _is_not_there(turn: Turn, bid: str, row: Row) -> Judged:
    turn.memory.setdefault("looked up", []).append(row.key)
    return _go_out(bid)


def _go_out(bid: str) -> Judged:
    return Judged(Outcome(bid, "ready", counts=False))


def _unanswered(turn: Turn, bid: str, row: Row, reply: Reply | None) -> Judged:
    words = f"{' '.join(reply.message.split())} (QuickBooks {reply.status})" if reply else "QuickBooks did not answer."
    if row.attempt < PATIENCE:
        later = turn.now + LATER
        return Judged(Outcome(bid, "ready", code=UNANSWERED, words=words, not_before=later))
    words = f"QuickBooks may have this document already, and cannot be asked for it: {words}"
    return Judged(Outcome(bid, "rejected", code=outbox.UNDECIDED, words=words))
