"""Several currencies in the sandbox's company: what it refuses, and what its trial balance says in home currency."""

from decimal import Decimal
from typing import Any

import pytest

from deploy.sandbox.books import Books
from deploy.sandbox.books_fault import Fault

from .receipts import line, named, sale

D = Decimal


def company() -> Books:
    """A company in dollars with multicurrency on, an account in euros, one in pounds, and a customer in euros."""
    books = Books()
    books.use_several_currencies()
    for name, currency in (("1020 Euro account", "EUR"), ("1030 Pound account", "GBP")):
        books.write("Account", "create", {"Name": name, "AccountType": "Bank", "CurrencyRef": {"value": currency}})
    books.write("Customer", "create", {"DisplayName": "Jane Doe (EUR)", "CurrencyRef": {"value": "EUR"}})
    return books


def in_euros(books: Books, **changed: Any) -> dict[str, Any]:
    """A sale of 21.65 euros at 1.10."""
    euros = {
        "CustomerRef": named(books, "Customer", "Jane Doe (EUR)"),
        "CurrencyRef": {"value": "EUR"},
        "ExchangeRate": D("1.10"),
        "DepositToAccountRef": named(books, "Account", "1020 Euro account"),
    }
    return sale(books, **{**euros, **changed})


def test_a_sale_in_euros_stands_in_the_trial_balance_in_dollars() -> None:
    books = company()
    books.write("SalesReceipt", "create", in_euros(books))
    # 20.00 x 1.10 and 1.65 x 1.10 = 1.815, rounded up; the total of 21.65 x 1.10 = 23.815 as well, and the largest
    # line takes the cent.
    assert books.trial_balance() == {
        "1020 Euro account": D("23.82"),
        "4000 Sales": D("-22.00"),
        "Sales Tax Payable": D("-1.82"),
    }
    assert books.total("EUR") == D("21.65")


def test_a_payment_at_another_rate_leaves_an_exchange_loss() -> None:
    books = company()
    owed = {**in_euros(books), "Line": [line(books, "100.00")], "TxnTaxDetail": {"TotalTax": D(0)}}
    del owed["DepositToAccountRef"]
    invoice = books.write("Invoice", "create", owed)
    assert books.trial_balance()["Accounts Receivable (A/R) - EUR"] == D("110.00")
    for part in ("40.00", "60.00"):
        linked = {"Amount": D(part), "LinkedTxn": [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]}
        money = {name: in_euros(books)[name] for name in ("CustomerRef", "CurrencyRef", "DepositToAccountRef")}
        books.write("Payment", "create", {**money, "TotalAmt": D(part), "ExchangeRate": D("1.05"), "Line": [linked]})
    # 100 euros were owed at 1.10 and came at 1.05.
    assert books.trial_balance() == {
        "1020 Euro account": D("105.00"),
        "4000 Sales": D("-110.00"),
        "Exchange Gain or Loss": D("5.00"),
    }


def test_a_rate_that_nobody_gives_is_one() -> None:
    books = company()
    books.write("SalesReceipt", "create", in_euros(books, ExchangeRate=None))
    assert books.trial_balance()["4000 Sales"] == D("-20.00")


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ({"CurrencyRef": {"value": "USD"}, "ExchangeRate": None}, "6000"),
        ({"CurrencyRef": {"value": "GBP"}}, "6000"),
        ({"DepositToAccountRef": "1030 Pound account"}, "6000"),
        ({"CustomerRef": "Walk-in customer"}, "6000"),
        ({"ExchangeRate": D("-1")}, "6000"),
    ],
)
def test_currencies_are_not_mixed(what: dict[str, Any], code: str) -> None:
    books = company()
    for name, value in what.items():
        if isinstance(value, str):
            what = {**what, name: named(books, "Account" if "Account" in name else "Customer", value)}
    with pytest.raises(Fault) as refused:
        books.write("SalesReceipt", "create", in_euros(books, **what))
    assert refused.value.code == code
    assert books.trial_balance() == {}


def test_an_account_that_is_no_bank_is_in_home_currency_and_a_customer_keeps_the_currency() -> None:
    books = company()
    with pytest.raises(Fault) as refused:
        clearing = {"Name": "1265 Euros", "AccountType": "Other Current Asset", "CurrencyRef": {"value": "EUR"}}
        books.write("Account", "create", clearing)
    assert refused.value.code == "6000"
    jane = books.find("Customer", "Jane Doe (EUR)")
    assert jane is not None
    with pytest.raises(Fault) as refused:
        books.write("Customer", "update", {**jane, "CurrencyRef": {"value": "USD"}})
    assert refused.value.code == "6000"


def test_foreign_customers_need_multicurrency() -> None:
    with pytest.raises(Fault) as refused:
        Books().write("Customer", "create", {"DisplayName": "Jane", "CurrencyRef": {"value": "EUR"}})
    assert refused.value.code == "2220"


def test_a_journal_entry_on_accounts_receivable_is_in_the_currency_of_its_customer() -> None:
    books = company()
    lines = (("Accounts Receivable (A/R)", "Debit"), ("4000 Sales", "Credit"))
    made = [
        {
            "Amount": D(5),
            "DetailType": "JournalEntryLineDetail",
            "JournalEntryLineDetail": {"PostingType": side, "AccountRef": named(books, "Account", account)},
        }
        for account, side in lines
    ]
    jane = {"Type": "Customer", "EntityRef": named(books, "Customer", "Jane Doe (EUR)")}
    made[0]["JournalEntryLineDetail"]["Entity"] = jane  # type: ignore[index]
    with pytest.raises(Fault, match="foreign currency") as refused:
        books.write("JournalEntry", "create", {"Line": made})
    assert refused.value.code == "6000"
