"""What of an invoice is paid and what of a credit memo is used: links between transactions, and their ends.

Intuit's answers show the amount applied to an invoice as negative (`AppliedAmount`, `LinkedTxn/Amount`).
"""

from decimal import Decimal

from deploy.sandbox.desktop_shapes import Object
from deploy.sandbox.desktop_status import Refused
from deploy.sandbox.desktop_store import Store

OVERPAID = (
    'There was an error when saving a ReceivePayment list, element "".  QuickBooks error message: '
    "You cannot pay more than the amount due."
)


def link(other: tuple[str, Object], amount: Decimal) -> Object:
    """How a transaction's `LinkedTxn` shows another."""
    kind, txn = other
    number = {"RefNumber": txn["RefNumber"]} if "RefNumber" in txn else {}
    head = {"TxnID": txn["TxnID"], "TxnType": kind, "TxnDate": txn["TxnDate"]}
    return {**head, **number, "LinkType": "AMTTYPE", "Amount": amount}


def pay(store: Store, invoice_id: str, amount: Decimal, by: tuple[str, Object]) -> None:
    """Takes an amount off an invoice's balance. Refused 3210 when more than that is paid."""
    invoice = store.objects["Invoice"][invoice_id]
    left = invoice["BalanceRemaining"] - amount
    if amount < 0 or left < 0:
        raise Refused(3210, OVERPAID)
    links = [*invoice.get("LinkedTxn", ()), link(by, -amount)]
    changed = {"AppliedAmount": invoice["AppliedAmount"] - amount, "BalanceRemaining": left, "LinkedTxn": links}
    store.change("Invoice", invoice, {**changed, "IsPaid": "true" if left == 0 else "false"})


def use(store: Store, memo_id: str, amount: Decimal, by: tuple[str, Object]) -> None:
    """Takes an amount off a credit memo's remaining credit. Refused 3210 when more than that is used."""
    memo = store.objects["CreditMemo"][memo_id]
    left = memo["CreditRemaining"] - amount
    if amount < 0 or left < 0:
        raise Refused(3210, "You cannot apply more than the remaining credit.")
    links = [*memo.get("LinkedTxn", ()), link(by, amount)]
    store.change("CreditMemo", memo, {"CreditRemaining": left, "LinkedTxn": links})


def apply(store: Store, invoice_id: str, memo_id: str, amount: Decimal) -> None:
    """Sets a credit memo against an invoice of the same customer and account. Refused 3210."""
    invoice, memo = store.objects["Invoice"][invoice_id], store.objects["CreditMemo"][memo_id]
    check_same(invoice, memo)
    if amount > invoice["BalanceRemaining"] or amount > memo["CreditRemaining"] or amount < 0:
        raise Refused(3210, OVERPAID)
    pay(store, invoice_id, amount, ("CreditMemo", memo))
    use(store, memo_id, amount, ("Invoice", invoice))


def check_same(one: Object, other: Object) -> None:
    """Refused 3210 unless both belong to one customer and one receivable account."""
    for name in ("CustomerRef", "ARAccountRef"):
        if one[name]["ListID"] != other[name]["ListID"]:
            raise Refused(3210, f"The transactions must have the same {name}.")


def unlink(store: Store, one: Object) -> None:
    """Ends every link of a transaction that goes away: balances and credits are open again."""
    names = ("AppliedToTxnRet", "RefundAppliedToTxnRet", "LinkedTxn")
    ids = {row["TxnID"] for name in names for row in one.get(name, ())}
    for entity, name in (("Invoice", "BalanceRemaining"), ("CreditMemo", "CreditRemaining")):
        for id in ids & store.objects[entity].keys():
            other = store.objects[entity][id]
            mine = [row for row in other["LinkedTxn"] if row["TxnID"] == one["TxnID"]]
            gone = sum((abs(row["Amount"]) for row in mine), Decimal(0))
            left = {name: other[name] + gone, "LinkedTxn": [row for row in other["LinkedTxn"] if row not in mine]}
            if entity == "Invoice":
                left |= {
                    "AppliedAmount": other["AppliedAmount"] + gone,
                    "IsPaid": "true" if not left[name] else "false",
                }
            store.change(entity, other, left)
