"""Sales forms and payments: what Intuit computes from their lines, and what it refuses about them."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from deploy.sandbox.books_checks import SHIPPING_ITEM
from deploy.sandbox.books_fault import Fault
from deploy.sandbox.books_store import Object, Store

ZERO = Decimal(0)
_CENT = Decimal("0.01")
DETAILS = ("SalesItemLineDetail", "DiscountLineDetail", "SubTotalLineDetail", "DescriptionOnly")
CUSTOMER_NEEDED = ("Invoice", "CreditMemo", "Payment")


def cents(amount: Decimal) -> Decimal:
    """Half up to two decimals."""
    return Decimal(amount).quantize(_CENT, ROUND_HALF_UP)


def settle(
    store: Store, entity: str, one: Object, preferences: Mapping[str, Any], us: bool, percent: Decimal | None
) -> Object:
    """A sales form with everything computed: line numbers, subtotal, tax, TotalAmt. Raises Fault."""
    if entity in CUSTOMER_NEEDED and "CustomerRef" not in one:
        raise Fault("2020", "Required parameter CustomerRef is missing in the request", "CustomerRef")
    if entity == "RefundReceipt" and "DepositToAccountRef" not in one:
        raise Fault("2020", "Required parameter DepositToAccountRef is missing in the request", "DepositToAccountRef")
    lines = [line for line in one.get("Line") or () if line.get("DetailType") != "SubTotalLineDetail"]
    if not lines:
        raise Fault("2020", "Required parameter Line is missing in the request", "Line")
    for line in lines:
        _check_line(line, preferences)
    sold = sum((cents(line["Amount"]) for line in lines if "SalesItemLineDetail" in line), ZERO)
    discounts = [line for line in lines if "DiscountLineDetail" in line]
    if len(discounts) > 1:
        raise Fault("6000", "Business Validation Error: Only one discount line is allowed per transaction", "Line")
    less = sum((_discount(line, sold) for line in discounts), ZERO)
    tax = _us_tax(one, lines, percent) if us else _code_tax(store, one, lines)
    total = sold - less + tax
    if total < 0:
        raise Fault("2290", "Transaction amount must not be negative", "TotalAmt")
    numbered = [{**line, "Id": str(at), "LineNum": at} for at, line in enumerate(lines, 1)]
    subtotal = {"Amount": sold, "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}}
    settled = {**one, "Line": [*numbered, subtotal], "TotalAmt": total}
    settled["TxnTaxDetail"] = {**(one.get("TxnTaxDetail") or {}), "TotalTax": tax}
    return settled


def _check_line(line: Mapping[str, Any], preferences: Mapping[str, Any]) -> None:
    kind = line.get("DetailType")
    if kind not in DETAILS or (kind != "DescriptionOnly" and kind not in line):
        raise Fault("2170", f"Enum value {kind} is not supported for Line.DetailType", "DetailType")
    if kind == "SalesItemLineDetail":
        if "Amount" not in line:
            raise Fault("2020", "Required parameter Line.Amount is missing in the request", "Amount")
        _check_sold(line, line["SalesItemLineDetail"], preferences)
    if kind == "DiscountLineDetail" and not preferences["SalesFormsPrefs"]["AllowDiscount"]:
        raise Fault("6000", "Business Validation Error: Discounts are turned off in this company", "Line")


def _check_sold(line: Mapping[str, Any], detail: Mapping[str, Any], preferences: Mapping[str, Any]) -> None:
    item = (detail.get("ItemRef") or {}).get("value")
    if item is None:
        raise Fault("2020", "Required parameter ItemRef is missing in the request", "ItemRef")
    if item == SHIPPING_ITEM and not preferences["SalesFormsPrefs"]["AllowShipping"]:
        raise Fault("6000", "Business Validation Error: Shipping is turned off in this company", "ItemRef")
    price, quantity = detail.get("UnitPrice"), detail.get("Qty")
    if price is None or quantity is None:
        return
    if cents(Decimal(price) * Decimal(quantity)) != cents(line["Amount"]):
        raise Fault(
            "6070",
            f"Amount is not equal to UnitPrice * Qty. Supplied value:{line['Amount']}",
            "Line.Amount",
        )


def _discount(line: Mapping[str, Any], sold: Decimal) -> Decimal:
    detail = line["DiscountLineDetail"]
    if detail.get("PercentBased"):
        if "DiscountPercent" not in detail:
            raise Fault("6090", "Discount line needs a percent or an amount", "DiscountLineDetail")
        return cents(sold * Decimal(detail["DiscountPercent"]) / 100)
    if "Amount" not in line:
        raise Fault("6090", "Discount line needs a percent or an amount", "DiscountLineDetail")
    return cents(line["Amount"])


def _us_tax(one: Object, lines: list[Object], percent: Decimal | None) -> Decimal:
    """US, automated sales tax: the given TotalTax is kept; without one the figure of this sandbox's agency is 0.

    A company whose user lets no app override its tax (QuickBooks' preference AllowPartnerTaxOverride) charges its
    own percent on lines with the code TAX, whatever was given."""
    if percent is not None:
        sold = [line for line in lines if "SalesItemLineDetail" in line]
        taxed = [
            line for line in sold if line["SalesItemLineDetail"].get("TaxCodeRef", {}).get("value", "TAX") == "TAX"
        ]
        return cents(sum((cents(line["Amount"]) for line in taxed), ZERO) * percent / 100)
    detail = one.get("TxnTaxDetail") or {}
    given = sum((cents(line.get("Amount", 0)) for line in detail.get("TaxLine") or ()), ZERO)
    tax = cents(detail.get("TotalTax", given))
    if tax < 0:
        raise Fault("2290", "Tax must not be negative", "TxnTaxDetail.TotalTax")
    return tax


def _code_tax(store: Store, one: Object, lines: list[Object]) -> Decimal:
    """Companies with tax codes: from the given tax lines, else computed from each line's code."""
    detail = one.get("TxnTaxDetail") or {}
    mode = one.get("GlobalTaxCalculation", "TaxExcluded")
    if mode not in ("TaxExcluded", "TaxInclusive", "NotApplicable"):
        raise Fault("2170", f"Enum value {mode} is not supported for GlobalTaxCalculation", "GlobalTaxCalculation")
    if mode == "NotApplicable":
        if detail.get("TaxLine") or detail.get("TotalTax"):
            raise Fault("6170", "TxnTaxDetail is not applicable when GlobalTaxCalculation is NotApplicable")
        return ZERO
    sold = [line for line in lines if "SalesItemLineDetail" in line]
    if any("TaxCodeRef" not in line["SalesItemLineDetail"] for line in sold):
        raise Fault(
            "6000", "Business Validation Error: Make sure all your transactions have a tax code before you save."
        )
    tax_lines = detail.get("TaxLine") or ()
    if not tax_lines:
        computed = sum((_line_tax(store, line) for line in sold), ZERO)
        return cents(detail.get("TotalTax", cents(computed)))
    for tax_line in tax_lines:
        rate = tax_line.get("TaxLineDetail") or {}
        if "TaxRateRef" not in rate or "NetAmountTaxable" not in rate or "Amount" not in tax_line:
            raise Fault("6160", "Tax line needs Amount, TaxRateRef and NetAmountTaxable", "TxnTaxDetail.TaxLine")
    total = sum((cents(line["Amount"]) for line in tax_lines), ZERO)
    if "TotalTax" in detail and cents(detail["TotalTax"]) != total:
        raise Fault("6160", "TotalTax is not the sum of the tax lines", "TxnTaxDetail.TotalTax")
    return total


def _line_tax(store: Store, line: Mapping[str, Any]) -> Decimal:
    code = store.get("TaxCode", line["SalesItemLineDetail"]["TaxCodeRef"]["value"]) or {}
    rates = (code.get("SalesTaxRateList") or {}).get("TaxRateDetail") or ()
    ids = [rate["TaxRateRef"]["value"] for rate in rates]
    percent = sum((Decimal(one["RateValue"]) for id in ids if (one := store.get("TaxRate", id))), ZERO)
    return Decimal(line["Amount"]) * percent / 100


def links(payment: Mapping[str, Any]) -> list[tuple[str, str, Decimal]]:
    """(TxnType, TxnId, amount) of each linked transaction of a payment."""
    found = []
    for line in payment.get("Line") or ():
        for link in line.get("LinkedTxn") or ():
            found.append((str(link.get("TxnType")), str(link.get("TxnId")), cents(line.get("Amount", 0))))
    return found


def settle_payment(store: Store, one: Object) -> Object:
    """A payment with UnappliedAmt. Fault 6000 when it applies more than is open, 2500 for an unknown document."""
    if "CustomerRef" not in one:
        raise Fault("2020", "Required parameter CustomerRef is missing in the request", "CustomerRef")
    if "TotalAmt" not in one:
        raise Fault("2020", "Required parameter TotalAmt is missing in the request", "TotalAmt")
    left = cents(one["TotalAmt"])
    if left < 0:
        raise Fault("2290", "Payment amount must not be negative", "TotalAmt")
    for kind, id, amount in links(one):
        target = store.get(kind, id) if kind in ("Invoice", "CreditMemo") else None
        if target is None:
            raise Fault("2500", f"Invalid Reference Id : {kind} {id} not found", "LinkedTxn")
        if target["CustomerRef"]["value"] != one["CustomerRef"]["value"]:
            raise Fault("6000", "Business Validation Error: The linked transaction belongs to another customer")
        opened = target["Balance"] if kind == "Invoice" else target["RemainingCredit"]
        if amount > opened:
            raise Fault(
                "6000",
                "Business Validation Error: You cannot apply more than the open balance of the linked transaction.",
                "Line.Amount",
            )
        left += -amount if kind == "Invoice" else amount
    if left < 0:
        raise Fault("6000", "Business Validation Error: The amount applied is greater than the payment", "TotalAmt")
    return {**one, "TotalAmt": cents(one["TotalAmt"]), "UnappliedAmt": left}


def apply_links(store: Store, payment: Mapping[str, Any], sign: int = 1) -> None:
    """Takes a payment's parts off the open balances; `sign=-1` puts them back."""
    for kind, id, amount in links(payment):
        target = store.get(kind, id)
        if target is None:
            continue
        name = "Balance" if kind == "Invoice" else "RemainingCredit"
        target[name] -= sign * amount


def voided(one: Object) -> Object:
    """The document without its amounts; its number and lines stay."""
    note = one.get("PrivateNote")
    empty: Object = {**one, "TotalAmt": ZERO, "PrivateNote": f"Voided - {note}" if note else "Voided"}
    empty["Line"] = [_zero(line) for line in one.get("Line") or ()]
    if "TxnTaxDetail" in one:
        empty["TxnTaxDetail"] = {"TotalTax": ZERO}
    for name in ("Balance", "RemainingCredit", "UnappliedAmt"):
        if name in one:
            empty[name] = ZERO
    return empty


def _zero(line: Object) -> Object:
    zero = {**line, "Amount": ZERO}
    zero.pop("LinkedTxn", None)
    if "SalesItemLineDetail" in line:
        zero["SalesItemLineDetail"] = {**line["SalesItemLineDetail"], "UnitPrice": ZERO, "Qty": ZERO}
    return zero
