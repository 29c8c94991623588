"""When one condition holds wherever another does."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.conditions import Condition, compile_when
from mappings.facts import FactValue
from mappings.implying import covers, implies


def condition(fact: str, wanted: Any) -> Condition:
    (made,) = compile_when({fact: wanted})
    return made


@pytest.mark.parametrize(
    ("fact", "narrow", "wide"),
    [
        ("payment.method", "paypal_express", {"starts": "paypal"}),
        ("payment.method", ["free", "checkmo"], ["checkmo", "free", "paypal"]),
        ("payment.method", {"starts": "paypal_"}, {"starts": ["stripe", "paypal"]}),
        ("payment.method", {"starts": "paypal_"}, {"contains": "pay"}),
        ("payment.method", {"contains": "paypal"}, {"contains": "pal"}),
        ("payment.method", {"starts": "paypal"}, {"not": "free"}),
        ("payment.method", {"contains": "pay"}, {"empty": False}),
        ("payment.method", {"not": ["free", "checkmo"]}, {"not": "free"}),
        ("payment.method", "free", {"empty": False}),
        ("coupon", {"empty": True}, {"not": "WELCOME10"}),
        ("order.total", {"above": 100}, {"above": 50}),
        ("order.total", {"above": 100}, {"above": 100}),
        ("order.total", {"from": 101, "to": 200}, {"above": 100}),
        ("order.total", {"from": 10, "to": 20}, {"from": 0, "to": 20}),
        ("order.total", {"below": 10}, {"below": Decimal("10.5")}),
        ("order.total", {"above": 100}, {"not": [1, 2]}),
        ("order.date", {"from": "2026-01-01", "to": "2026-01-31"}, {"below": "2026-02-01"}),
    ],
)
def test_a_narrow_condition_implies_a_wide_one_and_not_the_other_way_round(fact: str, narrow: Any, wide: Any) -> None:
    assert implies(condition(fact, narrow), condition(fact, wide))
    if narrow != wide:
        assert not implies(condition(fact, wide), condition(fact, narrow))


@pytest.mark.parametrize(
    ("one", "other"),
    [({"from": 100, "to": 200}, {"above": 100}), ({"above": 50}, {"from": 60, "to": 70}), ({"above": 5}, {"below": 9}),
     ({"not": 5}, {"above": 1}), ({"below": 5}, {"empty": True})],
)  # fmt: skip
def test_ranges_that_overlap_only_in_part_imply_nothing(one: Any, other: Any) -> None:
    assert not implies(condition("order.total", one), condition("order.total", other))


def test_a_row_covers_another_only_if_all_its_conditions_are_implied() -> None:
    wide = compile_when({"payment.method": {"starts": "paypal"}})
    narrow = compile_when({"payment.method": "paypal_express", "store": "fr"})
    assert covers(wide, narrow)
    assert not covers(narrow, wide)
    assert covers((), wide)
    assert not covers(wide, ())


TEXTS = st.sampled_from(["a", "ab", "abc", "b", "bc", " AB ", "c"])
NUMBERS = st.integers(0, 4)
asked_texts = st.one_of(
    TEXTS,
    st.lists(TEXTS, min_size=1, max_size=3),
    st.builds(lambda name, text: {name: text}, st.sampled_from(["not", "starts", "contains"]), TEXTS),
    st.builds(lambda wanted: {"empty": wanted}, st.booleans()),
)
asked_numbers = st.one_of(
    NUMBERS,
    st.builds(lambda name, number: {name: number}, st.sampled_from(["not", "above", "below"]), NUMBERS),
    st.builds(lambda low, more: {"from": low, "to": low + more}, NUMBERS, NUMBERS),
    st.builds(lambda wanted: {"empty": wanted}, st.booleans()),
)


@given(asked_texts, asked_texts, st.one_of(st.none(), st.just(""), st.just(" "), st.text("abc ", max_size=4)))
def test_law_what_is_implied_holds_for_texts(one: Any, other: Any, value: FactValue) -> None:
    first, second = condition("coupon", one), condition("coupon", other)
    if implies(first, second) and first.test(value):
        assert second.test(value)


@given(asked_numbers, asked_numbers, st.one_of(st.none(), st.decimals(-1, 9, places=1)))
def test_law_what_is_implied_holds_for_numbers(one: Any, other: Any, value: FactValue) -> None:
    first, second = condition("order.total", one), condition("order.total", other)
    if implies(first, second) and first.test(value):
        assert second.test(value)


@given(asked_texts)
def test_law_a_condition_implies_itself(wanted: Any) -> None:
    assert implies(condition("coupon", wanted), condition("coupon", wanted))
