"""From a sale and the rules to balanced entry lines: the arithmetic of booking.

Everything is collected with Magento's four decimals and rounded to cents once for each line; the document's total is
rounded once; what is left between them is a rounding line, and more than rounding can explain is a problem.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from mappings.catalogue import problem
from mappings.decide import decide
from mappings.facts import Facts, credit_facts, line_facts
from mappings.model import CENT, ZERO, Because, Context, EntryLine, Line, Problem
from mappings.rules import Rules
from mappings.sale import Sale
from mappings.taxing import Taxes

CREDITS = {
    "gift_card": "extension_attributes.base_gift_cards_amount",
    "store_credit": "extension_attributes.base_customer_balance_amount",
    "reward": "extension_attributes.base_reward_currency_amount",
}


@dataclass(frozen=True, slots=True)
class Rendered:
    """The lines of a document without its counter-account: credits are negative. `total` and `tax` in cents."""

    lines: tuple[EntryLine, ...]
    total: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class Setting:
    """What rendering needs besides the sale: the rules, the document's facts, and the context."""

    rules: Rules
    facts: Facts
    context: Context
    document: str
    currency: str


def cents(amount: Decimal) -> Decimal:
    """Half up, as Magento and QuickBooks round."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def render(sale: Sale, setting: Setting) -> Rendered | Problem:
    """All lines of a sale, rounded, with tax, credits and the rounding line."""
    taxes = Taxes(setting.rules, setting.facts, setting.document, setting.context.books.country)
    lines: list[EntryLine] = []
    discounts: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for line in sale.lines:
        reduced = line.discount - line.compensation
        code = taxes.treat(line.taxes, line.gross - reduced, line.path)
        if isinstance(code, Problem):
            return code
        discounts[code] += reduced
        lines.append(_item(line, code, setting))
    shipped = _shipping(sale, taxes, discounts, setting)
    if isinstance(shipped, Problem):
        return shipped
    lines += shipped
    lines += _discount(sale, discounts, setting)
    credits = _credits(sale, setting)
    if isinstance(credits, Problem):
        return credits
    return _rounded([*lines, *credits], taxes, sale, setting)


def _item(line: Line, code: str, setting: Setting) -> EntryLine:
    facts = line_facts(setting.facts, line, setting.context)
    row = decide(facts, setting.rules.item).row
    account = setting.rules.account(row.account if row and row.account else "sales")
    return EntryLine(
        role="item",
        account=account,
        amount=-line.gross,
        because=Because("item", row.id) if row else Because("accounts", "sales"),
        source=(f"{line.path}.base_row_total",),
        item=row.item if row else "",
        sku=line.sku.strip(),
        description=line.name,
        quantity=line.quantity,
        price=line.price,
        tax_code=code,
        item_type=row.type if row else "noninventory",
    )


def _shipping(sale: Sale, taxes: Taxes, discounts: dict[str, Decimal], setting: Setting) -> list[EntryLine] | Problem:
    totals = sale.totals
    reduced = totals.shipping_discount - totals.shipping_compensation
    if not totals.shipping and not reduced and not totals.shipping_tax:
        return []
    code = taxes.treat(sale.shipping_taxes, totals.shipping - reduced, "base_shipping_amount")
    if isinstance(code, Problem):
        return code
    discounts[code] += reduced
    row = decide(setting.facts, setting.rules.shipping).row
    line = EntryLine(
        role="shipping",
        account=setting.rules.account(row.account if row and row.account else "shipping"),
        amount=-totals.shipping,
        because=Because("shipping", row.id) if row else Because("accounts", "shipping"),
        source=("base_shipping_amount",),
        item=row.item if row and row.item else setting.rules.items.shipping,
        description=str(setting.facts.get("shipping.description") or "Shipping"),
        tax_code=code,
    )
    return [line] if totals.shipping else []


def _discount(sale: Sale, discounts: dict[str, Decimal], setting: Setting) -> list[EntryLine]:
    """One negative line for each tax code, so that what is taxable stays right; without hidden tax.

    The header is the truth: what the lines' shares miss goes to the largest of them. A compensation without any
    discount (Magento leaves a cent on shipping) is left to the rounding line.
    """
    totals = sale.totals
    whole = -(totals.discount + totals.compensation + totals.shipping_compensation)
    found = {code: amount for code, amount in discounts.items() if amount}
    if found and whole > 0:
        largest = max(found, key=lambda code: found[code])
        found[largest] += whole - sum(found.values(), ZERO)
    row = decide(setting.facts, setting.rules.discount).row
    coupon = str(setting.facts.get("coupon") or "")
    return [
        EntryLine(
            role="discount",
            account=setting.rules.account(row.account if row and row.account else "discounts"),
            amount=amount,
            because=Because("discount", row.id) if row else Because("accounts", "discounts"),
            source=("base_discount_amount", "base_discount_tax_compensation_amount"),
            item=row.item if row and row.item else setting.rules.items.discount,
            description=f"Discount {coupon}".strip(),
            tax_code=code,
        )
        for code, amount in found.items()
        if amount > 0
    ]


def _credits(sale: Sale, setting: Setting) -> list[EntryLine] | Problem:
    amounts = {
        "gift_card": sale.totals.gift_cards,
        "store_credit": sale.totals.store_credit,
        "reward": sale.totals.reward,
    }
    lines = []
    for kind, amount in amounts.items():
        if not amount:
            continue
        row = decide(credit_facts(setting.facts, kind, amount), setting.rules.credit).row
        if row is None:
            words = f"{amount:.2f} {setting.currency} were paid with {kind.replace('_', ' ')}, and no rule says where."
            return problem("unmapped-credit", setting.document, CREDITS[kind], words, amount=amount)
        line = EntryLine(
            role="credit",
            account=setting.rules.account(row.account),
            amount=amount,
            because=Because("credit", row.id),
            source=(CREDITS[kind],),
            item=row.item,
            description=row.item,
            tax_code=_untaxed(setting.rules),
        )
        lines.append(line)
    return lines


def _rounded(lines: Sequence[EntryLine], taxes: Taxes, sale: Sale, setting: Setting) -> Rendered | Problem:
    total = cents(sale.totals.grand_total)
    rounded = [replace(line, amount=cents(line.amount)) for line in lines]
    for line in taxes.lines(setting.rules.account("sales_tax")):
        taxable = None if line.taxable is None else cents(line.taxable)
        rounded.append(replace(line, amount=cents(line.amount), taxable=taxable))
    residual = total + sum((line.amount for line in rounded), ZERO)
    allowed = CENT * max(1, len(lines)) * max(1, len(taxes.seen))
    if abs(residual) > allowed:
        reason = f"Lines, tax and total differ by {residual} {setting.currency}; rounding explains {allowed} at most."
        return problem(
            "rounding-too-large", setting.document, "base_grand_total", reason, amount=total, currency=setting.currency
        )
    if residual:
        rounded.append(_rounding(residual, setting))
    tax = -sum((line.amount for line in rounded if line.role == "tax"), ZERO)
    return Rendered(tuple(rounded), total, tax)


def _rounding(residual: Decimal, setting: Setting) -> EntryLine:
    return EntryLine(
        role="rounding",
        account=setting.rules.account("rounding"),
        amount=-residual,
        because=Because("accounts", "rounding"),
        source=("base_grand_total",),
        item=setting.rules.items.rounding,
        description="Rounding",
        tax_code=_untaxed(setting.rules),
    )


def _untaxed(rules: Rules) -> str:
    """The tax code of lines that are no supply: QuickBooks' NON, or the code that the rules give to no tax."""
    if rules.books.sales_tax == "automated":
        return "NON"
    row = decide({"tax.rate": ZERO, "tax.code": "", "tax.title": ""}, rules.tax).row
    return row.code if row else ""
