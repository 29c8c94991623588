"""What the books must show by the ledger alone: the lines of all posted entries, added up by account."""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from mappings.jsontext import parse
from state import outbox
from state.ledger import Connection

ZERO = Decimal(0)
GAIN_OR_LOSS = "Exchange Gain or Loss"


def by_entries(conn: Connection) -> dict[str, Decimal]:
    """Account name to balance of everything posted in home currency, debit positive; zero balances left out."""
    entries = {row.key: parse(row.entry) for row in outbox.rows(conn, "posted") if row.entry}
    settled: dict[str, Decimal] = {}
    sums: dict[str, Decimal] = {}
    for entry in entries.values():
        for account, amount in _in_home(entry, entries, settled):
            sums[account] = sums.get(account, ZERO) + amount
    return {account: amount for account, amount in sorted(sums.items()) if amount}


def _in_home(entry: dict[str, Any], entries: dict[str, Any], settled: dict[str, Decimal]) -> Iterator[Any]:
    """A foreign document at its own rate; a payment takes what is owed off at the rate at which it was owed."""
    lines = [(line["account"], line["amount"]) for line in entry.get("lines", ())]
    rate = entry.get("exchange_rate")
    if rate is None:
        yield from lines
    elif entry["kind"] != "payment":
        first, *rest = [(account, _cents(amount * rate)) for account, amount in lines]
        left = first[1] + sum(amount for _, amount in rest)
        largest = max(range(len(rest)), key=lambda at: abs(rest[at][1]), default=0)
        yield first
        for at, (account, amount) in enumerate(rest):
            yield account, amount - left if at == largest else amount
    else:
        for (account, amount), key in zip(lines[::-1], entry["applies_to"].split(), strict=False):
            before = settled.get(key, ZERO)
            settled[key] = before + abs(amount)
            at = entries[key]["exchange_rate"]
            part = _cents(settled[key] * at) - _cents(before * at)
            yield account, -part if amount < 0 else part
            yield GAIN_OR_LOSS, part if amount < 0 else -part
        if len(entry["applies_to"].split()) == 1:
            account, amount = lines[0]
            yield account, _cents(amount * rate)
            yield GAIN_OR_LOSS, -_cents(amount * rate)


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
