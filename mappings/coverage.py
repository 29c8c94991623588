"""What the rules make of a shop's history, as if none of it were booked yet: which row decided how many documents,
and what no row covers. A document is an order, a Magento invoice that is booked by itself, a credit memo, or a payout.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from mappings.booking import Booked, book_invoice, book_order, holds_its_money
from mappings.booking_memo import book_credit_memo
from mappings.context import Context
from mappings.decide import decide
from mappings.entry import Entry
from mappings.facts import Facts, is_personal, known_fact, order_facts, settlement_facts, tax_facts
from mappings.model import CreditMemo, Invoice, Order, Problem, Waiting
from mappings.rules import LISTS, FieldRow, Rules
from mappings.values import as_text

LATER: Final = ("refund", "settlement")
"""Lists that are tried only where history has their documents: a shop may have given nothing back yet."""
OPTIONAL: Final = ("document", "customer", "class")
"""Lists whose rows sort documents: one that no row catches is booked all the same, and worth a look."""
_ASKED_TYPES: Final = ("text", "choice", "yes/no")
_CREDITS: Final = {
    "base_gift_cards_amount": "gift_card",
    "base_customer_balance_amount": "store_credit",
    "base_reward_currency_amount": "reward",
}


class RowName(NamedTuple):
    """A row by its list and id."""

    list: str
    row: str


class Gap(NamedTuple):
    """Something in history that no row of a list covers, as `payment.method is klarna`. `held`: its documents would
    be held for it."""

    list: str
    value: str
    held: bool


@dataclass(slots=True)
class Coverage:
    """Counts of documents: all, those of each row, those of each gap. `later` are lists of `LATER` that were tried."""

    documents: int = 0
    caught: Counter[RowName] = field(default_factory=Counter)
    gaps: Counter[Gap] = field(default_factory=Counter)
    later: set[str] = field(default_factory=set)

    @property
    def tried(self) -> tuple[str, ...]:
        """The lists that history was tried on."""
        return tuple(name for name in LISTS if name not in LATER or name in self.later)

    def unused(self, rules: Rules) -> tuple[RowName, ...]:
        """The rows in use that decided no document, in the order of the file's lists; those that fill custom fields of
        customers and items are never asked about a document."""
        rows = ((name, row) for name in self.tried for row in rules.rows(name) if not row.off)
        named = [RowName(name, row.id) for name, row in rows if not (isinstance(row, FieldRow) and row.listing)]
        return tuple(row for row in named if not self.caught[row])


def cover(
    order: Order,
    invoices: Iterable[Invoice],
    context: Context,
    rules: Rules,
    into: Coverage,
    memos: Iterable[CreditMemo] = (),
) -> None:
    """Count what `rules` make of an order, its Magento invoices and its credit memos. What stands in the books
    already, closing dates and releases are left aside: they say nothing about the rules."""
    fresh = replace(context, books=replace(context.books, close_date=None), standing={}, approved=frozenset())
    facts = order_facts(order, fresh, rules.books.on_account, timezone=rules.books.timezone)
    booked = _count(order, order.key, facts, lambda given: book_order(order, given, rules), fresh, rules, into)
    entries = list(booked) if isinstance(booked, tuple) else []
    for invoice in () if holds_its_money(booked, rules) else invoices:
        key = invoice.key if rules.books.post_on == "invoice" else f"payment/{invoice.number}"
        own = order_facts(order, fresh, rules.books.on_account, invoice, rules.books.timezone)
        paid = _count(order, key, own, _booking(invoice, order, entries, rules), fresh, rules, into)
        entries += paid if isinstance(paid, tuple) else ()
    for memo in memos if entries else ():
        entries += _given_back(memo, order, facts, entries, fresh, rules, into)


def cover_payout(processor: str, currency: str, rules: Rules, into: Coverage) -> None:
    """Count the row that decides a payout of this processor in this currency."""
    into.documents += 1
    into.later.add("settlement")
    row = decide(settlement_facts(processor, currency), rules.settlement).row
    if row is not None:
        into.caught[RowName("settlement", row.id)] += 1
    else:
        into.gaps[
            Gap("settlement", f"settlement.processor is {processor}, settlement.currency is {currency}", True)
        ] += 1


def _given_back(
    memo: CreditMemo,
    order: Order,
    facts: Facts,
    entries: Sequence[Entry],
    context: Context,
    rules: Rules,
    into: Coverage,
) -> tuple[Entry, ...]:
    """Count a credit memo that is booked, or would be but for a rule."""
    booked = book_credit_memo(memo, order, entries, context, rules)
    if isinstance(booked, Waiting):
        return ()
    into.documents += 1
    into.later.add("refund")
    if isinstance(booked, Problem):
        into.gaps.update(set(_held(order, facts, booked, rules)))
        return ()
    into.caught.update(_rows(booked))
    return booked


def _rows(entries: Iterable[Entry]) -> set[RowName]:
    """The rows behind entries and their lines."""
    because = [each for entry in entries for each in (*entry.decisions, *(line.because for line in entry.lines))]
    return {RowName(each.list, each.row) for each in because if each.list in LISTS}


def _booking(invoice: Invoice, order: Order, entries: Sequence[Entry], rules: Rules) -> Callable[[Context], Booked]:
    return lambda context: book_invoice(invoice, order, context, rules, entries)


def _count(
    order: Order,
    key: str,
    facts: Facts,
    book: Callable[[Context], Booked],
    context: Context,
    rules: Rules,
    into: Coverage,
) -> Booked:
    """Book one document and count the rows behind it; one that a review row holds is booked as released, too."""
    rows: set[RowName] = set()
    booked = book(context)
    is_sale = (key == order.key) == (rules.books.post_on == "order")
    if isinstance(booked, Waiting) and not is_sale:
        return booked  # nothing of its own to book
    if isinstance(booked, Problem) and booked.code == "review":
        rows.add(RowName("review", booked.field.removeprefix("review ")))
        booked = book(replace(context, approved=frozenset({key})))
    if is_sale:
        rows |= {RowName("document", row.id) for row in (decide(facts, rules.document).row,) if row is not None}
    if isinstance(booked, tuple):
        rows |= _rows(booked)
    into.documents += 1
    into.caught.update(rows)
    if isinstance(booked, Problem):
        into.gaps.update(set(_held(order, facts, booked, rules)))
    elif is_sale and isinstance(booked, tuple):
        into.gaps.update(_unsorted(facts, rows, rules))
    return booked


def _unsorted(facts: Facts, rows: set[RowName], rules: Rules) -> Iterator[Gap]:
    for name in OPTIONAL:
        if any(not row.off for row in rules.rows(name)) and not any(row.list == name for row in rows):
            yield Gap(name, _asked(name, facts, rules), held=False)


def _held(order: Order, facts: Facts, problem: Problem, rules: Rules) -> Iterator[Gap]:
    if problem.code == "unknown-payment-method":
        yield Gap("payment", f"payment.method is {order.payment_method or '(none)'}", held=True)
    elif problem.code == "unmapped-credit":
        yield Gap("credit", f"credit.kind is {_CREDITS[problem.field.rpartition('.')[2]]}", held=True)
    elif problem.code == "unmapped-fee":
        kinds = {"gw_": "gift_wrap", "custom_fees": "custom_fee"}
        kind = next((kind for part, kind in kinds.items() if part in problem.field), "fixed_tax")
        yield Gap("fee", f"fee.kind is {kind}", held=True)
    elif problem.code in ("unmapped-tax", "foreign-tax"):
        taxes = [tax for line in order.lines for tax in line.taxes] + list(order.shipping_taxes)
        country = as_text(facts.get("ship.country")) or "an unknown country"
        bare = [tax for tax in taxes if decide(tax_facts(facts, tax), rules.tax).row is None]
        for tax in bare:
            yield Gap("tax", f"tax.rate is {as_text(tax.percent)}, ship.country is {country}", held=True)
        if not bare:
            yield Gap("tax", f"no tax, ship.country is {country}", held=True)


def _asked(name: str, facts: Facts, rules: Rules) -> str:
    """What the document says to the questions of a list, as far as they have few answers and are not personal."""
    asked = dict.fromkeys(condition.fact for row in rules.rows(name) for condition in row.when if not row.off)
    told = [
        each for each in asked if (fact := known_fact(each)) and fact.type in _ASKED_TYPES and not is_personal(each)
    ]
    return ", ".join(f"{each} is {as_text(facts.get(each)) or 'empty'}" for each in told) or "anything else"
