"""Laws of the rules engine: what is decided makes the entry, and nothing else about a rules file does."""

from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mappings.booking import Booked, book_order
from mappings.booking_kind import as_placed
from mappings.decide import decide, decide_fields
from mappings.entry import Because, EntryLine
from mappings.facts import Facts, credit_facts, line_facts, order_facts, tax_facts
from mappings.facts_list import CREDITS
from mappings.model import Order
from mappings.rules import Rules, load, template
from tests.mappings.sales import BERLIN, TEXAS, context, line, order

CONTEXT = context()
WHOLE = ("document", "customer", "currency", "payment", "shipping", "discount", "class", "review")
"""The lists that decide about a document as a whole."""
FRENCH = '[[class]]\nid = "fr"\nwhen = { store = "fr" }\nclass = "France"\n\n'
WEB = '[[class]]\nid = "web"\nclass = "Web"\n\n'
KLARNA = '[[payment]]\nid = "klarna"\nwhen = { "payment.method" = "klarna" }\nclearing = "1260 Klarna"\n\n'
HARMLESS = (
    ('id       = "paypal"', 'id       = "pp"'),
    ('id   = "paid"', 'id   = "settled"\nnote = "renamed"'),
    ("[[document]]", FRENCH + "[[document]]"),
)
"""Other names, notes, and rows that none of the orders here matches."""
EDITS = (
    *HARMLESS,
    ('clearing = "1250 PayPal clearing"', 'clearing = "1299 Other"'),
    ('method   = "Check"', 'method   = "Cheque"'),
    ('terms = "Net 30"', 'terms = "Net 10"'),
    ("off  = true\nwhen = { guest", "when = { guest"),
    ('id      = "abroad"\noff     = true', 'id      = "abroad"'),
    ('id     = "large"\noff    = true', 'id     = "large"'),
    ("[[customer]]", WEB + "[[customer]]"),
    ("[[payment]]", KLARNA + "[[payment]]"),
    ('item    = "Magento VAT DE"', 'item    = "VAT Germany"'),
    ('item    = "Magento gift card"', 'item    = "Gift card used"'),
)
orders = st.builds(
    lambda goods, place, extra, **changes: order(*goods, **place, **extra, **changes),
    goods=st.lists(st.sampled_from([line("MUG", "2", "12.50", TEXAS), line("CUP", "1", "7")]), min_size=1, max_size=3),
    place=st.sampled_from([{}, {"shipping_address": BERLIN}]),
    extra=st.sampled_from([{}, {"parts": {"gift_cards": "4"}}]),
    paid=st.booleans(),
    shipping=st.sampled_from(["0", "8.40"]),
    payment_method=st.sampled_from(["paypal_express", "checkmo", "purchaseorder", "klarna", "mystery"]),
)
edits = st.sets(st.sampled_from(EDITS))
few_edits = st.sets(st.sampled_from(EDITS), max_size=2)


def edited(changes: set[tuple[str, str]]) -> Rules:
    text = template("us_retail")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return load(text)


def decisions(sold: Order, by: Rules) -> list[Any]:
    """Every decision that the order may ask for, under its facts and under those it had when it was placed."""
    now = order_facts(sold, CONTEXT, by.books.on_account)
    return [decided for facts in (now, as_placed(now)) for decided in _under(facts, sold, by)]


def _under(facts: Facts, sold: Order, by: Rules) -> list[Any]:
    whole = {name: decide(facts, by.rows(name)) for name in WHOLE}
    fields = [(row.to, row.source) for row in decide_fields(facts, by.field)]
    items = [decide(line_facts(facts, each, CONTEXT), by.item) for each in sold.lines]
    taxes = [decide(tax_facts(facts, tax), by.tax) for each in sold.lines for tax in (*each.taxes, None)]
    credits = [decide(credit_facts(facts, kind, sold.totals.gift_cards), by.credit) for kind in CREDITS]
    return [whole, fields, items, taxes, credits]


def told(booked: Booked) -> Any:
    """The entries without the names of the rows behind them."""
    if not isinstance(booked, tuple):
        return type(booked).__name__
    return [replace(entry, decisions=(), facts=(), lines=tuple(map(_unnamed, entry.lines))) for entry in booked]


def _unnamed(each: EntryLine) -> EntryLine:
    return replace(each, because=Because("", ""))


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(orders, edits, few_edits)
def test_law_the_same_decisions_make_the_same_entry(sold: Order, one: Any, more: Any) -> None:
    first, second = edited(one), edited(one ^ more)
    if decisions(sold, first) == decisions(sold, second):
        assert told(book_order(sold, CONTEXT, first)) == told(book_order(sold, CONTEXT, second))


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(orders, st.sets(st.sampled_from(HARMLESS)))
def test_law_rows_that_do_not_match_and_rows_that_are_renamed_change_nothing(sold: Order, changes: Any) -> None:
    plain, other = edited(set()), edited(changes)
    assert decisions(sold, other) == decisions(sold, plain)
    assert told(book_order(sold, CONTEXT, other)) == told(book_order(sold, CONTEXT, plain))


@given(st.lists(st.integers(0, 99), unique=True, max_size=8), st.booleans())
def test_law_rows_keep_the_order_that_they_have_in_the_file(numbers: list[int], off: bool) -> None:
    row = '[[payment]]\nid = "row {0}"\nwhen = {{ store = "s{0}" }}\nclearing = "Bank"\noff = {1}\n'
    rows = [row.format(number, str(off).lower()) for number in numbers]
    made = load("version = 1\n" + "".join(rows))
    assert [row.id for row in made.payment] == [f"row {number}" for number in numbers]
