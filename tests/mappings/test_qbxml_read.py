"""What QuickBooks Desktop answers, in every shape that it is known to come."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings import qbxml

D = Decimal
RECEIPT = (
    '<SalesReceiptAddRs requestID="a.1" statusCode="0" statusSeverity="Info" statusMessage="Status OK">'
    "<SalesReceiptRet><TxnID>1A-1700000000</TxnID><EditSequence>1700000001</EditSequence>"
    "<CustomerRef><ListID>80000001-1</ListID><FullName>Søn &amp; Co</FullName></CustomerRef>"
    "<TxnDate>2026-11-20</TxnDate><RefNumber>000000042</RefNumber><Subtotal>32.50</Subtotal>"
    "<SalesTaxTotal>2.68</SalesTaxTotal><TotalAmount>35.18</TotalAmount><BrandNew>x</BrandNew>"
    "<SalesReceiptLineRet><TxnLineID>1C</TxnLineID><ItemRef><ListID>7</ListID></ItemRef></SalesReceiptLineRet>"
    "<SalesReceiptLineRet><TxnLineID>1D</TxnLineID><Desc>Søn</Desc></SalesReceiptLineRet>"
    "</SalesReceiptRet></SalesReceiptAddRs>"
)


def answered(*replies: str, head: str = '<?xml version="1.0" ?>', attributes: str = "") -> str:
    return f"{head}\n<QBXML>\n<QBXMLMsgsRs{attributes}>\n{''.join(replies)}\n</QBXMLMsgsRs>\n</QBXML>\n"


def only(*replies: str) -> qbxml.Ret:
    (reply,) = qbxml.read(answered(*replies)).replies.values()
    (ret,) = reply.rets
    return ret


# --- shapes -------------------------------------------------------------------------------------------


def test_a_receipt_is_read_with_exact_amounts() -> None:
    response = qbxml.read(answered(RECEIPT))
    reply = response.replies["a.1"]
    assert (reply.name, reply.status, reply.severity, reply.message) == ("SalesReceiptAddRs", 0, "Info", "Status OK")
    (ret,) = reply.rets
    assert ret.entity == "SalesReceipt" and response.set_status is None
    assert qbxml.read_answer(ret) == qbxml.Answer(
        id="1A-1700000000",
        edit_sequence="1700000001",
        number="000000042",
        total=D("35.18"),
        tax=D("2.68"),
        customer="80000001-1",
        date=date(2026, 11, 20),
        name="",
    )


def test_lines_are_read_one_by_one_and_unknown_elements_with_the_rest() -> None:
    ret = only(RECEIPT)
    lines = ret.each("SalesReceiptLineRet")
    assert [each["TxnLineID"] for each in lines] == ["1C", "1D"]
    assert lines[0]["ItemRef/ListID"] == "7" and "Desc" not in lines[0]
    assert ret.fields["BrandNew"] == "x" and ret.fields["CustomerRef/FullName"] == "Søn & Co"
    assert ret.each("InvoiceLineRet") == ()


def test_an_invoice_states_no_total_so_it_is_subtotal_and_tax() -> None:
    found = qbxml.read_answer(
        only(
            '<InvoiceAddRs requestID="1" statusCode="0"><InvoiceRet><TxnID>1</TxnID><Subtotal>10.00</Subtotal>'
            "<SalesTaxTotal>0.83</SalesTaxTotal><AppliedAmount>0.00</AppliedAmount></InvoiceRet></InvoiceAddRs>"
        )
    )
    assert (found.total, found.tax) == (D("10.83"), D("0.83"))


def test_a_customer_has_a_name_and_no_amounts() -> None:
    found = qbxml.read_answer(
        only(
            '<CustomerAddRs requestID="1" statusCode="0"><CustomerRet><ListID>8-1</ListID><Name>Ada</Name>'
            "<FullName>Acme:Ada</FullName></CustomerRet></CustomerAddRs>"
        )
    )
    assert (found.id, found.name, found.total, found.tax, found.date) == ("8-1", "Acme:Ada", None, None, None)


def test_amounts_that_are_none_are_not_guessed() -> None:
    ret = qbxml.Ret("Invoice", {"Subtotal": "NaN", "SalesTaxTotal": "x", "TotalAmount": "", "TxnDate": "soon"}, {})
    found = qbxml.read_answer(ret)
    assert (found.total, found.tax, found.date) == (None, None, None)


@pytest.mark.parametrize("kind", ["Void", "Del"])
def test_a_void_and_a_deletion_name_their_document(kind: str) -> None:
    ret = only(
        f'<Txn{kind}Rs requestID="1" statusCode="0"><Txn{kind}Type>Invoice</Txn{kind}Type><TxnID>1A</TxnID>'
        f"<RefNumber>42</RefNumber></Txn{kind}Rs>"
    )
    assert (ret.entity, qbxml.read_answer(ret).id, qbxml.read_answer(ret).number) == ("Invoice", "1A", "42")


def test_a_refused_void_names_nothing() -> None:
    reply = qbxml.read(answered('<TxnVoidRs requestID="1" statusCode="3120" statusSeverity="Error"/>')).replies["1"]
    assert reply.rets == ()


def test_refused_requests_and_recovery_data_hold_no_objects() -> None:
    response = qbxml.read(
        answered(
            '<InvoiceAddRs requestID="1" statusCode="3140" statusSeverity="Error" statusMessage="There is an '
            'invalid reference to QuickBooks Customer &quot;X&quot;"/>',
            '<InvoiceAddRs requestID="2" statusCode="0"><ErrorRecovery><TxnID>1</TxnID></ErrorRecovery></InvoiceAddRs>',
        )
    )
    assert (response.replies["1"].status, response.replies["1"].rets) == (3140, ())
    assert response.replies["1"].message.endswith('Customer "X"')
    assert response.replies["2"].rets == ()


def test_the_status_of_a_message_set_and_of_an_iterator_is_read() -> None:
    response = qbxml.read(answered(attributes=' messageSetStatusCode="9001"'))
    assert (response.set_status, response.replies) == (9001, {})
    reply = qbxml.read(
        answered('<CustomerQueryRs requestID="1" statusCode="0" iteratorRemainingCount="93" iteratorID="{b}"/>')
    ).replies["1"]
    assert (reply.iterator_id, reply.remaining) == ("{b}", 93)


def test_answers_of_the_first_call_are_known_by_name_where_they_have_no_number() -> None:
    response = qbxml.read(
        answered(
            '<HostQueryRs statusCode="0"><HostRet><ProductName>QB</ProductName><SupportedQBXMLVersionList>'
            "<SupportedQBXMLVersion>1.0</SupportedQBXMLVersion><SupportedQBXMLVersion>16.0</SupportedQBXMLVersion>"
            "</SupportedQBXMLVersionList></HostRet></HostQueryRs>",
            '<CompanyQueryRs requestID="1" statusCode="0"/>',
        )
    )
    assert response.replies["HostQueryRs"].rets[0].fields["ProductName"] == "QB"
    assert set(response.replies) == {"HostQueryRs", "1"}


def test_a_reply_without_a_status_counts_as_none() -> None:
    assert qbxml.read(answered('<InvoiceAddRs requestID="1"/>', '<A requestID="2" statusCode="x"/>')).replies == {}


def test_two_replies_to_one_request_cannot_be_told_apart() -> None:
    reply = '<InvoiceAddRs requestID="1" statusCode="0"/>'
    with pytest.raises(qbxml.Unreadable, match="two replies"):
        qbxml.read(answered(reply, reply))


# --- encodings ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ('<?xml version="1.0" encoding="utf-8"?>', "utf-8"),
        ('<?xml version="1.0" encoding="utf-8"?>', "cp1252"),  # it says one thing and sends the other
        ("<?xml version='1.0' encoding='windows-1252'?>", "cp1252"),
        ('<?xml version="1.0" encoding="ISO-8859-1"?>', "latin-1"),
        ('<?xml version="1.0" encoding="klingon"?>', "cp1252"),
        ('<?xml version="1.0" ?>', "cp1252"),
        ('<?xml version="1.0" encoding="utf-8"?>', "utf-8-sig"),
        ('<?xml version="1.0" encoding="utf-16"?>', "utf-16"),
        ("", "utf-8"),
    ],
)
def test_bytes_are_read_in_every_encoding_that_quickbooks_uses(head: str, encoding: str) -> None:
    answer = answered(RECEIPT, head=head).replace("\n", "\r\n").encode(encoding)
    assert qbxml.read(answer).replies["a.1"].rets[0].fields["CustomerRef/FullName"] == "Søn & Co"


@pytest.mark.parametrize("head", ['<?xml version="1.0" encoding="windows-1252"?>', "", "\ufeff\r\n"])
def test_text_is_text_whatever_its_declaration_says(head: str) -> None:
    fields = qbxml.read(answered(RECEIPT, head=head).replace("\n", "\r\n")).replies["a.1"].rets[0].fields
    assert fields["CustomerRef/FullName"] == "Søn & Co"


def test_characters_that_no_xml_may_hold_do_not_make_an_answer_unreadable() -> None:
    answer = answered(RECEIPT.replace("Søn", "S\x01&#1;&#x1A;&#xD800;&#248;&#xFFFFFFFF;n"))
    assert qbxml.read(answer).replies["a.1"].rets[0].fields["CustomerRef/FullName"] == "Søn & Co"


# --- what is refused ----------------------------------------------------------------------------------

BOMB = '<!DOCTYPE x [<!ENTITY a "<QBXML>lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "   ",
        "plain words",
        "<QBXML/>",
        "<QBXML><QBXMLMsgsRs>",
        "<html><body>502</body></html>",
        "<QBXMLMsgsRs/>",
        f"{BOMB}<QBXML><QBXMLMsgsRs>&b;</QBXMLMsgsRs></QBXML>",
        '<!DOCTYPE QBXML SYSTEM "file:///etc/passwd"><QBXML><QBXMLMsgsRs/></QBXML>',
        "<!-- a comment --><!DOCTYPE QBXML><QBXML><QBXMLMsgsRs/></QBXML>",
        "<QBXML><QBXMLMsgsRs>&unknown;</QBXMLMsgsRs></QBXML>",
        "<QBXML>" * 1000,
        b"\x00\xff\xfe",
    ],
)
def test_anything_else_is_unreadable(answer: str | bytes) -> None:
    with pytest.raises(qbxml.Unreadable):
        qbxml.read(answer)


def test_what_is_unreadable_is_not_repeated() -> None:
    with pytest.raises(qbxml.Unreadable) as caught:
        qbxml.read("<QBXML><Ada Lovelace</QBXML>")
    assert "Lovelace" not in str(caught.value) and caught.value.__cause__ is None


@given(st.one_of(st.text(), st.binary(), st.text().map(lambda text: answered(RECEIPT)[:300] + text)))
def test_law_any_answer_is_read_or_unreadable(answer: str | bytes) -> None:
    try:
        qbxml.read(answer)
    except qbxml.Unreadable as error:
        assert str(error)
