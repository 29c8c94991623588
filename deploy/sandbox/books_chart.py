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
    ("6990 Rounding", "Other Expense", "OtherMiscellaneousExpense"),
    ("PayPal Clearing", "Other Current Asset", "OtherCurrentAssets"),
    ("Braintree Clearing", "Other Current Asset", "OtherCurrentAssets"),
    ("Card Clearing", "Other Current Asset", "OtherCurrentAssets"),
    ("Cash Clearing", "Other Current Asset", "OtherCurrentAssets"),
    ("Checking", "Bank", "Checking"),
    ("Gift Card Liability", "Other Current Liability", "OtherCurrentLiabilities"),
    ("Store Credit Liability", "Other Current Liability", "OtherCurrentLiabilities"),
    ("VAT Payable", "Other Current Liability", "OtherCurrentLiabilities"),
)
_ITEMS: tuple[tuple[str, str], ...] = (
    ("Magento sales", "4000 Sales"),
    ("Magento shipping", "4100 Shipping income"),
    ("Magento discount", "4900 Discounts given"),
    ("Magento rounding", "6990 Rounding"),
)
PAYMENT_METHODS = ("Cash", "Check", "Credit Card", "PayPal", "Bank Transfer", "Cash On Delivery")
TERMS: tuple[tuple[str, int], ...] = (("Due on receipt", 0), ("Net 15", 15), ("Net 30", 30))
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
        _ITEMS,
        "Sales Tax Payable",
        (),
        automated=True,
    ),
    "eu_vat": Company(
        "Sandbox Handel GmbH",
        "IE",
        "EUR",
        (*_OWN, ("VAT Control", "Other Current Liability", "GlobalTaxPayable"), *_SHOP),
        _ITEMS,
        "VAT Control",
        (
            ("VAT 19%", "VAT 19% (Sales)", "19"),
            ("VAT 7%", "VAT 7% (Sales)", "7"),
            ("VAT 0%", "VAT 0% (Sales)", "0"),
            ("No VAT", "No VAT (Sales)", "0"),
        ),
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


def shop_lists() -> list[tuple[str, Object]]:
    """(entity, body) of the other names that the rules templates use, and of people whose names are in the way."""
    return [
        *(("PaymentMethod", {"Name": name}) for name in PAYMENT_METHODS),
        *(("Term", {"Name": name, "DueDays": days}) for name, days in TERMS),
        *(("Class", {"Name": name}) for name in CLASSES),
        *(("Department", {"Name": name}) for name in DEPARTMENTS),
        *(("Vendor", {"DisplayName": name}) for name in VENDORS),
        *(("Customer", {"DisplayName": name}) for name in CUSTOMERS),
        *(("Employee", {"GivenName": first, "FamilyName": last}) for first, last in EMPLOYEES),
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
