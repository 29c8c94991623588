"""Bundles by rule: shown as the bundle or as its articles, in whole documents and in parts, always to the cent."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.booking import book_invoice, book_order
from mappings.entry import Entry, EntryLine
from mappings.kits import Kit, Part
from mappings.model import Line
from mappings.rules import RulesError
from tests.mappings.sales import TEXAS, context, invoice, line, order, rules

D = Decimal
CHILDREN = rules('[[item]]\nid = "sets"\nwhen = { "line.kit" = "fixed" }\nkit = "children"\n')
PARENT = rules('[[item]]\nid = "sets"\nwhen = { "line.kit" = "dynamic" }\nitem = "Gift set"\nkit = "parent"\n')
EACH = rules('[[item]]\nid = "sets"\nwhen = { "line.kit" = "fixed" }\nkit = "children"\n', books='post_on = "invoice"')


def goods(booked: object) -> list[EntryLine]:
    assert isinstance(booked, tuple)
    entry = booked[0]
    assert isinstance(entry, Entry)
    return [line for line in entry.lines if line.role == "item"]


def parts(*told: tuple[str, str, str]) -> tuple[Part, ...]:
    """SKU, pieces in one bundle and price of each article."""
    return tuple(Part(sku, f"The {sku}", at, D(pieces), D(price)) for at, (sku, pieces, price) in enumerate(told))


def fixed(quantity: str, price: str, *told: tuple[str, str, str]) -> Line:
    kit = Kit("fixed", 1, "SET", "The SET", D(1), parts(*told))
    return line("SET", quantity, price, TEXAS, product_type="bundle", kit=kit)


def test_a_fixed_bundle_is_its_articles_by_their_pieces_where_magento_says_no_prices() -> None:
    sold = order(fixed("2", "71.50", ("MUG", "1", "0"), ("TEE", "2", "0")), paid=True)
    told = [(each.sku, each.quantity, -each.amount) for each in goods(book_order(sold, context(), CHILDREN))]
    assert told == [("MUG", D(2), D("47.67")), ("TEE", D(4), D("95.33"))]


def test_a_fixed_bundle_is_its_articles_by_their_prices_where_magento_says_them() -> None:
    sold = order(fixed("1", "50", ("MUG", "1", "10"), ("TEE", "2", "20")), paid=True)
    assert [-each.amount for each in goods(book_order(sold, context(), CHILDREN))] == [D(10), D(40)]


def test_a_part_of_the_bundles_invoiced_takes_its_part_of_the_articles() -> None:
    sold = order(fixed("3", "10", ("MUG", "1", "0"), ("TEE", "2", "0")))
    one = replace(sold.lines[0], quantity=D(1), gross=D(10), tax=D("0.83"))
    found = goods(book_invoice(invoice(sold, one), sold, context(), EACH))
    assert [(each.sku, each.quantity, -each.amount) for each in found] == [
        ("MUG", D(1), D("3.33")),
        ("TEE", D(2), D("6.67")),
    ]


@pytest.mark.parametrize("told", [(), (("MUG", "0", "0"),)])
def test_a_bundle_that_tells_no_articles_stays_one_line(told: tuple[tuple[str, str, str], ...]) -> None:
    sold = order(fixed("1", "10", *told), paid=True)
    assert [each.sku for each in goods(book_order(sold, context(), CHILDREN))] == ["SET"]


@given(
    price=st.decimals(min_value="0.01", max_value="9999", places=2),
    pieces=st.lists(st.integers(min_value=1, max_value=9), min_size=1, max_size=7),
)
def test_the_articles_always_come_to_what_the_bundle_came_to(price: Decimal, pieces: list[int]) -> None:
    told = [(f"SKU{at}", str(number), "0") for at, number in enumerate(pieces)]
    sold = order(fixed("1", str(price), *told), paid=True)
    found = goods(book_order(sold, context(), CHILDREN))
    assert sum(-each.amount for each in found) == price
    assert all(abs(-each.amount - price * pieces[at] / sum(pieces)) <= D("0.01") for at, each in enumerate(found))


def part_of(sku: str, quantity: str, price: str, pieces: str, **changes: object) -> Line:
    kit = Kit("dynamic", 7, "OWN-SET", "My set", D(pieces))
    return line(sku, quantity, price, TEXAS, kit=kit, **changes)


def test_a_dynamic_bundle_is_one_line_that_is_taxed_and_discounted_like_its_articles() -> None:
    lines = (part_of("MUG", "2", "12.50", "1", discount="2.50"), part_of("TEE", "4", "19.99", "2"))
    sold = order(*lines, line("PEN", "1", "1", TEXAS), paid=True)
    plain = goods(book_order(sold, context(), rules()))
    mine, pen = goods(book_order(sold, context(), PARENT))
    assert (mine.item, mine.sku, mine.description, mine.quantity) == ("Gift set", "OWN-SET", "My set", D(2))
    assert (mine.amount, mine.tax_code) == (sum(each.amount for each in plain[:2]), "TAX")
    assert mine.source == ("items[0].base_row_total", "items[0].base_row_total")
    assert replace(pen, facts=()) == plain[2]


def test_articles_of_one_bundle_that_are_taxed_otherwise_stay_apart() -> None:
    free = replace(part_of("BOOK", "1", "5", "1"), tax=D(0), taxes=(), tax_percent=D(0))
    sold = order(part_of("MUG", "1", "12.50", "1"), free, paid=True)
    assert [(each.sku, each.tax_code) for each in goods(book_order(sold, context(), PARENT))] == [
        ("OWN-SET", "TAX"),
        ("OWN-SET", "NON"),
    ]


def test_half_a_bundle_that_comes_back_has_an_amount_and_no_number() -> None:
    sold = order(part_of("MUG", "1", "12.50", "1"), part_of("TEE", "1", "19.99", "2"), paid=True)
    [mine] = goods(book_order(sold, context(), PARENT))
    assert (mine.quantity, -mine.amount) == (None, D("32.49"))


def test_what_is_asked_of_the_other_kind_of_bundle_changes_nothing() -> None:
    sold = order(part_of("MUG", "1", "12.50", "1"), paid=True)
    children = rules('[[item]]\nid = "all"\nkit = "children"\n')
    assert [each.sku for each in goods(book_order(sold, context(), children))] == ["MUG"]
    parent = rules('[[item]]\nid = "all"\nkit = "parent"\n')
    assert [each.sku for each in goods(book_order(order(fixed("1", "9"), paid=True), context(), parent))] == ["SET"]


def test_one_item_cannot_stand_for_several_articles() -> None:
    with pytest.raises(RulesError, match="sells each article of a bundle"):
        rules('[[item]]\nid = "x"\nitem = "Set"\nkit = "children"\n')
