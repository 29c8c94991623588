"""What `magebooks explain` says about the rules above the one that won."""

from dataclasses import replace

from deploy.cli.explain import document_of
from deploy.cli.passed import passed_over
from mappings.entry_json import entry_json, facts_json
from mappings.jsontext import dumps
from state.outbox import NewRow
from tests.mappings.rules_sample import rules
from tests.mappings.test_kept_facts import BRANDED, entry

RULES = rules("""
[[document]]
id = "b2b"
when = { "customer.group" = ["Wholesale", "NET30"] }
make = "invoice"
[[document]]
id = "old"
off = true
make = "skip"
[[document]]
id = "paid"
when = { paid = true }
make = "sales_receipt"
[[item]]
id = "books"
when = { "product.brand" = "Penguin" }
item = "Books"
[[item]]
id = "rest"
item = "Toys"
[[field]]
id = "ship"
from = "{store}"
to = "ShipMethod"
[[field]]
id = "po"
when = { "order.po_number" = { empty = false } }
from = "{order.po_number}"
to = "CustomField.PO"
[[field]]
id = "no po"
from = "none"
to = "CustomField.PO"
""")


def test_a_row_that_was_passed_over_says_what_was_asked_and_what_was_found() -> None:
    (told,) = passed_over("document", "paid", RULES, {"customer.group": "General", "paid": True})
    assert told == {
        "row": "b2b",
        "words": "b2b (customer.group is General)",
        "fact": "customer.group",
        "operator": "is",
        "wanted": "is one of wholesale, net30",
        "found": "General",
    }


def test_without_kept_facts_the_rows_above_are_shown_with_their_conditions() -> None:
    (told,) = passed_over("document", "paid", RULES, {})
    assert (told["words"], told["found"]) == ("b2b (when customer.group is one of wholesale, net30)", None)


def test_a_line_is_told_by_its_own_facts_where_they_were_kept() -> None:
    (told,) = passed_over("item", "rest", RULES, {"paid": True})
    assert (told["words"], told["fact"]) == ("books (when product.brand is penguin)", None)
    (told,) = passed_over("item", "rest", RULES, {"paid": True, "product.brand": "Acme"})
    assert (told["words"], told["found"]) == ("books (product.brand is Acme)", "Acme")


def test_a_field_is_told_apart_from_rows_that_fill_another() -> None:
    (told,) = passed_over("field", "no po", RULES, {"order.po_number": ""})
    assert told["words"] == "po (order.po_number is empty)"


def test_settings_and_rows_that_are_gone_have_no_rivals() -> None:
    assert passed_over("books", "post_on", RULES, {}) == []
    assert passed_over("payment", "gone", RULES, {}) == []


def test_explain_tells_of_each_line_why_the_rows_above_did_not_decide() -> None:
    made = entry(BRANDED)
    row = NewRow(
        key="order/1",
        kind=made.kind,
        entity="SalesReceipt",
        operation="create",
        rank=1,
        payload="{}",
        entry="",
        rules_hash="",
        run="",
    )
    told = document_of(replace(row, entry=dumps(entry_json(made) | facts_json(made))), BRANDED)["lines"]
    (mug,) = [each["because"] for each in told if each["item"] == "Dear goods"]
    assert mug["passed_over"] == ["acme (product.brand is Bodum)"]
    before = document_of(replace(row, entry=dumps(entry_json(made))), BRANDED)["lines"]  # booked by an earlier version
    (mug,) = [each["because"] for each in before if each["item"] == "Dear goods"]
    assert [one["found"] for one in mug["reasons"]] == [None]
