"""Amounts as people's spreadsheets write them."""

from decimal import Decimal

import pytest

from mappings.settlement import SettlementError
from mappings.settlement_table import Cells


def money(text: str) -> Decimal:
    return Cells("a.csv", 7, {"net": text}).money("Net")


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("12.50", "12.50"),
        ("12,50", "12.50"),
        ("-12.50", "-12.50"),
        ("12.50-", "-12.50"),
        ("(12.50)", "-12.50"),
        ("\u221212.50", "-12.50"),
        ("+3", "3"),
        ("", "0"),
        ("0.5", "0.50"),
        ("1,234.56", "1234.56"),
        ("1.234,56", "1234.56"),
        ("1 234,56", "1234.56"),
        ("1\u00a0234,56", "1234.56"),
        ("1'234.56", "1234.56"),
        ("1,234,567", "1234567"),
        ("1.234.567,8", "1234567.80"),
        ("123456789012.34", "123456789012.34"),
    ],
)
def test_an_amount_is_read_whatever_its_signs(text: str, amount: str) -> None:
    assert money(text) == Decimal(amount)


@pytest.mark.parametrize(
    "text", ["1,234", "1.234", "1,234,56", "1,23,456.00", "1.2.3", "12.345", "USD 1", "1e5", "-", "NaN"]
)
def test_an_amount_that_can_be_read_in_two_ways_or_none_is_refused(text: str) -> None:
    with pytest.raises(SettlementError, match=r"a\.csv:7, column Net: .* is no amount in cents"):
        money(text)
