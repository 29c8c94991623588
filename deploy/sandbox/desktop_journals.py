"""Journal entries of a company file: debits and credits that must agree."""

from decimal import Decimal

from deploy.sandbox.desktop_chart import TAX_PAYABLE, Settings
from deploy.sandbox.desktop_currency import check_one_currency, in_home, rate_of
from deploy.sandbox.desktop_lists import check_features
from deploy.sandbox.desktop_sales import ZERO, check_open, today
from deploy.sandbox.desktop_shapes import Object
from deploy.sandbox.desktop_status import Refused, missing
from deploy.sandbox.desktop_store import Store

SIDES = {"JournalDebitLine": 1, "JournalCreditLine": -1}
_ONE_RECEIVABLE = "Transactions can have only one accounts receivable or accounts payable line."
NO_CUSTOMER = "You must specify a customer in the detail area of the transaction when using accounts receivable."
_NO_AGENCY = "You must specify a sales tax agency on a line that uses the sales tax payable account."


def journal(store: Store, settings: Settings, fields: Object) -> Object:
    """A new journal entry. Refused 3150 for a line without account or amount, 3040 below zero, 3210 when it does not
    balance, for a line on accounts receivable without customer or beside another one, and for sales tax payable
    without its agency."""
    check_features(fields, settings)
    fields = {"TxnDate": today(), **store.resolve(fields, "JournalEntry")}
    check_open(settings, fields["TxnDate"])
    lines = [(side, line) for side in SIDES for line in fields[side]]
    if any("AccountRef" not in line or "Amount" not in line for _, line in lines):
        raise missing("JournalDebitLine.Amount")
    if any(line["Amount"] < 0 for _, line in lines):
        raise Refused(3040, "There was an error when converting the amount of a journal line: it is below zero.")
    _check_names(store, [line for _, line in lines])
    check_one_currency(store, fields, [line["AccountRef"] for _, line in lines])
    postings = [(line["AccountRef"]["FullName"], SIDES[side] * line["Amount"]) for side, line in lines]
    if difference := sum((amount for _, amount in postings), ZERO):
        raise Refused(3210, f"The transaction is not in balance: debits and credits differ by {difference}.")
    one = store.add("JournalEntry", fields | {side: [] for side in SIDES})
    for side, line in lines:
        one[side].append({"TxnLineID": store.line_id(one), **line})
    store.post(one["TxnID"], in_home(postings, rate_of(fields)))
    return one


def total(one: Object) -> Decimal:
    """Its debits."""
    return sum((line["Amount"] for line in one["JournalDebitLine"]), ZERO)


def _check_names(store: Store, lines: list[Object]) -> None:
    kinds = [store.objects["Account"][line["AccountRef"]["ListID"]]["AccountType"] for line in lines]
    receivable = [line for kind, line in zip(kinds, lines, strict=True) if kind == "AccountsReceivable"]
    if len(receivable) > 1:
        raise Refused(3210, _ONE_RECEIVABLE)
    if any(store.get(("Customer",), line.get("EntityRef", {}).get("ListID", "")) is None for line in receivable):
        raise Refused(3210, NO_CUSTOMER)
    for line in lines:
        agency = store.get(("Vendor",), line.get("EntityRef", {}).get("ListID", ""))
        if line["AccountRef"]["FullName"] == TAX_PAYABLE and agency is None:
            raise Refused(3210, _NO_AGENCY)
