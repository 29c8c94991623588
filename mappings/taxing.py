"""How each taxed part of a sale is treated: QuickBooks' sales tax, a tax code by rate, or a liability of its own."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from mappings.catalogue import problem
from mappings.decide import decide
from mappings.facts import Facts, tax_facts
from mappings.model import ZERO, AppliedTax, Because, EntryLine, Problem
from mappings.rules import Rules, TaxRow

BY_SETTING = Because("books", "sales_tax")


@dataclass(slots=True)
class Taxes:
    """Collects the tax of a sale, part by part.

    `total` is what QuickBooks shall show as its tax total; `own` are taxes kept as lines on liability accounts, by
    row id; `rates` taxable amount and tax by (tax code, tax rate), for companies with tax codes.
    """

    rules: Rules
    facts: Facts
    document: str
    home_country: str
    total: Decimal = ZERO
    own: dict[str, tuple[TaxRow, Decimal]] = field(default_factory=dict)
    rates: dict[tuple[str, str], list[Decimal]] = field(default_factory=lambda: defaultdict(lambda: [ZERO, ZERO]))
    because: dict[tuple[str, str], Because] = field(default_factory=dict)
    seen: set[Decimal] = field(default_factory=set)

    def treat(self, taxes: Sequence[AppliedTax], net: Decimal, path: str) -> str | Problem:
        """Take in one part with its taxes and its net amount; returns the tax code that its line carries."""
        if self.rules.books.sales_tax == "automated":
            return self._automated(taxes, path)
        return self._by_code(taxes, net, path)

    def lines(self, account: str) -> list[EntryLine]:
        """The tax as entry lines, credits unrounded: QuickBooks' tax total, or one for each rate, and our own."""
        source = ("base_tax_amount",)
        found = []
        if self.rules.books.sales_tax == "automated":
            if self.total:
                found.append(EntryLine("tax", account, -self.total, BY_SETTING, source, description="Sales tax"))
        else:
            for (code, rate), (taxable, tax) in self.rates.items():
                line = EntryLine(
                    role="tax",
                    account=account,
                    amount=-tax,
                    because=self.because[code, rate],
                    source=source,
                    description=f"Tax {rate or code}",
                    tax_code=code,
                    tax_rate=rate,
                    taxable=taxable,
                )
                found.append(line)
        return found + [self._own(row, amount) for row, amount in self.own.values()]

    def _own(self, row: TaxRow, amount: Decimal) -> EntryLine:
        untaxed = "NON" if self.rules.books.sales_tax == "automated" else row.code
        return EntryLine(
            role="credit",
            account=self.rules.account(row.account),
            amount=-amount,
            because=Because("tax", row.id),
            source=("extension_attributes.item_applied_taxes",),
            item=row.item,
            description=row.item,
            tax_code=untaxed,
        )

    def _automated(self, taxes: Sequence[AppliedTax], path: str) -> str | Problem:
        code = "NON"
        for tax in taxes:
            self.seen.add(tax.percent)
            row = decide(tax_facts(self.facts, tax), self.rules.tax).row
            if row is not None and row.item:
                self._add_own(row, tax.amount)
            elif self.facts.get("ship.country") not in (self.home_country, "", None) and tax.amount:
                return self._problem("foreign-tax", tax, path)
            else:
                self.total += tax.amount
                code = "TAX"
        return code

    def _by_code(self, taxes: Sequence[AppliedTax], net: Decimal, path: str) -> str | Problem:
        code = ""
        for tax in taxes or (None,):
            row = decide(tax_facts(self.facts, tax), self.rules.tax).row
            if row is None or (code and row.code != code):
                return self._problem("unmapped-tax", tax, path)
            amount = tax.amount if tax else ZERO
            self.seen.add(tax.percent if tax else ZERO)
            if row.item:
                self._add_own(row, amount)
            else:
                found = self.rates[row.code, row.rate]
                found[0] += net
                found[1] += amount
                self.total += amount
                self.because[row.code, row.rate] = Because("tax", row.id)
            code = row.code
        return code

    def _add_own(self, row: TaxRow, amount: Decimal) -> None:
        before = self.own[row.id][1] if row.id in self.own else ZERO
        self.own[row.id] = (row, before + amount)

    def _problem(self, code: str, tax: AppliedTax | None, path: str) -> Problem:
        rate = f"{tax.percent.normalize():f} % ({tax.title or tax.code})" if tax else "0 %"
        country = self.facts.get("ship.country") or "an unknown country"
        reason = f"No tax rule for {rate}, shipped to {country}."
        amount, currency = self.facts.get("order.total"), str(self.facts.get("order.currency") or "")
        return problem(
            code, self.document, path, reason, amount=amount if isinstance(amount, Decimal) else None, currency=currency
        )
