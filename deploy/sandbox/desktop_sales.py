"""Sales receipts, invoices and credit memos: what QuickBooks Desktop computes from their lines, and what it refuses.

The US edition computes sales tax itself, from the sales tax item or group of the document (else the customer's) and
the lines whose code is taxable; nobody can set the amount. Rounded half up on the whole; a group's components each
apart.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from deploy.sandbox.desktop_chart import RECEIVABLE, TAX_PAYABLE, TAXABLE, UNDEPOSITED, Settings, percents
from deploy.sandbox.desktop_currency import check_accounts, in_home, rate_of
from deploy.sandbox.desktop_links import apply
from deploy.sandbox.desktop_lists import check_features
from deploy.sandbox.desktop_shapes import Object
from deploy.sandbox.desktop_status import Refused, invalid_reference, missing
from deploy.sandbox.desktop_store import ITEMS, TAX_ITEMS, Store, reference

ZERO = Decimal("0.00")
_CENT = Decimal("0.01")
_PRICE = Decimal("0.00001")
_FLAGS = {"IsPending": "false", "IsToBePrinted": "false", "IsToBeEmailed": "false"}


def cents(amount: Decimal) -> Decimal:
    """Half up (away from zero) to two decimals."""
    return amount.quantize(_CENT, ROUND_HALF_UP)


def check_open(settings: Settings, day: str) -> None:
    """Refused 3210 for a day on or before the closing date."""
    closed = settings.closing_date
    if closed is not None and date.fromisoformat(day) <= closed:
        raise Refused(3210, f"The transaction's date {day} is on or before the closing date of the company: {closed}.")


def today() -> str:
    """The date of a transaction that names none."""
    return datetime.now(UTC).date().isoformat()


def account(store: Store, fields: Object, name: str, default: str, kinds: tuple[str, ...], where: str) -> Object:
    """The account that a transaction names, or its default, when its type is one of `kinds`. Refused 3140, 3150."""
    if name not in fields:
        found = store.find("Account", default)
        if found is None:
            raise missing(name)
    else:
        found = store.objects["Account"][fields[name]["ListID"]]
    if found["AccountType"] not in kinds:
        raise invalid_reference(f"Account of type {' or '.join(kinds)}", found["FullName"], where)
    return found


def add(store: Store, settings: Settings, entity: str, fields: Object) -> Object:
    """A new document with everything computed. Refused 3120, 3140, 3150, 3210, 3250."""
    check_features(fields, settings)
    fields = {"TxnDate": today(), **store.resolve(fields, entity)}
    check_open(settings, fields["TxnDate"])
    name, against = _against(store, entity, fields)
    check_accounts(store, fields.get("CustomerRef", {}), [against])
    rows = [_line(store, settings, line) for line in fields.get(f"{entity}LineAdd", ())]
    lines = [line for line, _ in rows]
    subtotal = sum((line["Amount"] for line in lines), ZERO)
    taxes = _taxes(store, settings, fields, lines)
    total = subtotal + taxes["SalesTaxTotal"]
    if total < 0:
        raise Refused(3210, "The transaction amount must be positive.")
    kept = {**_FLAGS, **fields, **taxes, **_totals(entity, total), "Subtotal": subtotal, name: reference(against)}
    one = store.add(entity, {**kept, **_due(store, fields), f"{entity}LineRet": lines})
    for at, line in enumerate(lines):
        lines[at] = {"TxnLineID": store.line_id(one), **line}
    postings = [(against["FullName"], total), *((posted, -line["Amount"]) for line, posted in rows)]
    postings.append((TAX_PAYABLE, -taxes["SalesTaxTotal"]))
    if kept["IsPending"] == "false":
        sign = -1 if entity == "CreditMemo" else 1
        at_home = in_home(postings, rate_of(fields))
        store.post(one["TxnID"], [(posted, sign * amount) for posted, amount in at_home])
    for credit in fields.get("SetCredit", ()):
        _, memo = store.transaction(("CreditMemo",), credit["CreditTxnID"])
        apply(store, one["TxnID"], memo["TxnID"], credit["AppliedAmount"])
    return store.objects[entity][one["TxnID"]]


def _against(store: Store, entity: str, fields: Object) -> tuple[str, Object]:
    """Where the document's total goes: a receivable, or what a sales receipt was paid with."""
    if entity == "SalesReceipt":
        kinds = ("Bank", "OtherCurrentAsset")
        return "DepositToAccountRef", account(store, fields, "DepositToAccountRef", UNDEPOSITED, kinds, entity)
    return "ARAccountRef", account(store, fields, "ARAccountRef", RECEIVABLE, ("AccountsReceivable",), entity)


def _totals(entity: str, total: Decimal) -> Object:
    if entity == "SalesReceipt":
        return {"TotalAmount": total}
    if entity == "CreditMemo":
        return {"TotalAmount": total, "CreditRemaining": total}
    return {"AppliedAmount": ZERO, "BalanceRemaining": total, "IsPaid": "false" if total else "true"}


def _due(store: Store, fields: Object) -> Object:
    if "DueDate" in fields:
        return {"DueDate": fields["DueDate"]}
    days = 0
    if "TermsRef" in fields:
        days = int(store.objects["StandardTerms"][fields["TermsRef"]["ListID"]]["StdDueDays"])
    return {"DueDate": (date.fromisoformat(fields["TxnDate"]) + timedelta(days)).isoformat()}


def _line(store: Store, settings: Settings, given: Object) -> tuple[Object, str]:
    """A line as the answer shows it, and the account that it is posted to. Refused 3150, 3210."""
    if "ItemRef" not in given:
        if given.keys() - {"Desc"}:
            raise missing("ItemRef")
        return {"Desc": given.get("Desc", ""), "Amount": ZERO}, ""
    item = store.get(ITEMS, given["ItemRef"]["ListID"])
    if item is None:
        raise invalid_reference("Item", given["ItemRef"]["FullName"], "line")
    discount = "ItemDesc" in item or "AccountRef" in item
    if discount and "Quantity" in given:
        raise Refused(3210, "A discount item cannot have a quantity.")
    amount, rate = _amount(item, given)
    amount = -abs(amount) if discount else amount
    code = given.get("SalesTaxCodeRef") or item.get("SalesTaxCodeRef")
    shown: dict[str, Any] = {
        "ItemRef": given["ItemRef"],
        "Desc": given.get("Desc", _description(item)),
        "Quantity": given.get("Quantity"),
        "UnitOfMeasure": given.get("UnitOfMeasure"),
        "Rate": rate,
        "ClassRef": given.get("ClassRef"),
        "Amount": amount,
        "ServiceDate": given.get("ServiceDate"),
        "SalesTaxCodeRef": code if settings.sales_tax else None,
        "Other1": given.get("Other1"),
        "Other2": given.get("Other2"),
    }
    posted = given.get("OverrideItemAccountRef") or _income(item)
    return {name: value for name, value in shown.items() if value not in (None, "")}, posted["FullName"]


def _amount(item: Object, given: Object) -> tuple[Decimal, str | None]:
    """Amount and rate of a line: each from the other. Refused 3210 when both are given and do not agree."""
    quantity = Decimal(given.get("Quantity", "1"))
    rate = given.get("Rate")
    if "Amount" not in given:
        rate = rate or _price(item)
        return cents(quantity * Decimal(rate)), rate
    amount: Decimal = given["Amount"]
    if rate is None:
        return amount, f"{(amount / quantity).quantize(_PRICE, ROUND_HALF_UP):f}" if quantity else None
    if cents(quantity * Decimal(rate)) != amount:
        raise Refused(3210, "The amount of a line is not its quantity times its rate.")
    return amount, rate


def _price(item: Object) -> str:
    sold = item.get("SalesOrPurchase") or item.get("SalesAndPurchase") or item
    return str(sold.get("Price") or sold.get("SalesPrice") or item.get("DiscountRate") or "0")


def _description(item: Object) -> str:
    sold = item.get("SalesOrPurchase") or item.get("SalesAndPurchase") or item
    return str(sold.get("Desc") or sold.get("SalesDesc") or item.get("ItemDesc") or "")


def _income(item: Object) -> Object:
    sold = item.get("SalesOrPurchase") or item.get("SalesAndPurchase") or item
    found: Object = sold.get("AccountRef") or sold["IncomeAccountRef"]
    return found


def _taxes(store: Store, settings: Settings, fields: Object, lines: list[Object]) -> Object:
    """Sales tax item, percent and amount of a document."""
    if not settings.sales_tax:
        return {"SalesTaxTotal": ZERO}
    customer = store.objects["Customer"].get(fields.get("CustomerRef", {}).get("ListID", ""), {})
    named = fields.get("ItemSalesTaxRef") or customer.get("ItemSalesTaxRef")
    item = store.get(TAX_ITEMS, named["ListID"]) if named else store.find("ItemSalesTax", settings.default_tax_item)
    if item is None:
        raise missing("ItemSalesTaxRef")
    rates = percents(item, store)
    code = fields.get("CustomerSalesTaxCodeRef") or customer.get("SalesTaxCodeRef")
    exempt = code is not None and not _taxable(store, code)
    base = sum((line["Amount"] for line in lines if _taxable(store, line.get("SalesTaxCodeRef"))), ZERO)
    tax = ZERO if exempt else sum((cents(base * rate / 100) for rate in rates), ZERO)
    shown: Object = {"ItemSalesTaxRef": reference(item), "SalesTaxPercentage": f"{sum(rates, ZERO).normalize():f}"}
    code = code or reference(store.find("SalesTaxCode", TAXABLE) or {"ListID": "", "Name": ""})
    return shown | {"SalesTaxTotal": tax, "CustomerSalesTaxCodeRef": code}


def _taxable(store: Store, code: Object | None) -> bool:
    found = store.get(("SalesTaxCode",), code["ListID"]) if code else None
    return found is not None and found["IsTaxable"] == "true"
