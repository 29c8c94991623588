"""An entry as a journal entry in both QuickBooks: sides, customers, and how it is found again."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree

from mappings import qbo, qbxml
from mappings.dialect import dialect
from mappings.entry import Because, Entry, EntryLine, Party, debits
from mappings.linking import Linked, link
from mappings.rules import Rules
from tests.mappings.desktop import RULES as DESKTOP
from tests.mappings.desktop import names
from tests.mappings.qbxml_schema import valid
from tests.mappings.sales import RETAIL, US

D = Decimal
BECAUSE = Because("books", "closed_period")
SID = "80000001-1700000000"


def moved(role: Any, account: str, amount: str, words: str = "") -> EntryLine:
    return EntryLine(role, account, D(amount), BECAUSE, (), description=words)


LINES = (
    moved("item", "4000 Sales", "-20.00", "2 mugs"),
    moved("discount", "4900 Discounts given", "5.00", "Coupon TEN"),
    moved("rounding", "6990 Rounding", "0.00"),
    moved("receivable", "Accounts Receivable (A/R)", "15.00", "Order 000000042"),
)
ENTRY = Entry(
    key="order/000000042",
    kind="journal",
    source_id=42,
    number="000000042",
    txn_date=date(2026, 11, 20),
    currency="USD",
    party=Party("email:1f", "Ann Example"),
    total=debits(LINES),
    tax=D(0),
    lines=LINES,
    memo="Magento order 000000042",
    class_name="Online",
    department="Web shop",
)


def test_a_journal_entry_moves_the_sum_of_its_debits() -> None:
    assert ENTRY.total == D("20.00")


def test_online_every_line_has_a_side_debits_first_and_a_line_of_nothing_is_left_out() -> None:
    payload = qbo.write(ENTRY, RETAIL, US)
    assert (qbo.entity("journal"), qbo.operation("journal")) == ("JournalEntry", "create")
    assert {name: payload[name] for name in payload if name != "Line"} == {
        "TxnDate": "2026-11-20",
        "PrivateNote": "Magento order 000000042",
        "DocNumber": "000000042",
    }
    details = [each["JournalEntryLineDetail"] for each in payload["Line"]]
    assert [
        (detail["PostingType"], detail["AccountRef"]["value"], each["Amount"], each["Description"])
        for detail, each in zip(details, payload["Line"], strict=True)
    ] == [
        ("Debit", "@account:4900 Discounts given", D("5.00"), "Coupon TEN"),
        ("Debit", "@account:Accounts Receivable (A/R)", D("15.00"), "Order 000000042"),
        ("Credit", "@account:4000 Sales", D("20.00"), "2 mugs"),
    ]
    assert all(each["DetailType"] == "JournalEntryLineDetail" for each in payload["Line"])
    assert {detail["ClassRef"]["value"] for detail in details} == {"@class:Online"}
    assert {detail["DepartmentRef"]["value"] for detail in details} == {"@department:Web shop"}


def test_online_accounts_receivable_names_its_customer_and_no_other_line_does() -> None:
    details = [each["JournalEntryLineDetail"] for each in qbo.write(ENTRY, RETAIL, US)["Line"]]
    assert [detail.get("Entity") for detail in details] == [
        None,
        {"Type": "Customer", "EntityRef": {"value": "@customer:email:1f"}},
        None,
    ]


def test_the_customer_of_a_receivable_line_is_created_first() -> None:
    accounts = [("account", line.account.casefold()) for line in LINES]
    known = {*accounts, ("class", "online"), ("department", "web shop")}
    linked = link((ENTRY,), RETAIL, US, known)
    assert isinstance(linked, Linked), linked
    assert [(each.entity, each.wanted_name) for each in linked.creations] == [("Customer", "Ann Example")]
    assert linked.depends == ((linked.creations[0].key,),)


def test_online_a_currency_is_named_where_the_company_keeps_several() -> None:
    assert qbo.write(ENTRY, RETAIL, replace(US, multicurrency=True))["CurrencyRef"] == {"value": "USD"}


def test_the_total_of_an_online_answer_is_its_debits_whatever_it_states() -> None:
    answer = qbo.write(ENTRY, RETAIL, US) | {"Id": "7", "SyncToken": "0", "TotalAmt": 0}
    assert qbo.read_answer(answer).total == D("20.00")


def test_on_desktop_a_journal_entry_is_what_intuits_schemas_take() -> None:
    request = etree.fromstring(valid(qbxml.write(ENTRY, DESKTOP, US).text))
    made = request[0]
    assert (request.tag, qbxml.entity("journal")) == ("JournalEntryAddRq", "JournalEntry")
    assert names(made) == ["TxnDate", "RefNumber", "Memo", "JournalDebitLine", "JournalDebitLine", "JournalCreditLine"]
    assert [
        (each.findtext("AccountRef/ListID"), each.findtext("Amount"), each.findtext("EntityRef/ListID"))
        for each in made
        if len(each)
    ] == [
        ("@account:4900 Discounts given", "5.00", None),
        ("@account:Accounts Receivable (A/R)", "15.00", "@customer:email:1f"),
        ("@account:4000 Sales", "20.00", None),
    ]
    assert {each.findtext("ClassRef/ListID") for each in made if len(each)} == {"@class:Online"}


def test_on_desktop_a_text_that_does_not_fit_stands_whole_in_the_memo() -> None:
    long = replace(ENTRY, number="000000000042")
    request = qbxml.write(long, DESKTOP, US)
    assert [(each.field, each.how) for each in request.adjusted] == [("RefNumber", "shortened")]
    assert "RefNumber: 000000000042" in request.text


def _sent(entry: Entry) -> str:
    text = qbxml.write(entry, DESKTOP, US).text
    return qbxml.resolve(text, {symbol: SID for symbol in qbxml.references(text)})


def _ret(memo: str, amount: str = "20.00", number: str = "000000042") -> qbxml.Ret:
    debit = {"JournalDebitLine": ({"Amount": "5.00"}, {"Amount": str(D(amount) - 5)})}
    fields = {"TxnID": "1-1", "TxnDate": "2026-11-20", "Memo": memo} | ({"RefNumber": number} if number else {})
    return qbxml.Ret("JournalEntry", fields, debit)


@pytest.mark.parametrize(
    ("ret", "ours"),
    [
        (_ret("Magento order 000000042"), True),
        (_ret("Magento order 000000042", amount="19.99"), False),
        (_ret("Magento order 000000042", number="000000043"), False),
        (_ret("Somebody else"), False),
    ],
)
def test_on_desktop_a_journal_entry_is_found_again_by_number_day_memo_and_debits(ret: qbxml.Ret, ours: bool) -> None:
    query = valid(qbxml.find_request(_sent(ENTRY)))
    assert "<RefNumber>000000042</RefNumber>" in query
    assert "<IncludeLineItems>true</IncludeLineItems>" in query
    assert "<IncludeRetElement>JournalDebitLine</IncludeRetElement>" in query
    assert qbxml.made_by(_sent(ENTRY), ret, ENTRY.total) is ours


def test_on_desktop_one_without_a_number_is_looked_for_by_its_day() -> None:
    bare = replace(ENTRY, number="")
    query = valid(qbxml.find_request(_sent(bare)))
    assert "<FromTxnDate>2026-11-20</FromTxnDate>" in query
    assert "EntityFilter" not in query
    assert qbxml.made_by(_sent(bare), _ret(bare.memo, number=""), bare.total)


@pytest.mark.parametrize("rules", [RETAIL, DESKTOP], ids=["online", "desktop"])
def test_no_tax_is_fitted_to_a_journal_entry(rules: Rules) -> None:
    fitted = dialect(rules).fit(ENTRY, rules, US)
    assert getattr(fitted, "entry", None) == ENTRY
