"""Several currencies in the sandbox's company file: what it refuses, and its trial balance in home currency."""

import re
from decimal import Decimal

from deploy.sandbox.desktop import CompanyFile

D = Decimal


def asked(file: CompanyFile, body: str) -> tuple[str, str]:
    """Status code and answer of one request."""
    head = '<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="continueOnError">'
    answer = file.process(f"{head}{body}</QBXMLMsgsRq></QBXML>")
    found = re.search(r'statusCode="(\d+)"', answer)
    assert found is not None, answer
    return found[1], answer


def account(name: str, kind: str, currency: str = "Euro") -> str:
    return (
        f"<AccountAddRq><AccountAdd><Name>{name}</Name><AccountType>{kind}</AccountType>"
        f"<CurrencyRef><FullName>{currency}</FullName></CurrencyRef></AccountAdd></AccountAddRq>"
    )


CUSTOMER = (
    "<CustomerAddRq><CustomerAdd><Name>Jane Doe (EUR)</Name>"
    "<CurrencyRef><FullName>Euro</FullName></CurrencyRef></CustomerAdd></CustomerAddRq>"
)


def company() -> CompanyFile:
    file = CompanyFile()
    file.settings.currencies = True
    for body in (account("1020 Euros", "Bank"), account("A/R EUR", "AccountsReceivable"), CUSTOMER):
        assert asked(file, body)[0] == "0"
    return file


def invoice(receivable: str = "A/R EUR") -> str:
    return (
        "<InvoiceAddRq><InvoiceAdd><CustomerRef><FullName>Jane Doe (EUR)</FullName></CustomerRef>"
        f"<ARAccountRef><FullName>{receivable}</FullName></ARAccountRef><TxnDate>2026-11-02</TxnDate>"
        "<ExchangeRate>1.10</ExchangeRate><InvoiceLineAdd><ItemRef><FullName>Magento sales</FullName></ItemRef>"
        "<Amount>100.00</Amount><SalesTaxCodeRef><FullName>Non</FullName></SalesTaxCodeRef></InvoiceLineAdd>"
        "</InvoiceAdd></InvoiceAddRq>"
    )


def test_a_payment_at_another_rate_leaves_an_exchange_loss() -> None:
    file = company()
    status, answer = asked(file, invoice())
    found = re.search(r"<TxnID>([^<]+)</TxnID>", answer)
    assert status == "0" and found is not None, answer
    assert "<ExchangeRate>1.10</ExchangeRate>" in answer
    assert file.trial_balance() == {"4000 Sales": D("-110.00"), "A/R EUR": D("110.00")}
    paid = (
        "<ReceivePaymentAddRq><ReceivePaymentAdd><CustomerRef><FullName>Jane Doe (EUR)</FullName></CustomerRef>"
        "<ARAccountRef><FullName>A/R EUR</FullName></ARAccountRef><TxnDate>2026-11-20</TxnDate>"
        "<TotalAmount>100.00</TotalAmount><ExchangeRate>1.05</ExchangeRate>"
        "<DepositToAccountRef><FullName>1020 Euros</FullName></DepositToAccountRef>"
        f"<AppliedToTxnAdd><TxnID>{found[1]}</TxnID><PaymentAmount>100.00</PaymentAmount></AppliedToTxnAdd>"
        "</ReceivePaymentAdd></ReceivePaymentAddRq>"
    )
    assert asked(file, paid)[0] == "0"
    # 100 euros were owed at 1.10 and came at 1.05.
    assert file.trial_balance() == {
        "1020 Euros": D("105.00"),
        "4000 Sales": D("-110.00"),
        "Exchange Gain or Loss": D("5.00"),
    }


def test_currencies_are_not_mixed() -> None:
    file = company()
    assert asked(file, invoice("Accounts Receivable"))[0] == "3210"
    assert asked(file, account("1265 Euros", "OtherCurrentAsset"))[0] == "3210"
    assert file.trial_balance() == {}


def journal(currency: str, debit: str, credit: str) -> str:
    sides = (
        f"<Journal{side}Line><AccountRef><FullName>{account}</FullName></AccountRef><Amount>5.00</Amount>"
        f"</Journal{side}Line>"
        for side, account in (("Debit", debit), ("Credit", credit))
    )
    return (
        f"<JournalEntryAddRq><JournalEntryAdd><CurrencyRef><FullName>{currency}</FullName></CurrencyRef>"
        f"<ExchangeRate>1.10</ExchangeRate>{''.join(sides)}</JournalEntryAdd></JournalEntryAddRq>"
    )


def deposit(into: str, source: str) -> str:
    return (
        f"<DepositAddRq><DepositAdd><DepositToAccountRef><FullName>{into}</FullName></DepositToAccountRef>"
        f"<CurrencyRef><FullName>Euro</FullName></CurrencyRef><ExchangeRate>1.10</ExchangeRate><DepositLineAdd>"
        f"<AccountRef><FullName>{source}</FullName></AccountRef><Amount>5.00</Amount></DepositLineAdd></DepositAdd>"
        "</DepositAddRq>"
    )


def test_a_journal_entry_or_a_deposit_knows_one_foreign_currency() -> None:
    file = company()
    assert asked(file, account("1030 Pounds", "Bank", "British Pound Sterling"))[0] == "0"
    assert asked(file, journal("Euro", "1020 Euros", "1030 Pounds"))[0] == "3210"
    assert asked(file, deposit("1030 Pounds", "4000 Sales"))[0] == "3210"
    assert asked(file, deposit("1020 Euros", "1030 Pounds"))[0] == "3210"
    assert file.trial_balance() == {}
    assert asked(file, journal("Euro", "1020 Euros", "4000 Sales"))[0] == "0"
    assert asked(file, deposit("1020 Euros", "4000 Sales"))[0] == "0"
    assert file.trial_balance() == {"1020 Euros": D("11.00"), "4000 Sales": D("-11.00")}


def test_a_deposit_takes_nothing_from_accounts_receivable_without_a_customer() -> None:
    file = company()
    assert asked(file, deposit("1020 Euros", "A/R EUR"))[0] == "3210"
    assert file.trial_balance() == {}


def test_without_multicurrency_nothing_is_foreign() -> None:
    assert asked(CompanyFile(), CUSTOMER)[0] == "3250"
