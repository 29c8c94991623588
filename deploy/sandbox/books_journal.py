"""Journal entries: what Intuit refuses about their lines. It states no total for them."""

from decimal import Decimal

from deploy.sandbox.books_checks import NAMED, check_named
from deploy.sandbox.books_currency import currency_of
from deploy.sandbox.books_fault import Fault
from deploy.sandbox.books_sales import ZERO, cents
from deploy.sandbox.books_store import PEOPLE, Object, Store

_SIDES = {"Debit": 1, "Credit": -1}
_MIXED = "You can only use one foreign currency per transaction."
_TAX = "You can't use the sales tax account of an agency in a journal entry: adjust the tax in the tax center."


def settle_journal(store: Store, one: Object, tax_account: str, home: str) -> Object:
    """A journal entry with its lines numbered. Fault 2020 for what a line lacks, 2170 for another kind of line, side or
    name, 2290 below zero, 2300 when debits and credits differ, 2500 and 610 for a name that is not there; 6000 on
    accounts receivable without a customer of its currency, and on the account in which QuickBooks keeps sales tax.
    """
    lines = one.get("Line") or []
    if not lines:
        raise Fault("2020", "Required parameter Line is missing in the request", "Line")
    if sum((_signed(store, line, tax_account, home) for line in lines), ZERO):
        raise Fault("2300", "Total debits and credits of a journal entry must be equal", "Line")
    return {**one, "Line": [{**line, "Id": str(at)} for at, line in enumerate(lines)]}


def postings(one: Object) -> list[tuple[str, Decimal]]:
    """Account id and amount (debit positive) of each line."""
    details = [(line["JournalEntryLineDetail"], line["Amount"]) for line in one["Line"]]
    return [(detail["AccountRef"]["value"], _SIDES[detail["PostingType"]] * amount) for detail, amount in details]


def _signed(store: Store, line: Object, tax_account: str, home: str) -> Decimal:
    if line.get("DetailType") != "JournalEntryLineDetail":
        kind = line.get("DetailType")
        raise Fault("2170", f"Enum value {kind} is not supported for Line.DetailType", "DetailType")
    detail = line.get("JournalEntryLineDetail") or {}
    for name, given in (("Amount", line), ("PostingType", detail), ("AccountRef", detail)):
        if name not in given:
            raise Fault("2020", f"Required parameter {name} is missing in the request", name)
    if detail["PostingType"] not in _SIDES:
        raise Fault("2170", f"Enum value {detail['PostingType']} is not supported for PostingType", "PostingType")
    if line["Amount"] < 0:
        raise Fault("2290", "Line amount must not be negative", "Line.Amount")
    account = store.objects["Account"][detail["AccountRef"]["value"]]
    _check_name(store, account, detail.get("Entity") or {}, home)
    if account["Name"] == tax_account:
        raise Fault("6000", f"Business Validation Error: {_TAX}", "AccountRef")
    return _SIDES[detail["PostingType"]] * cents(line["Amount"])


def _check_name(store: Store, account: Object, entity: Object, home: str) -> None:
    check_named(account, entity.get("Type", ""))
    if not entity:
        return
    kind, id = entity.get("Type"), str((entity.get("EntityRef") or {}).get("value", ""))
    if kind not in PEOPLE:
        raise Fault("2170", f"Enum value {kind} is not supported for Entity.Type", "Entity")
    found = store.get(kind, id)
    if found is None:
        raise Fault("2500", f"Invalid Reference Id : {kind} element id {id} not found", "Entity")
    if not found.get("Active", True):
        raise Fault("610", f"Object Not Found : {kind} {id} has been made inactive", "Entity")
    if account["AccountType"] in NAMED and currency_of(found, home) != currency_of(account, home):
        raise Fault("6000", f"Business Validation Error: {_MIXED}", "Entity")
