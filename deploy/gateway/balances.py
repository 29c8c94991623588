"""What QuickBooks says is still owed on invoices whose refunds wait for it: asked after everything else was posted, so
that the figure holds all that we know of."""

from collections import defaultdict
from decimal import Decimal
from typing import Final

from deploy.gateway.turn import VERSION, Step, Turn
from mappings import qbxml
from mappings.qbxml import Response
from state import balances, outbox, problems
from state.ledger import Connection

WAITING: Final = "waiting-for-balance"
MOST: Final = 200
"""Invoices that one session asks for; the next one goes on."""


def wanted(turn: Turn) -> int:
    """How many questions this session still has."""
    return 0 if turn.memory.get("balances") else int(waits(turn.conn))


def waits(conn: Connection) -> bool:
    """Whether a refund waits for an answer."""
    return bool(_invoices(conn))


def ask(turn: Turn) -> bytes | None:
    """One question a session, about every invoice of an order with a refund that waits."""
    if turn.memory.get("balances") or not (invoices := _invoices(turn.conn)):
        return None
    turn.memory["balances"] = True
    question = qbxml.balance_query(list(invoices)[:MOST])
    return qbxml.message([("balances", question)], VERSION)


def hear(turn: Turn, response: Response) -> None:
    """Keep what is open, by the document that was posted first: its revisions are one invoice with it."""
    reply = response.replies.get("balances")
    opened: dict[str, Decimal] = defaultdict(Decimal)
    keys = _invoices(turn.conn)
    for ret in reply.rets if reply is not None else ():
        if key := keys.get(ret.fields.get("TxnID", "")):
            opened[key] += Decimal(ret.fields.get("BalanceRemaining", "0"))
    balances.remember(turn.conn, opened, turn.now)


def lost(_turn: Turn, _hresult: str) -> None:
    """The next session asks again."""


def _invoices(conn: Connection) -> dict[str, str]:
    """QuickBooks' ids of the invoices that are asked for, with the key of the document that was posted first."""
    waiting = [one for one in problems.open_problems(conn, hold=True) if one.problem.code == WAITING]
    return outbox.invoices(conn, [f"order/{one.number}" for one in waiting]) if waiting else {}


STEP: Final = Step("balances", ask, hear, lost)
