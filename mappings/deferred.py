"""Revenue that a sale in the books has not earned yet: where it waits, line by line, as its entries say.

It is released by the rules of its time: whatever [[deferral]] rows say by now, what was deferred leaves the account
that it was put on.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from mappings.records import record

ROLE: Final = "deferred"
ZERO: Final = Decimal(0)


@record(frozen=True, slots=True)
class Deferral:
    """Where the revenue of a line waits until it is earned: the account, our item on it, and the id of the row that
    said so."""

    row: str
    item: str
    account: str


@record(frozen=True, slots=True)
class Deferred:
    """A sale in the books that deferred revenue: `amount` is what all its revisions put on deferred accounts, `said`
    what the shop said then (`mappings.said`). `lines` are by their path in the Magento order, None for a line that
    was earned at once."""

    amount: Decimal
    said: str
    lines: Mapping[str, Deferral | None]


def read_deferred(key: str, entries: Mapping[str, Mapping[str, Any]]) -> Deferred | None:
    """What the sale with this key put on deferred accounts; None where that is nothing. `entries` are those that stand
    (JSON), by key: its own and its revisions'."""
    lines: dict[str, Deferral | None] = {}
    amount, said, number = ZERO, "", 1
    told = entries.get(key)
    while told is not None:
        if told.get("revision", {}).get("how") != "adjustment":
            lines = {}
        for line in told["lines"]:
            path = line["source"][0].rpartition(".")[0] if line["source"] else ""
            if path.startswith("items["):
                waits = Deferral(line["because"][1], line["item"], line["account"])
                lines.setdefault(path, waits if line["role"] == ROLE else None)
        amount, said = _stands(told)
        number += 1
        told = entries.get(f"{key}/{number}")
    return Deferred(amount, said, lines) if amount or any(lines.values()) else None


def _stands(told: Mapping[str, Any]) -> tuple[Decimal, str]:
    """What is deferred after this document, with all before it, and what the shop said."""
    booked = told.get("booked")
    if booked is None:
        return -sum((Decimal(line["amount"]) for line in told["lines"] if line["role"] == ROLE), ZERO), ""
    amounts = (Decimal(amount) for role, _account, amount, *_ in booked["lines"] if role == ROLE)
    return -sum(amounts, ZERO), str(booked["said"])
