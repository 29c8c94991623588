"""What the accepted documents add up to: balances by account, totals, numbers used twice."""

from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from deploy.sandbox.books_chart import DISCOUNTS, RECEIVABLE, SHIPPING, UNDEPOSITED, Company
from deploy.sandbox.books_currency import GAIN_OR_LOSS, Posting, cents, currency_of, in_home, rate_of
from deploy.sandbox.books_journal import postings
from deploy.sandbox.books_sales import links
from deploy.sandbox.books_store import TRANSACTIONS, Object, Store

ZERO = Decimal(0)
_FORMS = (("SalesReceipt", 1), ("Invoice", 1), ("CreditMemo", -1), ("RefundReceipt", -1))


def trial_balance(store: Store, company: Company) -> dict[str, Decimal]:
    """Account name to balance in home currency, debit positive; zero balances left out."""
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


def _postings(store: Store, company: Company) -> Iterator[Posting]:
    """Every posting in home currency."""
    for entity, sign in _FORMS:
        for one in store.objects[entity].values():
            for account, amount in in_home(_journal(store, company, entity, one), rate_of(one)):
                yield account, sign * amount
    settled: dict[str, Decimal] = {}
    for one in store.objects["Payment"].values():
        yield from _paid(store, company, one, settled)
    for one in store.objects["JournalEntry"].values():
        whole = [(str(store.objects["Account"][id]["Name"]), amount) for id, amount in postings(one)]
        yield from in_home(whole, rate_of(one))
    for one in store.objects["Deposit"].values():
        came = [(_name(store, line["DepositLineDetail"]["AccountRef"], UNDEPOSITED), line) for line in one["Line"]]
        whole = [(_money(store, one), one["TotalAmt"]), *((name, -Decimal(line["Amount"])) for name, line in came)]
        yield from in_home(whole, rate_of(one))


def _paid(store: Store, company: Company, one: Object, settled: dict[str, Decimal]) -> Iterator[Posting]:
    """A payment at its own rate, and what it settles at the rate at which that was owed: QuickBooks itself puts the
    difference on its account of exchange gains and losses. `settled` is what payments before took off each document."""
    receivable, rate = _receivable(one, company), rate_of(one)
    money, owed = cents(one["TotalAmt"] * rate), cents(one["UnappliedAmt"] * rate)
    for kind, id, amount in links(one):
        before = settled.get(id, ZERO)
        settled[id] = before + amount
        at = rate_of(store.objects[kind][id])
        part = cents(settled[id] * at) - cents(before * at)
        owed += part if kind == "Invoice" else -part
    yield _money(store, one), money
    yield receivable, -owed
    yield GAIN_OR_LOSS, owed - money


def _receivable(one: Object, company: Company) -> str:
    """QuickBooks makes an account of receivables for each foreign currency by itself."""
    currency = currency_of(one, company.currency)
    return RECEIVABLE if currency == company.currency else f"{RECEIVABLE} - {currency}"


def _journal(store: Store, company: Company, entity: str, one: Object) -> Iterator[tuple[str, Decimal]]:
    """Account and amount (debit positive) of a sales form as if it were a sale."""
    cash = entity in ("SalesReceipt", "RefundReceipt")
    yield _money(store, one) if cash else _receivable(one, company), one["TotalAmt"]
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
