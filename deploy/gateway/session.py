"""The Web Connector's session: what each of its callbacks does, over steps that ask and hear.

Every callback is one transaction of the ledger, so a gateway that stops anywhere goes on where it was. Which step
comes next is decided anew each time, in a fixed order: whose file is it, what did an earlier session leave open, what
changed in the lists, and then documents.
"""

import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from deploy.gateway import balances, mirroring, posting, recognising, recovering, refreshing, work
from deploy.gateway.advice import PARSE_ERROR, advice, fold
from deploy.gateway.turn import Step, Turn
from mappings import qbxml
from state import connector, ledger, witness
from state.connector import Session
from state.ledger import Connection, Ledger
from state.outbox import StaleClaim
from state.outbox_orphans import release_orphans
from state.settings import Settings
from tasks.belonging import check_books

STEPS: Final[tuple[Step, ...]] = (
    recognising.STEP,
    recovering.REPEAT,
    recovering.INQUIRE,
    mirroring.STEP,
    refreshing.STEP,
    posting.STEP,
    balances.STEP,
)
BY_NAME: Final = {step.name: step for step in STEPS}
DONE: Final = 100
FAILED: Final = -1
NO_OP: Final = "NoOp"
"""What getLastError answers to make the Web Connector wait five seconds and ask again (its Programmer's Guide)."""
NAPS: Final = 12
OVER: Final = "This session has ended. The next update begins a new one and goes on where it stopped."
EVERY: Final = "60"
"""The least number of seconds between two updates that run by themselves."""


@dataclass(frozen=True, slots=True)
class Connector:
    """The service behind the SOAP operations (`deploy.gateway.operations.Service`). `clock` is the time in UTC."""

    settings: Settings
    ledger: Ledger
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def open(self) -> list[str]:
        """A session, if there is work and none is open: its ticket, the company file, no delay, the least interval."""
        now = self.clock()
        witness.examine(self.ledger, self.settings.home, now)
        with ledger.begin(self.ledger) as conn:
            connector.visited(conn, now)
            if connector.occupied(conn, now):
                return [secrets.token_hex(32), "busy"]
            # Only one session lives at a time, so whatever an earlier one held is free.
            release_orphans(conn, lambda owner: not owner.startswith(connector.FLOW), now)
            if not work.waits(conn, now):
                return [secrets.token_hex(32), "none"]
            ticket, _ = connector.open_session(conn, now)
            file = self.settings.qbwc_company_file or connector.get(conn).company_file
        return [ticket, file, "0", EVERY]

    def alive(self, ticket: str) -> bool:
        """Whether a session is open under this ticket."""
        with ledger.reading(self.ledger) as conn:
            return connector.last_words(conn, ticket, self.clock()) is not None

    def send_request(self, ticket: str, hcp: str, company_file: str, country: str, major: int, minor: int) -> str:
        """The next message for QuickBooks, or nothing: then getLastError says why."""
        now = self.clock()
        with ledger.begin(self.ledger) as conn:
            session = connector.session_of(conn, ticket, now)
            if session is None:
                return ""
            turn = self._turn(conn, session, now)
            body = session.body  # it may ask again for what it was given already
            if body is None:
                session.said = recognising.greet(turn, hcp, company_file, country, major, minor)
                body = None if session.said else self._next(turn)
                connector.save(conn, session)
        if body:
            witness.attest(self.ledger, self.settings.home, now)
        return body.decode() if body else ""

    def receive_response(self, ticket: str, response: str, hresult: str, message: str) -> int:
        """Take QuickBooks' answer: the percentage done, 100 at the end, negative when the session cannot go on."""
        now = self.clock()
        with ledger.begin(self.ledger) as conn:
            session = connector.session_of(conn, ticket, now)
            if session is None:
                return FAILED
            turn = self._turn(conn, session, now)
            if session.body is not None:
                _take(turn, response, hresult.strip(), message)
            percent = _percent(turn)
            connector.save(conn, session)
            return percent

    def last_error(self, ticket: str) -> str:
        """What the Web Connector shows to its user, or NoOp."""
        with ledger.reading(self.ledger) as conn:
            return connector.last_words(conn, ticket, self.clock()) or OVER

    def connection_error(self, ticket: str, hresult: str, message: str) -> str:
        """QuickBooks could not be opened: another file to try (empty: whichever is open), or `done`."""
        now, told = self.clock(), advice(hresult, message)
        with ledger.begin(self.ledger) as conn:
            session = connector.session_of(conn, ticket, now)
            if session is None:
                return "done"
            session.said = told.words
            tried = session.memory.setdefault("opened", 0)
            session.memory["opened"] = tried + 1
            again = told.other_file and not tried and bool(self.settings.qbwc_company_file)
            connector.save(conn, session) if again else connector.close(conn, session, now)
        return "" if again else "done"

    def close(self, ticket: str) -> str:
        """End the session; what was done, in a sentence."""
        now = self.clock()
        with ledger.begin(self.ledger) as conn:
            session = connector.ended(conn, ticket)
            if session is None:
                return "Nothing was open."
            if session.open:
                connector.close(conn, session, now)
        return work.told(session)

    def _turn(self, conn: Connection, session: Session, now: datetime) -> Turn:
        return Turn(conn, session, now, self.settings.qbwc_message_size)

    def _next(self, turn: Turn) -> bytes | None:
        session = turn.session
        for step in STEPS:
            body = step.ask(turn)
            if body is not None:
                session.step, session.body = step.name, body
                return body
        session.said = NO_OP if _nap(turn) else "Everything is done."
        return None


def _take(turn: Turn, response: str, hresult: str, message: str) -> None:
    """Let the step that asked hear the answer, or know that there is none."""
    session = turn.session
    step, session.step, session.body = BY_NAME[session.step], "", None
    with suppress(StaleClaim):  # another session has taken the batch over meanwhile, and settles it
        if hresult:
            if fold(hresult) != PARSE_ERROR:
                turn.memory["halt"] = advice(hresult, message).words
            step.lost(turn, fold(hresult))
            return
        try:
            answer = qbxml.read(response)
        except qbxml.Unreadable:
            step.lost(turn, "")
            return
        step.hear(turn, answer)


def _percent(turn: Turn) -> int:
    halt = turn.memory.get("halt")
    if halt:
        turn.session.said = halt
        return FAILED
    left = work.left(turn)
    if not left and not _nap(turn, peek=True):
        return DONE
    done: int = sum(turn.memory.get("counts", {}).values())
    return max(1, min(99, 100 * done // (done + left or 1)))


def _nap(turn: Turn, *, peek: bool = False) -> bool:
    """Whether waiting helps: something will be ready in a moment, or a run is queueing documents right now."""
    naps = turn.memory.get("naps", 0)
    if naps >= NAPS or not work.soon(turn.conn, turn.now):
        return False
    if not peek:
        turn.memory["naps"] = naps + 1
    return True


def open_service(settings: Settings) -> Connector:
    """The service of a company. Raises LedgerError when its ledger cannot be used, OtherBooks when it is another's."""
    engine = ledger.connect(settings.ledger_url)
    try:
        check_books(engine, settings, "desktop")
    except BaseException:
        engine.dispose()
        raise
    return Connector(settings, engine)
