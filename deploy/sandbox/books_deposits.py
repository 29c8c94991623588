"""Deposits: what Intuit computes from their lines, and what it refuses about them."""

from deploy.sandbox.books_checks import check_named
from deploy.sandbox.books_fault import Fault
from deploy.sandbox.books_sales import ZERO, cents
from deploy.sandbox.books_store import Object, Store


def settle_deposit(store: Store, one: Object) -> Object:
    """A deposit with its lines numbered and TotalAmt. Fault 2020 without account or lines, 2170 for another kind of
    line, 6000 from accounts receivable without a customer, 2290 below zero."""
    if not one.get("DepositToAccountRef"):
        raise Fault("2020", "Required parameter DepositToAccountRef is missing in the request", "DepositToAccountRef")
    lines = one.get("Line") or []
    if not lines:
        raise Fault("2020", "Required parameter Line is missing in the request", "Line")
    for line in lines:
        _check_line(store, line)
    total = sum((cents(line["Amount"]) for line in lines), ZERO)
    if total < 0:
        raise Fault("2290", "Transaction amount must not be negative", "TotalAmt")
    numbered = [{**line, "Id": str(at), "LineNum": at} for at, line in enumerate(lines, 1)]
    return {**one, "Line": numbered, "TotalAmt": total}


def _check_line(store: Store, line: Object) -> None:
    if line.get("DetailType") != "DepositLineDetail":
        kind = line.get("DetailType")
        raise Fault("2170", f"Enum value {kind} is not supported for Line.DetailType", "DetailType")
    if "Amount" not in line:
        raise Fault("2020", "Required parameter Line.Amount is missing in the request", "Amount")
    detail = line.get("DepositLineDetail", {})
    if "AccountRef" not in detail:
        raise Fault("2020", "Required parameter AccountRef is missing in the request", "AccountRef")
    kind = str((detail.get("Entity") or {}).get("type", "")).capitalize()
    check_named(store.objects["Account"][detail["AccountRef"]["value"]], kind)
