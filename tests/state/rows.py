"""Outbox rows as tests write them, and the steps that most tests share."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.engine import Engine

from state import ledger as ledgers
from state import outbox
from state.outbox import Batch, Claim, NewRow, Outcome

NOW = datetime(2026, 11, 21, 3, 45, tzinfo=UTC)
LEASE = timedelta(minutes=5)
LATER = NOW + timedelta(minutes=6)


def new(key: str, **changes: Any) -> NewRow:
    """A sales receipt of 10.80 USD, unless said otherwise."""
    values: dict[str, Any] = {
        "key": key,
        "kind": "sales_receipt",
        "entity": "SalesReceipt",
        "operation": "create",
        "rank": 1,
        "payload": f'{{"DocNumber":"{key}"}}',
        "entry": "{}",
        "rules_hash": "rules",
        "amount": Decimal("10.80"),
        "tax": Decimal("0.80"),
        "currency": "USD",
        "txn_date": date(2026, 11, 20),
        "number": key.split("/")[1],
        "source_id": 1,
        "run": "20261121-034501-ab12",
        "order_key": "/".join(key.split("/")[:2]),
    }
    return NewRow(**(values | changes))


def put(ledger: Engine, *rows: NewRow) -> outbox.Put:
    """Queue rows in a transaction of their own."""
    with ledgers.begin(ledger) as conn:
        return outbox.put(conn, rows, NOW)


def send(ledger: Engine, size: int = 30, owner: str = "one", now: datetime = NOW) -> Claim:
    """Claim and intend; the body names the keys."""
    with ledgers.begin(ledger) as conn:
        claim = outbox.claim(conn, size, owner, now, LEASE)
        assert claim is not None
        outbox.intend(conn, claim, body(claim), now)
        return claim


def body(claim: Claim | Batch) -> bytes:
    """The bytes that `send` intends."""
    return ",".join(row.key for _, row in claim.items).encode()


def keys(claim: Claim | Batch | None) -> list[str]:
    """The keys of a claim, empty for none."""
    return [row.key for _, row in claim.items] if claim else []


def posted(bid: str, **changes: Any) -> Outcome:
    """QuickBooks took the item, as id 100 + bid."""
    values: dict[str, Any] = {"qb_id": f"10{bid}", "sync_token": "0", "total": Decimal("10.80"), "tax": Decimal("0.80")}
    return Outcome(bid, "posted", **(values | changes))


def settle(ledger: Engine, claim: Claim, *outcomes: Outcome, now: datetime = NOW) -> None:
    """Settle in a transaction of its own; without outcomes everything is posted."""
    given = outcomes or tuple(posted(bid) for bid, _ in claim.items)
    with ledgers.begin(ledger) as conn:
        outbox.settle(conn, claim.batch_id, claim.epoch, given, now)


def row(ledger: Engine, key: str) -> outbox.Row:
    """A row as it stands."""
    with ledgers.reading(ledger) as conn:
        found = outbox.get(conn, key)
    assert found is not None
    return found


def states(ledger: Engine) -> dict[str, str]:
    """Key -> state of all rows."""
    with ledgers.reading(ledger) as conn:
        return {one.key: one.status for one in outbox.rows(conn)}
