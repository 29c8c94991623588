"""What a payment processor paid out, and from what: one shape for the files of all processors.

Amounts are `Decimal` in whole cents of the payout's currency, signed as the merchant sees them: money that comes in
is positive. Of every row `net = gross - fee`; a fee that is given back is negative.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Final, Literal

from mappings.model import ZERO

PROCESSORS: Final[Mapping[str, str]] = MappingProxyType(
    {"paypal": "PayPal", "stripe": "Stripe", "adyen": "Adyen", "braintree": "Braintree"}
)
"""The processors whose files are read, by the name that rules and keys have, with the one that people know."""
Kind = Literal["sale", "refund", "fee", "chargeback", "adjustment", "payout"]


class SettlementError(Exception):
    """A settlement file that cannot be read as it stands. `line` counts from 1 and is 0 for the file as a whole;
    `column` is the name in the header, or empty."""

    def __init__(self, source: str, line: int, column: str, reason: str, fix: str) -> None:
        place = f"{source}:{line}" if line else source
        super().__init__(f"{place}{f', column {column}' if column else ''}: {reason}")
        self.fix = fix


@dataclass(frozen=True, slots=True)
class Movement:
    """One row of a file. `transactions` are the ids that the shop may know it by, the row's own first; `line` is
    where it stands in the file."""

    kind: Kind
    transactions: tuple[str, ...]
    gross: Decimal
    fee: Decimal
    line: int

    @property
    def net(self) -> Decimal:
        return self.gross - self.fee


@dataclass(frozen=True, slots=True)
class Settlement:
    """One payout in one currency with all rows behind it, the payout's own row among them.

    `payout_id` is empty and `day` None while the processor has not paid these rows out.
    """

    processor: str
    payout_id: str
    day: date | None
    currency: str
    rows: tuple[Movement, ...]

    @property
    def key(self) -> str:
        """The outbox key: the same payout has it in whatever file it comes."""
        return f"settlement/{self.processor}/{self.payout_id}/{self.currency}"

    @property
    def payout(self) -> Decimal:
        """What arrives at the bank; negative when the processor collects money from it."""
        return -self.gross("payout")

    @property
    def fees(self) -> Decimal:
        """All that the processor kept for itself, positive."""
        return sum((row.fee for row in self.rows), ZERO) - self.gross("fee")

    @property
    def difference(self) -> Decimal:
        """What the rows make less the payout: zero for a whole settlement."""
        return sum((row.net for row in self.rows), ZERO)

    def gross(self, kind: Kind) -> Decimal:
        """The sum of one kind before fees, signed."""
        return sum((row.gross for row in self.rows if row.kind == kind), ZERO)

    def each(self, kind: Kind) -> list[Movement]:
        """The rows of one kind, in the order of the file."""
        return [row for row in self.rows if row.kind == kind]


@dataclass(frozen=True, slots=True)
class Found:
    """A row with the payout that it belongs to, as its file says it; no payout id where the file says none."""

    row: Movement
    payout_id: str
    currency: str
    day: date | None


def by_payout_id(processor: str, found: Iterable[Found], *, whole: bool) -> Iterator[Settlement]:
    """Settlements of a file that names the payout on every row.

    With `whole`, the file lists by its definition all that a payout is made of and need not show the payout itself:
    its amount is then what the rows make. Without, a payout that does not show is not paid yet.
    """
    groups: dict[tuple[str, str], list[Found]] = {}
    for one in found:
        groups.setdefault((one.payout_id, one.currency), []).append(one)
    for (payout_id, currency), ones in groups.items():
        rows = [one.row for one in ones]
        paid = [one for one in ones if one.row.kind == "payout"]
        if payout_id and whole and not paid:
            rows.append(
                Movement("payout", (payout_id,), -sum((row.net for row in rows), ZERO), ZERO, ones[-1].row.line)
            )
            paid = ones
        days = [one.day for one in paid if one.day is not None]
        yield Settlement(processor, payout_id if paid else "", max(days) if days else None, currency, tuple(rows))


def by_balance(processor: str, found: Iterable[Found]) -> Iterator[Settlement]:
    """Settlements of a file that tells a balance from day to day: a payout takes what came in since the one before,
    in its own currency. Rows are in the order of time."""
    open_rows: dict[str, list[Movement]] = {}
    for one in found:
        rows = open_rows.setdefault(one.currency, [])
        rows.append(one.row)
        if one.row.kind == "payout":
            yield Settlement(processor, one.payout_id, one.day, one.currency, tuple(rows))
            del open_rows[one.currency]
    for currency, rows in open_rows.items():
        yield Settlement(processor, "", None, currency, tuple(rows))
