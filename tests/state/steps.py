"""What the tests run as processes of their own: `python steps.py STEP URL ...`."""

import sys
import time
from datetime import UTC, datetime, timedelta

from state import breaker, leases, ledger, limits, outbox, references
from state.outbox import NewRow, Outcome
from tests.state.rows import LEASE, NOW, body, new, posted


def drain(url: str, owner: str) -> None:
    """Claim, intend and settle until nothing is left; print every key with its batch."""
    engine = ledger.connect(url)
    while True:
        with ledger.begin(engine) as conn:
            claim = outbox.claim(conn, 7, owner, NOW, LEASE)
            if claim is None:
                return
            outbox.intend(conn, claim, body(claim), NOW)
        with ledger.begin(engine) as conn:
            outbox.guard(conn, claim.batch_id, claim.epoch, body(claim))
        with ledger.begin(engine) as conn:
            outbox.settle(conn, claim.batch_id, claim.epoch, [posted(bid) for bid, _ in claim.items], NOW)
        for _, row in claim.items:
            print(row.key)


def queue(url: str, start: str) -> None:
    """Queue dependants in small transactions, while others settle what they need."""
    engine = ledger.connect(url)
    for number in range(int(start), int(start) + 100):
        rows: list[NewRow] = [
            new(f"payment/{number}", rank=2, depends=(f"order/{number % 50}",)),
            new(f"order/{number % 50}"),
        ]
        with ledger.begin(engine) as conn:
            outbox.put(conn, rows, NOW)


def hang_in_settle(url: str) -> None:
    """Write half of everything a settlement writes, say so, and wait to be killed inside the transaction."""
    engine = ledger.connect(url)
    with ledger.begin(engine) as conn:
        claim = outbox.claim(conn, 30, "one", NOW, LEASE)
        assert claim is not None
        outbox.intend(conn, claim, body(claim), NOW)
    with ledger.begin(engine) as conn:
        outcomes = [posted(bid) for bid, _ in claim.items[:1]]
        outcomes += [Outcome(bid, "rejected", code="2010") for bid, _ in claim.items[1:]]
        outbox.settle(conn, claim.batch_id, claim.epoch, outcomes, NOW)
        print("inside", flush=True)
        time.sleep(60)


def hang_in_claim(url: str) -> None:
    """Claim and intend, then wait to be killed before the commit."""
    engine = ledger.connect(url)
    with ledger.begin(engine) as conn:
        claim = outbox.claim(conn, 30, "one", NOW, LEASE)
        assert claim is not None
        outbox.intend(conn, claim, body(claim), NOW)
        print("inside", flush=True)
        time.sleep(60)


def go(url: str, calls: str) -> None:
    """Take grants of a limit of 5 in 0.4 seconds; print when each was given."""
    engine = ledger.connect(url)
    for _ in range(int(calls)):
        while True:
            with ledger.begin(engine) as conn:
                wait = limits.reserve(conn, [limits.Window("requests", 5, 0.4)], datetime.now(UTC))
            if not wait:
                break
            time.sleep(wait)
        print(time.time())


def hold(url: str, owner: str) -> None:
    """Take a lease and the breaker's probe, if they are free; print what was got."""
    engine = ledger.connect(url)
    with ledger.begin(engine) as conn:
        lease = leases.acquire(conn, "refresh", owner, NOW, LEASE)
    with ledger.begin(engine) as conn:
        verdict = breaker.allow(conn, "quickbooks", NOW + timedelta(hours=1))
    print(f"{lease is not None} {verdict.state}")


def name(url: str, owner: str) -> None:
    """Reserve names that another process wants as well."""
    engine = ledger.connect(url)
    for number in range(20):
        with ledger.begin(engine) as conn:
            print(references.reserve_name(conn, f"Jane {number}", f"{owner}:{number}"))


def open_ledger(url: str) -> None:
    """Open a ledger that another process creates at the same moment."""
    ledger.connect(url).dispose()


STEPS = {step.__name__: step for step in (drain, queue, hang_in_settle, hang_in_claim, go, hold, name, open_ledger)}

if __name__ == "__main__":
    STEPS[sys.argv[1]](*sys.argv[2:])
