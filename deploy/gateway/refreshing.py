"""The present EditSequence of whatever a Mod is about to change: asked for before each Mod, because a stale one is
refused (statusCode 3200)."""

from collections.abc import Mapping
from typing import Final

from deploy.gateway.turn import VERSION, Step, Turn
from mappings import qbxml
from mappings.keys import Symbol, fold
from mappings.qbxml import Response
from state import outbox, references
from state.outbox import Row
from state.references import Known
from tasks.revising import is_revision, revise_desktop

SYNC: Final = "sync"


def ask(turn: Turn) -> bytes | None:
    """Ask for the next Mods that can go out and whose EditSequence this session has not read yet."""
    current: list[str] = turn.memory.setdefault("current", [])
    rows = outbox.next_of(turn.conn, "mod", turn.size, turn.now)
    stale = {row.key: row for row in rows if row.key not in current}
    if not stale:
        return None
    current += stale
    turn.memory["asking"] = list(stale)
    return qbxml.message(((key, _question(turn, row)) for key, row in _numbered(stale)), VERSION)


def _numbered(rows: Mapping[str, Row]) -> list[tuple[str, Row]]:
    """Running numbers as requestIDs: an outbox key may be longer than the 50 characters that one may have."""
    return [(str(number), row) for number, row in enumerate(rows.values())]


def hear(turn: Turn, response: Response) -> None:
    """Keep what QuickBooks says; what it no longer has makes the Mod be refused when it is claimed."""
    for number, key in enumerate(turn.memory.pop("asking", [])):
        row, reply = outbox.get(turn.conn, key), response.replies.get(str(number))
        if row is None or reply is None or not reply.rets:
            continue
        sequence = qbxml.read_answer(reply.rets[0]).edit_sequence
        names = [name for kind, name in qbxml.references(row.payload) if kind == SYNC]
        references.put_many(turn.conn, SYNC, [Known(name, sequence) for name in names], turn.now)
        if is_revision(row):
            revise_desktop(turn.conn, row, reply.rets[0], turn.session.run, turn.now)


def lost(turn: Turn, _hresult: str) -> None:
    """Without an answer the Mods go out with the EditSequence known so far, and are asked for again if it is stale."""
    turn.memory.pop("asking", None)


def _question(turn: Turn, row: Row) -> str:
    symbols = qbxml.references(row.payload)
    ids = references.lookup(turn.conn, {fold(symbol) for symbol in symbols})
    named: dict[Symbol, str] = {symbol: ids.get(fold(symbol), "0") for symbol in symbols}
    return qbxml.current(qbxml.resolve(row.payload, named))


STEP: Final = Step("refresh", ask, hear, lost)
