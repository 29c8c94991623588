"""Value templates: text with facts, checked once, never failing afterwards."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.facts import FACTS, Facts
from mappings.values import FILTERS, LONGEST, TemplateError, compile_template

FACTS_OF_A_DOCUMENT: Facts = {
    "order.number": "000000042",
    "order.total": Decimal("118.4000"),
    "order.date": "2026-03-05",
    "order.lines": 3,
    "paid": True,
    "guest": False,
    "order.po_number": "  PO 77-81 ",
    "store.name": "Main\n  Store\n\nEnglish ",
    "coupon": "",
}


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("plain", "plain"),
        ("", ""),
        ("M-{order.number}!", "M-000000042!"),
        ("{ order.number }", "000000042"),
        ("{order.total}", "118.40"),
        ("{order.lines} {paid} {guest}", "3 yes no"),
        ("{customer.group}", ""),
        ("{customer.group|default:'nobody'}", "nobody"),
        ("{coupon|default:none}", "none"),
        ("{order.number|default:x}", "000000042"),
        ("{order.po_number|trim|lower|upper}", "PO 77-81"),
        ("{order.number|first:3}{order.number|last:2}", "00042"),
        ("{order.po_number|digits}", "7781"),
        ("{order.po_number|trim|replace:'-','/'}", "PO 77/81"),
        ("{order.po_number|trim|replace:' '}", "PO77-81"),
        ("{order.number|replace:''}", "000000042"),
        ("{order.date|date:'%d.%m.%y, day %j, 100%%'}", "05.03.26, day 064, 100%"),
        ("{order.date|date:%Y%m}", "202603"),
        ("{order.number|date:%Y}", "000000042"),
        ("{store.name|join:' | '}", "Main | Store | English"),
        ("{coupon|default:'a|b{c}'}", "a|b{c}"),
        ("it's {order.lines}", "it's 3"),
    ],
)
def test_a_template_renders(text: str, rendered: str) -> None:
    template = compile_template(text)
    assert template.render(FACTS_OF_A_DOCUMENT) == rendered
    assert str(template) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("19.0000"), "19"),
        (Decimal("8.5"), "8.50"),
        (Decimal("36.7629"), "36.7629"),
        (Decimal("1E+2"), "100"),
        (Decimal("-0.10"), "-0.10"),
        (Decimal("1E+999999"), "1E+999999"),
        (Decimal("NaN"), "NaN"),
        (None, ""),
    ],
)
def test_numbers_are_written_without_needless_zeros_but_with_whole_cents(value: Decimal | None, text: str) -> None:
    assert compile_template("{order.total}").render({"order.total": value}) == text


@pytest.mark.parametrize(
    ("text", "message", "nearest"),
    [
        ("{order.nmber}", 'unknown fact "order.nmber"', "order.number"),
        ("{}", "has empty braces", ""),
        ("{order.number", "brace without its twin", ""),
        ("order.number}", "brace without its twin", ""),
        ("{order.number|default:'}", "brace without its twin", ""),
        ("{order.number|uper}", 'unknown filter "uper"', "upper"),
        ("{order.number|upper:2}", "takes nothing after a colon", ""),
        ("{order.number|first}", 'filter "first" is used like this', ""),
        ("{order.number|first:0}", "needs a number from 1 to 999", ""),
        ("{order.number|first:²}", "needs a number", ""),
        ("{order.number|first:" + "9" * 20 + "}", "needs a number", ""),
        ("{order.number|replace:'a','b','c'}", "is used like this", ""),
        ("{order.number|default:}", "is used like this", ""),
        ("x" * (LONGEST + 1), "is 501 characters long", ""),
    ],
)
def test_a_wrong_template_says_what_is_wrong(text: str, message: str, nearest: str) -> None:
    with pytest.raises(TemplateError) as caught:
        compile_template(text)
    assert any(message in fault.message and fault.nearest == nearest for fault in caught.value.faults)


def test_all_faults_of_a_template_come_at_once() -> None:
    with pytest.raises(TemplateError, match=r"nmber.*uper"):
        compile_template("{order.nmber} {order.number|uper}")


def test_a_template_knows_the_facts_it_asks_for_and_may_be_compiled_twice() -> None:
    template = compile_template("{paid}{order.number}{paid|upper}")
    assert template.names == ("paid", "order.number")
    assert compile_template(template) is template
    assert template and not compile_template("")


values = st.one_of(st.none(), st.booleans(), st.integers(), st.decimals(), st.text())
arguments = st.text(st.characters(exclude_characters="'{}"), max_size=8)
pieces = st.one_of(
    st.sampled_from(sorted(FILTERS)),
    st.builds("{}:{}".format, st.sampled_from(sorted(FILTERS)), st.integers(0, 1200)),
    st.builds("{}:'{}'".format, st.sampled_from(sorted(FILTERS)), arguments),
    st.builds("replace:'{}','{}'".format, arguments, arguments),
)
holes = st.builds(
    lambda fact, filters: "{" + "|".join([fact, *filters]) + "}",
    st.sampled_from([fact.name for fact in FACTS]),
    st.lists(pieces, max_size=4),
)


@given(st.lists(st.one_of(holes, st.text(max_size=5)), max_size=5).map("".join), st.data())
def test_law_a_template_that_compiles_never_raises(text: str, data: st.DataObject) -> None:
    try:
        template = compile_template(text)
    except TemplateError as error:
        assert error.faults
        return
    facts = data.draw(st.dictionaries(st.sampled_from([fact.name for fact in FACTS]), values))
    assert isinstance(template.render(facts), str)
    assert isinstance(template.render(dict.fromkeys(template.names, data.draw(values))), str)
