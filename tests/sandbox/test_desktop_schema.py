"""The company file's tables and answers agree with Intuit's own schemas, 13.0 and 16.0, where those are at hand."""

import itertools
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from deploy.sandbox.desktop import CompanyFile
from deploy.sandbox.desktop_message import OPERATIONS
from deploy.sandbox.desktop_requests import ENUMS, SHAPES

from .test_desktop import ask, line, made, message, ref, rq, sale

SCHEMAS = Path(
    os.environ.get("MAGEBOOKS_QBXML_SCHEMAS") or Path(__file__).parents[3] / "shared" / "reference" / "qbxml"
)
pytestmark = pytest.mark.skipif(not SCHEMAS.is_dir(), reason="Intuit's schemas are not here")
VERSIONS = ("130", "160")
SAMPLES = {
    "id": "80000001-1700000000",
    "guid": "{57f3b9b6-86f1-4fcc-b1ff-966de1813d20}",
    "bool": "true",
    "int": "7",
    "amt": "-12.50",
    "price": "1234567890.12345",
    "date": "2026-11-20",
    "datetime": "2026-11-20T10:11:12+00:00",
    "str": "1.0",
}
PAYOUT = (("1250 PayPal clearing", "100.00"), ("6100 Payment processing fees", "-3.20"))
JOURNAL = [
    ("JournalDebitLine", [("AccountRef", ref("1000 Checking")), ("Amount", "5.00"), ("Memo", "Moved")]),
    ("JournalCreditLine", [("AccountRef", ref("1251 Cards clearing")), ("Amount", "5.00")]),
]
Words = list[str]


@cache
def schema(version: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(SCHEMAS / f"qbxmlops{version}.xsd"))


def complaint(text: str, version: str) -> str:
    """What a schema says about a message; empty when it is valid."""
    checked = schema(version)
    checked.validate(etree.fromstring(text.encode()))
    return "" if not checked.error_log else str(checked.error_log[0].message)


def choices(words: Words) -> Iterator[Words]:
    """Every way through the choices of a shape, as words without brackets."""
    if "(" not in words:
        yield words
        return
    start = words.index("(")
    depth, cuts, end = 0, [start], start
    for at in range(start, len(words)):
        depth += (words[at] == "(") - (words[at][0] == ")")
        if words[at] == "|" and depth == 1:
            cuts.append(at)
        if depth == 0:
            end = at
            break
    cuts.append(end)
    for left, right in itertools.pairwise(cuts):
        for rest in choices(words[end + 1 :]):
            for inner in choices(words[left + 1 : right]):
                yield words[:start] + inner + rest


def value(kind: str, *, least: bool, over: int) -> str:
    if kind in SHAPES:
        return instance(next(choices(SHAPES[kind].split())), least=least, over=over)
    if kind in ENUMS:
        return min(ENUMS[kind])
    return "x" * (int(kind) + over) if kind.isdecimal() else SAMPLES[kind]


def instance(words: Words, *, least: bool = False, over: int = 0) -> str:
    """The elements of a shape; `least` leaves out what may be missing, `over` makes texts too long."""
    parts = []
    for word in words:
        name, _, kind = word.rstrip("?*+").partition(":")
        if least and word[-1] in "?*":
            continue
        one = f"<{name}>{value(kind, least=least, over=over)}</{name}>"
        parts.append(one * 2 if word[-1] in "*+" and not least else one)
    return "".join(parts)


def requests() -> Iterator[tuple[str, str, Words]]:
    for name, operation in OPERATIONS.items():
        for at, words in enumerate(choices(SHAPES[operation.shape].split())):
            yield f"{name}-{at}", name, words


def whole(name: str, inner: str) -> str:
    wrapped = OPERATIONS[name].wrapped
    return message(f"<{name}>{f'<{wrapped}>{inner}</{wrapped}>' if wrapped else inner}</{name}>")


CASES = list(requests())


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("name", "words"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_the_company_file_takes_at_most_and_at_least_is_valid(name: str, words: Words, version: str) -> None:
    assert complaint(whole(name, instance(words)), version) == ""
    assert complaint(whole(name, instance(words, least=True)), version) == ""


@pytest.mark.parametrize(("name", "words"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_text_that_the_company_file_takes_at_most_is_as_long_as_intuits(name: str, words: Words) -> None:
    text = whole(name, instance(words, over=1))
    complaint(text, "160")
    too_long = [one for one in schema("160").error_log if "[facet 'maxLength']" in one.message]
    assert len(too_long) == len(re.findall(">x+<", text))


def script() -> Iterator[str]:
    """Requests whose answers show every kind of object."""
    for kind in ("ItemService", "ItemNonInventory", "ItemOtherCharge"):
        sold = [("Desc", "A mug"), ("Price", "9.95"), ("AccountRef", ref("4000 Sales"))]
        yield rq(f"{kind}Add", [("Name", f"New {kind}"), ("SalesOrPurchase", sold)])
    stocked = [("Name", "Mug"), ("IncomeAccountRef", ref("4000 Sales")), ("PurchaseCost", "3.20")]
    accounts = [("COGSAccountRef", ref("5000 Cost of goods sold")), ("AssetAccountRef", ref("1300 Inventory"))]
    yield rq("ItemInventoryAdd", [*stocked, *accounts])
    yield rq("ItemDiscountAdd", [("Name", "Less"), ("AccountRef", ref("4900 Discounts given"))])
    person = [("FirstName", "Ann"), ("LastName", "Example"), ("BillAddress", [("Addr1", "1 Way"), ("City", "Reno")])]
    yield rq("CustomerAdd", [("Name", "Ann Example"), *person, ("Email", "ann@example.com"), ("Notes", "since 2026")])
    yield rq("AccountAdd", [("Name", "4001 More"), ("AccountType", "Income"), ("Desc", "More")])
    yield rq("PaymentMethodAdd", [("Name", "Gold")])
    yield rq("StandardTermsAdd", [("Name", "Net 7"), ("StdDueDays", "7")])
    yield rq("ClassAdd", [("Name", "Mugs")])
    for kind in ("SalesReceipt", "Invoice", "CreditMemo"):
        lines = [line(kind), line(kind, "-2.00", "Tax", "Magento discount"), (f"{kind}LineAdd", [("Desc", "Thanks")])]
        yield rq(f"{kind}Add", [*sale(kind, **{f"{kind}LineAdd": None}), *lines])


@pytest.mark.parametrize("version", VERSIONS)
def test_every_answer_is_valid(version: str) -> None:
    company = CompanyFile()
    invoice, memo = made(company, "Invoice", "1"), made(company, "CreditMemo", "2")
    customer = [("CustomerRef", ref("Sam Smith"))]
    credit = [("CreditTxnID", memo), ("AppliedAmount", "1.00")]
    applied = [("TxnID", invoice), ("PaymentAmount", "5.00"), ("SetCredit", credit)]
    refund = [("TxnID", memo), ("RefundAmount", "3.00")]
    paid = [*customer, ("RefNumber", "R1"), ("TotalAmount", "5.00"), ("AppliedToTxnAdd", applied)]
    refunded = [*customer, ("RefundFromAccountRef", ref("1000 Checking")), ("RefundAppliedToTxnAdd", refund)]
    everything = [("IncludeLineItems", "true"), ("IncludeLinkedTxns", "true")]
    lines = [
        ("DepositLineAdd", [("AccountRef", ref(name)), ("Memo", "1 sale"), ("Amount", amount)])
        for name, amount in PAYOUT
    ]
    deposited = [("DepositToAccountRef", ref("1000 Checking")), ("Memo", "PayPal payout 5WD"), *lines]
    steps = [
        *script(),
        rq("DepositAdd", deposited),
        rq("DepositQuery", everything[:1]),
        rq("JournalEntryAdd", [("TxnDate", "2026-11-20"), ("RefNumber", "J1"), ("Memo", "Moved"), *JOURNAL]),
        rq("JournalEntryQuery", everything[:1]),
        rq("ReceivePaymentAdd", paid),
        rq("ARRefundCreditCardAdd", refunded),
        rq("InvoiceQuery", everything),
        rq("CreditMemoQuery", everything),
        rq("ReceivePaymentQuery", everything[:1]),
        rq("ARRefundCreditCardQuery", everything[:1]),
        rq("TxnVoid", [("TxnVoidType", "SalesReceipt"), ("TxnID", made(company))]),
        rq("TxnDel", [("TxnDelType", "SalesReceipt"), ("TxnID", made(company))]),
        rq("SalesReceiptQuery", everything[:1]),
        rq("CustomerQuery", [("ActiveStatus", "InactiveOnly")]),
        '<CustomerQueryRq requestID="9" iterator="Start"><MaxReturned>1</MaxReturned></CustomerQueryRq>',
        *(rq(name[:-2], []) for name in OPERATIONS if name.endswith("QueryRq")),
        rq("ClassAdd", [("Name", "Mugs")]),
    ]
    answer = company.process(message(*steps, newMessageSetID="a"))
    assert complaint(answer, version) == ""
    assert complaint(company.hcp(), version) == ""
    others = [one.attrib["statusCode"] for one in etree.fromstring(answer.encode())[0] if one.get("statusCode") != "0"]
    assert others == ["1", "3100"]


def test_a_switch_answers_with_a_value_that_the_schema_lacks() -> None:
    company = CompanyFile()
    company.odd_enums = True
    found = ask(company, "CustomerQuery", [("FullName", "Sam Smith")])
    assert found.text("CustomerRet/PreferredDeliveryMethod") == "Mail"
    odd = company.process(message(rq("CustomerQuery", [])))
    assert "Mail" in complaint(odd, "130")
