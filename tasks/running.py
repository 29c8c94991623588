"""One run from its first line in the ledger to its last: begun, counted, and finished whatever happens."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from prefect.logging import get_run_logger

from mappings.keys import digest
from mappings.rules import Target
from state import announcing, identity, ledger, outbox, problems, runs, totals
from state.ledger import Ledger
from state.settings import load_settings
from tasks import company, connections, waiting
from tasks.belonging import keep_books
from tasks.connections import Session
from tasks.windows import Window

BODIES_KEPT: Final = timedelta(days=30)
"""How long the bytes of answered requests stay: names and addresses are in them."""
SKIPPED: Final = "skipped: "
"""What a count of mapping begins with that is of documents skipped for one reason; the reason follows."""


@dataclass(slots=True)
class Run:
    """A run under way, and what its tasks reported so far; all its counts are written when it ends."""

    id: str
    session: Session
    begun: datetime
    landed: int = 0
    skipped: int = 0
    queued: int = 0
    adjusted: int = 0
    summarised: int = 0
    with_held: int = 0
    skipped_by: Counter[str] = field(default_factory=Counter)

    @property
    def online(self) -> bool:
        """Whether documents are pushed to QuickBooks Online; Desktop fetches them through the gateway."""
        return self.session.rules.books.target == "online"

    @property
    def company_known(self) -> bool:
        """Whether this ledger has seen its company: nothing can be booked for an unknown one."""
        with ledger.reading(self.session.ledger) as conn:
            return company.is_known(conn)

    @property
    def ledger_id(self) -> str:
        """What tells this company's ledger from any other, for Prefect's cache: no secret, no address."""
        return digest(self.session.settings.ledger_url)

    def counts(self) -> dict[str, Any]:
        """What the run did so far, in the keys of `sync --json`; amounts as text."""
        with ledger.reading(self.session.ledger) as conn:
            return summary(conn, self)

    def add(self, mapped: dict[str, int]) -> None:
        """Count what one mapping pass did."""
        self.queued += mapped.get("queued", 0)
        self.skipped += mapped.get("skipped", 0)
        self.adjusted += mapped.get("adjusted", 0)
        self.summarised += mapped.get("summarised", 0)
        self.with_held += mapped.get("with_held", 0)
        reasons = {name.removeprefix(SKIPPED): number for name, number in mapped.items() if name.startswith(SKIPPED)}
        self.skipped_by.update(reasons)


@asynccontextmanager
async def run(flow: str, home: str | None, window: Window, target: Target | None = None) -> AsyncIterator[Run]:
    """Open a company's session, for another target than its rules name when one is given, and its run in the ledger.

    The run ends as `done` or `failed`; either way its counts are written, for they are facts.
    """
    settings = load_settings(Path(home) if home else None)
    begun = datetime.now(UTC)
    engine = ledger.connect(settings.ledger_url)
    with ledger.begin(engine) as conn:
        keep_books(conn, settings, None, begun)  # a run leaves no trace in another company's ledger
        run_id = runs.start(conn, flow, begun, (_iso(window.since), _iso(window.until)))
    engine.dispose()
    status = "failed"
    try:
        async with connections.session(settings, run_id, target) as session:
            current = Run(run_id, session, begun)
            try:
                with announcing.listening(_logged):
                    yield current
                status = "done"
            finally:
                _finish(current, status)
                for notice in session.magento.notices:
                    get_run_logger().warning("Magento writes a PHP notice before its answers: %s", notice)
    except BaseException:
        if status == "failed":
            _mark_failed(settings.ledger_url, run_id)
        raise


def summary(conn: ledger.Connection, run: Run) -> dict[str, Any]:
    """What a run did, in the keys of `sync --json`; amounts as text."""
    states = outbox.counts(conn)
    calls = run.session.quickbooks.calls
    return {
        "target": run.session.rules.books.target,
        "company_known": company.is_known(conn),
        "landed": run.landed,
        "queued": run.queued,
        "posted": totals.posted_in(conn, run.id),
        "held": problems.held(conn),
        "rejected": states.get("rejected", 0),
        "unknown": states.get("unknown", 0) + states.get("sent", 0),
        "undecided": outbox.undecided(conn),
        **waiting.figures(conn, datetime.now(UTC)),
        "with_held": run.with_held,
        "skipped": run.skipped,
        "skipped_by": dict(run.skipped_by.most_common()),
        "adjusted": run.adjusted,
        "summarised": run.summarised,
        "restored": _restored(conn, run),
        "api": {
            "magento": run.session.magento.calls,
            "quickbooks": calls.calls,
            "reads": calls.reads,
            "batches": calls.batches,
        },
        "seconds": round((datetime.now(UTC) - run.begun).total_seconds(), 1),
        "posted_by_kind": totals.posted_by_kind(conn, run.id),
        "totals": totals.by_currency(conn, run.id),
        "held_by_cause": {cause.code: cause.count for cause in problems.grouped(conn) if cause.hold},
    }


def _restored(conn: ledger.Connection, run: Run) -> str | None:
    """When this run noticed that the ledger was restored or moved (ISO, UTC); None when it did not."""
    found = identity.notice(conn)
    return found.since.isoformat() if found and found.since >= run.begun else None


def _finish(run: Run, status: str) -> None:
    now = datetime.now(UTC)
    with ledger.begin(run.session.ledger) as conn:
        outbox.forget_bodies(conn, now - BODIES_KEPT)
        runs.finish(conn, run.id, summary(conn, run), now, status)


def _mark_failed(url: str, run_id: str) -> None:
    engine: Ledger = ledger.connect(url)
    with ledger.begin(engine) as conn:
        found = runs.get(conn, run_id)
        if found is not None and found.finished_at is None:
            runs.finish(conn, run_id, {}, datetime.now(UTC), "failed")
    engine.dispose()


def _logged(sentence: str, seconds: float) -> None:
    """Write a long wait to the run's log."""
    if seconds > announcing.LOGGED_FROM:
        get_run_logger().info(sentence)


def _iso(day: object) -> str:
    return str(day) if day else ""
