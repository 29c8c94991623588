"""A sale while its lines are made: what it is made of, and what was found so far."""

from dataclasses import dataclass, field
from decimal import Decimal

from mappings.booking_tax import Taxes, Treatment
from mappings.catalogue import problem
from mappings.context import Context
from mappings.entry import EntryLine
from mappings.facts import Facts
from mappings.model import ZERO, AppliedTax, Line, Problem, Totals
from mappings.records import record
from mappings.rules import DiscountRow, RefundRow, Rules


@record(frozen=True, slots=True)
class Parts:
    """What a sale is made of: priced lines, header amounts, and the rates on shipping. A credit memo also gives back
    an `adjustment` beside its lines, and keeps a `fee`; with `issued` the customer gets store credit by that row."""

    lines: tuple[Line, ...]
    totals: Totals
    shipping_taxes: tuple[AppliedTax, ...]
    adjustment: Decimal = ZERO
    fee: Decimal = ZERO
    issued: RefundRow | None = None


@dataclass(slots=True)
class Sheet:
    """A sale while its lines are made. Sales are credits, so their `amount` is negative."""

    document: str
    currency: str
    parts: Parts
    facts: Facts
    context: Context
    rules: Rules
    misfit: str
    taxes: Taxes
    total: Decimal
    tax: Decimal = ZERO
    lines: list[EntryLine] = field(default_factory=list)
    discounts: dict[str, Decimal] = field(default_factory=dict)
    settled: dict[Treatment, Decimal] = field(default_factory=dict)
    discount: DiscountRow | None = None

    @property
    def reduced(self) -> bool:
        """Whether discounts lower the prices of their lines, instead of standing on lines of their own."""
        return self.discount is not None and self.discount.show == "reduced_price"

    @property
    def coupon(self) -> str:
        """The discount in words, with the coupon's code."""
        code = self.facts.get("coupon")
        return f"Discount {code}" if code else "Discount"

    def held(self, code: str, place: str, reason: str) -> Problem:
        return problem(code, self.document, place, reason, amount=self.total, currency=self.currency)
