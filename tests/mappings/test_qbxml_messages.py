"""Symbols in requests, and requests in messages."""

import pytest
from lxml import etree

from mappings import qbxml
from tests.mappings.desktop import RULES, SHOP, fitted
from tests.mappings.qbxml_schema import SCHEMAS, validate
from tests.mappings.test_qbxml_write import paid

ENTRY = fitted(paid()).entry
SENT = qbxml.write(ENTRY, RULES, SHOP)


def test_every_symbol_is_found_and_replaced_by_its_id() -> None:
    assert SENT.symbols == qbxml.references(SENT.text)
    assert SENT.symbols == {
        ("customer", ENTRY.party.key),
        ("payment_method", "Check"),
        ("account", "1255 Checks clearing"),
        ("tax_rate", "Texas 8.25"),
        ("tax_code", "Tax"),
        ("sku", "mug"),
        ("item", "Magento shipping"),
    }
    resolved = qbxml.resolve(SENT.text, dict.fromkeys(SENT.symbols, "80000001-1700000000"))
    assert ">@" not in resolved and not qbxml.references(resolved)


def test_a_symbol_without_an_id_is_an_error_not_a_guess() -> None:
    with pytest.raises(KeyError):
        qbxml.resolve(SENT.text, {})


def test_an_at_sign_in_a_text_means_nothing() -> None:
    request = (
        "<InvoiceAddRq><InvoiceAdd><Memo>@account:X</Memo><RefNumber>@sku:1</RefNumber></InvoiceAdd></InvoiceAddRq>"
    )
    assert qbxml.references(request) == set()
    assert qbxml.resolve(request, {}) == request


def test_names_with_marks_of_xml_come_through_unharmed() -> None:
    request = qbxml.item_add("service", "A & <B>", "", "", 'Sales & "Co" <1>')
    assert request.symbols == {("account", 'Sales & "Co" <1>')} == qbxml.references(request.text)
    assert qbxml.name_of(qbxml.resolve(request.text, {("account", 'Sales & "Co" <1>'): "1-2"})) == "A & <B>"


def test_a_message_is_one_document_whose_requests_are_numbered_and_do_not_stop_each_other() -> None:
    body = qbxml.message([("a.1", qbxml.host_query()), ("a.2", qbxml.preferences_query())], "13.0")
    validate(body)
    assert body.startswith(b'<?xml version="1.0" encoding="utf-8"?>\n<?qbxml version="13.0"?>\n<QBXML>')
    found = etree.fromstring(body)[0]
    assert dict(found.attrib) == {"onError": "continueOnError"}
    assert [each.get("requestID") for each in found] == ["a.1", "a.2"]


def test_a_message_of_writes_has_a_name_and_the_same_bytes_each_time() -> None:
    request = qbxml.resolve(SENT.text, dict.fromkeys(SENT.symbols, "1-2"))
    body = qbxml.message([("1", request)], "16.0", "0123456789abcdef01234567")
    assert b'newMessageSetID="0123456789abcdef01234567"' in body
    assert body == qbxml.message([("1", request)], "16.0", "0123456789abcdef01234567")
    assert qbxml.requests_of(body) == {"1": request}


def test_letters_beyond_ascii_are_utf_8() -> None:
    assert "Søn €5".encode() in qbxml.message([("1", qbxml.class_add("Søn €5").text)], "13.0")


@pytest.mark.parametrize(
    ("numbers", "version", "name"),
    [(("1",), "13.0", "x" * 25), (("x" * 51,), "13.0", ""), (("",), "13.0", ""), (("1",), '13.0"?><x', "")],
)
def test_what_quickbooks_would_refuse_whole_is_an_error_before_it_is_sent(
    numbers: tuple[str, ...], version: str, name: str
) -> None:
    with pytest.raises(ValueError, match=r"characters|version"):
        qbxml.message([(number, qbxml.host_query()) for number in numbers], version, name)


@pytest.mark.parametrize(
    "wrong",
    [
        qbxml.class_add("Web").text.replace("Name>", "Nickname>"),
        qbxml.terms_add("Net 7", 7)
        .text.replace("<StdDueDays>7</StdDueDays>", "")
        .replace("<Name>", "<StdDueDays>7</StdDueDays><Name>"),
        qbxml.class_add("Web").text.replace("Web", "x" * 32),
    ],
    ids=["unknown element", "wrong order", "too long"],
)
def test_the_schemas_that_find_our_requests_right_find_wrong_ones_wrong(wrong: str) -> None:
    if not SCHEMAS.exists():
        pytest.skip("Intuit's schemas are not at hand")
    with pytest.raises(etree.DocumentInvalid):
        validate(qbxml.message([("1", wrong)], "13.0"))
