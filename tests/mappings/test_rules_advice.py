"""Rows that never decide, told by line, row and what to do."""

import pytest

from mappings.rules import TEMPLATES, load, template
from mappings.rules_advice import Advice, advise

HEAD = "version = 1\n"
PAYPAL = """[[payment]]
id = "paypal"
when = { "payment.method" = { starts = "paypal" } }
clearing = "1250 PayPal"
"""


def advice(text: str) -> tuple[Advice, ...]:
    return advise(load(HEAD + text), HEAD + text)


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_template_holds_a_row_that_never_decides(name: str) -> None:
    assert advise(load(template(name)), template(name)) == ()


def test_a_row_below_one_that_asks_less_is_never_reached() -> None:
    (found,) = advice(
        PAYPAL
        + '[[payment]]\nid = "express"\nclearing = "1251 Express"\n'
        + 'when = { "payment.method" = "paypal_express", store = "fr" }\n'
    )
    assert (found.code, found.line, found.list, found.row, found.above) == (
        "unreachable",
        6,
        "payment",
        "express",
        "paypal",
    )
    assert str(found) == (
        'rules.toml:6: payment "express": is never reached: "paypal" above it catches everything that it would '
        "(payment.method starts with paypal)"
    )
    assert found.fix == 'Move it above "paypal", delete it, or narrow "paypal".'


def test_two_rows_that_ask_the_same_and_decide_otherwise_contradict_each_other() -> None:
    (found,) = advice(PAYPAL + PAYPAL.replace('id = "paypal"', 'id = "other"').replace("1250 PayPal", "1260 Other"))
    assert found.code == "conflict"
    assert found.message == 'asks the same as "paypal" above it and decides otherwise (clearing); it never decides'
    assert "Keep one" in found.fix


def test_a_row_said_twice_is_told_as_such() -> None:
    (found,) = advice(PAYPAL + PAYPAL.replace('id = "paypal"', 'id = "again"').replace('"paypal"', '" PAYPAL "'))
    assert (found.code, found.fix) == ("repeated", "Delete one of the two.")


def test_fields_of_quickbooks_and_rows_that_are_off_do_not_hide_each_other() -> None:
    field = '[[field]]\nid = "{0}"\nwhen = {{ store = "fr" }}\nfrom = "x"\nto = "{1}"\n'
    off = PAYPAL.replace("clearing", "off = true\nclearing") + PAYPAL.replace('id = "paypal"', 'id = "on"')
    assert advice(off + field.format("a", "ShipMethod") + field.format("b", "CustomField.Store")) == ()
    (found,) = advice(field.format("a", "ShipMethod") + field.format("b", "ShipMethod"))
    assert found.code == "repeated"


def test_classes_and_templates_are_named_as_in_the_file() -> None:
    (found,) = advice(
        '[[class]]\nid = "a"\nwhen = { store = "fr" }\nclass = "A"\n'
        '[[class]]\nid = "b"\nwhen = { store = "fr" }\nclass = "B"\n'
    )
    assert "(class)" in found.message


def test_rows_of_refunds_and_payouts_hide_each_other_whatever_they_decide() -> None:
    (back,) = advice(
        '[[refund]]\nid = "all"\nwhen = { "refund.online" = false }\nto = "payment"\n'
        '[[refund]]\nid = "credit"\nwhen = { "refund.online" = false }\nto = "store_credit"\n'
        'item = "Store credit"\naccount = "2310 Store credit"\n'
    )
    assert (back.code, back.row, back.above) == ("conflict", "credit", "all")
    payout = 'clearing = "1250 PayPal"\nbank = "1000 Bank"\nfees = "6100 Fees"\nchargebacks = "6110 Chargebacks"\n'
    (paid,) = advice(
        f'[[settlement]]\nid = "paypal"\nwhen = {{ "settlement.processor" = "paypal" }}\n{payout}'
        '[[settlement]]\nid = "dollars"\n'
        f'when = {{ "settlement.processor" = "paypal", "settlement.currency" = "USD" }}\n{payout}'
    )
    assert (paid.code, paid.row, paid.list) == ("unreachable", "dollars", "settlement")
