"""Makes the tax of an entry one that QuickBooks Desktop will arrive at by itself.

Desktop takes no amount of tax (Intuit, qbXML: `TaxAmount` and `SalesTaxLineAdd` are "not in QBD"): it multiplies the
taxable lines by the rate of a sales tax item or group, in the United States, or of each line's tax code elsewhere. So
its result is predicted, half up to cents. What differs within the rule's cap goes to Rounding; beyond it the tax
becomes a line of its own, or the document is held. Totals never change.
"""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Final

from mappings.booking_tax import TAXED, UNTAXED, cents
from mappings.catalogue import problem
from mappings.context import Books
from mappings.entry import Because, Entry, EntryLine
from mappings.keys import fold
from mappings.model import CENT, ZERO, Problem
from mappings.records import record
from mappings.rules import Rules

_KINDS: Final = ("sales_receipt", "invoice", "credit_memo")
_SOURCE: Final = ("base_tax_amount",)
_BY_METHOD: Final = Because("books", "tax_method")


@record(frozen=True, slots=True)
class Fitted:
    """An entry whose tax QuickBooks Desktop will compute, and what a person should look at. Nothing in it holds."""

    entry: Entry
    problems: tuple[Problem, ...] = ()


def fit(entry: Entry, rules: Rules, books: Books) -> Fitted | Problem:
    """The entry as Desktop can show it, or why it has to be held. Percents come from `books.tax_rates`."""
    if entry.kind not in _KINDS:
        return Fitted(entry)
    if rules.books.sales_tax == "codes":
        return _by_codes(entry, rules, books)
    if not entry.tax:
        # On taxable lines QuickBooks would multiply the customer's own sales tax item.
        return Fitted(replace(entry, lines=_untaxed(entry.lines)))
    if rules.books.tax_method == "own_line":
        return Fitted(_own_line(entry, rules))
    return _by_item(entry, rules, books)


def predict(base: Decimal, percents: Iterable[Decimal]) -> Decimal | None:
    """The tax on `base` in cents: once on the sum of the percents, and each apart. None where the two ways differ,
    because then nobody can say which one QuickBooks takes."""
    percents = tuple(percents)
    whole = cents(base * sum(percents, ZERO) / 100)
    apart = sum((cents(base * percent / 100) for percent in percents), ZERO)
    return whole if whole == apart else None


def _by_item(entry: Entry, rules: Rules, books: Books) -> Fitted | Problem:
    """One sales tax item or group charges all taxable lines."""
    if not books.sales_tax_on:
        return _beyond(entry, rules, "Sales tax is switched off in QuickBooks.")
    names = sorted({line.tax_rate for line in _stated(entry.lines)})
    if names == [""]:
        return _beyond(entry, rules, "No [[tax]] row names a sales tax item for it.")
    if len(names) != 1:
        called = " and ".join(name or "none" for name in names)
        return _beyond(entry, rules, f"One document has one sales tax item; the rows name {called}.")
    percents = books.tax_rates.get(fold(("tax_rate", names[0])))
    if percents is None:
        return _held("unknown-tax-code", entry, f"QuickBooks has no sales tax item or group called {names[0]!r}.")
    base = _base(entry, (line for line in _shown(entry.lines) if line.tax_code == TAXED))
    tax = predict(base, percents)
    if tax is None:
        return _beyond(entry, rules, f"The rates of {names[0]!r} can be rounded in two ways on {base:.2f}.")
    if not _within(entry.tax - tax, entry, rules):
        return _beyond(entry, rules, f"QuickBooks would compute {tax:.2f} by {names[0]!r} on {base:.2f}.")
    return Fitted(_rounded(entry, tax, UNTAXED, rules))


def _by_codes(entry: Entry, rules: Rules, books: Books) -> Fitted | Problem:
    """Each tax code charges the lines that bear it."""
    if not books.sales_tax_on:
        if entry.tax:
            return _held("tax-not-computable", entry, "Sales tax is switched off in QuickBooks.")
        return Fitted(entry)
    total, free = ZERO, books.untaxed_code
    for code in dict.fromkeys(line.tax_code for line in _shown(entry.lines)):
        percents = books.tax_rates.get(fold(("tax_code", code)))
        if percents is None:
            return _held("unknown-tax-code", entry, f"QuickBooks does not say what its tax code {code!r} charges.")
        base = _base(entry, (line for line in _shown(entry.lines) if line.tax_code == code))
        tax = predict(base, percents)
        if tax is None:
            reason = f"The rates of tax code {code!r} can be rounded in two ways on {base:.2f}."
            return _held("tax-not-computable", entry, reason)
        total += tax
        free = free if any(percents) else code
    if not _within(entry.tax - total, entry, rules):
        return _held("tax-not-computable", entry, f"QuickBooks would compute {total:.2f} by the lines' tax codes.")
    return Fitted(_rounded(entry, total, free, rules))


def _within(residual: Decimal, entry: Entry, rules: Rules) -> bool:
    """Magento rounds each document's tax by itself: a summary of many differs by up to half a cent for each of them."""
    return abs(residual) <= CENT * rules.books.tax_cap_cents + CENT * entry.documents / 2


def _rounded(entry: Entry, tax: Decimal, free: str, rules: Rules) -> Entry:
    """The entry with QuickBooks' `tax`; what Magento's differs by stands on a rounding line under the code `free`."""
    residual = entry.tax - tax
    if not residual:
        return entry
    moved = residual if entry.kind == "credit_memo" else -residual
    largest = max(_stated(entry.lines), key=lambda line: abs(line.amount), default=None)
    lines = [replace(line, amount=line.amount - moved) if line is largest else line for line in entry.lines]
    if largest is None:
        lines.append(EntryLine("tax", rules.account("sales_tax"), -moved, _BY_METHOD, _SOURCE))
    lines.append(
        EntryLine(
            "rounding",
            rules.account("rounding"),
            moved,
            Because("accounts", "rounding"),
            _SOURCE,
            rules.items.rounding,
            description="Rounding of tax",
            tax_code=free,
        )
    )
    return replace(entry, tax=tax, lines=tuple(lines))


def _beyond(entry: Entry, rules: Rules, reason: str) -> Fitted | Problem:
    """QuickBooks cannot be made to compute this tax: a line of its own that somebody looks at, or held."""
    told = f"Magento's tax is {entry.tax:.2f}. {reason}"
    if rules.books.tax_method == "computed":
        return _held("tax-not-computable", entry, told)
    look = problem("tax-own-line", entry.key, "tax", told, amount=entry.tax, currency=entry.currency, hold=False)
    return Fitted(_own_line(entry, rules), (look,))


def _own_line(entry: Entry, rules: Rules) -> Entry:
    """All lines untaxed, and the tax of each rate as a line on a liability account: QuickBooks' own tax is zero, and
    its Sales Tax Payable is left to its own sales tax items, whose agencies it pays from there."""
    stated = _stated(entry.lines)
    rates = dict.fromkeys(line.tax_rate for line in stated)
    taxes = (
        EntryLine(
            "tax",
            rules.account("tax_line"),
            sum((line.amount for line in stated if line.tax_rate == rate), ZERO),
            _BY_METHOD,
            _SOURCE,
            rules.items.tax,
            description="Sales tax" if len(rates) == 1 else f"Sales tax {rate}".strip(),
            tax_code=UNTAXED,
        )
        for rate in rates
    )
    others = tuple(line for line in entry.lines if line not in stated)
    return replace(entry, tax=ZERO, lines=(*_untaxed(others), *taxes))


def _stated(lines: tuple[EntryLine, ...]) -> list[EntryLine]:
    """What is QuickBooks' own tax total: the lines of tax that are no lines of the document."""
    return [line for line in lines if line.role == "tax" and not line.item]


def _shown(lines: tuple[EntryLine, ...]) -> list[EntryLine]:
    return [line for line in lines if line.item or line.sku]


def _base(entry: Entry, lines: Iterable[EntryLine]) -> Decimal:
    base = sum((line.amount for line in lines), ZERO)
    return base if entry.kind == "credit_memo" else -base


def _untaxed(lines: tuple[EntryLine, ...]) -> tuple[EntryLine, ...]:
    return tuple(replace(line, tax_code=UNTAXED) if line.tax_code == TAXED else line for line in lines)


def _held(code: str, entry: Entry, reason: str) -> Problem:
    return problem(code, entry.key, "base_tax_amount", reason, amount=entry.total, currency=entry.currency)
