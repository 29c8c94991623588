"""What stands beside goods: gift cards, store credit and points, adjustments of a refund, gift wrap and fees."""

from dataclasses import replace
from decimal import Decimal
from typing import Final

from mappings.booking_sheet import Sheet
from mappings.booking_tax import cents
from mappings.decide import decide, kept_line_facts
from mappings.entry import Because, EntryLine
from mappings.facts import Facts, credit_facts, fee_facts
from mappings.model import ZERO, AppliedTax, Problem

_CREDITS: Final = (
    ("gift_card", "base_gift_cards_amount", "Gift card"),
    ("store_credit", "base_customer_balance_amount", "Store credit"),
    ("reward", "base_reward_currency_amount", "Reward points"),
)


def credits(sheet: Sheet) -> Problem | None:
    """What gift cards, store credit and points paid, on the liabilities they were owed on."""
    totals = sheet.parts.totals
    used = (totals.gift_cards, totals.store_credit, totals.reward)
    if not any(used):
        return None
    base = totals.base or totals
    asked = (base.gift_cards, base.store_credit, base.reward)
    for (kind, name, words), amount, known in zip(_CREDITS, used, asked, strict=True):
        if not amount:
            continue
        path = f"extension_attributes.{name}"
        facts = credit_facts(sheet.facts, kind, known)
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


_FEES: Final = (
    ("gift_wrap", "extension_attributes.gw_base_price", "Gift wrapping"),
    ("fixed_tax", "items[].base_weee_tax_applied_row_amnt", "Fixed product tax"),
)
_CUSTOM: Final = "extension_attributes.custom_fees[].base_custom_fee_amount"


def fees(sheet: Sheet) -> Problem | None:
    """Gift wrapping and fixed product taxes with their tax, and custom fees, which bear none."""
    totals = sheet.parts.totals
    base = totals.base or totals
    charged = (
        (totals.gift_wrap, totals.gift_wrap_tax, base.gift_wrap),
        (totals.fixed_tax, totals.fixed_tax_tax, base.fixed_tax),
    )
    for (kind, path, words), (amount, tax, asked) in zip(_FEES, charged, strict=True):
        held = _fee(sheet, path, words, amount, tax, fee_facts(sheet.facts, kind, asked)) if amount or tax else None
        if held is not None:
            return held
    for fee, known in zip(totals.custom_fees, base.custom_fees, strict=True):
        facts = fee_facts(sheet.facts, "custom_fee", known.amount, fee.label, fee.code)
        held = _fee(sheet, _CUSTOM, fee.label, fee.amount, ZERO, facts) if fee.amount else None
        if held is not None:
            return held
    return None


def _fee(sheet: Sheet, path: str, words: str, amount: Decimal, tax: Decimal, facts: Facts) -> Problem | None:
    row = decide(facts, sheet.rules.fee).row
    if row is None:
        return sheet.held("unmapped-fee", path, f"{words} of {amount:.2f} was charged, and no rule says where to.")
    code = sheet.taxes.code(_only_rate(sheet, tax)) if tax else sheet.taxes.free()
    if isinstance(code, Problem):
        return code
    line = EntryLine("fee", sheet.rules.account(row.account), -cents(amount), Because("fee", row.id), (path,))
    kept = kept_line_facts(facts, sheet.rules)
    sheet.lines.append(replace(line, item=row.item, description=words, tax_code=code, facts=kept))
    return None


def _only_rate(sheet: Sheet, tax: Decimal) -> tuple[AppliedTax, ...]:
    """Magento does not say which rate taxed a fee: the document's, where it has one alone."""
    known = {rate.code: rate for line in sheet.parts.lines for rate in line.taxes}
    only = next(iter(known.values())) if len(known) == 1 else AppliedTax("", "", ZERO, tax)
    return (replace(only, amount=tax),)


def adjustments(sheet: Sheet) -> Problem | None:
    """Magento taxes neither what a credit memo gives back beside its lines nor what it keeps."""
    parts, rules = sheet.parts, sheet.rules
    for role, words, amount in (
        ("adjustment", "Refund adjustment", -parts.adjustment),
        ("refund_fee", "Refund fee", parts.fee),
    ):
        if not amount:
            continue
        code = sheet.taxes.free()
        if isinstance(code, Problem):
            return code
        source = ("base_adjustment_positive" if amount < 0 else "base_adjustment_negative",)
        account, item = rules.account(role), rules.items.model_dump()[role]
        line = EntryLine("adjustment", account, cents(amount), Because("accounts", role), source, item)
        sheet.lines.append(replace(line, description=words, tax_code=code))
    return None


def issued(sheet: Sheet) -> Problem | None:
    """Store credit instead of money: owed to the customer, so that nothing is left to pay back."""
    row = sheet.parts.issued
    if row is None or not sheet.total:
        return None
    code = sheet.taxes.free()
    if isinstance(code, Problem):
        return code
    because, account = Because("refund", row.id), sheet.rules.account(row.account)
    line = EntryLine("credit", account, sheet.total, because, ("base_grand_total",), row.item)
    sheet.lines.append(replace(line, description="Store credit issued", tax_code=code))
    sheet.total = ZERO
    return None
