"""The company file of the sandbox: accounts, items, taxes, terms, payment methods, and people in the way.

**The one place to change** when the rules template for Desktop names something new. An `empty` file has only what
QuickBooks creates by itself when sales tax is switched on.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from deploy.sandbox.books_chart import CLASSES, CUSTOMERS, EMPLOYEES, METHODS, TERMS, VENDORS
from deploy.sandbox.desktop_shapes import Object
from deploy.sandbox.desktop_store import Store, reference

RECEIVABLE, UNDEPOSITED, TAX_PAYABLE = "Accounts Receivable", "Undeposited Funds", "Sales Tax Payable"
TAXABLE, UNTAXED = "Tax", "Non"


@dataclass(slots=True)
class Settings:
    """The company's preferences. `closing_date`: the books are closed up to and including that day; the next three
    turn features off that a user may not have; `currencies` turns
    multicurrency on. `thin_credits`: a payment of zero that only sets credits leaves no
    transaction behind and is answered without a TxnID (Intuit, "Requests for receive payments")."""

    name: str = "Sandbox Retail Inc"
    closing_date: date | None = None
    sales_tax: bool = True
    class_tracking: bool = True
    inventory: bool = True
    thin_credits: bool = True
    currencies: bool = False
    default_tax_item: str = "Texas 8.25"


TEMPLATES = {"us_desktop": "Sandbox Retail Inc"}
_OWN_ACCOUNTS = (
    (RECEIVABLE, "AccountsReceivable"),
    (UNDEPOSITED, "OtherCurrentAsset"),
    (TAX_PAYABLE, "OtherCurrentLiability"),
    ("Opening Balance Equity", "Equity"),
    ("Retained Earnings", "Equity"),
)
_SPECIAL = {RECEIVABLE: "AccountsReceivable", UNDEPOSITED: "UndepositedFunds", TAX_PAYABLE: "SalesTaxPayable"}
_SHOP_ACCOUNTS = (
    ("4000 Sales", "Income"),
    ("4100 Shipping income", "Income"),
    ("4110 Shipping abroad", "Income"),
    ("4900 Discounts given", "Income"),
    ("4910 Refund adjustments", "Income"),
    ("4920 Refund fees", "Income"),
    ("6990 Rounding", "OtherExpense"),
    ("1000 Checking", "Bank"),
    ("1250 PayPal clearing", "OtherCurrentAsset"),
    ("1251 Cards clearing", "OtherCurrentAsset"),
    ("1252 Klarna clearing", "OtherCurrentAsset"),
    ("1255 Checks clearing", "OtherCurrentAsset"),
    ("1256 Bank transfers clearing", "OtherCurrentAsset"),
    ("1257 Cash on delivery clearing", "OtherCurrentAsset"),
    ("1259 Zero total clearing", "OtherCurrentAsset"),
    ("1260 Processor reserves", "OtherCurrentAsset"),
    ("6100 Payment processing fees", "Expense"),
    ("6110 Chargebacks", "Expense"),
    ("1300 Inventory", "OtherCurrentAsset"),
    ("2250 Foreign VAT payable", "OtherCurrentLiability"),
    ("2260 Sales tax on own lines", "OtherCurrentLiability"),
    ("2290 Sales tax adjustments", "OtherCurrentLiability"),
    ("2300 Gift card liability", "OtherCurrentLiability"),
    ("2310 Store credit liability", "OtherCurrentLiability"),
    ("2400 Deferred revenue", "OtherCurrentLiability"),
    ("5000 Cost of goods sold", "CostOfGoodsSold"),
)
_ITEMS = (
    ("ItemService", "Magento sales", "4000 Sales"),
    ("ItemOtherCharge", "Magento shipping", "4100 Shipping income"),
    ("ItemDiscount", "Magento discount", "4900 Discounts given"),
    ("ItemOtherCharge", "Magento rounding", "6990 Rounding"),
    ("ItemOtherCharge", "Magento refund adjustment", "4910 Refund adjustments"),
    ("ItemOtherCharge", "Magento refund fee", "4920 Refund fees"),
    ("ItemOtherCharge", "Magento sales tax", "2260 Sales tax on own lines"),
    ("ItemOtherCharge", "Magento deferred sales", "2400 Deferred revenue"),
    ("ItemOtherCharge", "Magento gift card", "2300 Gift card liability"),
    ("ItemOtherCharge", "Magento store credit", "2310 Store credit liability"),
    ("ItemOtherCharge", "Magento reward points", "2310 Store credit liability"),
    ("ItemOtherCharge", "Magento VAT DE", "2250 Foreign VAT payable"),
    ("ItemOtherCharge", "Magento VAT FR", "2250 Foreign VAT payable"),
    ("ItemOtherCharge", "Magento VAT GB", "2250 Foreign VAT payable"),
    ("ItemOtherCharge", "Magento tax CA", "2250 Foreign VAT payable"),
)
_RATES = (("Texas 8.25", "8.25"), ("California 8.25", "8.25"), ("NY State", "4.0"), ("NY City", "4.875"))
_GROUPS = (("New York City", ("NY State", "NY City")),)
_CURRENCIES = (("US Dollar", "USD"), ("Euro", "EUR"), ("British Pound Sterling", "GBP"))
_OWN_METHODS = (("Cash", "Cash"), ("Check", "Check"), ("Credit Card", "OtherCreditCard"))
_OWN_TERMS = (("Due on receipt", 0), ("Net 15", 15), ("Net 30", 30))


def fill(store: Store, *, empty: bool) -> None:
    """Puts the company's lists into an empty store."""
    for name, kind in _OWN_ACCOUNTS + (() if empty else _SHOP_ACCOUNTS):
        _add(store, "Account", name, AccountType=kind, SpecialAccountType=_SPECIAL.get(name, ""))
    for name, taxable in ((TAXABLE, "true"), (UNTAXED, "false")):
        _add(store, "SalesTaxCode", name, IsTaxable=taxable, Desc="Taxable" if taxable == "true" else "Non-Taxable")
    for name, percent in _RATES:
        _add(store, "ItemSalesTax", name, ItemDesc="Sales tax", TaxRate=percent)
    for name, parts in _GROUPS:
        found = [reference(one) for part in parts if (one := store.find("ItemSalesTax", part))]
        _add(store, "ItemSalesTaxGroup", name, ItemDesc="Sales tax", ItemSalesTaxRef=found)
    for name, kind in _OWN_METHODS + (() if empty else tuple((name, "Other") for name in METHODS)):
        _add(store, "PaymentMethod", name, PaymentMethodType=kind)
    for name, days in _OWN_TERMS + (() if empty else TERMS):
        _add(store, "StandardTerms", name, StdDueDays=str(days), StdDiscountDays="0", DiscountPct="0")
    if not empty:
        for name in CLASSES:
            _add(store, "Class", name, FullName=name, Sublevel="0")
        for entity, name, account in _ITEMS:
            _add_item(store, entity, name, account)
    _fill_people(store)
    _fill_currencies(store)


def _fill_currencies(store: Store) -> None:
    for name, code in _CURRENCIES:
        _add(store, "Currency", name, CurrencyCode=code)


def _fill_people(store: Store) -> None:
    """Names that the shop's customers have too, in the list that customers share with vendors and employees."""
    taxed = {"SalesTaxCodeRef": _ref(store, "SalesTaxCode", TAXABLE), "ItemSalesTaxRef": _ref(store, "ItemSalesTax")}
    for name in CUSTOMERS:
        _add(store, "Customer", name, FullName=name, Sublevel="0", JobStatus="None", **taxed)
    for name in VENDORS:
        _add(store, "Vendor", name, CompanyName=name)
    for first, last in EMPLOYEES:
        _add(store, "Employee", f"{first} {last}", FirstName=first, LastName=last)


def _add_item(store: Store, entity: str, name: str, account: str) -> None:
    to = _ref(store, "Account", account)
    fields = {"AccountRef": to} if entity == "ItemDiscount" else {"SalesOrPurchase": {"AccountRef": to}}
    code = _ref(store, "SalesTaxCode", TAXABLE if entity != "ItemOtherCharge" else UNTAXED)
    _add(store, entity, name, FullName=name, Sublevel="0", SalesTaxCodeRef=code, **fields)


def _ref(store: Store, entity: str, name: str = _RATES[0][0]) -> Object:
    found = store.find(entity, name)
    if found is None:
        raise KeyError(name)
    return reference(found)


def _add(store: Store, entity: str, name: str, **fields: object) -> None:
    given = {key: value for key, value in fields.items() if value != ""}
    full = {"FullName": name, "Sublevel": "0"} if entity == "Account" else {}
    store.add(entity, {"Name": name, "IsActive": "true", **full, **given})


def percents(item: Object, store: Store) -> list[Decimal]:
    """The percent of each component of a sales tax item or group."""
    if "TaxRate" in item:
        return [Decimal(item["TaxRate"])]
    parts = (store.get(("ItemSalesTax",), one["ListID"]) for one in item["ItemSalesTaxRef"])
    return [Decimal(one["TaxRate"]) for one in parts if one is not None]
