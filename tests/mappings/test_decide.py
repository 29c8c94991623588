"""First match wins, with the reasons why earlier rows did not."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mappings.decide import HIDDEN, decide, decide_fields, kept_facts, trace
from mappings.facts import Facts, order_facts
from mappings.rules import template
from mappings.rules_model import Rules
from mappings.rules_rows import DocumentRow, PaymentRow
from tests.mappings.rules_sample import CONTEXT, ON_ACCOUNT, order, rules

PAYMENTS = """
[[payment]]
id = "off"
off = true
clearing = "1 Off"
[[payment]]
id = "b2b"
when = { paid = true, "customer.group" = "NET30" }
clearing = "1 B2B"
[[payment]]
id = "jane"
when = { "customer.email" = "someone@example.com" }
clearing = "1 Jane"
[[payment]]
id = "paypal"
when = { "payment.method" = { starts = "paypal" } }
clearing = "1 PayPal"
[[payment]]
id = "rest"
clearing = "1 Rest"
"""


def test_the_first_row_whose_conditions_all_hold_wins() -> None:
    facts = order_facts(order(), CONTEXT, ON_ACCOUNT)
    decision = decide(facts, rules(PAYMENTS).payment)
    assert decision.row is not None
    assert decision.row.id == "paypal"
    assert decision.values == {"clearing": "1 PayPal", "method": ""}


def test_a_row_that_is_off_never_wins_and_is_not_reported() -> None:
    decision = decide({}, rules(PAYMENTS).payment)
    assert decision.row is not None
    assert decision.row.id == "rest"
    assert "off" not in [passed.row_id for passed in decision.passed]


def test_each_row_above_says_which_condition_failed_first_and_what_was_found() -> None:
    decision = decide(order_facts(order(), CONTEXT, ON_ACCOUNT), rules(PAYMENTS).payment)
    passed = decision.passed[0]
    assert (passed.row_id, passed.condition.words, passed.found) == ("b2b", "customer.group is net30", "Wholesale")
    assert (passed.condition.fact, passed.condition.operator, passed.condition.wanted) == (
        "customer.group",
        "is",
        ("net30",),
    )
    assert passed.words == "b2b (customer.group is Wholesale)"
    missing = decide({"paid": False}, rules(PAYMENTS).payment)
    assert missing.passed[0].words == "b2b (paid is no)"
    assert decide({"paid": True}, rules(PAYMENTS).payment).passed[0].words == "b2b (customer.group is empty)"


def test_kept_facts_tell_the_same_reasons_and_hold_nothing_personal() -> None:
    made = rules(PAYMENTS)
    facts = order_facts(order(), CONTEXT, ON_ACCOUNT)
    kept = dict(kept_facts(facts, made))
    assert list(kept) == ["paid", "customer.group", "payment.method"]
    now, later = decide(facts, made.payment), trace(kept, made.payment, made.payment[3])
    assert [each.words for each in later] == [each.words for each in now.passed]
    assert later[1].words == f"jane (customer.email is {HIDDEN})"


def test_a_row_on_a_person_is_blamed_on_another_condition_where_one_failed_too() -> None:
    made = rules("""
[[payment]]
id = "jane in france"
when = { "customer.email" = "jane@shop.example.com", store = "fr" }
clearing = "1 Jane"
[[payment]]
id = "in use"
when = { store = "default" }
clearing = "1 Bank"
[[payment]]
id = "rest"
clearing = "1 Rest"
""")
    kept = dict(kept_facts(order_facts(order(), CONTEXT, ON_ACCOUNT), made))
    assert [each.words for each in trace(kept, made.payment, made.payment[2])] == ["jane in france (store is default)"]


def test_personal_facts_are_not_quoted_in_a_trace() -> None:
    decision = decide(order_facts(order(), CONTEXT, ON_ACCOUNT), rules(PAYMENTS).payment)
    assert decision.passed[1].found == HIDDEN
    assert "jane@" not in repr(decision) + repr(decision.passed)


def test_without_a_match_there_is_no_row_and_every_row_was_passed_over() -> None:
    decision = decide({}, rules(PAYMENTS).payment[:4])
    assert decision.row is None
    assert decision.values is None
    assert [passed.row_id for passed in decision.passed] == ["b2b", "jane", "paypal"]


def test_decisions_are_compared_by_what_they_decide() -> None:
    text = PAYMENTS.replace('id = "rest"', 'id = "anything else"\nnote = "renamed"')
    assert decide({}, rules(text).payment) == decide({}, rules(PAYMENTS).payment)
    assert decide({}, rules(PAYMENTS.replace("1 Rest", "2 Rest")).payment) != decide({}, rules(PAYMENTS).payment)
    assert decide({}, rules(PAYMENTS).payment) != "rest"


def test_each_quickbooks_field_is_filled_by_its_first_row_that_matches() -> None:
    made = rules("""
[[field]]
id = "po"
when = { "order.po_number" = { empty = false } }
from = "PO {order.po_number}"
to = "CustomField.PO"
[[field]]
id = "no po"
from = "none"
to = "CustomField.PO"
[[field]]
id = "off"
off = true
from = "x"
to = "ShipMethod"
[[field]]
id = "shipping"
from = "{shipping.description|first:31}"
to = "ShipMethod"
""")
    with_po = order_facts(order(po_number="77"), CONTEXT, ())
    assert [row.id for row in decide_fields(with_po, made.field)] == ["po", "shipping"]
    assert [row.id for row in decide_fields(order_facts(order(), CONTEXT, ()), made.field)] == ["no po", "shipping"]


# --- laws -------------------------------------------------------------------------------------------------------

NAMES = ["coupon", "store", "paid"]
wanted = st.one_of(st.sampled_from(["a", "b"]), st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=2))
whens = st.dictionaries(st.sampled_from(["coupon", "store"]), wanted, min_size=1)
row_data = st.fixed_dictionaries(
    {"make": st.sampled_from(["invoice", "wait", "skip"]), "off": st.booleans()}, optional={"when": whens}
)
facts_of = st.fixed_dictionaries({}, optional={name: st.sampled_from(["a", "b", "c"]) for name in ["coupon", "store"]})


def naive(facts: dict[str, str], rows: list[dict[str, Any]]) -> int | None:
    """First match as one would read it from the file."""
    for number, row in enumerate(rows):
        all_hold = all(
            name in facts and facts[name] in (value if isinstance(value, list) else [value])
            for name, value in row.get("when", {}).items()
        )
        if all_hold and not row["off"]:
            return number
    return None


@given(st.lists(row_data, max_size=6), facts_of)
def test_law_first_match_is_what_a_plain_reading_of_the_file_finds(rows: list[Any], facts: dict[str, str]) -> None:
    made = [DocumentRow(id=str(number), **row) for number, row in enumerate(rows)]
    decision = decide(facts, made)
    expected = naive(facts, rows)
    assert decision.row is (None if expected is None else made[expected])
    above = made if expected is None else made[:expected]
    assert [passed.row_id for passed in decision.passed] == [row.id for row in above if not row.off]


def renamed(made: Rules) -> list[PaymentRow]:
    return [row.model_copy(update={"id": f"x{number}"}) for number, row in enumerate(made.payment)]


US_RETAIL_METHODS = ["paypal_express", "stripe", "checkmo", "free", "klarna_kp", "BRAINTREE_PAYPAL", ""]


@given(st.sampled_from(US_RETAIL_METHODS))
def test_law_other_row_ids_do_not_change_what_is_decided(method: str) -> None:
    from mappings.rules import load

    made = load(template("us_retail"))
    facts: Facts = {"payment.method": method}
    assert decide(facts, made.payment) == decide(facts, renamed(made))
