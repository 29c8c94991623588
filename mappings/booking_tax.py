"""How the tax of a document is booked: which code each line bears, and which amount goes to which account.

Two ways, by `sales_tax` in the rules. `automated` (United States): lines are TAX or NON and the total is stated;
tax of another country becomes a liability line of its own, because QuickBooks would file it with an American
agency. `codes` (elsewhere): each line names the tax code of its rate, and each rate states base and amount.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, TypeVar

from mappings.catalogue import problem
from mappings.decide import decide, kept_tax_facts
from mappings.entry import Because
from mappings.facts import Facts, FactValue, tax_facts
from mappings.model import CENT, ZERO, AppliedTax, Line, Problem
from mappings.records import record
from mappings.rules import Rules, TaxRow

TAXED: Final = "TAX"
UNTAXED: Final = "NON"
Key = TypeVar("Key")
Kept = tuple[tuple[str, FactValue], ...]


def cents(amount: Decimal) -> Decimal:
    """`amount` rounded half up to cents."""
    return amount.quantize(CENT, ROUND_HALF_UP)


@record(frozen=True, slots=True)
class Treatment:
    """What becomes of one tax rate. `item` is set where the tax is a liability line of its own; `facts` are what the
    rules asked of the first tax that is treated so."""

    code: str
    rate: str
    item: str
    account: str
    because: Because
    facts: Kept = field(compare=False)


@dataclass(slots=True)
class Taxes:
    """The taxes of one document while its lines are made; `amounts` are exact until `settle` rounds them."""

    document: str
    facts: Facts
    rules: Rules
    total: Decimal
    currency: str
    automated: bool
    abroad: bool
    amounts: dict[Treatment, Decimal] = field(default_factory=dict)
    _known: dict[tuple[str, Decimal], Treatment | Problem] = field(default_factory=dict)

    def line_code(self, line: Line) -> str | Problem:
        """The tax code of a priced line; its taxes are added to the document's."""
        taxes = line.taxes
        if not taxes and (line.tax or line.tax_percent):
            taxes = (AppliedTax("", "", line.tax_percent, line.tax),)
        return self.code(taxes)

    def shipping_code(self, taxes: tuple[AppliedTax, ...], tax: Decimal) -> str | Problem:
        """The tax code of shipping, from its own tax."""
        if not taxes and tax:
            taxes = (AppliedTax("", "", ZERO, tax),)
        return self.code(taxes)

    def code(self, taxes: tuple[AppliedTax, ...]) -> str | Problem:
        """The one code that stands for `taxes` together; a line in QuickBooks bears a single code."""
        if self.automated and self.abroad:  # what another country taxes at zero is owed to nobody
            taxes = tuple(tax for tax in taxes if tax.amount or tax.percent)
        if not taxes:
            return self.free()
        found = ""
        for tax in taxes:
            treatment = self._treat(tax)
            if isinstance(treatment, Problem):
                return treatment
            self.amounts[treatment] = self.amounts.get(treatment, ZERO) + tax.amount
            if self.automated:
                found = TAXED if TAXED in (found, treatment.code) else UNTAXED
            elif found and found != treatment.code:
                reason = f"One line bears two tax codes, {found!r} and {treatment.code!r}; QuickBooks takes one."
                return self._held("unmapped-tax", reason, "Give the rates' rows in rules.toml the same code.")
            else:
                found = treatment.code
        return found

    def free(self) -> str | Problem:
        """The code of a line without tax."""
        if self.automated:
            return UNTAXED
        treatment = self._treat(None)
        if isinstance(treatment, Problem):
            return treatment
        self.amounts.setdefault(treatment, ZERO)
        return treatment.code

    def settle(self, tax: Decimal, lines: int) -> dict[Treatment, Decimal]:
        """The document's `tax` in cents, spread over what the lines collected (largest remainder first)."""
        target = cents(tax)
        if self.automated and len(self.amounts) == 1 and not any(each.item for each in self.amounts):
            return dict.fromkeys(self.amounts, target)  # one total is stated, however the lines share it
        return spread(self.amounts, target, CENT * max(lines, 1))

    def _treat(self, tax: AppliedTax | None) -> Treatment | Problem:
        key = ("", ZERO) if tax is None else (tax.code, tax.percent)
        found = self._known.get(key)
        if found is None:
            facts = tax_facts(self.facts, tax)
            row, kept = decide(facts, self.rules.tax).row, kept_tax_facts(facts, self.rules)
            found = self._at_home(row, tax, kept) if self.automated else self._by_code(row, tax, kept)
            self._known[key] = found
        # A rate of 0 % cannot have made an amount: its real rate is unknown, and so is its row.
        if tax is not None and tax.amount and not tax.percent and not self.automated:
            return self._unmapped(tax)
        return found

    def _at_home(self, row: TaxRow | None, tax: AppliedTax | None, kept: Kept) -> Treatment | Problem:
        if row is not None and row.item:
            account = self.rules.account(row.account or "sales_tax")
            return Treatment(UNTAXED, "", row.item, account, Because("tax", row.id), kept)
        if self.abroad:
            reason = f"{_name(tax)} is tax of {self._place()}, and no rule says on which account it is owed."
            return self._held("foreign-tax", reason)
        because = Because("books", "sales_tax") if row is None else Because("tax", row.id)
        rate = "" if row is None else row.rate  # a sales tax item of QuickBooks Desktop; Online needs none
        return Treatment(TAXED, rate, "", self.rules.account("sales_tax"), because, kept)

    def _by_code(self, row: TaxRow | None, tax: AppliedTax | None, kept: Kept) -> Treatment | Problem:
        if row is None or not (row.code or row.item):
            return self._unmapped(tax)
        account, because = self.rules.account(row.account or "sales_tax"), Because("tax", row.id)
        if not row.item or tax is None:
            return Treatment(row.code, row.rate, "", account, because, kept)
        free = self.free()  # the tax is owed elsewhere, so to QuickBooks the line has none
        return free if isinstance(free, Problem) else Treatment(free, "", row.item, account, because, kept)

    def _unmapped(self, tax: AppliedTax | None) -> Problem:
        rate = ZERO if tax is None else tax.percent
        reason = f"No rule for {_name(tax)} to {self._place()}."
        if tax is not None and not rate:
            reason = f"Magento does not say which rate made the tax of {tax.amount:.2f} to {self._place()}."
        fix = (
            f'Add a [[tax]] row to rules.toml: when = {{ "ship.country" = "{self._place()}", "tax.rate" = {rate:f} }} '
            "with the code and rate that QuickBooks uses for it, then sync again."
        )
        return self._held("unmapped-tax", reason, fix)

    def _place(self) -> str:
        return str(self.facts.get("ship.country") or "an unknown country")

    def _held(self, code: str, reason: str, fix: str | None = None) -> Problem:
        return problem(
            code, self.document, "base_tax_amount", reason, fix=fix, amount=self.total, currency=self.currency
        )


def open_taxes(document: str, facts: Facts, rules: Rules, total: Decimal, currency: str, home_country: str) -> Taxes:
    """Taxes of one document before its first line. `home_country` is the company's, as two letters."""
    automated = rules.books.sales_tax == "automated"
    abroad = bool(home_country) and facts.get("ship.country") not in ("", None, home_country)
    return Taxes(document, facts, rules, total, currency, automated, abroad)


def spread(exact: Mapping[Key, Decimal], target: Decimal, tolerance: Decimal) -> dict[Key, Decimal]:
    """`exact` amounts in cents so that they add up to `target`, if they are within `tolerance` of it.

    Cents go to the largest remainders first; what is left after one cent each goes to the largest amount.
    """
    rounded = {key: cents(amount) for key, amount in exact.items()}
    missing = target - sum(rounded.values())
    if not missing or not rounded or abs(missing) > tolerance:
        return rounded
    step = CENT if missing > 0 else -CENT
    for key in sorted(exact, key=lambda each: (rounded[each] - exact[each]) * step):
        if missing and exact[key]:
            rounded[key] += step
            missing -= step
    rounded[max(exact, key=lambda each: abs(exact[each]))] += missing
    return rounded


def _name(tax: AppliedTax | None) -> str:
    if tax is None:
        return "sales without tax"
    return f"{tax.title or tax.code or 'tax'} ({tax.percent.normalize():f} %)"
