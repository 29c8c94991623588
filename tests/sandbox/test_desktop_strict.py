"""The sandbox's company file refuses what QuickBooks Desktop refuses: a whole message, or one request by its status."""

from collections.abc import Callable
from datetime import date

import pytest

from deploy.sandbox.desktop import CompanyFile, Thrown, Unparseable

from .test_desktop import Fields, ask, line, made, message, ref, replies, rq, sale


@pytest.fixture
def company() -> CompanyFile:
    return CompanyFile()


def swapped() -> str:
    first, second, *rest = sale()
    return message(rq("SalesReceiptAdd", [second, first, *rest]))


GOOD = rq("SalesReceiptAdd", sale())
UNPARSEABLE: list[tuple[str, str]] = [
    ("not XML", "QBXML"),
    ("nothing", ""),
    ("an unknown request", message("<CustomerDeleteRq/>")),
    ("elements in the wrong order", swapped()),
    ("an unknown element", message(rq("SalesReceiptAdd", [*sale(), ("Colour", "blue")]))),
    ("an element that the other document has", message(rq("SalesReceiptAdd", sale(PONumber="1")))),
    ("an element twice", message(rq("SalesReceiptAdd", [sale()[0], *sale()]))),
    (
        "an element that only QuickBooks Online had",
        message(rq("InvoiceAdd", [*sale("Invoice"), ("ShippingLineAdd", "1")])),
    ),
    ("no lines", message(rq("SalesReceiptAdd", sale(SalesReceiptLineAdd=None)))),
    ("a missing element that the schema wants", message(rq("ClassAdd", []))),
    ("a payment applied to nothing", message(rq("ReceivePaymentAdd", [("CustomerRef", ref("Sam Smith"))]))),
    ("no onError", message(GOOD).replace(' onError="continueOnError"', "")),
    ("an unknown onError", message(GOOD, on_error="hopeOnError")),
    ("no version", message(GOOD).replace('<?qbxml version="13.0"?>', "")),
    ("an unknown attribute of the set", message(GOOD, urgent="yes")),
    ("an unknown attribute of a request", message(GOOD.replace("requestID", "requestId"))),
    ("an iterator where the schema has none", message('<AccountQueryRq iterator="Start"/>')),
    ("an unknown value of an enumeration", message(rq("AccountAdd", [("Name", "A"), ("AccountType", "Money")]))),
    ("text between elements", message(GOOD.replace("<Memo>", "paid<Memo>"))),
    ("elements inside a text", message(GOOD.replace("Magento order", "<b>Magento</b>"))),
    ("letters outside Windows-1252", message(rq("SalesReceiptAdd", sale(Memo="Łódź")))),
    ("the same as a numeric entity", message(GOOD.replace("Magento order", "&#321;"))),
    ("a control character", message(GOOD.replace("Magento order", "&#x85;"))),
    ("a document type", '<?qbxml version="13.0"?><!DOCTYPE QBXML><QBXML/>'),
    (
        "an entity",
        message(GOOD).replace("<QBXML>", '<!DOCTYPE QBXML [<!ENTITY a "b">]><QBXML>').replace("Magento order", "&a;"),
    ),
    ("two bodies", message(GOOD).replace("</QBXML>", '<QBXMLMsgsRq onError="stopOnError"/></QBXML>')),
    ("an update by macro", message(GOOD.replace("<SalesReceiptAdd>", '<SalesReceiptAdd defMacro="TxnID:a">'))),
]


@pytest.mark.parametrize(("what", "text"), UNPARSEABLE, ids=[what for what, _ in UNPARSEABLE])
def test_the_parser_refuses_the_whole_message_for(company: CompanyFile, what: str, text: str) -> None:
    with pytest.raises(Unparseable) as refused:
        company.process(text)
    assert refused.value.hresult == "0x80040400"
    assert company.documents("SalesReceipt") == []


def test_one_bad_request_stops_the_good_ones_of_its_message(company: CompanyFile) -> None:
    with pytest.raises(Unparseable):
        company.process(message(GOOD, "<CustomerDeleteRq/>"))
    assert company.documents("SalesReceipt") == []
    company.process(message(GOOD))
    assert len(company.documents("SalesReceipt")) == 1


def test_an_older_quickbooks_refuses_a_newer_version(company: CompanyFile) -> None:
    company.versions = ("13.0",)
    with pytest.raises(Thrown) as refused:
        company.process(message(GOOD, version="16.0"))
    assert refused.value.hresult == "0x80040423"


LINE = line("SalesReceipt")[1]


def changed_line(**changes: object) -> Fields:
    given = {"ItemRef": ref("Magento sales"), "Amount": "20.00", **changes}
    order = ("ItemRef", "Desc", "Quantity", "Rate", "Amount", "SalesTaxCodeRef", "OverrideItemAccountRef")
    return sale(SalesReceiptLineAdd=[(name, given[name]) for name in order if given.get(name) is not None])


BAD_SALES: list[tuple[str, int, Fields]] = [
    ("a number of 12 characters", 3070, sale(number="0" * 12)),
    ("a memo too long", 3070, sale(Memo="x" * 4096)),
    ("an amount of three decimals", 3040, changed_line(Amount="20.005")),
    ("an amount without decimals", 3040, changed_line(Amount="20")),
    ("an amount of 14 digits", 3040, changed_line(Amount="12345678901234.00")),
    ("a rate of six decimals", 3045, changed_line(Rate="20.000001", Amount=None)),
    ("a date in words", 3020, sale(TxnDate="today")),
    ("a day that is not there", 3020, sale(TxnDate="2026-02-30")),
    ("a flag in words", 3010, [*sale()[:-2], ("IsToBePrinted", "yes"), *sale()[-2:]]),
    ("an id too long", 3000, sale(CustomerRef=[("ListID", "8" * 37)])),
    ("a reference to nobody", 3150, sale(CustomerRef=[])),
    ("an unknown customer", 3140, sale(CustomerRef=ref("Nobody"))),
    ("an unknown customer id", 3140, sale(CustomerRef=[("ListID", "80000099-1700000000")])),
    ("a vendor as customer", 3140, sale(CustomerRef=ref("Acme Supplies"))),
    ("an unknown account", 3140, sale(DepositToAccountRef=ref("9999 Nowhere"))),
    ("money that lands in an income account", 3140, sale(DepositToAccountRef=ref("4000 Sales"))),
    ("an unknown sales tax item", 3140, sale(ItemSalesTaxRef=ref("Mars 5"))),
    ("an item as sales tax item", 3140, sale(ItemSalesTaxRef=ref("Magento sales"))),
    ("an unknown template", 3140, [sale()[0], ("TemplateRef", ref("My Template")), *sale()[1:]]),
    ("an unknown item", 3140, changed_line(ItemRef=ref("Nothing"))),
    ("a sales tax item as a line", 3140, changed_line(ItemRef=ref("Texas 8.25"))),
    ("an unknown tax code", 3140, changed_line(SalesTaxCodeRef=ref("Abc"))),
    ("a tax code too long", 3070, changed_line(SalesTaxCodeRef=ref("Taxable"))),
    ("an amount without item", 3150, changed_line(ItemRef=None)),
    ("a line that does not multiply", 3210, changed_line(Quantity="3", Rate="10.00")),
    ("a discount with a quantity", 3210, changed_line(ItemRef=ref("Magento discount"), Quantity="1")),
    ("a negative total", 3210, changed_line(Amount="-20.00")),
    ("a currency in a company of one", 3250, [*sale()[:-1], ("ExchangeRate", "1.1"), sale()[-1]]),
]


@pytest.mark.parametrize(("what", "status", "fields"), BAD_SALES, ids=[what for what, _, _ in BAD_SALES])
def test_a_sales_receipt_is_refused_for(company: CompanyFile, what: str, status: int, fields: Fields) -> None:
    reply = ask(company, "SalesReceiptAdd", fields)
    assert (reply.status, reply.severity) == (status, "Error")
    assert company.documents("SalesReceipt") == []
    assert company.trial_balance() == {}


def test_the_words_of_a_refusal_name_the_value_as_quickbooks_does(company: CompanyFile) -> None:
    assert (
        'QuickBooks Customer "Nobody" in the SalesReceipt'
        in ask(company, "SalesReceiptAdd", sale(CustomerRef=ref("Nobody"))).words
    )
    assert '"20.005" in the field "Amount"' in ask(company, "SalesReceiptAdd", changed_line(Amount="20.005")).words


def test_a_request_id_of_more_than_50_characters_is_refused(company: CompanyFile) -> None:
    assert replies(company.process(message(rq("ClassAdd", [("Name", "A")], "1" * 51))))[0].status == 1060


SOLD = [("AccountRef", ref("4000 Sales"))]
STOCK = [
    ("IncomeAccountRef", ref("4000 Sales")),
    ("COGSAccountRef", ref("5000 Cost of goods sold")),
    ("AssetAccountRef", ref("1300 Inventory")),
]
BAD_LISTS: list[tuple[str, int, str, Fields]] = [
    ("a customer's name that a customer has", 3100, "CustomerAdd", [("Name", "sam SMITH")]),
    ("a customer's name that a vendor has", 3100, "CustomerAdd", [("Name", "Oak & Sons Timber")]),
    ("a customer's name that an employee has", 3100, "CustomerAdd", [("Name", "Emily Carter")]),
    ("a colon in a name", 3090, "CustomerAdd", [("Name", "Smith: Sam")]),
    ("a newline in a name", 3090, "CustomerAdd", [("Name", "Smith\nSam")]),
    ("a blank name", 3150, "CustomerAdd", [("Name", " ")]),
    ("a name of 42 characters", 3070, "CustomerAdd", [("Name", "x" * 42)]),
    ("an unknown parent", 3140, "CustomerAdd", [("Name", "Job"), ("ParentRef", ref("Nobody"))]),
    ("an item of a name that an item of another kind has", 3100, "ItemServiceAdd", [
        ("Name", "Magento discount"), ("SalesOrPurchase", SOLD)
    ]),
    ("an item of a name that a sales tax item has", 3100, "ItemServiceAdd", [
        ("Name", "Texas 8.25"), ("SalesOrPurchase", SOLD)
    ]),
    ("an item's name of 32 characters", 3070, "ItemServiceAdd", [("Name", "x" * 32), ("SalesOrPurchase", SOLD)]),
    ("an item without account", 3150, "ItemServiceAdd", [("Name", "Mug"), ("SalesOrPurchase", [])]),
    ("an item bought and sold without expense account", 3150, "ItemNonInventoryAdd", [
        ("Name", "Mug"), ("SalesAndPurchase", [("IncomeAccountRef", ref("4000 Sales"))])
    ]),
    ("stock without its accounts", 3150, "ItemInventoryAdd", [("Name", "Mug"), STOCK[0]]),
    ("stock whose cost is no cost of goods sold", 3140, "ItemInventoryAdd", [
        ("Name", "Mug"), STOCK[0], ("COGSAccountRef", ref("4000 Sales")), STOCK[2]
    ]),
    ("a discount without account", 3150, "ItemDiscountAdd", [("Name", "Less")]),
    ("an item that is sold into receivables", 3210, "ItemDiscountAdd", [
        ("Name", "Less"), ("AccountRef", ref("Accounts Receivable"))
    ]),
    ("an account's name of 32 characters", 3070, "AccountAdd", [("Name", "x" * 32), ("AccountType", "Income")]),
    ("an account's name twice", 3100, "AccountAdd", [("Name", "4000 sales"), ("AccountType", "Income")]),
    ("a bank number of an income account", 3210, "AccountAdd", [
        ("Name", "A"), ("AccountType", "Income"), ("BankNumber", "1")
    ]),
    ("an account that QuickBooks makes", 3210, "AccountAdd", [("Name", "A"), ("AccountType", "NonPosting")]),
    ("a payment method twice", 3100, "PaymentMethodAdd", [("Name", "paypal")]),
    ("terms twice", 3100, "StandardTermsAdd", [("Name", "Net 30")]),
    ("a class twice", 3100, "ClassAdd", [("Name", "Online")]),
    ("a customer of another currency", 3250, "CustomerAdd", [("Name", "A"), ("CurrencyRef", ref("Euro"))]),
]  # fmt: skip


@pytest.mark.parametrize(("what", "status", "name", "fields"), BAD_LISTS, ids=[row[0] for row in BAD_LISTS])
def test_a_list_does_not_take(company: CompanyFile, what: str, status: int, name: str, fields: Fields) -> None:
    assert ask(company, name, fields).status == status


SWITCHES: list[tuple[str, Callable[[CompanyFile], None], str, Fields]] = [
    ("sales tax", lambda c: setattr(c.settings, "sales_tax", False), "SalesReceiptAdd", sale()),
    (
        "classes",
        lambda c: setattr(c.settings, "class_tracking", False),
        "SalesReceiptAdd",
        [sale()[0], ("ClassRef", ref("Online")), *sale()[1:]],
    ),
    ("inventory", lambda c: setattr(c.settings, "inventory", False), "ItemInventoryAdd", [("Name", "Mug"), *STOCK]),
]


@pytest.mark.parametrize(("what", "off", "name", "fields"), SWITCHES, ids=[row[0] for row in SWITCHES])
def test_a_feature_that_is_off_is_3250(
    company: CompanyFile, what: str, off: Callable[[CompanyFile], None], name: str, fields: Fields
) -> None:
    assert ask(company, name, fields).status == 0
    off(company)
    again = [("Name", "Cup"), *STOCK] if name.startswith("Item") else fields
    assert ask(company, name, again).status == 3250


def test_without_sales_tax_a_document_has_neither_code_nor_tax(company: CompanyFile) -> None:
    company.settings.sales_tax = False
    bare = [("ItemRef", ref("Magento sales")), ("Amount", "20.00")]
    reply = ask(company, "SalesReceiptAdd", sale(ItemSalesTaxRef=None, SalesReceiptLineAdd=bare))
    assert (reply.status, reply.text("SalesReceiptRet/TotalAmount")) == (0, "20.00")
    assert reply.text("SalesReceiptRet/SalesReceiptLineRet/SalesTaxCodeRef/FullName") is None


def test_closed_books_take_no_document_and_let_none_go(company: CompanyFile) -> None:
    id = made(company)
    company.closing_date = date(2026, 11, 20)
    assert ask(company, "SalesReceiptAdd", sale()).status == 3210
    assert ask(company, "TxnVoid", [("TxnVoidType", "SalesReceipt"), ("TxnID", id)]).status == 3210
    assert ask(company, "TxnDel", [("TxnDelType", "SalesReceipt"), ("TxnID", id)]).status == 3210
    assert ask(company, "SalesReceiptAdd", sale(TxnDate="2026-11-21")).status == 0


def test_stop_on_error_leaves_the_rest_undone_and_says_so(company: CompanyFile) -> None:
    bad = rq("SalesReceiptAdd", sale(CustomerRef=ref("Nobody")))
    stopped = replies(company.process(message(GOOD, bad, GOOD, GOOD, on_error="stopOnError")))
    assert [reply.status for reply in stopped] == [0, 3140, 3231, 3231]
    went_on = replies(company.process(message(GOOD, bad, GOOD, GOOD)))
    assert [reply.status for reply in went_on] == [0, 3140, 0, 0]
    assert len(company.documents("SalesReceipt")) == 4


def test_nothing_found_does_not_stop_a_set(company: CompanyFile) -> None:
    nothing = [rq("SalesReceiptQuery", []), rq("SalesReceiptQuery", [("RefNumber", "1")])]
    answers = replies(company.process(message(*nothing, GOOD, on_error="stopOnError")))
    assert [(reply.status, reply.severity) for reply in answers] == [(1, "Info"), (500, "Warn"), (0, "Info")]


def test_planned_failures_strike_once(company: CompanyFile) -> None:
    company.fail_next(3180, "There was an error when saving.")
    assert ask(company, "SalesReceiptQuery").status == 1
    assert [ask(company, "SalesReceiptAdd", sale()).status for _ in range(2)] == [3180, 0]
    company.throw_next("0x80040402")
    with pytest.raises(Thrown, match="0x80040402"):
        company.process(message(GOOD))
    assert ask(company, "SalesReceiptAdd", sale()).status == 0
