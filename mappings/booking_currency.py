"""In which currency a document enters the books: the store's base currency, the customer's, or converted.

By default documents are booked in base currency, which has to be the company's home currency. A `currency` row may
say `foreign`: the document's own amounts in the currency that the customer paid in, in a company with multicurrency
on; or `convert`: booked in base currency, then every line turned into home currency. A rate is always home currency
for one unit of the document's ("the number of home currency units it takes to equal one foreign currency unit",
Intuit, "Manage multiple currencies"), the inverse of Magento's `base_to_order_rate`.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, TypeVar

from mappings.booking_convert import convert, keep_cents
from mappings.catalogue import problem
from mappings.context import Context
from mappings.decide import decide
from mappings.entry import Because, Entry
from mappings.facts import Facts, order_facts
from mappings.model import CENT, CreditMemo, Invoice, Order, Problem, Waiting
from mappings.parties import in_currency
from mappings.rates import Rates
from mappings.records import record
from mappings.rules import CurrencyRow, Rules

Booked = tuple[Entry, ...] | Problem | Waiting
DocumentT = TypeVar("DocumentT", Order, Invoice, CreditMemo)

RATE: Final = Decimal("0.0000001")
"""Rates worked out of Magento's are kept to seven decimals; written ones as they are."""


@record(frozen=True, slots=True)
class Terms:
    """The currency of one document. `rate` is None where it is the home currency itself; without a `row` nothing says
    that the document should not stay in base currency."""

    row: CurrencyRow | None
    currency: str
    home: str
    rate: Decimal | None = None

    def shown(self, document: DocumentT) -> DocumentT:
        """The document in the currency in which its lines are made."""
        charged = document.charged
        if self.row is None or self.row.mode != "foreign" or charged is None or isinstance(charged, Problem):
            return document
        return charged

    def within(self, context: Context) -> Context:
        """What booking knows, with books in the currency in which the lines are made."""
        if self.row is None or self.currency == context.books.home_currency:
            return context
        own = replace(context, books=replace(context.books, home_currency=self.currency))
        if self.row.mode != "convert" or self.rate is None:
            return own
        # A balance in home currency does not come back to the cent: what is owed is then our own figure.
        amounts = {key: (amount / self.rate).quantize(CENT, ROUND_HALF_UP) for key, amount in own.amounts.items()}
        return replace(own, amounts=amounts, posted=frozenset())

    def put(self, booked: Booked, earlier: Sequence[Entry], rules: Rules) -> Booked:
        """What was booked as it enters the books; `earlier` are the order's entries so far."""
        if self.row is None or not isinstance(booked, tuple):
            return booked
        because = Because("currency", self.row.id)
        entries = [replace(entry, decisions=(*entry.decisions, because)) for entry in booked]
        if self.rate is None:
            return tuple(entries)
        if self.row.mode == "convert":
            return convert(entries, earlier, self.rate, self.home)
        receivable = rules.receivable_in(self.currency, self.row)
        return tuple(_in_foreign(entry, self.rate, receivable) for entry in entries)


def as_they_stand(entries: Sequence[Entry], order: Order, context: Context, rules: Rules) -> Sequence[Entry]:
    """All entries of an order with the cents that stand in the books, where they were converted."""
    terms = choose_terms(order.key, order, order, context, rules)
    if isinstance(terms, Problem) or terms.row is None or terms.row.mode != "convert" or terms.rate is None:
        return entries
    return keep_cents(entries, context.amounts, terms.rate)


def as_booked(entries: Sequence[Entry]) -> list[Entry]:
    """Entries as their lines were made, before they were converted or given to a customer of their currency."""
    return [entry.original or entry for entry in entries]


def choose_terms(
    key: str, document: Order | Invoice | CreditMemo, order: Order, context: Context, rules: Rules
) -> Terms | Problem:
    """The currency in which the document with this key enters the books. The order decides how, so that all that
    belongs to it meets in one account; a document's own day may decide at which rate."""
    home = context.books.home_currency
    if not rules.currency:
        return Terms(None, order.currency, home)
    row = decide(_facts(order, order, context, rules), rules.currency).row
    if row is None or row.mode == "base":
        return Terms(row, order.currency, home)
    if row.mode == "convert":
        same = order.currency == home
        return Terms(None, home, home) if same else _at_rate(key, row, order, order, order.currency, home)
    for each in (order, document):
        if isinstance(each.charged, Problem):
            return replace(each.charged, document=key)
    currency = order.order_currency
    if currency == home:
        return Terms(row, currency, home)
    if not context.books.multicurrency:
        reason = f"It is in {currency}, and multicurrency is off in QuickBooks, which keeps its books in {home}."
        return _held("multicurrency-off", key, "order_currency_code", reason, order)
    own = decide(_facts(order, document, context, rules), rules.currency).row
    dated = own if own is not None and own.mode == "foreign" else row
    return _at_rate(key, dated, document, order, currency, home)


def _facts(order: Order, document: Order | Invoice | CreditMemo, context: Context, rules: Rules) -> Facts:
    invoice = document if isinstance(document, Invoice) else None
    memo = document if isinstance(document, CreditMemo) else None
    return order_facts(order, context, rules.books.on_account, invoice, rules.books.timezone, memo)


def _at_rate(
    key: str, row: CurrencyRow, document: Order | Invoice | CreditMemo, order: Order, currency: str, home: str
) -> Terms | Problem:
    """Terms at the row's own rate, or at Magento's: the document's, else its order's."""
    known = (_magento_rate(rates, order.currency, currency, home) for rates in (document.rates, order.rates))
    rate = row.fixed or next((each for each in known if each is not None), None)
    if rate is not None:
        return Terms(row, currency, home, rate)
    reason = f"Magento does not say what one {currency} is in {home}."
    fix = f'Give the [[currency]] row "{row.id}" a rate: {home} for one {currency}. Then sync again.'
    return _held("exchange-rate-unknown", key, "base_to_global_rate", reason, order, fix)


def _magento_rate(rates: Rates, base: str, currency: str, home: str) -> Decimal | None:
    """Home currency for one unit of `currency`, through the base currency, as far as Magento knows it."""
    home_for_base = Decimal(1) if base == home else rates.to_global if rates.global_currency == home else None
    in_currency = Decimal(1) if currency == base else rates.to_order
    if home_for_base is None or in_currency is None:
        return None
    return (home_for_base / in_currency).quantize(RATE, ROUND_HALF_UP)


def _in_foreign(entry: Entry, rate: Decimal, receivable: str) -> Entry:
    """The entry for a customer of its currency: QuickBooks allows one currency for each customer."""
    lines = tuple(replace(line, account=receivable) if line.role == "receivable" else line for line in entry.lines)
    party = in_currency(entry.party, entry.currency)
    return replace(entry, party=party, lines=lines, exchange_rate=rate, receivable=receivable, original=entry)


def _held(code: str, key: str, field: str, reason: str, order: Order, fix: str | None = None) -> Problem:
    return problem(code, key, field, reason, fix=fix, amount=order.totals.grand_total, currency=order.currency)
