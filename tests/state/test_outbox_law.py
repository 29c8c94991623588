"""Whatever happens to the rows: a request id is never sent with two bodies, and nothing is sent twice under two ids
while its outcome is unknown."""

import shutil
import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from state import ledger as ledgers
from state import outbox
from state.outbox import Batch, Claim, Outcome
from tests.ledgers import lay_ledger
from tests.state.rows import LEASE, NOW, new

KEYS = st.sampled_from(["order/1", "order/2", "order/3", "order/4"])
ANSWERS: dict[str, dict[str, Any]] = {
    "posted": {"status": "posted", "qb_id": "7"},
    "refused": {"status": "rejected", "code": "2010"},
    "again": {"status": "ready"},
    "throttled": {"status": "ready", "counts": False},
    "halved": {"status": "ready", "counts": False, "halve": True},
    "lost": {"status": "unknown"},
    "in doubt": {"status": "doubtful", "code": "1000"},
    "undecided": {"status": "doubtful", "code": outbox.UNDECIDED},
}
SOME_ANSWERS = st.lists(st.sampled_from(sorted(ANSWERS)), min_size=4, max_size=4)


class Outbox(RuleBasedStateMachine):
    """An outbox in SQLite, and what QuickBooks has seen: the body of every request id."""

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp(prefix="mb-law-"))
        self.ledger = ledgers.connect(lay_ledger(self.home / "ledger.sqlite"))
        self.now: datetime = NOW
        self.seen: dict[str, bytes] = {}

    def teardown(self) -> None:
        self.ledger.dispose()
        shutil.rmtree(self.home)

    @rule(key=KEYS, content=st.integers(1, 3))
    def put(self, key: str, content: int) -> None:
        with ledgers.begin(self.ledger) as conn:
            outbox.put(conn, [new(key, payload=f'{{"content":{content}}}')], self.now)

    @rule(key=KEYS)
    def discard(self, key: str) -> None:
        with ledgers.begin(self.ledger) as conn:
            outbox.discard(conn, [key])

    @rule()
    def retry(self) -> None:
        with ledgers.begin(self.ledger) as conn:
            outbox.retry(conn, None, self.now)

    @rule(key=KEYS)
    def mark(self, key: str) -> None:
        with ledgers.begin(self.ledger) as conn:
            outbox.look_up_first(conn, [key])

    @rule()
    def claim_and_die(self) -> None:
        with ledgers.begin(self.ledger) as conn:
            outbox.claim(conn, 4, "dies", self.now, LEASE)

    @rule(size=st.integers(1, 4), answers=SOME_ANSWERS, settles=st.booleans())
    def post(self, size: int, answers: Sequence[str], settles: bool) -> None:
        with ledgers.begin(self.ledger) as conn:
            claim = outbox.claim(conn, size, "one", self.now, LEASE)
            if claim is None:
                return
            outbox.intend(conn, claim, body(claim), self.now)
        self.send(claim.batch_id, body(claim))
        if settles:
            self.settle(claim.batch_id, claim.epoch, claim, answers)

    @rule(answers=SOME_ANSWERS)
    def recover(self, answers: Sequence[str]) -> None:
        """A later process takes over what was left: repeats it where no answer came, looks it up where one did."""
        self.now += LEASE
        with ledgers.begin(self.ledger) as conn:
            taken = [outbox.take_over(conn, batch.id, "two", self.now, LEASE) for batch in outbox.due(conn, self.now)]
        for batch in taken:
            if batch.state != "answered":
                self.send(batch.id, batch.body)
            self.settle(batch.id, batch.epoch, batch, answers)

    @rule()
    def time_passes(self) -> None:
        self.now += timedelta(hours=1)

    @invariant()
    def a_row_is_in_one_open_batch_at_most(self) -> None:
        with ledgers.reading(self.ledger) as conn:
            batches = outbox.due(conn, self.now + timedelta(days=1))
            open_rows = [row.key for batch in batches for _, row in batch.items if row.status in ("sent", "unknown")]
        assert len(open_rows) == len(set(open_rows))

    def send(self, batch_id: str, sent: bytes) -> None:
        assert self.seen.setdefault(batch_id, sent) == sent

    def settle(self, batch_id: str, epoch: int, held: Claim | Batch, answers: Sequence[str]) -> None:
        outcomes = [Outcome(bid, **ANSWERS[answers[at]]) for at, (bid, _) in enumerate(held.items)]
        with ledgers.begin(self.ledger) as conn:
            outbox.settle(conn, batch_id, epoch, outcomes, self.now)


def body(claim: Claim) -> bytes:
    """Keys and contents, as they go out."""
    return "\n".join(f"{bid} {row.key} {row.payload}" for bid, row in claim.items).encode()


TestOutbox = Outbox.TestCase
TestOutbox.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
