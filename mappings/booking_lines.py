"""The lines of a sale, from an order, one of its Magento invoices, or the cancelled rest of an order.

Goods, shipping, discounts, credits, tax and rounding; the money or receivable line that balances them is added by
`mappings.booking`. Every line is rounded half up to cents, the document once on its total (Magento keeps up to four
decimals); what the two differ by is the rounding line, if rounding explains it, else the document is held.
"""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Final

from mappings.booking_credits import adjustments, credits, fees, issued
from mappings.booking_goods import discounts, goods, shipping
from mappings.booking_sheet import Parts, Sheet
from mappings.booking_tax import cents, open_taxes
from mappings.context import Context
from mappings.decide import decide
from mappings.entry import Because, EntryLine
from mappings.facts import Facts
from mappings.model import CENT, ZERO, Problem
from mappings.rules import Rules


def make_lines(
    document: str,
    currency: str,
    parts: Parts,
    facts: Facts,
    context: Context,
    rules: Rules,
    misfit: str = "rounding-too-large",
) -> Sheet | Problem:
    """All lines of a sale but the money. `misfit` is the problem's code when the parts do not reach the total."""
    total = cents(parts.totals.grand_total)
    taxes = open_taxes(document, facts, rules, total, currency, context.books.country)
    sheet = Sheet(document, currency, parts, facts, context, rules, misfit, taxes, total)
    sheet.discount = decide(facts, rules.discount).row
    for step in _STEPS:
        held = step(sheet)
        if held is not None:
            return held
    return sheet


def _own_tax_lines(sheet: Sheet) -> Problem | None:
    """Round the taxes; those that are liabilities of their own become lines, the rest the document's tax."""
    sheet.settled = sheet.taxes.settle(sheet.parts.totals.tax, len(sheet.lines))
    for treatment, amount in sheet.settled.items():
        if not treatment.item:
            sheet.tax += amount
        elif amount:
            words = f"Tax {treatment.item}"
            sheet.lines.append(
                EntryLine(
                    "tax",
                    treatment.account,
                    -amount,
                    treatment.because,
                    ("base_tax_amount",),
                    treatment.item,
                    description=words,
                    tax_code=treatment.code,
                    facts=treatment.facts,
                )
            )
    return None


def _rounding(sheet: Sheet) -> Problem | None:
    residual = sheet.total - sheet.tax + sum(line.amount for line in sheet.lines)
    if not residual:
        return None
    if abs(residual) > CENT * _can_round(sheet):
        reason = (
            f"Lines and tax add up to {sheet.total - residual:.2f}, the total is {sheet.total:.2f}: "
            f"{abs(residual):.2f} is more than rounding."
        )
        return sheet.held(sheet.misfit, "base_grand_total", reason)
    code = sheet.taxes.free()
    if isinstance(code, Problem):
        return code
    for treatment in sheet.taxes.amounts:  # the rounding line may be the first without tax
        sheet.settled.setdefault(treatment, ZERO)
    rules = sheet.rules
    because = Because("accounts", "rounding")
    sheet.lines.append(
        EntryLine(
            "rounding",
            rules.account("rounding"),
            -residual,
            because,
            ("base_grand_total",),
            rules.items.rounding,
            description="Rounding",
            tax_code=code,
        )
    )
    return None


def _can_round(sheet: Sheet) -> int:
    """How many cents rounding explains: one for each rate on each taxed line, and one for each other amount that has
    a fraction of a cent (of a fractional quantity, or as a part of a line) or leaves a deferred account."""
    parts, totals = sheet.parts, sheet.parts.totals
    rates = max(1, sum(1 for amount in sheet.settled.values() if amount))
    taxed = (*(line.tax for line in parts.lines), totals.shipping_tax, totals.gift_wrap_tax, totals.fixed_tax_tax)
    untaxed = [line for line in parts.lines if not line.tax]
    others = [amount for line in untaxed for amount in (line.gross, line.discount - line.compensation)]
    others += [totals.shipping, totals.shipping_discount - totals.shipping_compensation]
    others += [totals.gift_wrap, totals.fixed_tax, *(fee.amount for fee in totals.custom_fees)]
    others += [totals.gift_cards, totals.store_credit, totals.reward, parts.adjustment, parts.fee]
    deferred = sum(1 for line in untaxed if line.deferral)
    return rates * sum(1 for tax in taxed if tax) + sum(1 for amount in others if amount % CENT) + deferred


def _tax_total(sheet: Sheet) -> Problem | None:
    """What QuickBooks keeps as tax: one line for each rate, with the base that its own lines have."""
    if sheet.taxes.automated:
        for treatment, amount in sheet.settled.items():
            if not treatment.item and amount:
                source = ("base_tax_amount",)
                line = EntryLine("tax", treatment.account, -amount, treatment.because, source, facts=treatment.facts)
                sheet.lines.append(replace(line, tax_rate=treatment.rate) if treatment.rate else line)
        return None
    bases: dict[str, Decimal] = {}
    for line in sheet.lines:
        bases[line.tax_code] = bases.get(line.tax_code, ZERO) - line.amount
    for treatment, amount in sheet.settled.items():
        if treatment.item or not (treatment.rate or amount):
            continue
        sheet.lines.append(
            EntryLine(
                "tax",
                treatment.account,
                -amount,
                treatment.because,
                ("base_tax_amount",),
                tax_code=treatment.code,
                tax_rate=treatment.rate,
                taxable=bases.get(treatment.code, ZERO),
                facts=treatment.facts,
            )
        )
    return None


_STEPS: Final[tuple[Callable[[Sheet], Problem | None], ...]] = (
    goods,
    shipping,
    discounts,
    fees,
    credits,
    adjustments,
    issued,
    _own_tax_lines,
    _rounding,
    _tax_total,
)
