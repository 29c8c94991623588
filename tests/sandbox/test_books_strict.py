"""The sandbox's company refuses what QuickBooks Online refuses, by Intuit's codes."""

import tomllib
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from deploy.sandbox.books import Books
from deploy.sandbox.books_fault import Fault
from deploy.sandbox.books_properties import PROPERTIES

from .receipts import line, named, sale

XSD = Path(__file__).parents[3] / "shared" / "reference" / "qbo"


def refusal(books: Books, entity: str, body: dict[str, Any], operation: Any = "create") -> str:
    with pytest.raises(Fault) as refused:
        books.write(entity, operation, body)
    return refused.value.code


def changed_line(books: Books, **changes: Any) -> list[dict[str, Any]]:
    one = line(books)
    detail = one["SalesItemLineDetail"] | {name: changes.pop(name) for name in list(changes) if name in DETAIL}
    return [one | changes | {"SalesItemLineDetail": {k: v for k, v in detail.items() if v is not None}}]


DETAIL = {"ItemRef", "Qty", "UnitPrice", "TaxCodeRef", "ClassRef", "ItemAccountRef"}
BAD: list[tuple[str, str, Callable[[Books], dict[str, Any]]]] = [
    ("an unknown property", "2010", lambda b: sale(b, Colour="blue")),
    ("one tax code for the whole", "2010", lambda b: sale(b, SalesTaxCodeRef={"value": "TAX"})),
    ("an unknown property of a line", "2010", lambda b: sale(b, Line=[line(b) | {"Price": 1}])),
    ("no lines", "2020", lambda b: sale(b, Line=[])),
    ("a line without item", "2020", lambda b: sale(b, Line=changed_line(b, ItemRef=None))),
    ("an unknown item", "2500", lambda b: sale(b, Line=changed_line(b, ItemRef={"value": "999"}))),
    ("an unknown customer", "2500", lambda b: sale(b, CustomerRef={"value": "999"})),
    ("an unknown account", "2500", lambda b: sale(b, DepositToAccountRef={"value": "999"})),
    ("money on an account of income", "6000", lambda b: sale(b, DepositToAccountRef=named(b, "Account", "4000 Sales"))),
    ("a receivable that is none", "6000", lambda b: sale(b, ARAccountRef=named(b, "Account", "1000 Checking"))),
    ("a message too long", "2050", lambda b: sale(b, CustomerMemo={"value": "x" * 1001})),
    ("an unknown payment method", "2500", lambda b: sale(b, PaymentMethodRef={"value": "999"})),
    ("a number of 22 characters", "2050", lambda b: sale(b, "x" * 22)),
    ("a memo too long", "2050", lambda b: sale(b, PrivateNote="x" * 4001)),
    ("an amount of three decimals", "2140", lambda b: sale(b, Line=[line(b) | {"Amount": Decimal("20.005")}])),
    ("tax of three decimals", "2140", lambda b: sale(b, TxnTaxDetail={"TotalTax": Decimal("1.234")})),
    ("an amount that is a text", "2140", lambda b: sale(b, Line=[line(b) | {"Amount": "20.00"}])),
    ("a line that does not multiply", "6070", lambda b: sale(b, Line=changed_line(b, Qty=3))),
    ("a tax code that is not TAX or NON", "6100", lambda b: sale(b, Line=changed_line(b, TaxCodeRef={"value": "5"}))),
    ("a negative total", "2290", lambda b: sale(b, Line=[line(b, "-20.00")], TxnTaxDetail=None)),
    ("a date in words", "2060", lambda b: sale(b, TxnDate="today")),
    ("another currency", "2220", lambda b: sale(b, CurrencyRef={"value": "EUR"})),
    ("a bad e-mail", "2210", lambda b: sale(b, BillEmail={"Address": "not an address"})),
    ("shipping as a field", "6000", lambda b: sale(b, Line=changed_line(b, ItemRef={"value": "SHIPPING_ITEM_ID"}))),
    ("an unknown kind of line", "2170", lambda b: sale(b, Line=[line(b) | {"DetailType": "GiftLineDetail"}])),
]


def payout(books: Books, *amounts: str, into: str = "1000 Checking", **changes: Any) -> dict[str, Any]:
    """A deposit of these amounts from the PayPal clearing account."""
    taken = {"AccountRef": named(books, "Account", "1250 PayPal clearing")}
    one = {"Amount": Decimal(0), "DetailType": "DepositLineDetail", "DepositLineDetail": taken}
    lines = [one | {"Amount": Decimal(amount)} for amount in amounts]
    return {"DepositToAccountRef": named(books, "Account", into), "Line": lines} | changes


BAD_DEPOSITS: list[tuple[str, str, Callable[[Books], dict[str, Any]]]] = [
    ("no account", "2020", lambda b: payout(b, "1.00", DepositToAccountRef=None)),
    ("no lines", "2020", lambda b: payout(b)),
    ("an account that holds no money", "6000", lambda b: payout(b, "1.00", into="4000 Sales")),
    ("a total below zero", "2290", lambda b: payout(b, "1.00", "-1.01")),
    ("another kind of line", "2170", lambda b: payout(b, "1.00", Line=[line(b)])),
    (
        "a customer, whom a deposit has only on its lines",
        "2010",
        lambda b: payout(b, "1.00", CustomerRef={"value": "1"}),
    ),
    ("a line without account", "2020", lambda b: payout(b, Line=[BARE | {"DepositLineDetail": {}}])),
    ("a line without amount", "2020", lambda b: payout(b, Line=[BARE])),
    (
        "a line from accounts receivable without a customer",
        "6000",
        lambda b: payout(
            b,
            Line=[
                BARE
                | {
                    "Amount": Decimal(1),
                    "DepositLineDetail": {"AccountRef": named(b, "Account", "Accounts Receivable (A/R)")},
                }
            ],
        ),
    ),
]
BARE = {"DetailType": "DepositLineDetail"}


@pytest.mark.parametrize(("what", "code", "make"), BAD_DEPOSITS, ids=[what for what, _, _ in BAD_DEPOSITS])
def test_a_bad_deposit_is_refused_and_nothing_is_kept(what: str, code: str, make: Any) -> None:
    books = Books()
    assert refusal(books, "Deposit", make(books)) == code
    assert books.documents("Deposit") == []


def entry(books: Books, *lines: tuple[str, str, str], **changes: Any) -> dict[str, Any]:
    """A journal entry of these accounts, sides and amounts, for a customer where it is told."""
    customer = changes.pop("customer", None)
    made = []
    for account, side, amount in lines:
        detail: dict[str, Any] = {"PostingType": side, "AccountRef": named(books, "Account", account)}
        if customer and account.startswith("Accounts Receivable"):
            detail["Entity"] = {"Type": "Customer", "EntityRef": named(books, "Customer", customer)}
        made.append(
            {"Amount": Decimal(amount), "DetailType": "JournalEntryLineDetail", "JournalEntryLineDetail": detail}
        )
    return {"TxnDate": "2026-11-02", "DocNumber": "J1", "Line": made} | changes


OWED = ("Accounts Receivable (A/R)", "Debit", "5.00")
SOLD = ("4000 Sales", "Credit", "5.00")
BANK = ("1000 Checking", "Debit", "5.00")


def without(body: dict[str, Any], name: str) -> dict[str, Any]:
    """The entry with a first line that lacks a property of its detail."""
    del body["Line"][0]["JournalEntryLineDetail"][name]
    return body


BAD_ENTRIES: list[tuple[str, str, Callable[[Books], dict[str, Any]]]] = [
    ("no lines", "2020", lambda b: entry(b)),
    ("debits and credits that differ", "2300", lambda b: entry(b, BANK, ("4000 Sales", "Credit", "4.99"))),
    ("accounts receivable without a customer", "6000", lambda b: entry(b, OWED, SOLD)),
    ("a customer who is not there", "2500", lambda b: whose(entry(b, OWED, SOLD), {"value": "999"})),
    ("a customer who is inactive", "610", lambda b: whose(entry(b, OWED, SOLD), inactive(b))),
    ("a vendor who owes", "6000", lambda b: whose(entry(b, OWED, SOLD), {"value": "1"}, "Vendor")),
    ("a name of no list", "2170", lambda b: whose(entry(b, BANK, SOLD), {"value": "1"}, "Somebody")),
    (
        "the account in which QuickBooks keeps sales tax",
        "6000",
        lambda b: entry(b, BANK, ("Sales Tax Payable", "Credit", "5.00")),
    ),
    ("a side that is none", "2170", lambda b: entry(b, ("1000 Checking", "Left", "5.00"), SOLD)),
    ("an amount below zero", "2290", lambda b: entry(b, ("1000 Checking", "Debit", "-5.00"), SOLD)),
    ("a line without account", "2020", lambda b: without(entry(b, BANK, SOLD), "AccountRef")),
    ("a line without a side", "2020", lambda b: without(entry(b, BANK, SOLD), "PostingType")),
    ("a line of a sale", "2170", lambda b: entry(b) | {"Line": [line(b)]}),
    ("a customer on its head", "2010", lambda b: entry(b, BANK, SOLD, CustomerRef={"value": "1"})),
    ("a number that is too long", "2050", lambda b: entry(b, BANK, SOLD, DocNumber="J" * 22)),
    ("an account that is not there", "2500", lambda b: unknown(entry(b, BANK, SOLD))),
]


def whose(body: dict[str, Any], reference: dict[str, str], kind: str = "Customer") -> dict[str, Any]:
    """The entry with a name on its first line."""
    body["Line"][0]["JournalEntryLineDetail"]["Entity"] = {"Type": kind, "EntityRef": reference}
    return body


def inactive(books: Books) -> dict[str, str]:
    """A customer whom somebody has switched off."""
    found = named(books, "Customer", "Sam Smith")
    books.write("Customer", "update", {"Id": found["value"], "SyncToken": "0", "sparse": True, "Active": False})
    return found


def unknown(body: dict[str, Any]) -> dict[str, Any]:
    body["Line"][0]["JournalEntryLineDetail"]["AccountRef"] = {"value": "999"}
    return body


@pytest.mark.parametrize(("what", "code", "make"), BAD_ENTRIES, ids=[what for what, _, _ in BAD_ENTRIES])
def test_a_bad_journal_entry_is_refused_and_nothing_is_kept(what: str, code: str, make: Any) -> None:
    books = Books()
    assert refusal(books, "JournalEntry", make(books)) == code
    assert books.documents("JournalEntry") == []


def test_a_journal_entry_posts_its_sides_and_can_be_deleted_but_not_voided(books: Books) -> None:
    kept = books.write("JournalEntry", "create", entry(books, OWED, SOLD, customer="Walk-in customer"))
    assert "TotalAmt" not in kept
    assert books.trial_balance() == {"4000 Sales": Decimal("-5.00"), "Accounts Receivable (A/R)": Decimal("5.00")}
    assert refusal(books, "JournalEntry", {name: kept[name] for name in ("Id", "SyncToken")}, "void") == "500"
    books.write("JournalEntry", "delete", {name: kept[name] for name in ("Id", "SyncToken")})
    assert books.trial_balance() == {}


def test_a_journal_entry_keeps_to_open_periods_and_to_one_number(books: Books) -> None:
    books.write("JournalEntry", "create", entry(books, BANK, SOLD))
    assert refusal(books, "JournalEntry", entry(books, BANK, SOLD)) == "6140"
    books.close(date(2026, 11, 2))
    assert refusal(books, "JournalEntry", entry(books, BANK, SOLD, DocNumber="J2")) == "6210"


@pytest.mark.parametrize(("what", "code", "make"), BAD, ids=[what for what, _, _ in BAD])
def test_a_sales_receipt_is_refused_for(
    books: Books, what: str, code: str, make: Callable[[Books], dict[str, Any]]
) -> None:
    assert refusal(books, "SalesReceipt", make(books)) == code
    assert books.documents("SalesReceipt") == []


def test_a_refund_receipt_names_the_account_that_it_is_paid_from(books: Books) -> None:
    unnamed = {name: value for name, value in sale(books).items() if name != "DepositToAccountRef"}
    assert refusal(books, "RefundReceipt", unnamed) == "2020"


def test_what_is_right_is_accepted_with_intuits_totals(books: Books) -> None:
    kept = books.write("SalesReceipt", "create", sale(books))
    assert (kept["TotalAmt"], kept["SyncToken"], kept["DocNumber"]) == (Decimal("21.65"), "0", "000000042")
    assert kept["Line"][-1]["DetailType"] == "SubTotalLineDetail"
    assert books.trial_balance() == {
        "1251 Cards clearing": Decimal("21.65"),
        "4000 Sales": Decimal("-20.00"),
        "Sales Tax Payable": Decimal("-1.65"),
    }


def test_a_number_is_used_once_per_type_unless_allowed(books: Books) -> None:
    books.write("SalesReceipt", "create", sale(books))
    assert refusal(books, "SalesReceipt", sale(books)) == "6140"
    books.write("Invoice", "create", sale(books, DepositToAccountRef=None))
    books.write("SalesReceipt", "create", sale(books), frozenset({"allowduplicatedocnum"}))
    assert books.duplicates() == [("SalesReceipt", "000000042")]


@pytest.mark.parametrize("name", ["Emily Carter", "acme supplies", "Walk-in Customer"])
def test_a_customer_may_not_take_the_name_of_anybody_else(books: Books, name: str) -> None:
    assert refusal(books, "Customer", {"DisplayName": name}) == "6240"


@pytest.mark.parametrize("name", ["Tab\there", "Colon: here", "New\nline"])
def test_names_with_colon_tab_or_newline_are_refused(books: Books, name: str) -> None:
    assert refusal(books, "Customer", {"DisplayName": name}) == "2040"
    account = named(books, "Account", "4000 Sales")
    assert refusal(books, "Item", {"Name": name, "Type": "Service", "IncomeAccountRef": account}) == "2040"


@pytest.mark.parametrize("odd", ["\x02", "\x85", "\x7f", "\u2028", "\u200b", "\u202e", "\ufeff", "\uffff"])
def test_a_text_with_an_unseen_character_is_refused_whatever_field_has_it(books: Books, odd: str) -> None:
    assert refusal(books, "SalesReceipt", sale(books, PrivateNote=f"Order{odd}1")) == "2040"
    assert refusal(books, "SalesReceipt", sale(books, BillAddr={"City": f"Austin{odd}"})) == "2040"
    assert refusal(books, "Customer", {"DisplayName": "Ada", "CompanyName": f"Lab{odd}"}) == "2040"


def test_a_line_end_is_taken_only_where_a_field_has_lines(books: Books) -> None:
    books.write("SalesReceipt", "create", sale(books, PrivateNote="Order 1\nby telephone"))
    assert refusal(books, "SalesReceipt", sale(books, DocNumber="2", BillAddr={"City": "Austin\n"})) == "2040"


def test_an_item_needs_an_account_and_a_name_of_its_own(books: Books) -> None:
    assert refusal(books, "Item", {"Name": "New", "Type": "Service"}) == "2020"
    account = named(books, "Account", "4000 Sales")
    body = {"Name": "magento SALES", "Type": "Service", "IncomeAccountRef": account}
    assert refusal(books, "Item", body) == "6240"


def test_an_inactive_object_cannot_be_referred_to(books: Books) -> None:
    customer = books.find("Customer", "Sam Smith")
    assert customer is not None
    books.write("Customer", "update", {"Id": customer["Id"], "SyncToken": "0", "sparse": True, "Active": False})
    assert refusal(books, "SalesReceipt", sale(books, CustomerRef={"value": customer["Id"]})) == "610"


def test_nothing_is_booked_into_a_closed_period(books: Books) -> None:
    books.close(date(2026, 11, 2))
    assert refusal(books, "SalesReceipt", sale(books)) == "6210"
    books.write("SalesReceipt", "create", sale(books, TxnDate="2026-11-03"))


def test_a_change_needs_the_latest_sync_token(books: Books) -> None:
    kept = books.write("SalesReceipt", "create", sale(books))
    note = {"Id": kept["Id"], "SyncToken": "0", "sparse": True, "PrivateNote": "seen"}
    again = books.write("SalesReceipt", "update", note)
    assert (again["SyncToken"], again["PrivateNote"], again["TotalAmt"]) == ("1", "seen", kept["TotalAmt"])
    assert refusal(books, "SalesReceipt", note, "update") == "5010"


def test_a_payment_takes_no_more_than_is_open(books: Books) -> None:
    invoice = books.write("Invoice", "create", sale(books, DepositToAccountRef=None))
    assert invoice["Balance"] == Decimal("21.65")

    def payment(amount: str) -> dict[str, Any]:
        linked = [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]
        return {
            "CustomerRef": invoice["CustomerRef"],
            "TotalAmt": Decimal(amount),
            "Line": [{"Amount": Decimal(amount), "LinkedTxn": linked}],
        }

    assert refusal(books, "Payment", payment("21.66")) == "6000"
    books.write("Payment", "create", payment("20.00"))
    assert refusal(books, "Payment", payment("1.66")) == "6000"
    last = books.write("Payment", "create", payment("1.65"))
    assert books.documents("Invoice")[0]["Balance"] == 0
    books.write("Payment", "void", {"Id": last["Id"], "SyncToken": last["SyncToken"]})
    assert books.documents("Invoice")[0]["Balance"] == Decimal("1.65")


def test_a_credit_memo_is_applied_by_a_payment_of_nothing(books: Books) -> None:
    invoice = books.write("Invoice", "create", sale(books, DepositToAccountRef=None))
    memo = books.write("CreditMemo", "create", sale(books, DepositToAccountRef=None))
    linked = [
        {"Amount": Decimal("21.65"), "LinkedTxn": [{"TxnId": one["Id"], "TxnType": kind}]}
        for kind, one in (("Invoice", invoice), ("CreditMemo", memo))
    ]
    books.write("Payment", "create", {"CustomerRef": invoice["CustomerRef"], "TotalAmt": 0, "Line": linked})
    assert books.documents("Invoice")[0]["Balance"] == books.documents("CreditMemo")[0]["RemainingCredit"] == 0
    assert books.trial_balance() == {}


def test_a_void_keeps_the_number_and_takes_the_amounts(books: Books) -> None:
    kept = books.write("SalesReceipt", "create", sale(books, PrivateNote="Magento order 000000042"))
    gone = books.write("SalesReceipt", "void", {"Id": kept["Id"], "SyncToken": "0"})
    assert (gone["TotalAmt"], gone["DocNumber"]) == (0, "000000042")
    assert gone["PrivateNote"] == "Voided - Magento order 000000042"
    assert (books.trial_balance(), books.total()) == ({}, 0)


def test_a_company_with_tax_codes_needs_one_on_each_line_and_computes_from_it() -> None:
    books = Books("eu_vat")
    code = named(books, "TaxCode", "19% Standard")
    rate = named(books, "TaxRate", "VAT 19%")
    with_code = [changed_line(books, TaxCodeRef=code)[0]]
    base = {"CurrencyRef": {"value": "EUR"}, "GlobalTaxCalculation": "TaxExcluded"}
    assert refusal(books, "SalesReceipt", sale(books, Line=changed_line(books, TaxCodeRef=None), **base)) == "6000"
    kept = books.write("SalesReceipt", "create", sale(books, "1", Line=with_code, TxnTaxDetail=None, **base))
    assert kept["TotalAmt"] == Decimal("23.80")
    detail = {"TaxRateRef": rate, "PercentBased": True, "TaxPercent": 19, "NetAmountTaxable": Decimal("20.00")}
    tax_line = {"Amount": Decimal("3.81"), "DetailType": "TaxLineDetail", "TaxLineDetail": detail}
    given = {"TotalTax": Decimal("3.81"), "TaxLine": [tax_line]}
    kept = books.write("SalesReceipt", "create", sale(books, "2", Line=with_code, TxnTaxDetail=given, **base))
    assert kept["TotalAmt"] == Decimal("23.81")
    wrong = given | {"TotalTax": Decimal("3.80")}
    assert refusal(books, "SalesReceipt", sale(books, "3", Line=with_code, TxnTaxDetail=wrong, **base)) == "6160"


def test_an_empty_company_has_only_what_intuit_creates() -> None:
    books = Books(empty=True)
    assert books.find("Account", "Accounts Receivable (A/R)") is not None
    assert books.find("Account", "4000 Sales") is None
    assert books.documents("Item") == []


@pytest.mark.parametrize("template", ["us_retail", "eu_vat"])
def test_every_account_that_a_rules_template_names_is_there(template: str) -> None:
    text = (Path(__file__).parents[2] / "mappings" / "templates" / f"{template}.toml").read_text()
    rules = tomllib.loads(text)
    books = Books(template)
    roles = rules["accounts"]
    rows = [row for rows in rules.values() if isinstance(rows, list) for row in rows if not row.get("off")]
    accounts = {*roles.values(), *(roles.get(n, n) for r in rows for n in (r.get("account"), r.get("clearing")) if n)}
    items = {*rules["items"].values(), *(row["item"] for row in rows if row.get("item"))}
    for entity, names in (
        ("Account", accounts),
        ("Item", items),
        ("PaymentMethod", {row["method"] for row in rules["payment"] if row.get("method")}),
        ("Term", {row["terms"] for row in rows if row.get("terms")}),
        ("TaxCode", {row["code"] for row in rules.get("tax", []) if row.get("code")}),
        ("TaxRate", {row["rate"] for row in rules.get("tax", []) if row.get("rate")}),
    ):
        assert [name for name in sorted(names) if books.find(entity, name) is None] == []


def xsd_names() -> dict[str, set[str]]:
    """Property names by type, from Intuit's schema with its inheritance."""
    space = "{http://www.w3.org/2001/XMLSchema}"
    types = {
        one.get("name"): one
        for name in ("Finance.xsd", "IntuitBaseTypes.xsd", "IntuitNamesTypes.xsd")
        for one in etree.parse(XSD / name).getroot().iter(f"{space}complexType")
        if one.get("name")
    }

    def names(name: str) -> set[str]:
        bases = [one.get("base").split(":")[-1] for one in types[name].iter(f"{space}extension")]
        own = {one.get("name") or one.get("ref").split(":")[-1] for one in types[name].iter(f"{space}element")}
        own |= {one.get("name") for one in types[name].iter(f"{space}attribute")}
        return own.union(*(names(base) for base in bases if base in types))

    renamed = {"MetaData": "ModificationMetaData"}
    return {name: names(renamed.get(name, name)) for name in PROPERTIES if name not in ("Reference", "Memo")}


def test_the_known_properties_are_those_of_intuits_schema() -> None:
    if not XSD.is_dir():
        pytest.skip("Intuit's schema is not at hand")
    assert {name: names for name, names in PROPERTIES.items() if name not in ("Reference", "Memo")} == xsd_names()
