"""Texts that do not fit QuickBooks Desktop: spelled, shortened and told, never cut in silence."""

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.item_names import online_name
from mappings.model import Address
from mappings.qbxml import Adjusted, Fit, latin, short_name, sku_key
from mappings.qbxml_address import address_of
from mappings.texts import folded
from tests.mappings.sales import AUSTIN

OURS = ("Magento shipping", "Magento sales")


def test_a_name_that_fits_stays_as_it_is() -> None:
    assert short_name("x" * 41, 41) == "x" * 41


def test_a_longer_name_keeps_its_beginning_and_six_digits_of_its_hash() -> None:
    name = "The Right Honourable Augusta Ada King, Countess of Lovelace"
    digits = hashlib.sha256(name.encode()).hexdigest()[:6]
    assert short_name(name, 41) == f"The Right Honourable Augusta Ada K~{digits}"
    assert len(short_name(name, 41)) == 41


@given(st.text(alphabet="ab", min_size=50, max_size=60), st.text(alphabet="ab", min_size=50, max_size=60))
def test_law_names_with_equal_beginnings_stay_apart(one: str, other: str) -> None:
    assert (short_name("x" * 40 + one, 41) == short_name("x" * 40 + other, 41)) == (one == other)


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("Ünïcode & Søn €5 – “ok”", "Ünïcode & Søn €5 – “ok”"),  # all of Windows-1252
        ("Łódź", "Lódz"),
        ("北京", "BeiJing"),
        ("Müller", "Müller"),  # the umlaut as a letter and a mark of its own
        ("a\tb\r\nc\u00a0d", "a b c d"),
        ("bell\x07, soft\u00adhyphen, joined\u200dletters", "bell, softhyphen, joinedletters"),
        ("\x81\x8d\x9f", ""),
        ("\ud800", ""),
    ],
)
def test_characters_are_those_of_windows_1252(text: str, stored: str) -> None:
    assert latin(text) == stored
    stored.encode("cp1252")


def test_line_ends_stay_where_a_field_has_lines() -> None:
    assert latin("a\r\nb\tc", lines=True) == "a\nb c"


@given(st.text())
def test_law_whatever_is_spelled_can_be_stored(text: str) -> None:
    assert latin(latin(text)) == latin(text)
    assert latin(text).encode("cp1252") is not None and latin(text).isprintable()


def test_what_changed_is_told_without_the_text() -> None:
    fit = Fit()
    assert fit.text("City", "Łódź", 31) == "Lódz"
    assert fit.text("State", "x" * 22, 21) == short_name("x" * 22, 21)
    assert fit.text("Memo", " plain ", 4095) == "plain"
    assert fit.adjusted == [Adjusted("City", "transliterated", 4), Adjusted("State", "shortened", 22)]
    assert fit.whole == ["State: " + "x" * 22]


def test_a_name_has_no_colon_and_single_blanks() -> None:
    assert Fit().name("Name", " Doe:\tJane :smile: ", 41) == "Doe Jane smile"


# --- SKUs ---------------------------------------------------------------------------------------------


def test_a_plain_sku_is_the_name_of_its_item() -> None:
    assert sku_key("MUG-BLUE", OURS) == "MUG-BLUE"
    assert sku_key(" MUG-BLUE ", OURS) == "MUG-BLUE"


def test_skus_that_begin_alike_stay_apart() -> None:
    long = "WINTER-JACKET-MENS-NAVY-LARGE-2026"
    keys = {sku_key(f"{long}-{size}", OURS) for size in "ABC"}
    assert len(keys) == 3 and all(len(key) == 31 for key in keys)


@pytest.mark.parametrize("group", [("A:B", "A B", "A::B"), ("Ł-1", "L-1"), ("LONG" * 9, "LONG" * 9 + "S")])
def test_skus_that_differ_only_in_what_a_name_cannot_hold_stay_apart(group: tuple[str, ...]) -> None:
    assert len({sku_key(sku, OURS) for sku in group}) == len(group)
    assert not any(":" in sku_key(sku, OURS) for sku in group)


@pytest.mark.parametrize("sku", ["MUG-BLUE", "A:B", "Łódź 1", "WINTER-JACKET-MENS-NAVY-LARGE-2026", "MAGENTO SHIPPING"])
def test_skus_that_differ_only_in_case_and_blanks_are_one_item(sku: str) -> None:
    spellings = {sku, sku.lower(), sku.title(), f" {sku}\t", sku.replace(" ", "  "), f"\u200b{sku}\u00a0"}
    assert len({folded(sku_key(each, OURS)) for each in spellings}) == 1
    assert len({folded(online_name(each, OURS)) for each in spellings}) == 1


def test_online_an_item_whose_sku_is_no_name_is_told_apart_by_six_digits() -> None:
    names = [online_name(sku, OURS) for sku in ("A B", "A:B", "A::B", "x" * 101, "x" * 102, "A B (SKU)")]
    assert names[0] == "A B"
    assert len({folded(name) for name in names}) == len(names)
    assert all(0 < len(name) <= 100 and ":" not in name for name in names)


def test_a_sku_that_is_called_like_an_item_of_ours_says_that_it_is_a_sku() -> None:
    assert sku_key("magento SHIPPING", OURS) == "magento SHIPPING (SKU)"
    assert sku_key("magento SHIPPING (SKU)", OURS) != "magento SHIPPING (SKU)"


# --- addresses ----------------------------------------------------------------------------------------


def lines_of(address: Address, fit: Fit | None = None) -> list[str | None]:
    found = address_of("BillAddress", address, fit or Fit())
    assert found is not None
    return [each.text for each in found if str(each.tag).startswith("Addr")]


def test_an_address_is_name_company_and_street() -> None:
    assert lines_of(replace(AUSTIN, company="Acme")) == ["Ada Lovelace", "Acme", "1 Main St"]


def test_a_long_line_goes_on_in_the_next_free_one_and_nothing_is_told() -> None:
    fit = Fit()
    street = "Apartment 12, The Old Warehouse behind the Harbour, 1234 Long Street Name"
    assert lines_of(replace(AUSTIN, street=(street,)), fit) == [
        "Ada Lovelace",
        "Apartment 12, The Old Warehouse behind",
        "the Harbour, 1234 Long Street Name",
    ]
    assert not fit.adjusted


def test_more_lines_than_five_share_lines() -> None:
    address = replace(AUSTIN, company="Acme", street=("Unit 1", "Building 2", "Yard 3", "Gate 4"))
    assert lines_of(address) == ["Ada Lovelace", "Acme, Unit 1, Building 2, Yard 3, Gate 4"]


def test_what_has_no_room_in_five_lines_is_shortened_and_kept_whole() -> None:
    fit, street = Fit(), tuple(f"{name} {'x' * 30}" for name in ("First", "Second", "Third", "Fourth", "Fifth", "Last"))
    found = lines_of(replace(AUSTIN, street=street), fit)
    assert len(found) == 5 and all(line and len(line) <= 41 for line in found)
    assert [each.field for each in fit.adjusted] == ["BillAddress/Addr5"]
    assert "Last " + "x" * 30 in fit.whole[0]


def test_a_word_without_end_is_broken_not_lost() -> None:
    found = lines_of(replace(AUSTIN, street=("x" * 100,)))
    assert "".join(line or "" for line in found) == "Ada Lovelace" + "x" * 100


def test_an_address_without_any_text_is_no_address() -> None:
    nobody = Address("", "", "", ("", " "), "", "", "", "", "", "")
    assert address_of("BillAddress", nobody, Fit()) is None
    assert address_of("BillAddress", None, Fit()) is None


@given(st.builds(Address, *([st.text(max_size=60)] * 3), st.lists(st.text(max_size=60), max_size=6).map(tuple),
                 *([st.text(max_size=60)] * 6)))  # fmt: skip
def test_law_any_address_fits(address: Address) -> None:
    found = address_of("ShipAddress", address, Fit())
    limits = {"City": 31, "State": 21, "PostalCode": 13, "Country": 31}
    for each in found if found is not None else ():
        assert 0 < len(each.text or "") <= limits.get(str(each.tag), 41)
