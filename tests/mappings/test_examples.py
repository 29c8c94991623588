"""Examples that a bookkeeper keeps: their files, and what a change of the rules makes of them."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.compare_entries import Amount, EntryChange, Kept, KeptLine, compare, compare_all
from mappings.examples import Example, ExampleError, changes, make_example, read_example, write_example
from mappings.model import Order, Problem
from mappings.rules import Rules
from tests.mappings.sales import RETAIL, TEXAS, context, invoice, line, memo, order, rules

PAID = order(line("MUG", "2", "12.50", TEXAS), shipping="7.50", paid=True, coupon="")
OWED = order(line("MUG", "2", "12.50"), shipping="7.50")


def example(of: Order, by: Rules = RETAIL, invoices: bool = False) -> Example:
    made = make_example(of, [invoice(of)] if invoices else [], context(), by)
    assert isinstance(made, Example)
    return made


def test_an_example_is_a_small_file_that_reads_back_as_it_was() -> None:
    made = example(PAID)
    text = write_example(made)
    assert read_example(text) == made
    assert '{ account = "1255 Checks clearing", amount = 34.56, role = "money" },' in text
    assert 'kind = "sales_receipt"' in text


def test_an_example_holds_nobody() -> None:
    text = write_example(example(PAID))
    for personal in ("Ada", "Lovelace", "example.com", "Main St", "78701", "MUG"):
        assert personal not in text


def test_an_orders_payments_belong_to_its_example() -> None:
    assert [entry.key for entry in example(OWED, invoices=True).entries] == ["order/000000042", "payment/000000007"]
    assert len(example(PAID, invoices=True).entries) == 1


def test_an_orders_refunds_belong_to_its_example() -> None:
    made = make_example(PAID, [], context(), RETAIL, [memo(PAID)])
    assert isinstance(made, Example)
    assert [entry.key for entry in made.entries] == ["order/000000042", "creditmemo/000000003"]
    lost = make_example(PAID, [], context(), RETAIL, [memo(PAID, line("MUG", "2", "12.50"), shipping="7.50")])
    assert isinstance(lost, Example)
    few = rules(
        '[[payment]]\nid = "sales"\nwhen = { "refund.number" = { empty = true } }\nclearing = "1255 Checks clearing"\n'
    )
    only = few.model_copy(update={"payment": few.payment[:1]})
    problem = make_example(PAID, [], context(), only, [memo(PAID)])
    assert isinstance(problem, Problem) and problem.code == "unknown-payment-method"


def test_other_accounts_are_named_with_what_moves_between_them() -> None:
    france = rules('[[shipping]]\nid = "all"\naccount = "4110 Shipping France"\nitem = "Shipping FR"\n')
    (change,) = changes(example(PAID), example(PAID, france))
    assert change == EntryChange(
        "order/000000042",
        (Amount("4100 Shipping income", Decimal("7.50")), Amount("4110 Shipping France", Decimal("-7.50"))),
        ("items are Shipping FR instead of Magento shipping",),
    )
    assert changes(example(PAID), example(PAID)) == ()


def test_another_kind_of_document_is_told_in_words() -> None:
    invoices = rules('[[document]]\nid = "all"\nmake = "invoice"\nterms = "Net 10"\n')
    (change,) = changes(example(PAID), example(PAID, invoices))
    assert "kind is invoice instead of sales_receipt" in change.words
    assert "terms is Net 10 instead of none" in change.words
    assert "payment method is none instead of Check" in change.words


def test_an_entry_that_comes_or_goes_changes_its_accounts_by_all_of_it() -> None:
    gone, come = (compare_all(*pair) for pair in ((example(PAID).entries, ()), ((), example(PAID).entries)))
    assert gone[0].words == ("is no longer booked",)
    assert come[0].words == ("is new",)
    assert [Amount(account, -amount) for account, amount in gone[0].accounts] == list(come[0].accounts)
    with pytest.raises(ValueError, match="nothing to compare"):
        compare(None, None)


def test_an_order_that_would_be_held_is_no_example() -> None:
    for held in (replace(PAID, payment_method="klarna"), replace(OWED, payment_method="klarna")):
        made = make_example(held, [invoice(held)], context(), RETAIL)
        assert isinstance(made, Problem)
        assert made.code == "unknown-payment-method"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("version = 1", "version = 2"), "version 2 is not known"),
        (("version = 1", ""), "'version' is missing"),
        (("amount = 34.56", "amount = 34.57"), "add up to 0.01 instead of zero"),
        (("34.56", '"34.56"'), "must be an amount"),
        (("34.56", "true"), "must be an amount"),
        (("34.56", "nan"), "must be an amount"),
        (('kind = "sales_receipt"', "kind = 3"), "must be a text"),
        (('kind = "sales_receipt"', 'knid = "sales_receipt"'), "does not belong"),
        (("lines = [\n", "lines = [\n3,\n"), "does not belong"),
        (("[[entry]]", "[[entry"), "Expected"),
    ],
)
def test_a_file_that_was_edited_wrongly_is_refused_in_words(change: tuple[str, str], words: str) -> None:
    with pytest.raises(ExampleError, match=words):
        read_example(write_example(example(PAID)).replace(*change, 1))


# --- laws -------------------------------------------------------------------------------------------------------

ACCOUNTS = st.sampled_from(["1250 Bank", "4000 Sales", "4100 Shipping", 'Sales: "web" \\ \x7f\x01\n é 😀'])
MONEY = st.decimals(-1000, 1000, places=2)


@st.composite
def kept(draw: st.DrawFn) -> Kept:
    """A balanced entry."""
    amounts = draw(st.lists(st.tuples(ACCOUNTS, MONEY), max_size=4))
    lines = [KeptLine("item", account, amount, draw(st.sampled_from(["", "Mug"]))) for account, amount in amounts]
    rest = -sum((amount for _, amount in amounts), Decimal(0))
    lines.append(KeptLine("money", draw(ACCOUNTS), rest))
    return Kept("order/1", draw(ACCOUNTS), "1", "2026-11-20", "USD", abs(rest), Decimal(0), tuple(lines))


@given(st.one_of(st.none(), kept()), kept())
def test_law_what_changes_adds_up_to_zero(old: Kept | None, new: Kept) -> None:
    change = compare(old, new)
    assert sum((amount for _, amount in change.accounts), Decimal(0)) == 0
    assert not compare(new, new)
    back = compare(new, old)
    assert back.accounts == tuple(Amount(account, -amount) for account, amount in change.accounts)


@given(st.lists(kept(), max_size=3))
def test_law_a_file_reads_back_as_it_was_written(entries: list[Kept]) -> None:
    made = Example("000000042", "2026-11-20T17:00:00+00:00", tuple(entries))
    assert read_example(write_example(made)) == made
