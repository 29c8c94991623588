"""What was sold: the lines of goods and shipping, and the discounts on them."""

from dataclasses import replace
from decimal import Decimal
from typing import Final

from mappings.booking_kits import Sold, articles, summed
from mappings.booking_sheet import Sheet
from mappings.booking_tax import cents
from mappings.context import Context
from mappings.decide import decide, kept_line_facts
from mappings.deferred import Deferral
from mappings.entry import Because, EntryLine
from mappings.facts import FactValue, line_facts
from mappings.model import ZERO, Line, Problem
from mappings.rules import ItemRow, Rules
from mappings.texts import clean

BY_SKU: Final = Because("accounts", "sales")
NOTHING: Final[tuple[tuple[str, FactValue], ...]] = ()


def goods(sheet: Sheet) -> Problem | None:
    """A line for each priced row, gross of its discount unless discounts lower prices; for bundles as the rules say."""
    sold: list[Sold] = []
    for line in sheet.parts.lines:
        code = sheet.taxes.line_code(line)
        if isinstance(code, Problem):
            return code
        if line.deferral is not None:
            sold.append(Sold(_deferred(line, line.deferral, code, sheet)))
            continue
        row, made = _made(sheet, line, code)
        off = line.discount - line.compensation
        if off and sheet.reduced:
            made = _lowered(made, line.gross - off, sheet, f"{line.path}.base_discount_amount")
        elif off:
            sheet.discounts[code] = sheet.discounts.get(code, ZERO) + off
        asked = row.kit if row is not None else ""
        if asked == "children":
            sold += [Sold(each) for each in articles(made, line)]
        else:
            dynamic = asked == "parent" and line.kit is not None and line.kit.kind == "dynamic"
            sold.append(Sold(made, line.quantity, line.kit if dynamic else None))
    lines = summed(sold, lambda kit: _sku(kit.sku, sheet.context))
    sheet.lines += [_on_an_item(line, sheet.rules) for line in lines]
    return None


def _on_an_item(line: EntryLine, rules: Rules) -> EntryLine:
    """QuickBooks shows no line without an item: goods that have no SKU are on the fallback item."""
    return line if line.item or clean(line.sku) else replace(line, item=rules.items.fallback)


def _made(sheet: Sheet, line: Line, code: str) -> tuple[ItemRow | None, EntryLine]:
    """The line of one priced row, and the item row that decided it."""
    rules, row, kept = sheet.rules, None, NOTHING
    account, item, kind, because = rules.account("sales"), "", "noninventory", BY_SKU
    if rules.item:
        facts = line_facts(sheet.facts, line, sheet.context)
        row, kept = decide(facts, rules.item).row, kept_line_facts(facts, rules)
        if row is not None:
            account, item, kind = rules.account(row.account or "sales"), row.item, row.type
            because = Because("item", row.id)
    return row, EntryLine(
        "item",
        account,
        -cents(line.gross),
        because,
        (f"{line.path}.base_row_total",),
        item,
        _sku(line.sku, sheet.context),
        line.name,
        line.quantity,
        line.price,
        code,
        "",
        None,
        kind,
        kept,
    )


def _deferred(line: Line, waits: Deferral, code: str, sheet: Sheet) -> EntryLine:
    """A line that is not earned yet: net of its discount, under our own item. Its SKU stands in the text."""
    rules, off = sheet.rules, line.discount - line.compensation
    made = EntryLine(
        "deferred",
        waits.account,
        -cents(line.gross),
        Because("deferral", waits.row),
        (f"{line.path}.base_row_total",),
        waits.item,
        description=f"{line.sku} {line.name}",
        quantity=line.quantity,
        price=line.price,
        tax_code=code,
        facts=kept_line_facts(line_facts(sheet.facts, line, sheet.context), rules),
    )
    return _lowered(made, line.gross - off, sheet, f"{line.path}.base_discount_amount") if off else made


def _lowered(line: EntryLine, net: Decimal, sheet: Sheet, path: str) -> EntryLine:
    """The line at what was asked for it in the end. Its unit price follows from that."""
    words = f"{line.description} ({sheet.coupon})"
    return replace(line, amount=-cents(net), price=None, source=(*line.source, path), description=words)


def _sku(sku: str, context: Context) -> str:
    """The SKU that QuickBooks' item has: custom options make a line's own longer, an engraving is no new item.

    A configurable says nothing about its variant: where the variant has left the catalogue, the line's SKU stays.
    """
    product = context.products.get(sku)
    return sku if product is None or product.type == "configurable" else product.sku or sku


def shipping(sheet: Sheet) -> Problem | None:
    """The line of shipping, with its own taxability."""
    totals, rules = sheet.parts.totals, sheet.rules
    if not (totals.shipping or totals.shipping_tax or totals.shipping_discount or totals.shipping_compensation):
        return None
    code = sheet.taxes.shipping_code(sheet.parts.shipping_taxes, totals.shipping_tax)
    if isinstance(code, Problem):
        return code
    off = totals.shipping_discount - totals.shipping_compensation
    lowered = bool(off and sheet.reduced and totals.shipping)  # a memo without shipping has no line to lower
    if off and not lowered:
        sheet.discounts[code] = sheet.discounts.get(code, ZERO) + off
    if totals.shipping:
        row = decide(sheet.facts, rules.shipping).row
        item, account = rules.shipping_item(row)
        line = EntryLine(
            "shipping",
            account,
            -cents(totals.shipping),
            Because("accounts", "shipping") if row is None else Because("shipping", row.id),
            ("base_shipping_amount",),
            item,
            description=str(sheet.facts.get("shipping.description") or ""),
            tax_code=code,
        )
        net = totals.shipping - off
        sheet.lines.append(_lowered(line, net, sheet, "base_shipping_discount_amount") if lowered else line)
    return None


def discounts(sheet: Sheet) -> Problem | None:
    """One line for each tax code: a discount lowers the base of the rate it was given on, never of another.

    By rule it is QuickBooks Online's own discount line, which has no item and no tax code and lowers the whole
    document: only where a single code bears it. QuickBooks Desktop's discount items are such lines themselves.
    """
    rules, row = sheet.rules, sheet.discount
    item, account = rules.discount_item(row)
    because = Because("accounts", "discounts") if row is None else Because("discount", row.id)
    source = ("base_discount_amount", "base_discount_tax_compensation_amount")
    for code, amount in sheet.discounts.items():
        if cents(amount):
            own = "" if _whole(sheet) and amount > 0 else item
            line = EntryLine("discount", account, cents(amount), because, source, own)
            sheet.lines.append(replace(line, description=sheet.coupon, tax_code=code))
    return None


def _whole(sheet: Sheet) -> bool:
    row, codes = sheet.discount, {line.tax_code for line in sheet.lines}
    asked = row is not None and row.show == "discount_line" and sheet.rules.books.target == "online"
    return asked and len(sheet.discounts) == 1 and (sheet.taxes.automated or len(codes) == 1)
