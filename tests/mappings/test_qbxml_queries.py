"""What is asked of QuickBooks Desktop; each query is right by Intuit's schemas."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from lxml import etree

from mappings import qbxml
from mappings.entry import Party
from tests.mappings.desktop import RULES, SHOP, fitted
from tests.mappings.qbxml_schema import valid
from tests.mappings.sales import context, invoice, line, order, pay
from tests.mappings.test_qbxml_write import cancelled_rest, paid

D = Decimal
NOON = datetime(2026, 11, 20, 12, 0, 0, 250_000, tzinfo=timezone(timedelta(hours=-6)))
LISTS = (
    *("Account", "Class", "Customer", "Item", "ItemSalesTax", "ItemSalesTaxGroup"),
    *("PaymentMethod", "SalesTaxCode", "StandardTerms", "Terms"),
)


def query(request: str) -> etree._Element:
    return etree.fromstring(valid(request))


def sent(request: qbxml.Request) -> str:
    """The request with ids: a customer's is C, a document's T, anything else X."""
    short = {"customer": "C-1", "txn": "T-1", "sync": "17"}
    return qbxml.resolve(request.text, {symbol: short.get(symbol[0], "X-1") for symbol in request.symbols})


RECEIPT = sent(qbxml.write(fitted(paid()).entry, RULES, SHOP))
MADE = order(line("MUG", "1", "9.00"))
PAYMENT = sent(qbxml.write(pay(invoice(MADE), MADE, RULES, context(SHOP)), RULES, SHOP))
ADA = Party("email:abc", "Ada Lovelace", "ada@example.com", "Ada", "Lovelace")


# --- lists --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("entity", LISTS)
def test_each_list_is_asked_for_whole_and_for_what_changed(entity: str) -> None:
    whole, changed = query(qbxml.list_query(entity, None)), query(qbxml.list_query(entity, NOON))
    assert whole.tag == f"{entity}QueryRq" and whole.findtext("ActiveStatus") == "All"
    assert whole.find("FromModifiedDate") is None
    assert changed.findtext("FromModifiedDate") == "2026-11-20T18:00:00+00:00"
    assert {"ListID", "Name"} <= {each.text for each in whole.iterfind("IncludeRetElement")}


def test_a_long_list_is_walked_through_by_an_iterator() -> None:
    first = query(qbxml.list_query("Customer", NOON, iterator="Start", most=100))
    assert (first.get("iterator"), first.findtext("MaxReturned")) == ("Start", "100")
    following = query(qbxml.list_query("Item", None, iterator="Continue", iterator_id="{abc}", most=100))
    assert (following.get("iterator"), following.get("iteratorID")) == ("Continue", "{abc}")


def test_what_the_schema_has_not_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="no iterator"):
        qbxml.list_query("Account", None, iterator="Start")
    with pytest.raises(ValueError, match="zone"):
        qbxml.list_query("Account", NOON.replace(tzinfo=None))
    with pytest.raises(KeyError):
        qbxml.list_query("Vehicle", NOON.astimezone(UTC))


def test_the_company_is_asked_for_with_the_data_that_is_ours() -> None:
    owner = "{57F3B9B1-86F1-4FCC-B1EE-566DE1813D20}"
    assert query(qbxml.company_query(owner)).findtext("OwnerID") == owner
    assert query(qbxml.host_query()).tag == "HostQueryRq"
    assert query(qbxml.preferences_query()).tag == "PreferencesQueryRq"


# --- what a request may have made ---------------------------------------------------------------------


def test_a_document_is_looked_for_by_its_number() -> None:
    found = query(qbxml.find_request(RECEIPT))
    assert found.tag == "SalesReceiptQueryRq" and found.findtext("RefNumber") == "000000042"
    assert {"TxnID", "TotalAmount", "CustomerRef"} <= {each.text for each in found.iterfind("IncludeRetElement")}


def test_a_payment_is_looked_for_by_customer_and_day() -> None:
    found = query(qbxml.find_request(PAYMENT))
    assert found.tag == "ReceivePaymentQueryRq" and found.find("RefNumber") is None
    assert found.findtext("EntityFilter/ListID") == "C-1"
    assert found.findtext("TxnDateRangeFilter/FromTxnDate") == found.findtext("TxnDateRangeFilter/ToTxnDate")
    assert found.findtext("TxnDateRangeFilter/ToTxnDate") == "2026-11-22"
    assert found.findtext("IncludeLineItems") == "true"


def test_a_document_without_a_number_is_looked_for_by_customer_and_day() -> None:
    found = query(qbxml.find_request(RECEIPT.replace("<RefNumber>000000042</RefNumber>", "")))
    assert found.tag == "SalesReceiptQueryRq" and found.findtext("EntityFilter/ListID") == "C-1"


@pytest.mark.parametrize(
    ("request_", "tag", "name"),
    [
        (qbxml.customer_add(ADA, "Ada Lovelace"), "CustomerQueryRq", "Ada Lovelace"),
        (qbxml.item_add("discount", "Off", "", "", "4900"), "ItemQueryRq", "Off"),
        (qbxml.item_add("service", "A:B", "", "", "4900"), "ItemQueryRq", "A:B"),
        (qbxml.account_add("Income:4000", "Income"), "AccountQueryRq", "Income:4000"),
        (qbxml.payment_method_add("PayPal"), "PaymentMethodQueryRq", "PayPal"),
        (qbxml.terms_add("Net 7", 7), "TermsQueryRq", "Net 7"),
        (qbxml.class_add("Web"), "ClassQueryRq", "Web"),
    ],
)
def test_a_list_object_is_looked_for_by_its_full_name(request_: qbxml.Request, tag: str, name: str) -> None:
    found = query(qbxml.find_request(sent(request_)))
    assert (found.tag, found.findtext("FullName")) == (tag, name)


def test_what_changes_something_is_looked_for_by_its_id() -> None:
    void = query(qbxml.find_request("<TxnVoidRq><TxnVoidType>Invoice</TxnVoidType><TxnID>1A</TxnID></TxnVoidRq>"))
    assert (void.tag, void.findtext("TxnID")) == ("InvoiceQueryRq", "1A")
    deletion = query(qbxml.find_request(sent(qbxml.txn_del("ReceivePayment", "payment/7"))))
    assert (deletion.tag, deletion.findtext("TxnID")) == ("ReceivePaymentQueryRq", "T-1")
    change = query(qbxml.current(sent(qbxml.customer_mod("email:abc", ADA))))
    assert (change.tag, change.findtext("ListID")) == ("CustomerQueryRq", "C-1")
    assert "EditSequence" in [each.text for each in change.iterfind("IncludeRetElement")]


def test_a_question_makes_nothing_and_names_nothing() -> None:
    with pytest.raises(ValueError, match="makes nothing"):
        qbxml.find_request(qbxml.host_query())
    with pytest.raises(ValueError, match="names nothing"):
        qbxml.current(RECEIPT)


# --- is it ours? --------------------------------------------------------------------------------------


def shown(entity: str = "SalesReceipt", **changes: str) -> qbxml.Ret:
    fields = {"RefNumber": "000000042", "TxnDate": "2026-11-20", "TotalAmount": "35.18", "TxnID": "T-9"}
    return qbxml.Ret(entity, fields | {"CustomerRef/ListID": "C-1"} | changes, {})


def test_a_document_is_ours_by_number_customer_day_and_total() -> None:
    assert qbxml.made_by(RECEIPT, shown(), D("35.18"))


@pytest.mark.parametrize(
    "other",
    [
        shown("Invoice"),
        shown(RefNumber="000000043"),
        shown(TxnDate="2026-11-21"),
        shown(TotalAmount="35.19"),
        shown(TotalAmount=""),
        shown(**{"CustomerRef/ListID": "C-2"}),
    ],
)
def test_a_document_that_differs_in_one_of_them_is_somebody_elses(other: qbxml.Ret) -> None:
    assert not qbxml.made_by(RECEIPT, other, D("35.18"))


def test_a_payment_is_ours_when_it_pays_our_invoice() -> None:
    fields = {"RefNumber": "000000007", "TxnDate": "2026-11-22", "TotalAmount": "9.00", "CustomerRef/ListID": "C-1"}
    assert qbxml.made_by(PAYMENT, qbxml.Ret("ReceivePayment", fields, {}), D(9))
    for txn, ours in (("T-1", True), ("T-2", False)):
        paying = qbxml.Ret("ReceivePayment", fields, {"AppliedToTxnRet": ({"TxnID": txn},)})
        assert qbxml.made_by(PAYMENT, paying, D(9)) is ours


*_, APPLIED = cancelled_rest()
CREDIT = sent(qbxml.write(APPLIED, RULES, SHOP)).replace("<CreditTxnID>T-1", "<CreditTxnID>M-1")


def test_a_credit_set_against_an_invoice_is_looked_for_there_because_no_payment_is_kept() -> None:
    found = query(qbxml.find_request(CREDIT))
    assert (found.tag, found.findtext("TxnID"), found.findtext("IncludeLinkedTxns")) == (
        "InvoiceQueryRq",
        "T-1",
        "true",
    )


@pytest.mark.parametrize(("linked", "ours"), [(("P-1", "M-1"), True), (("P-1",), False), ((), False)])
def test_a_credit_is_set_where_the_invoice_is_linked_to_the_credit_memo(linked: tuple[str, ...], ours: bool) -> None:
    links = {"LinkedTxn": tuple({"TxnID": each} for each in linked)}
    invoice_ = qbxml.Ret("Invoice", {"TxnID": "T-1", "Subtotal": "20.00", "CustomerRef/ListID": "C-1"}, links)
    assert qbxml.made_by(CREDIT, invoice_, D(0)) is ours
    shown_ = qbxml.made(CREDIT, [invoice_], D(0))
    if shown_ is None:
        assert not ours
    else:
        answer = qbxml.read_answer(shown_)
        assert ours and (answer.id, answer.total, answer.customer) == ("", D(0), "C-1")


def test_what_was_made_is_found_among_others() -> None:
    assert qbxml.made(RECEIPT, [shown(RefNumber="1"), shown()], D("35.18")) == shown()
    assert qbxml.made(RECEIPT, [shown(RefNumber="1")], D("35.18")) is None
    void = "<TxnVoidRq><TxnVoidType>Invoice</TxnVoidType><TxnID>T-9</TxnID></TxnVoidRq>"
    assert qbxml.made(void, [shown("Invoice", TotalAmount="0.00")], D(0)) is not None


def test_a_customer_is_ours_only_when_the_rest_was_said_by_us_too() -> None:
    body = qbxml.customer_add(ADA, "Ada Lovelace").text
    said = {"Name": "ada lovelace", "FullName": "ada lovelace", "FirstName": "Ada", "LastName": "Lovelace"}
    assert qbxml.made_by(body, qbxml.Ret("Customer", said | {"Email": "ada@example.com"}, {}), D(0))
    assert not qbxml.made_by(body, qbxml.Ret("Customer", said | {"Email": "other@example.com"}, {}), D(0))
    assert not qbxml.made_by(body, qbxml.Ret("Customer", said, {}), D(0))


def test_an_item_is_ours_by_name_and_kind() -> None:
    body = qbxml.item_add("service", "MUG", "MUG", "", "4000 Sales").text
    assert qbxml.made_by(body, qbxml.Ret("ItemService", {"FullName": "Mug"}, {}), D(0))
    assert not qbxml.made_by(body, qbxml.Ret("ItemInventory", {"FullName": "Mug"}, {}), D(0))
    assert not qbxml.made_by(body, qbxml.Ret("ItemService", {"FullName": "Goods:Mug"}, {}), D(0))


def test_a_void_has_made_what_shows_no_amount() -> None:
    body = "<TxnVoidRq><TxnVoidType>Invoice</TxnVoidType><TxnID>T-9</TxnID></TxnVoidRq>"
    assert qbxml.made_by(body, shown("Invoice", TotalAmount="0.00"), D(9))
    assert not qbxml.made_by(body, shown("Invoice"), D(9))


def test_a_change_makes_nothing_new() -> None:
    body = sent(qbxml.customer_mod("email:abc", ADA))
    assert not qbxml.made_by(body, qbxml.Ret("Customer", {"FullName": "Ada Lovelace"}, {}), D(0))
