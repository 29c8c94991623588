"""What the accepted documents add up to: balances by account, totals, numbers used twice."""

from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from deploy.sandbox.books_chart import DISCOUNTS, RECEIVABLE, SHIPPING, UNDEPOSITED, Company
from deploy.sandbox.books_journal import postings
from deploy.sandbox.books_store import TRANSACTIONS, Object, Store

ZERO = Decimal(0)
_FORMS = (("SalesReceipt", 1), ("Invoice", 1), ("CreditMemo", -1), ("RefundReceipt", -1))


def trial_balance(store: Store, company: Company) -> dict[str, Decimal]:
    """Account name to balance, debit positive; zero balances left out."""
    sums: dict[str, Decimal] = {}
    for account, amount in _postings(store, company):
        sums[account] = sums.get(account, ZERO) + amount
    return {account: amount for account, amount in sorted(sums.items()) if amount}


def total(store: Store, currency: str) -> Decimal:
    """Sales receipts and invoices less credit memos and refunds, in one currency."""
    amounts = (
        sign * one["TotalAmt"]
        for entity, sign in _FORMS
        for one in store.objects[entity].values()
        if one["CurrencyRef"]["value"] == currency
    )
    return sum(amounts, ZERO)


def duplicates(store: Store) -> list[tuple[str, str]]:
    """(entity, DocNumber) of every number that more than one document of its type carries."""
    numbers = ((entity, one.get("DocNumber")) for entity in TRANSACTIONS for one in store.objects[entity].values())
    counts = Counter((entity, number) for entity, number in numbers if number)
    return [key for key, count in counts.items() if count > 1]


def _postings(store: Store, company: Company) -> Iterator[tuple[str, Decimal]]:
    for entity, sign in _FORMS:
        for one in store.objects[entity].values():
            for account, amount in _journal(store, company, entity, one):
                yield account, sign * amount
    for one in store.objects["Payment"].values():
        yield _money(store, one), one["TotalAmt"]
        yield RECEIVABLE, -one["TotalAmt"]
    for one in store.objects["JournalEntry"].values():
        for id, amount in postings(one):
            yield str(store.objects["Account"][id]["Name"]), amount
    for one in store.objects["Deposit"].values():
        yield _money(store, one), one["TotalAmt"]
        for line in one["Line"]:
            yield _name(store, line["DepositLineDetail"]["AccountRef"], UNDEPOSITED), -Decimal(line["Amount"])


def _journal(store: Store, company: Company, entity: str, one: Object) -> Iterator[tuple[str, Decimal]]:
    """Account and amount (debit positive) of a sales form as if it were a sale."""
    cash = entity in ("SalesReceipt", "RefundReceipt")
    yield _money(store, one) if cash else RECEIVABLE, one["TotalAmt"]
    sold = ZERO
    for line in one["Line"]:
        if "SalesItemLineDetail" in line:
            sold += Decimal(line["Amount"])
            yield _income(store, line["SalesItemLineDetail"]), -Decimal(line["Amount"])
    tax = one["TxnTaxDetail"]["TotalTax"]
    discount = sold + tax - one["TotalAmt"]
    if discount:
        yield _discount_account(store, one), discount
    yield company.tax_account, -tax


def _name(store: Store, reference: Mapping[str, Any] | None, otherwise: str) -> str:
    return otherwise if reference is None else str(store.objects["Account"][reference["value"]]["Name"])


def _money(store: Store, one: Object) -> str:
    return _name(store, one.get("DepositToAccountRef"), UNDEPOSITED)


def _discount_account(store: Store, one: Object) -> str:
    details = (line["DiscountLineDetail"] for line in one["Line"] if "DiscountLineDetail" in line)
    return _name(store, next((detail.get("DiscountAccountRef") for detail in details), None), DISCOUNTS)


def _income(store: Store, detail: Mapping[str, Any]) -> str:
    item = store.objects["Item"].get(detail["ItemRef"]["value"]) or {}
    return _name(store, detail.get("ItemAccountRef") or item.get("IncomeAccountRef"), SHIPPING)
