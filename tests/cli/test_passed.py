"""What `magebooks explain` says about the rules above the one that won."""

from deploy.cli.passed import passed_over
from tests.mappings.rules_sample import rules

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
    (told,) = passed_over("document", "paid", RULES, None)
    assert (told["words"], told["found"]) == ("b2b (when customer.group is one of wholesale, net30)", None)


def test_a_list_that_decides_line_by_line_does_not_blame_the_document() -> None:
    (told,) = passed_over("item", "rest", RULES, {"paid": True})
    assert (told["words"], told["fact"]) == ("books (when product.brand is penguin)", None)


def test_a_field_is_told_apart_from_rows_that_fill_another() -> None:
    (told,) = passed_over("field", "no po", RULES, {"order.po_number": ""})
    assert told["words"] == "po (order.po_number is empty)"


def test_settings_and_rows_that_are_gone_have_no_rivals() -> None:
    assert passed_over("books", "post_on", RULES, {}) == []
    assert passed_over("payment", "gone", RULES, {}) == []
