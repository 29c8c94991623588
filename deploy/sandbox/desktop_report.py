"""What a company file's transactions add up to: documents for a comparison, balances by account, doubles."""

from collections import Counter
from decimal import Decimal
from typing import Any

from deploy.sandbox.desktop_currency import currency_of
from deploy.sandbox.desktop_journals import total as journal_total
from deploy.sandbox.desktop_shapes import Object
from deploy.sandbox.desktop_store import TRANSACTIONS, Store

ZERO = Decimal("0.00")


def documents(store: Store, entity: str) -> list[dict[str, Any]]:
    """Transactions of an entity in the order in which they were made, voided ones included, as plain dicts.

    `DocNumber`, `TotalAmt` and `CurrencyRef` are named as QuickBooks Online names them, for `deploy.cli.compare`."""
    return [_document(entity, one, _currency(store, one)) for one in store.objects[entity].values()]


def _currency(store: Store, one: Object) -> str:
    """The code of a transaction's own currency, else of its customer's."""
    customer = store.objects["Customer"].get(one.get("CustomerRef", {}).get("ListID", ""), {})
    named = currency_of(one if "CurrencyRef" in one else customer)
    return next(str(each["CurrencyCode"]) for each in store.objects["Currency"].values() if each["Name"] == named)


def _document(entity: str, one: Object, currency: str) -> dict[str, Any]:
    total, tax = _total(entity, one), one.get("SalesTaxTotal", ZERO)
    number, customer = one.get("RefNumber", ""), one.get("CustomerRef", {}).get("FullName", "")
    return {
        **one,
        "RefNumber": number,
        "Customer": customer,
        "Total": total,
        "Tax": tax,
        "Voided": str(one.get("Memo", "")).startswith("VOID:"),
        "DocNumber": number,
        "TotalAmt": total,
        "CurrencyRef": {"value": currency},
    }


def _total(entity: str, one: Object) -> Decimal:
    if entity == "Invoice":
        return Decimal(one["Subtotal"] + one["SalesTaxTotal"])
    if entity == "JournalEntry":
        return journal_total(one)
    return Decimal(one["DepositTotal" if entity == "Deposit" else "TotalAmount"])


def trial_balance(store: Store) -> dict[str, Decimal]:
    """Account name to balance, debit positive; zero balances left out."""
    sums: dict[str, Decimal] = {}
    for postings in store.journal.values():
        for account, amount in postings:
            sums[account] = sums.get(account, ZERO) + amount
    return {account: amount for account, amount in sorted(sums.items()) if amount}


def duplicates(store: Store) -> list[tuple[str, str]]:
    """(entity, RefNumber) of every number that more than one document of its type carries, and of payments and
    refunds that are equal in customer, day, amount, number and what they pay."""
    counts: Counter[tuple[str, ...]] = Counter()
    for entity in TRANSACTIONS:
        for one in store.objects[entity].values():
            number = one.get("RefNumber", "")
            if entity in ("ReceivePayment", "ARRefundCreditCard"):
                paid = one.get("AppliedToTxnRet") or one.get("RefundAppliedToTxnRet") or ()
                ids = ",".join(row["TxnID"] for row in paid)
                counts[entity, number, one["CustomerRef"]["ListID"], one["TxnDate"], str(one["TotalAmount"]), ids] += 1
            elif number:
                counts[entity, number] += 1
    return [(key[0], key[1]) for key, times in counts.items() if times > 1]
