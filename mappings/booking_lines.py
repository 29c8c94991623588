"""The lines of a sale, from an order, one of its Magento invoices, or the cancelled rest of an order.

Goods, shipping, discounts, credits, tax and rounding; the money or receivable line that balances them is added by
`mappings.booking`. Every line is rounded half up to cents, the document once on its total (Magento keeps up to four
decimals); what the two differ by is the rounding line, if it is small enough to be rounding.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

from mappings.booking_tax import Taxes, Treatment, cents, open_taxes
from mappings.catalogue import problem
from mappings.decide import decide, kept_line_facts
from mappings.entry import Because, EntryLine
from mappings.facts import Facts, FactValue, credit_facts, line_facts
from mappings.model import CENT, ZERO, AppliedTax, Context, Line, Problem, Totals
from mappings.rules import Rules

BY_SKU: Final = Because("accounts", "sales")
NOTHING: Final[tuple[tuple[str, FactValue], ...]] = ()


@dataclass(frozen=True, slots=True)
class Parts:
    """What a sale is made of: priced lines, header amounts, and the rates on shipping."""

    lines: tuple[Line, ...]
    totals: Totals
    shipping_taxes: tuple[AppliedTax, ...]


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

    def held(self, code: str, place: str, reason: str) -> Problem:
        return problem(code, self.document, place, reason, amount=self.total, currency=self.currency)


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
    for step in _STEPS:
        held = step(sheet)
        if held is not None:
            return held
    return sheet


def _goods(sheet: Sheet) -> Problem | None:
    rules, taxes, lines, discounts = sheet.rules, sheet.taxes, sheet.lines, sheet.discounts
    sales = rules.account("sales")
    for line in sheet.parts.lines:
        code = taxes.line_code(line)
        if isinstance(code, Problem):
            return code
        account, item, kind, because, kept = sales, "", "noninventory", BY_SKU, NOTHING
        if rules.item:
            facts = line_facts(sheet.facts, line, sheet.context)
            row, kept = decide(facts, rules.item).row, kept_line_facts(facts, rules)
            if row is not None:
                account, item, kind = rules.account(row.account or "sales"), row.item, row.type
                because = Because("item", row.id)
        lines.append(
            EntryLine(
                "item",
                account,
                -cents(line.gross),
                because,
                (f"{line.path}.base_row_total",),
                item,
                _catalogue_sku(line, sheet.context),
                line.name,
                line.quantity,
                line.price,
                code,
                "",
                None,
                kind,
                kept,
            )
        )
        if line.discount or line.compensation:
            discounts[code] = discounts.get(code, ZERO) + line.discount - line.compensation
    return None


def _catalogue_sku(line: Line, context: Context) -> str:
    """The SKU that QuickBooks' item has: custom options make a line's own longer, an engraving is no new item.

    A configurable says nothing about its variant: where the variant has left the catalogue, the line's SKU stays.
    """
    product = context.products.get(line.sku)
    return line.sku if product is None or product.type == "configurable" else product.sku or line.sku


def _shipping(sheet: Sheet) -> Problem | None:
    totals, rules = sheet.parts.totals, sheet.rules
    if not (totals.shipping or totals.shipping_tax or totals.shipping_discount or totals.shipping_compensation):
        return None
    code = sheet.taxes.shipping_code(sheet.parts.shipping_taxes, totals.shipping_tax)
    if isinstance(code, Problem):
        return code
    if totals.shipping:
        row = decide(sheet.facts, rules.shipping).row
        item, account = rules.shipping_item(row)
        sheet.lines.append(
            EntryLine(
                "shipping",
                account,
                -cents(totals.shipping),
                Because("accounts", "shipping") if row is None else Because("shipping", row.id),
                ("base_shipping_amount",),
                item,
                description=str(sheet.facts.get("shipping.description") or ""),
                tax_code=code,
            )
        )
    net = totals.shipping_discount - totals.shipping_compensation
    if net:
        sheet.discounts[code] = sheet.discounts.get(code, ZERO) + net
    return None


def _discounts(sheet: Sheet) -> Problem | None:
    """One line for each tax code: a discount lowers the base of the rate it was given on, never of another."""
    if not sheet.discounts:
        return None
    rules = sheet.rules
    row = decide(sheet.facts, rules.discount).row
    item, account = rules.discount_item(row)
    because = Because("accounts", "discounts") if row is None else Because("discount", row.id)
    coupon = sheet.facts.get("coupon")
    words = f"Discount {coupon}" if coupon else "Discount"
    for code, amount in sheet.discounts.items():
        if cents(amount):
            source = ("base_discount_amount", "base_discount_tax_compensation_amount")
            sheet.lines.append(
                EntryLine("discount", account, cents(amount), because, source, item, description=words, tax_code=code)
            )
    return None


_CREDITS: Final = (
    ("gift_card", "base_gift_cards_amount", "Gift card"),
    ("store_credit", "base_customer_balance_amount", "Store credit"),
    ("reward", "base_reward_currency_amount", "Reward points"),
)


def _credits(sheet: Sheet) -> Problem | None:
    totals = sheet.parts.totals
    used = (totals.gift_cards, totals.store_credit, totals.reward)
    if not any(used):
        return None
    for (kind, name, words), amount in zip(_CREDITS, used, strict=True):
        if not amount:
            continue
        path = f"extension_attributes.{name}"
        facts = credit_facts(sheet.facts, kind, amount)
        row = decide(facts, sheet.rules.credit).row
        if row is None:
            reason = f"{words} of {amount:.2f} paid a part, and no rule says on which liability account."
            return sheet.held("unmapped-credit", path, reason)
        code = sheet.taxes.free()
        if isinstance(code, Problem):
            return code
        account = sheet.rules.account(row.account)
        because = Because("credit", row.id)
        sheet.lines.append(
            EntryLine(
                "credit",
                account,
                cents(amount),
                because,
                (path,),
                row.item,
                description=f"{words} used",
                tax_code=code,
                facts=kept_line_facts(facts, sheet.rules),
            )
        )
    return None


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
                )
            )
    return None


def _rounding(sheet: Sheet) -> Problem | None:
    residual = sheet.total - sheet.tax + sum(line.amount for line in sheet.lines)
    if not residual:
        return None
    rates = max(1, len(sheet.settled))
    if abs(residual) > CENT * max(1, len(sheet.lines)) * rates:
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


def _tax_total(sheet: Sheet) -> Problem | None:
    """What QuickBooks keeps as tax: one line for each rate, with the base that its own lines have."""
    if sheet.taxes.automated:
        for treatment, amount in sheet.settled.items():
            if not treatment.item and amount:
                source = ("base_tax_amount",)
                line = EntryLine("tax", treatment.account, -amount, treatment.because, source)
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
            )
        )
    return None


_STEPS: Final[tuple[Callable[[Sheet], Problem | None], ...]] = (
    _goods,
    _shipping,
    _discounts,
    _credits,
    _own_tax_lines,
    _rounding,
    _tax_total,
)
