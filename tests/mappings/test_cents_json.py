"""Where QuickBooks' figures are not the shop's: both, the difference and the rule are kept with the entry."""

from decimal import Decimal

from mappings.cents_json import cents_json
from mappings.entry import Entry
from mappings.rules import Rules
from tests.mappings.desktop import RULES, fitted
from tests.mappings.sales import D, line, order, rules, sell
from tests.mappings.test_desktop_tax import off_by


def told(entry: Entry, by: Rules = RULES) -> dict[str, object]:
    return cents_json(entry, fitted(entry, by).entry).get("cents", {})


def test_where_quickbooks_agrees_nothing_is_told() -> None:
    assert told(off_by(0)) == {}
    assert cents_json(None, off_by(0)) == {}


def test_a_tax_within_the_cap_is_told_with_its_rounding() -> None:
    assert told(off_by(2)) == {
        "store_tax": D("8.27"),
        "quickbooks_tax": D("8.25"),
        "difference": D("0.02"),
        "rounding": D("0.02"),
        "because": ["books", "tax_cap_cents"],
    }


def test_a_tax_beyond_the_cap_is_told_as_a_line_of_its_own() -> None:
    found = told(off_by(9), rules(books='tax_method = "first_fit"', name="us_desktop"))
    assert (found["store_tax"], found["quickbooks_tax"], found["rounding"]) == (D("8.34"), Decimal(0), Decimal(0))
    assert found["because"] == ["books", "tax_method"]


def test_what_lines_leave_to_their_total_is_told_for_online_too() -> None:
    # Two rows of 4.165 are 4.17 each, and their total is 8.33.
    cloth = [line(sku, "1", "4.165") for sku in ("CLOTH", "SILK")]
    entry = sell(order(*cloth, paid=True))
    assert cents_json(entry, entry)["cents"] == {
        "store_tax": D(0),
        "quickbooks_tax": D(0),
        "difference": D(0),
        "rounding": D("-0.01"),
        "because": ["accounts", "rounding"],
    }
