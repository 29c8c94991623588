"""Texts of the shop on their way into both QuickBooks: nothing that is refused or unseen, whatever a buyer typed."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.dialect import dialect
from mappings.entry import Entry
from mappings.jsontext import parse
from mappings.model import Address
from mappings.parties import own
from mappings.qbo_symbols import OWN_WORDS
from mappings.qbxml_tree import parsed
from mappings.rules import Rules
from mappings.texts import altered, clean, folded
from tests.mappings.cases import FOLDERS, booked, context_of, rules_of
from tests.mappings.sales import AUSTIN, RETAIL, TEXAS, US, line, order, rules, sell

ODD = (
    "\x00\x02\t\n\r\x1f\x7f\x85\x9f\u00a0\u00ad\u0301\u2028\u2029"
    "\u200b\u200f\u202e\u2066\u3000\u3164\ud800\ufdd0\ufeff\uffff"
)
odd_texts = st.text(alphabet=st.one_of(st.sampled_from(ODD + "  aB:é中"), st.characters()), max_size=30)
WITH_LINES = ("Description", "PrivateNote", "CustomerMemo", "Desc", "Notes", "SalesDesc", "ItemDesc")
DESKTOP = rules(books='target = "desktop"')


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("plain text", "plain text"),
        ("  outer \u00a0 and  double ", "outer and double"),
        ("bell\x07, escape\x1b, delete\x7f, C1\x9f", "bell, escape, delete, C1"),
        ("tab\tline\nseparator\u2028paragraph\u2029next\x85end", "tab line separator paragraph next end"),
        ("\ufeffmark, zero\u200bwidth, \u202eright to left\u202c", "mark, zerowidth, right to left"),
        ("half \ud83d, none \uffff \ufdd0\U0001fffe", "half , none"),
        ("Mu\u0308ller", "Müller"),
        ("u\u200d\u0308", "ü"),
        ("\u3164", ""),
        ("東京 😀", "東京 😀"),
    ],
)
def test_a_text_loses_what_quickbooks_refuses_and_nobody_sees(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


def test_line_ends_of_any_kind_stay_where_a_field_has_lines() -> None:
    assert clean(" a \r\n\n b\u2028c\x0bd ", lines=True) == "a\nb\nc\nd"


def test_more_than_blanks_has_to_go_before_a_text_counts_as_altered() -> None:
    assert not altered("  two\u00a0 lines\nof Mu\u0308ller ")
    assert altered("bell\x07") and altered("\u200bzero")


@given(odd_texts)
def test_law_cleaning_again_changes_nothing_and_names_fold_alike(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert clean(clean(text, lines=True), lines=True) == clean(text, lines=True)
    assert folded(folded(text)) == folded(text) == folded(clean(text)) == folded(f" {text}\u200b\n")


# --- payloads -----------------------------------------------------------------------------------------


def online_texts(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a payload with the name of its property; our own symbols are none."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from online_texts(inner, name if name in OWN_WORDS else key)
    elif isinstance(value, list):
        for each in value:
            yield from online_texts(each, name)
    elif isinstance(value, str) and value:
        yield name, value


def check(text: str, by: Rules) -> None:
    """No text of the request has what `clean` takes away."""
    if by.books.target == "online":
        texts = list(online_texts(parse(text)))
    else:
        texts = [(str(each.tag), each.text) for each in parsed(text).iter() if each.text]
    assert texts
    for name, value in texts:
        assert value == clean(value, lines=name in WITH_LINES), (name, value)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_no_payload_of_any_case_holds_an_unclean_text(folder: Any) -> None:
    by, context = rules_of(folder), context_of(folder)
    for outcome in booked(folder, by, context):
        for entry in outcome if isinstance(outcome, tuple) else ():
            check(dialect(by).write(entry, by, context.books).text, by)


def odd_entry(text: str, by: Rules) -> Entry:
    """A sale with this text in every field that a buyer, a merchant or a rule can fill."""
    place = Address(text, text, text, (text, text), text, text, "", text, text, text)
    entry = sell(order(line("MUG", "2", "12.50", TEXAS), paid=True), by)
    lines = tuple(replace(each, description=f"a{text}", sku=each.sku and f"a{text}") for each in entry.lines)
    fields = (("CustomerMemo", f"a{text}"), ("ShipMethod", f"a{text}"), ("CustomField.Other", f"a{text}"))
    party = own("email:abc", text, text, text, place, place)
    return replace(
        entry,
        party=party,
        billing=place,
        shipping=place,
        email=text,
        number=f"1{text}"[:9],
        memo=f"a{text}\nb",
        reference=text,
        class_name=text,
        department=text,
        payment_method=text,
        deposit_account=f"a{text}",
        fields=fields,
        lines=lines,
    )


@pytest.mark.parametrize("by", [RETAIL, DESKTOP], ids=["online", "desktop"])
@given(text=odd_texts)
def test_law_no_payload_holds_an_unclean_text(by: Rules, text: str) -> None:
    entry, into = odd_entry(text, by), dialect(by)
    for kind in ("sales_receipt", "payment", "credit_memo", "deposit", "journal"):
        check(into.write(replace(entry, kind=kind, applies_to="order/1"), by, US).text, by)
    check(into.customer(entry.party, into.display_name(entry.party)).text, by)
    sku = next(each for each in entry.lines if each.sku)
    check(into.item(into.item_name(sku.sku, by.own_items), sku, by).text, by)


def test_a_company_of_unseen_characters_is_none_and_the_person_is_the_customer() -> None:
    billing = replace(AUSTIN, company="\u200b\u3164")
    assert own("email:a", "a@b.example", "Ada", "\u200b", billing, None).name == "Ada Lovelace"
    assert own("email:a", "a@b.example", "\u200b", "\x02", None, None).name == "Magento customer"


def test_an_e_mail_that_quickbooks_refuses_is_in_the_memo_instead() -> None:
    made = order(line("MUG", "1", "9.00"), paid=True)
    entry = sell(replace(made, buyer=replace(made.buyer, email="ada at example")))
    payload = parse(dialect(RETAIL).write(entry, RETAIL, US).text)
    assert "BillEmail" not in payload and "e-mail ada at example" in payload["PrivateNote"]
    customer = parse(dialect(RETAIL).customer(entry.party, "Ada").text)
    assert "PrimaryEmailAddr" not in customer


def test_what_was_taken_out_and_cut_is_kept_with_its_field() -> None:
    entry = sell(order(line("MUG", "1", "9.00"), paid=True))
    lines = tuple(replace(each, description="mug\x02") for each in entry.lines)
    town = replace(AUSTIN, city="x" * 256, street=("1  Main\u00a0St",))
    request = dialect(RETAIL).write(replace(entry, lines=lines, billing=town), RETAIL, US)
    told = [(one.field, one.how, one.length) for one in request.adjusted]
    assert sorted(told) == [("BillAddr/City", "cut", 256), ("Line/Description", "cleaned", 4)]
