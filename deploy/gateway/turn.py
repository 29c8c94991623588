"""One callback of the Web Connector: the session, and the ledger's open transaction that its step works in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from mappings.qbxml import Response
from state import audit
from state.connector import Session
from state.ledger import Connection
from state.outbox import Row

VERSION: Final = "13.0"
"""The qbXML that is spoken: QuickBooks 2014 and everything since understand it, and it has all that is needed."""


@dataclass(frozen=True, slots=True)
class Turn:
    """`size` is the most requests in one message of documents."""

    conn: Connection
    session: Session
    now: datetime
    size: int

    @property
    def memory(self) -> dict[str, Any]:
        """What this session's steps remember from one callback to the next."""
        return self.session.memory

    def count(self, outcome: str, number: int = 1) -> None:
        """Count what became of documents in this session."""
        counts = self.memory.setdefault("counts", {})
        counts[outcome] = counts.get(outcome, 0) + number

    def note(self, row: Row, batch: str, action: str, outcome: str, code: str = "") -> None:
        """A line in the audit trail."""
        line = audit.Line(self.session.owner, self.session.run, action, row.key, outcome, batch, "", code)
        audit.write(self.conn, [line], self.now)


@dataclass(frozen=True, slots=True)
class Step:
    """One kind of message: `ask` makes the next one (None: nothing to ask), `hear` takes QuickBooks' answer, `lost`
    what is known when there is none (with the HRESULT, or empty for an answer that cannot be read)."""

    name: str
    ask: Callable[[Turn], bytes | None]
    hear: Callable[[Turn, Response], None]
    lost: Callable[[Turn, str], None]
