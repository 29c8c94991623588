"""What QuickBooks answered, compared with what was meant: a difference of a cent is shown. Pure."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Protocol

from mappings.catalogue import problem
from mappings.model import ZERO, Problem


class Meant(Protocol):
    """What is compared: an outbox row has it all."""

    @property
    def key(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def amount(self) -> Decimal: ...
    @property
    def tax(self) -> Decimal: ...
    @property
    def currency(self) -> str: ...
    @property
    def txn_date(self) -> date | None: ...


def differences(
    meant: Meant, total: Decimal | None, tax: Decimal | None, wanted: str, customer: str, day: date | None
) -> Iterator[Problem]:
    """A problem to look at for each difference in total, tax, customer (`wanted` is the customer's id it was sent for)
    or day. What QuickBooks does not show is not compared; a void has neither total nor day of its own."""
    if meant.kind != "void" and total is not None and total != meant.amount:
        yield _differs("total-differs", meant, "total", meant.amount, total)
    if meant.kind in ("sales_receipt", "invoice", "credit_memo", "refund_receipt") and (tax or ZERO) != meant.tax:
        yield _differs("tax-differs", meant, "tax", meant.tax, tax or ZERO)
    if wanted and customer and wanted != customer:
        reason = "QuickBooks put the document under another customer than the one it was sent for."
        yield problem("customer-differs", meant.key, "CustomerRef", reason, hold=False)
    if meant.kind != "void" and day and meant.txn_date and day != meant.txn_date:
        reason = f"The entry says {meant.txn_date}, QuickBooks shows {day}."
        yield problem("day-differs", meant.key, "date", reason, hold=False)


def _differs(code: str, meant: Meant, field: str, wanted: Decimal, got: Decimal) -> Problem:
    reason = f"The entry says {wanted} {meant.currency}, QuickBooks shows {got} {meant.currency}."
    return problem(code, meant.key, field, reason, amount=got - wanted, currency=meant.currency, hold=False)
