"""The companies of the sandbox: chart of accounts, items, payment methods, taxes, terms, and people in the way.

**The one place to change** when a rules template names something new: the tables below hold every name that the
templates use, by company kind. `empty` companies have only what Intuit creates by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Company:
    """A company kind. `accounts` are (name, type, subtype); `items` (name, income account); `tax_codes` (name, rate
    name, percent); `tax_account` is where the company keeps sales tax."""

    name: str
    country: str
    currency: str
    accounts: tuple[tuple[str, str, str], ...]
    items: tuple[tuple[str, str], ...]
    tax_account: str
    tax_codes: tuple[tuple[str, str, str], ...]
    automated: bool


_OWN: tuple[tuple[str, str, str], ...] = (
    ("Accounts Receivable (A/R)", "Accounts Receivable", "AccountsReceivable"),
    ("Undeposited Funds", "Other Current Asset", "UndepositedFunds"),
    ("Retained Earnings", "Equity", "RetainedEarnings"),
    ("Services", "Income", "ServiceFeeIncome"),
    ("Sales of Product Income", "Income", "SalesOfProductIncome"),
)
_SHOP: tuple[tuple[str, str, str], ...] = (
    ("4000 Sales", "Income", "SalesOfProductIncome"),
    ("4100 Shipping income", "Income", "SalesOfProductIncome"),
    ("4900 Discounts given", "Income", "DiscountsRefundsGiven"),
    ("4910 Refund adjustments", "Income", "DiscountsRefundsGiven"),
    ("4920 Refund fees", "Income", "OtherPrimaryIncome"),
    ("6990 Rounding", "Other Expense", "OtherMiscellaneousExpense"),
    ("1250 PayPal clearing", "Other Current Asset", "OtherCurrentAssets"),
    ("1251 Cards clearing", "Other Current Asset", "OtherCurrentAssets"),
    ("1252 Klarna clearing", "Other Current Asset", "OtherCurrentAssets"),
    ("1255 Checks clearing", "Other Current Asset", "OtherCurrentAssets"),
    ("1256 Bank transfers clearing", "Other Current Asset", "OtherCurrentAssets"),
    ("1257 Cash on delivery clearing", "Other Current Asset", "OtherCurrentAssets"),
    ("1259 Zero total clearing", "Other Current Asset", "OtherCurrentAssets"),
    ("2250 Foreign VAT payable", "Other Current Liability", "OtherCurrentLiabilities"),
    ("2290 Sales tax adjustments", "Other Current Liability", "OtherCurrentLiabilities"),
    ("2300 Gift card liability", "Other Current Liability", "OtherCurrentLiabilities"),
    ("2310 Store credit liability", "Other Current Liability", "OtherCurrentLiabilities"),
    ("2400 Deferred revenue", "Other Current Liability", "OtherCurrentLiabilities"),
    ("1000 Checking", "Bank", "Checking"),
    ("1260 Processor reserves", "Other Current Asset", "OtherCurrentAssets"),
    ("6100 Payment processing fees", "Expense", "BankCharges"),
    ("6110 Chargebacks", "Expense", "OtherMiscellaneousServiceCost"),
    ("4110 Shipping abroad", "Income", "SalesOfProductIncome"),
)
SHIPPING, DISCOUNTS = "4100 Shipping income", "4900 Discounts given"
RECEIVABLE, UNDEPOSITED = "Accounts Receivable (A/R)", "Undeposited Funds"
_ITEMS: tuple[tuple[str, str], ...] = (
    ("Magento sales", "4000 Sales"),
    ("Magento shipping", SHIPPING),
    ("Magento discount", DISCOUNTS),
    ("Magento rounding", "6990 Rounding"),
    ("Magento refund adjustment", "4910 Refund adjustments"),
    ("Magento refund fee", "4920 Refund fees"),
    ("Magento deferred sales", "2400 Deferred revenue"),
    ("Magento gift card", "2300 Gift card liability"),
    ("Magento store credit", "2310 Store credit liability"),
    ("Magento reward points", "2310 Store credit liability"),
)
_US_ITEMS: tuple[tuple[str, str], ...] = tuple(
    (name, "2250 Foreign VAT payable")
    for name in ("Magento VAT DE", "Magento VAT FR", "Magento VAT GB", "Magento tax CA")
)
_TAX_CODES: tuple[tuple[str, str, str], ...] = (
    ("19% Standard", "VAT 19%", "19"),
    ("7% Reduced", "VAT 7%", "7"),
    ("20% FR OSS", "VAT 20% FR OSS", "20"),
    ("20% AT OSS", "VAT 20% AT OSS", "20"),
    ("0% Export", "VAT 0% Export", "0"),
    ("0% Zero rated", "VAT 0%", "0"),
)
OWN_METHODS = ("Cash", "Check", "Credit Card")
METHODS = ("PayPal", "Bank transfer", "Klarna")
OWN_TERMS: tuple[tuple[str, int], ...] = (("Due on receipt", 0), ("Net 15", 15), ("Net 30", 30))
TERMS: tuple[tuple[str, int], ...] = (("Net 14", 14),)
CLASSES = ("Online", "Wholesale")
DEPARTMENTS = ("Web shop",)
VENDORS = ("Acme Supplies", "Oak & Sons Timber")
EMPLOYEES = (("Emily", "Carter"), ("Nora", "Jensen"))
CUSTOMERS = ("Sam Smith", "Walk-in customer")

COMPANIES: Mapping[str, Company] = {
    "us_retail": Company(
        "Sandbox Retail Inc",
        "US",
        "USD",
        (*_OWN, ("Sales Tax Payable", "Other Current Liability", "SalesTaxPayable"), *_SHOP),
        _ITEMS + _US_ITEMS,
        "Sales Tax Payable",
        (),
        automated=True,
    ),
    "eu_vat": Company(
        "Sandbox Handel GmbH",
        "DE",
        "EUR",
        (*_OWN, ("VAT Control", "Other Current Liability", "GlobalTaxPayable"), *_SHOP),
        _ITEMS,
        "VAT Control",
        _TAX_CODES,
        automated=False,
    ),
}


def own_accounts(company: Company) -> list[Object]:
    """The accounts that every new company has."""
    return [_account(one) for one in company.accounts if one in _OWN or one[0] == company.tax_account]


def shop_accounts(company: Company) -> list[Object]:
    """The accounts that the rules templates name."""
    own = {one["Name"] for one in own_accounts(company)}
    return [_account(one) for one in company.accounts if one[0] not in own]


def own_lists() -> list[tuple[str, Object]]:
    """(entity, body) of what every company has: Intuit's own methods and terms, and people whose names are in the way
    of the shop's customers."""
    return [
        *(("PaymentMethod", {"Name": name}) for name in OWN_METHODS),
        *(("Term", {"Name": name, "DueDays": days}) for name, days in OWN_TERMS),
        *(("Vendor", {"DisplayName": name}) for name in VENDORS),
        *(("Customer", {"DisplayName": name}) for name in CUSTOMERS),
        *(("Employee", {"GivenName": first, "FamilyName": last}) for first, last in EMPLOYEES),
    ]


def shop_lists() -> list[tuple[str, Object]]:
    """(entity, body) of the other names that the rules templates use."""
    return [
        *(("PaymentMethod", {"Name": name}) for name in METHODS),
        *(("Term", {"Name": name, "DueDays": days}) for name, days in TERMS),
        *(("Class", {"Name": name}) for name in CLASSES),
        *(("Department", {"Name": name}) for name in DEPARTMENTS),
    ]


def _account(row: tuple[str, str, str]) -> Object:
    name, kind, subtype = row
    return {"Name": name, "FullyQualifiedName": name, "AccountType": kind, "AccountSubType": subtype, "Active": True}


def preferences(company: Company) -> Object:
    """The company's preferences, as `GET /preferences` shows them."""
    tax: Object = {"UsingSalesTax": True}
    if company.automated:
        tax["PartnerTaxEnabled"] = True
    return {
        "AccountingInfoPrefs": {
            "TrackDepartments": True,
            "ClassTrackingPerTxn": False,
            "ClassTrackingPerTxnLine": True,
            "CustomerTerminology": "Customers",
        },
        "ProductAndServicesPrefs": {"ForSales": True, "QuantityWithPriceAndRate": True},
        "SalesFormsPrefs": {
            "CustomTxnNumbers": True,
            "AllowDeposit": False,
            "AllowDiscount": True,
            "AllowShipping": False,
            "AutoApplyCredit": False,
        },
        "TaxPrefs": tax,
        "CurrencyPrefs": {"MultiCurrencyEnabled": False, "HomeCurrency": {"value": company.currency}},
        "OtherPrefs": {"NameValue": []},
        "domain": "QBO",
        "sparse": False,
        "Id": "1",
        "SyncToken": "0",
    }


def company_info(company: Company) -> Object:
    """The company itself, as `GET /companyinfo` shows it."""
    return {
        "CompanyName": company.name,
        "LegalName": company.name,
        "Country": company.country,
        "FiscalYearStartMonth": "January",
        "SupportedLanguages": "en",
        "CompanyAddr": {"Id": "1", "Line1": "1 Sandbox Way", "City": "Mountain View", "Country": company.country},
        "Email": {"Address": "books@lab.example"},
        "NameValue": [{"Name": "OfferingSku", "Value": "QuickBooks Online Plus"}],
        "domain": "QBO",
        "sparse": False,
        "Id": "1",
        "SyncToken": "0",
    }
