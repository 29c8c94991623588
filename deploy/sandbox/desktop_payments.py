"""Customer payments and credit card refunds, and the end of a transaction: voided or deleted."""

from decimal import Decimal

from deploy.sandbox.desktop_chart import RECEIVABLE, UNDEPOSITED, Settings
from deploy.sandbox.desktop_currency import check_accounts, rate_of, settled
from deploy.sandbox.desktop_links import OVERPAID, apply, check_same, pay, unlink, use
from deploy.sandbox.desktop_lists import check_features
from deploy.sandbox.desktop_rets import arranged
from deploy.sandbox.desktop_sales import ZERO, account, check_open, today
from deploy.sandbox.desktop_shapes import Object
from deploy.sandbox.desktop_status import Refused, missing
from deploy.sandbox.desktop_store import TRANSACTIONS, Store, reference

_MONEY = ("Bank", "OtherCurrentAsset")


def receive(store: Store, settings: Settings, fields: Object) -> Object:
    """A new payment, applied as it says. Refused 3120, 3140, 3150, 3210, 3250."""
    entity = "ReceivePayment"
    fields = _prepared(store, settings, entity, fields)
    if "TotalAmount" not in fields:
        raise missing("TotalAmount")
    total = fields["TotalAmount"]
    receivable = account(store, fields, "ARAccountRef", RECEIVABLE, ("AccountsReceivable",), entity)
    deposit = account(store, fields, "DepositToAccountRef", UNDEPOSITED, _MONEY, entity)
    check_accounts(store, fields["CustomerRef"], [receivable, deposit])
    fields |= {"ARAccountRef": reference(receivable), "DepositToAccountRef": reference(deposit)}
    rows = fields.get("AppliedToTxnAdd") or _automatic(store, fields)
    used = sum((row.get("PaymentAmount", ZERO) for row in rows), ZERO)
    if total < 0 or used > total:
        raise Refused(3210, OVERPAID)
    fields |= {"UnusedPayment": total - used, "UnusedCredits": ZERO, "AppliedToTxnRet": []}
    if settings.thin_credits and total == 0 and all("SetCredit" in row for row in rows):
        return {**arranged(entity, fields), "AppliedToTxnRet": [_applied(store, fields, row) for row in rows]}
    one = store.add(entity, fields)
    one["AppliedToTxnRet"].extend(_applied(store, one, row) for row in rows)
    owed = [(row.get("PaymentAmount", ZERO), _owed_at(store, "Invoice", row)) for row in rows]
    parts = [*owed, (total - used, rate_of(fields))]
    store.post(one["TxnID"], settled(fields, deposit["FullName"], receivable["FullName"], parts))
    return one


def _prepared(store: Store, settings: Settings, entity: str, fields: Object) -> Object:
    check_features(fields, settings)
    fields = {"TxnDate": today(), **store.resolve(fields, entity)}
    check_open(settings, fields["TxnDate"])
    return fields


def _automatic(store: Store, fields: Object) -> list[Object]:
    """IsAutoApply: the oldest open invoices of the customer first."""
    if fields.get("IsAutoApply") != "true":
        return []
    left, rows = fields["TotalAmount"], []
    invoices = sorted(store.objects["Invoice"].values(), key=lambda one: str(one["TxnDate"]))
    for invoice in invoices:
        amount = min(left, invoice["BalanceRemaining"])
        if amount > 0 and invoice["CustomerRef"] == fields["CustomerRef"]:
            rows.append({"TxnID": invoice["TxnID"], "PaymentAmount": amount})
            left -= amount
    return rows


def _applied(store: Store, payment: Object, row: Object) -> Object:
    """One AppliedToTxnAdd carried out, as the answer shows it."""
    _, invoice = store.transaction(("Invoice",), row["TxnID"])
    check_same(payment, invoice)
    if "DiscountAmount" in row:
        raise Refused(3250, "The sandbox gives no discounts on payments.")
    if "PaymentAmount" not in row and "SetCredit" not in row:
        raise missing("AppliedToTxnAdd.PaymentAmount")
    amount = row.get("PaymentAmount", ZERO)
    if amount or "SetCredit" not in row:
        pay(store, row["TxnID"], amount, ("ReceivePayment", payment))
    for credit in row.get("SetCredit", ()):
        _, memo = store.transaction(("CreditMemo",), credit["CreditTxnID"])
        apply(store, row["TxnID"], memo["TxnID"], credit["AppliedAmount"])
    shown = {"TxnID": row["TxnID"], "TxnType": "Invoice", "TxnDate": invoice["TxnDate"]}
    number = {"RefNumber": invoice["RefNumber"]} if "RefNumber" in invoice else {}
    left = store.objects["Invoice"][row["TxnID"]]["BalanceRemaining"]
    return {**shown, **number, "BalanceRemaining": left, "Amount": amount}


def refund(store: Store, settings: Settings, fields: Object) -> Object:
    """A new refund of credit memos to a card. Refused 3120, 3140, 3150, 3210, 3250."""
    entity = "ARRefundCreditCard"
    fields = _prepared(store, settings, entity, fields)
    if "RefundFromAccountRef" not in fields:
        raise missing("RefundFromAccountRef")
    receivable = account(store, fields, "ARAccountRef", RECEIVABLE, ("AccountsReceivable",), entity)
    paid_from = account(store, fields, "RefundFromAccountRef", "", (*_MONEY, "CreditCard"), entity)
    check_accounts(store, fields["CustomerRef"], [receivable, paid_from])
    rows = fields["RefundAppliedToTxnAdd"]
    total = sum((row["RefundAmount"] for row in rows), ZERO)
    if total <= 0:
        raise Refused(3210, "A refund must be of more than zero.")
    fields |= {"ARAccountRef": reference(receivable), "TotalAmount": total, "RefundAppliedToTxnRet": []}
    one = store.add(entity, fields)
    one["RefundAppliedToTxnRet"].extend(_refunded(store, one, row) for row in rows)
    parts = [(-row["RefundAmount"], _owed_at(store, "CreditMemo", row)) for row in rows]
    store.post(one["TxnID"], settled(fields, paid_from["FullName"], receivable["FullName"], parts))
    return one


def _owed_at(store: Store, entity: str, row: Object) -> Decimal:
    return rate_of(store.transaction((entity,), row["TxnID"])[1])


def _refunded(store: Store, refund: Object, row: Object) -> Object:
    _, memo = store.transaction(("CreditMemo",), row["TxnID"])
    check_same(refund, memo)
    use(store, memo["TxnID"], row["RefundAmount"], ("ARRefundCreditCard", refund))
    shown = {"TxnID": memo["TxnID"], "TxnType": "CreditMemo", "TxnDate": memo["TxnDate"]}
    number = {"RefNumber": memo["RefNumber"]} if "RefNumber" in memo else {}
    left = store.objects["CreditMemo"][memo["TxnID"]]["CreditRemaining"]
    return {**shown, **number, "CreditRemaining": left, "RefundAmount": row["RefundAmount"]}


def void(store: Store, settings: Settings, fields: Object) -> Object:
    """A transaction without its amounts; number, customer and lines stay. Refused 3120, 3210."""
    entity, one = store.transaction(_one_of(fields["TxnVoidType"]), fields["TxnID"])
    check_open(settings, one["TxnDate"])
    if entity in ("Invoice", "CreditMemo") and one.get("LinkedTxn"):
        raise Refused(3210, "The transaction is linked to others: remove the payments and credits first.")
    unlink(store, one)
    memo = str(one.get("Memo", ""))
    changed: Object = {"Memo": memo if memo.startswith("VOID:") else f"VOID: {memo}".rstrip()}
    changed |= {name: ZERO for name, value in one.items() if isinstance(value, Decimal)}
    if entity == "Invoice":
        changed["IsPaid"] = "true"
    lines = f"{entity}LineRet"
    if lines in one:
        changed[lines] = [{name: value for name, value in row.items() if name != "Rate"} for row in one[lines]]
        for row in changed[lines]:
            row["Amount"] = ZERO
    for side in ("JournalDebitLine", "JournalCreditLine"):
        if side in one:
            changed[side] = [row | {"Amount": ZERO} for row in one[side]]
    if "RefundAppliedToTxnRet" in one:
        changed["RefundAppliedToTxnRet"] = []
    one = store.change(entity, one, changed)
    store.post(one["TxnID"], [])
    number = {"RefNumber": one["RefNumber"]} if "RefNumber" in one else {}
    times = {name: one[name] for name in ("TimeCreated", "TimeModified")}
    return {"TxnVoidType": entity, "TxnID": one["TxnID"], **times, **number}


def delete(store: Store, settings: Settings, fields: Object, moment: str) -> Object:
    """Removes a transaction; what it paid is open again. Refused 3120, 3210."""
    entity, one = store.transaction(_one_of(fields["TxnDelType"]), fields["TxnID"])
    check_open(settings, one["TxnDate"])
    if entity in ("Invoice", "CreditMemo") and one.get("LinkedTxn"):
        raise Refused(3210, "The transaction is linked to others: remove the payments and credits first.")
    unlink(store, one)
    store.remove(entity, one)
    number = {"RefNumber": one["RefNumber"]} if "RefNumber" in one else {}
    return {"TxnDelType": entity, "TxnID": one["TxnID"], "TimeDeleted": moment, **number}


def _one_of(kind: str) -> tuple[str, ...]:
    return (kind,) if kind in TRANSACTIONS else ()
