"""Statements reach QuickBooks as they were meant."""

from datetime import UTC, date, datetime, timedelta, timezone
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tasks.clients import quickbooks_query as language


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("Jane Doe", "'Jane Doe'"),
        ("O'Keefe", r"'O\'Keefe'"),
        ("''", r"'\'\''"),
        ("back\\slash", r"'back\\slash'"),
        ("a\\' OR Id > '0", r"'a\\\' OR Id > \'0'"),
        ("O’Keefe – Söhne", "'O’Keefe – Söhne'"),
        ("50% & more #1+1", "'50% & more #1+1'"),
        ("", "''"),
    ],
)
def test_a_text_becomes_a_literal(text: str, quoted: str) -> None:
    assert language.quote(text) == quoted


@given(some.text())
def test_no_text_ends_its_literal_early(text: str) -> None:
    inner = language.quote(text)[1:-1]
    assert inner.replace("\\\\", "").replace("\\'", "").count("'") == 0
    assert not inner.replace("\\\\", "").endswith("\\")


@given(some.text(some.characters(codec="utf-8")))
def test_a_statement_is_encoded_once(text: str) -> None:
    encoded = language.encoded(text)
    assert unquote(encoded) == text
    assert encoded.isascii()
    assert not set(encoded) & set("&#+ '?/")


def test_values_of_every_kind_become_literals() -> None:
    assert language.literal(True) == "true"
    assert language.literal(False) == "false"
    assert language.literal(7) == "'7'"
    assert language.literal("x'y") == r"'x\'y'"
    assert language.literal(date(2026, 3, 1)) == "'2026-03-01'"
    chicago = timezone(timedelta(hours=-6))
    assert language.literal(datetime(2026, 3, 1, 23, 30, tzinfo=chicago)) == "'2026-03-02T05:30:00Z'"


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without zone"):
        language.literal(datetime(2026, 3, 1, tzinfo=UTC).replace(tzinfo=None))


def test_names_are_looked_up_in_portions() -> None:
    names = [f"{number:09}" for number in range(120)]
    portions = list(language.chunks(names))
    assert [len(portion) for portion in portions] == [50, 50, 20]
    assert language.one_of("DocNumber", ["1", "O'2"]) == r"DocNumber IN ('1', 'O\'2')"


def test_an_empty_list_of_names_is_refused() -> None:
    with pytest.raises(ValueError, match="DocNumber"):
        language.one_of("DocNumber", [])


def test_statements_follow_quickbooks_grammar() -> None:
    assert language.select("Customer", language.ACTIVE_OR_NOT, start=1001) == (
        "SELECT * FROM Customer WHERE Active IN (true, false) ORDERBY Id STARTPOSITION 1001 MAXRESULTS 1000"
    )
    assert language.count("Item") == "SELECT COUNT(*) FROM Item"
    assert language.count("Item", "Active = true") == "SELECT COUNT(*) FROM Item WHERE Active = true"
