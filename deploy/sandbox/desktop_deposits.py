"""Deposits of a company file: what comes from other accounts into one, and what is taken from it on the way."""

from deploy.sandbox.desktop_chart import Settings
from deploy.sandbox.desktop_currency import check_one_currency, in_home, rate_of
from deploy.sandbox.desktop_journals import NO_CUSTOMER
from deploy.sandbox.desktop_lists import check_features
from deploy.sandbox.desktop_sales import ZERO, check_open, today
from deploy.sandbox.desktop_shapes import Object
from deploy.sandbox.desktop_status import Refused, missing
from deploy.sandbox.desktop_store import Store, reference

_MONEY = ("Bank", "OtherCurrentAsset")


def deposit(store: Store, settings: Settings, fields: Object) -> Object:
    """A new deposit. Refused 3140 for an account that holds no money, 3150 without lines, 3210 below zero, from
    accounts receivable and where currencies are mixed."""
    check_features(fields, settings)
    into = store.referred(("Account",), "DepositToAccountRef", fields["DepositToAccountRef"], "Deposit")
    fields = {"TxnDate": today(), **store.resolve(fields, "Deposit")}
    check_open(settings, fields["TxnDate"])
    if into["AccountType"] not in _MONEY:
        raise Refused(3140, f'There is an invalid reference to QuickBooks Account "{into["FullName"]}" in the Deposit.')
    lines = fields.get("DepositLineAdd") or []
    if any("Amount" not in line for line in lines) or not lines:
        raise missing("DepositLineAdd.Amount")
    named = [line["AccountRef"] for line in lines]
    check_one_currency(store, fields, [reference(into), *named])
    if any(store.objects["Account"][one["ListID"]]["AccountType"] == "AccountsReceivable" for one in named):
        raise Refused(3210, NO_CUSTOMER)  # a line of a deposit has no customer here
    total = sum((line["Amount"] for line in lines), ZERO)
    if total < 0:
        raise Refused(3210, "The amount of a deposit must not be negative.")
    one = store.add("Deposit", fields | {"DepositTotal": total, "DepositLineRet": []})
    one["DepositLineRet"].extend({"TxnLineID": store.line_id(one), **_shown(line)} for line in lines)
    postings = [(line["AccountRef"]["FullName"], -line["Amount"]) for line in lines]
    store.post(one["TxnID"], in_home([(into["FullName"], total), *postings], rate_of(fields)))
    return one


def _shown(line: Object) -> Object:
    order = ("AccountRef", "Memo", "CheckNumber", "PaymentMethodRef", "ClassRef", "Amount")
    return {name: line[name] for name in order if name in line}
