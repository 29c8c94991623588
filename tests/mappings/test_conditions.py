"""Conditions: what `when` may say, what it means, and what is said about a wrong one."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.conditions import ConditionError, compile_when
from mappings.facts import FactValue

D = Decimal


def holds(name: str, wanted: Any, value: FactValue) -> bool:
    (condition,) = compile_when({name: wanted})
    assert condition.fact == name
    return condition.test(value)


@pytest.mark.parametrize(
    ("name", "wanted", "value", "expected"),
    [
        # is, is one of
        ("payment.method", "checkmo", "checkmo", True),
        ("payment.method", " CheckMo ", "CHECKMO  ", True),
        ("payment.method", "checkmo", "checkmo2", False),
        ("payment.method", "checkmo", None, False),
        ("customer.group", "Straße", "STRASSE", True),
        ("payment.method", ["free", "checkmo"], "free", True),
        ("payment.method", ["free", "checkmo"], "paypal", False),
        ("order.state", "Processing", "processing", True),
        ("order.total", 10, D("10.00"), True),
        ("order.total", D("10.5"), D("10.50"), True),
        ("order.total", 10, D("10.01"), False),
        ("order.lines", [1, 2], 2, True),
        ("website", 1, None, False),
        ("paid", True, True, True),
        ("paid", True, False, False),
        ("paid", False, None, False),
        ("order.date", date(2026, 11, 21), "2026-11-21", True),
        ("order.date", " 2026-11-21", "2026-11-21", True),
        # not
        ("payment.method", {"not": "free"}, "checkmo", True),
        ("payment.method", {"not": "free"}, " FREE", False),
        ("payment.method", {"not": "free"}, None, True),
        ("payment.method", {"not": ["free", "checkmo"]}, "checkmo", False),
        ("order.total", {"not": 0}, D("0.00"), False),
        ("paid", {"not": True}, False, True),
        # above, below, from + to
        ("order.total", {"above": 10}, D("10"), False),
        ("order.total", {"above": 10}, D("10.01"), True),
        ("order.total", {"below": 10}, D("10"), False),
        ("order.total", {"below": 10}, 9, True),
        ("order.total", {"below": 10}, None, False),
        ("order.total", {"from": 10, "to": 20}, D(10), True),
        ("order.total", {"from": 10, "to": 20}, D(20), True),
        ("order.total", {"from": 10, "to": 20}, D("20.01"), False),
        ("order.total", {"from": 10, "to": 20}, D("9.99"), False),
        ("order.total", {"from": 10, "to": 20}, None, False),
        ("invoice.date", {"above": date(2026, 1, 1)}, "2026-01-02", True),
        ("invoice.date", {"below": "2026-01-01"}, "2026-01-01", False),
        ("invoice.date", {"below": "2026-01-01"}, None, False),
        ("invoice.date", {"below": "2026-01-01"}, "", False),
        ("order.date", {"from": "2026-01-01", "to": "2026-12-31"}, "2026-12-31", True),
        ("order.date", {"from": "2026-01-01", "to": "2026-12-31"}, "2027-01-01", False),
        ("order.date", {"from": "2026-01-01", "to": "2026-12-31"}, None, False),
        # starts, contains
        ("payment.method", {"starts": "PayPal"}, " paypal_express", True),
        ("payment.method", {"starts": "paypal"}, "braintree_paypal", False),
        ("payment.method", {"starts": ["stripe", "adyen"]}, "adyen_cc", True),
        ("payment.method", {"starts": "p"}, None, False),
        ("shipping.description", {"contains": "express"}, "UPS Express Saver", True),
        ("shipping.description", {"contains": ["dhl", "ups"]}, "UPS Saver", True),
        ("shipping.description", {"contains": "dhl"}, "UPS Saver", False),
        ("shipping.description", {"contains": "dhl"}, None, False),
        # empty
        ("coupon", {"empty": True}, " ", True),
        ("coupon", {"empty": True}, None, True),
        ("coupon", {"empty": True}, "X", False),
        ("coupon", {"empty": False}, "X", True),
        ("coupon", {"empty": False}, None, False),
        ("order.total", {"empty": True}, D(0), False),
        ("product.brand", "acme", "Acme", True),
    ],
)
def test_a_condition_holds_or_not(name: str, wanted: Any, value: FactValue, expected: bool) -> None:
    assert holds(name, wanted, value) is expected


@pytest.mark.parametrize(
    ("name", "wanted", "message", "nearest"),
    [
        ("payment.metod", "x", 'unknown fact "payment.metod"', "payment.method"),
        ("payment", {"method": "x"}, 'a name with a dot is written in quotes: "payment.method"', ""),
        ("payment", {"metod": "x"}, 'unknown fact "payment"', "payment.method"),
        ("coupon", {"begins": "x"}, 'unknown operator "begins"', ""),
        ("coupon", {"start": "x"}, 'unknown operator "start"', "starts"),
        ("coupon", {}, "takes one operator (or from and to together), not 0", ""),
        ("coupon", {"starts": "x", "empty": True}, "takes one operator", ""),
        ("order.total", {"from": 1}, "from and to stand together", ""),
        ("order.total", {"to": 1, "above": 2}, "takes one operator", ""),
        ("order.total", {"from": 2, "to": 1}, "wrong way round", ""),
        ("order.total", "10", "order.total is a number", ""),
        ("order.total", True, 'compared with "true"', ""),
        ("order.total", D("NaN"), "order.total is a number", ""),
        ("order.total", {"starts": "1"}, "operator starts is for texts", ""),
        ("order.total", {"above": [1]}, "order.total is a number", ""),
        ("ship.postcode", 10115, "ship.postcode is a text (write it in quotes)", ""),
        ("ship.country", {"above": "A"}, "operator above is for numbers and dates", ""),
        ("ship.country", {"from": "A", "to": "B"}, "for numbers and dates", ""),
        ("coupon", "", "an empty text matches nothing; write { empty = true }", ""),
        ("coupon", [], "an empty list matches nothing", ""),
        ("coupon", {"not": []}, "an empty list matches nothing", ""),
        ("coupon", {"starts": ""}, "takes a text in quotes", ""),
        ("coupon", {"starts": []}, "takes a text in quotes", ""),
        ("coupon", {"contains": 3}, "takes a text in quotes", ""),
        ("coupon", {"empty": "yes"}, "operator empty takes true or false", ""),
        ("paid", "yes", "paid is yes or no (write true or false)", ""),
        ("paid", 1, "paid is yes or no", ""),
        ("order.date", "21.11.2026", "order.date is a date (write 2026-11-21)", ""),
        ("order.date", datetime(2026, 11, 21), "order.date is a date", ""),  # noqa: DTZ001
        ("order.date", 20261121, "order.date is a date", ""),
        ("order.state", "cancelled", 'order.state is never "cancelled"', "canceled"),
        ("order.state", 1, "order.state is a choice", ""),
        ("credit.kind", ["gift_card", "points"], 'credit.kind is never "points"', ""),
    ],
)
def test_a_wrong_condition_says_what_is_wrong(name: str, wanted: Any, message: str, nearest: str) -> None:
    with pytest.raises(ConditionError) as caught:
        compile_when({name: wanted})
    (fault,) = caught.value.faults
    assert message in fault.message
    assert fault.nearest == nearest
    assert fault.at == (name,)


def test_all_faults_of_a_when_come_at_once() -> None:
    with pytest.raises(ConditionError) as caught:
        compile_when({"nonsense": 1, "paid": "x", "coupon": "fine"})
    assert len(caught.value.faults) == 2


@pytest.mark.parametrize("when", ["paid", 1, ["paid"]])
def test_a_when_is_a_table(when: object) -> None:
    with pytest.raises(ConditionError, match="must be a table"):
        compile_when(when)


def test_an_empty_when_is_a_mistake_and_not_a_catch_all() -> None:
    with pytest.raises(ConditionError, match="leave `when` out"):
        compile_when({})


def test_more_than_twenty_conditions_are_too_many() -> None:
    assert len(compile_when({f"product.a{n}": "x" for n in range(20)})) == 20
    with pytest.raises(ConditionError, match="has 21 conditions; the most is 20"):
        compile_when({f"product.a{n}": "x" for n in range(21)})


@pytest.mark.parametrize(
    ("name", "wanted", "sentence"),
    [
        ("paid", True, "paid is yes"),
        ("paid", False, "paid is no"),
        ("payment.method", "free", "payment.method is free"),
        ("payment.method", ["free", "x"], "payment.method is one of free, x"),
        ("payment.method", {"not": "free"}, "payment.method is not free"),
        ("payment.method", {"not": ["a", "b"]}, "payment.method is none of a, b"),
        ("payment.method", {"starts": "paypal"}, "payment.method starts with paypal"),
        ("coupon", {"contains": "x"}, "coupon contains x"),
        ("coupon", {"empty": True}, "coupon is empty"),
        ("coupon", {"empty": False}, "coupon is not empty"),
        ("order.total", {"above": 5}, "order.total is above 5"),
        ("order.total", {"below": D("5.50")}, "order.total is below 5.50"),
        ("order.total", {"from": 1, "to": 2}, "order.total is from 1 to 2"),
    ],
)
def test_a_condition_reads_as_a_sentence(name: str, wanted: Any, sentence: str) -> None:
    assert compile_when({name: wanted})[0].words == sentence


texts = st.text(max_size=6).filter(str.strip)
found = st.one_of(st.none(), st.text(max_size=8))


@given(texts, found)
def test_law_not_is_the_opposite_of_is(wanted: str, value: str | None) -> None:
    assert holds("coupon", wanted, value) is not holds("coupon", {"not": wanted}, value)
    assert holds("coupon", [wanted], value) is holds("coupon", wanted, value)


@given(st.decimals(allow_nan=False, allow_infinity=False), st.decimals(allow_nan=False, allow_infinity=False))
def test_law_a_number_is_above_below_or_equal(limit: Decimal, value: Decimal) -> None:
    kinds = [holds("order.total", {"above": limit}, value), holds("order.total", {"below": limit}, value)]
    assert [*kinds, holds("order.total", limit, value)].count(True) == 1
    assert holds("order.total", {"from": limit, "to": limit}, value) is (limit == value)


@given(st.recursive(st.one_of(st.none(), st.booleans(), st.integers(), st.decimals(), st.text(), st.dates()),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)),
       st.sampled_from(["coupon", "paid", "order.total", "order.date", "order.state", "x"]))  # fmt: skip
def test_law_whatever_stands_in_a_when_is_compiled_or_refused_in_words(wanted: object, name: str) -> None:
    try:
        compile_when({name: wanted})
    except ConditionError as error:
        assert error.faults and all(fault.message for fault in error.faults)
