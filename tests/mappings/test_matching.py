"""Normalising names and addresses, for comparing only."""

import pytest

from mappings.matching import normal, place, place_of
from tests.mappings.test_upkeep import ADA


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("12 North Street, Apt. 4", "12 n st apartment 4"),
        ("Königsallee 1", "KONIGSALLEE  1"),
        ("Weg-Straße 5", "weg str 5"),
        ("Zoé", "ZOE"),
        ("日本 太郎", "日本 太郎"),
    ],
)
def test_case_accents_punctuation_and_usual_words_say_nothing(one: str, other: str) -> None:
    assert normal(one) == normal(other)


@pytest.mark.parametrize(("one", "other"), [("1 Main St", "11 Main St"), ("太郎", "次郎"), ("Anna", "Hanna")])
def test_different_texts_stay_different(one: str, other: str) -> None:
    assert normal(one) != normal(other)


def test_lines_that_repeat_a_name_are_no_part_of_the_address() -> None:
    bare = place("Acme", ["1 Main St"], "Austin", "78701")
    told = place("Acme", ["Jane Doe", "ACME", "1 Main Street"], "AUSTIN", "78701-0001", ["Jane Doe"])
    assert bare == told
    assert bare != place("Acme", ["2 Main St"], "Austin", "78701")


@pytest.mark.parametrize(
    ("name", "lines", "city", "postcode"),
    [("", ["1 A"], "B", "1"), ("A", [], "B", "1"), ("A", ["1 A"], "", "1"), ("A", ["1 A"], "B", " ")],
)
def test_without_all_parts_nobody_is_alike(name: str, lines: list[str], city: str, postcode: str) -> None:
    assert place(name, lines, city, postcode) is None


def test_a_party_of_the_shop_is_found_by_its_billing_address() -> None:
    billing = ADA.billing
    assert billing is not None
    assert place_of(ADA) == place(ADA.name, billing.street, billing.city, billing.postcode)
