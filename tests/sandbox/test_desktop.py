"""The sandbox's company file answers as QuickBooks Desktop does. The helpers serve the other test_desktop files."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from xml.sax.saxutils import escape

import pytest
from lxml import etree

from deploy.cli.compare import compare
from deploy.sandbox.desktop import CompanyFile

OWNER, FILE_ID = "{90a44fb7-33d9-4815-ac85-ac86a7e7d1eb}", "{57f3b9b6-86f1-4fcc-b1ff-966de1813d20}"
Fields = Iterable[tuple[str, object]]


@dataclass(frozen=True, slots=True)
class Reply:
    """One Rs element: status, severity, words, and the elements of the answer."""

    status: int
    severity: str
    words: str
    element: etree._Element

    def text(self, path: str) -> str | None:
        return self.element.findtext(path)

    def texts(self, path: str) -> list[str]:
        return [one.text or "" for one in self.element.iterfind(path)]


def xml(fields: Fields) -> str:
    """(name, value) pairs as elements; a value is a text or pairs again."""
    return "".join(
        f"<{name}>{escape(value) if isinstance(value, str) else xml(value)}</{name}>" for name, value in fields
    )


def rq(name: str, fields: Fields, id: str = "1") -> str:
    """A request; for an Add or Mod the fields go into their element."""
    inner = xml(fields)
    body = f"<{name}>{inner}</{name}>" if name.endswith(("Add", "Mod")) else inner
    return f'<{name}Rq requestID="{id}">{body}</{name}Rq>'


def message(*requests: str, on_error: str = "continueOnError", version: str = "13.0", **attributes: str) -> str:
    """A whole qbXML message."""
    extra = "".join(f' {name}="{value}"' for name, value in attributes.items())
    head = f'<?xml version="1.0" encoding="utf-8"?><?qbxml version="{version}"?>'
    body = "".join(requests)
    return f'{head}<QBXML><QBXMLMsgsRq onError="{on_error}"{extra}>{body}</QBXMLMsgsRq></QBXML>'


def replies(answer: str) -> list[Reply]:
    """The answers to each request."""
    root = etree.fromstring(answer.encode())
    return [
        Reply(int(one.attrib["statusCode"]), one.attrib["statusSeverity"], one.attrib.get("statusMessage", ""), one)
        for one in root[0]
    ]


def ask(company: CompanyFile, name: str, fields: Fields = ()) -> Reply:
    """The answer to one request."""
    return replies(company.process(message(rq(name, fields))))[0]


def ref(name: str) -> list[tuple[str, object]]:
    return [("FullName", name)]


def line(kind: str, amount: str = "20.00", code: str = "Tax", item: str = "Magento sales") -> tuple[str, object]:
    """A line of a document: `kind` is SalesReceipt, Invoice or CreditMemo."""
    return f"{kind}LineAdd", [("ItemRef", ref(item)), ("Amount", amount), ("SalesTaxCodeRef", ref(code))]


def sale(kind: str = "SalesReceipt", number: str = "000000042", **changes: object) -> list[tuple[str, object]]:
    """The fields of a document of 20.00 and Texas tax; a change to None leaves a field out."""
    where = ("DepositToAccountRef", "1251 Cards clearing") if kind == "SalesReceipt" else None
    fields: Mapping[str, object] = {
        "CustomerRef": ref("Sam Smith"),
        **({} if where else {"ARAccountRef": ref("Accounts Receivable")}),
        "TxnDate": "2026-11-20",
        "RefNumber": number,
        "ItemSalesTaxRef": ref("Texas 8.25"),
        "Memo": "Magento order",
        **({where[0]: ref(where[1])} if where else {}),
        f"{kind}LineAdd": line(kind)[1],
    }
    return [(name, value) for name, value in {**fields, **changes}.items() if value is not None]


def made(company: CompanyFile, kind: str = "SalesReceipt", number: str = "000000042", **changes: object) -> str:
    """The TxnID of a new document."""
    reply = ask(company, f"{kind}Add", sale(kind, number, **changes))
    assert reply.status == 0, reply.words
    return str(reply.text(f"{kind}Ret/TxnID"))


@pytest.fixture
def company() -> CompanyFile:
    return CompanyFile(owner_id=OWNER, file_id=FILE_ID)


def test_a_sales_receipt_comes_back_with_the_tax_that_quickbooks_computes(company: CompanyFile) -> None:
    reply = ask(company, "SalesReceiptAdd", sale())
    assert (reply.status, reply.severity) == (0, "Info")
    amounts = [reply.text(f"SalesReceiptRet/{name}") for name in ("Subtotal", "SalesTaxTotal", "TotalAmount")]
    assert amounts == ["20.00", "1.65", "21.65"]
    assert company.trial_balance() == {
        "1251 Cards clearing": Decimal("21.65"),
        "4000 Sales": Decimal("-20.00"),
        "Sales Tax Payable": Decimal("-1.65"),
    }


def test_the_same_number_twice_is_two_documents_and_is_told_as_a_double(company: CompanyFile) -> None:
    assert made(company) != made(company)
    found = ask(company, "SalesReceiptQuery", [("RefNumber", "000000042")])
    assert len(found.texts("SalesReceiptRet/TxnID")) == 2
    assert company.duplicates() == [("SalesReceipt", "000000042")]


def test_documents_can_be_compared_with_the_shops_orders(company: CompanyFile) -> None:
    made(company)
    order = {"entity_id": 42, "increment_id": "000000042", "base_currency_code": "USD", "state": "complete"}
    order["base_grand_total"] = "21.65"
    books = {name: company.documents(name) for name in ("SalesReceipt", "Invoice", "CreditMemo")}
    assert compare([order], [], books, ()).agrees
    assert not compare([order | {"base_grand_total": "21.66"}], [], books, ()).agrees


def test_fifty_sales_receipts_in_one_message_take_well_under_100_ms(company: CompanyFile) -> None:
    whole = message(*(rq("SalesReceiptAdd", sale(number=f"{at:09}"), str(at)) for at in range(50)))
    company.process(whole)
    started = time.thread_time()
    answers = replies(company.process(whole))
    assert time.thread_time() - started < 0.1
    assert [answer.status for answer in answers] == [0] * 50
    assert [answer.element.attrib["requestID"] for answer in answers] == [str(at) for at in range(50)]
    assert company.processed.writes == 100
