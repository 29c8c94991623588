"""What a company file says about itself: the answers to HostQuery, CompanyQuery and PreferencesQuery."""

from typing import Any

from deploy.sandbox.desktop_chart import TAXABLE, UNTAXED, Settings
from deploy.sandbox.desktop_currency import HOME
from deploy.sandbox.desktop_message import VERSIONS
from deploy.sandbox.desktop_shapes import Object
from deploy.sandbox.desktop_store import Store, reference


def host(single_user: bool) -> Object:
    """HostRet of a current Enterprise edition."""
    return {
        "ProductName": "QuickBooks Enterprise Solutions 24.0",
        "MajorVersion": "34",
        "MinorVersion": "0",
        "Country": "US",
        "SupportedQBXMLVersion": ["1.0", "2.0", "2.1", *(f"{number}.0" for number in range(3, 13)), *VERSIONS],
        "IsAutomaticLogin": "false",
        "QBFileMode": "SingleUser" if single_user else "MultiUser",
    }


def company(settings: Settings, stamps: dict[str, str], owners: list[str]) -> Object:
    """CompanyRet; the data extensions only of the owners that are asked for, by what the Web Connector stamped."""
    shown: dict[str, Any] = {
        "IsSampleCompany": "false",
        "CompanyName": settings.name,
        "LegalCompanyName": settings.name,
        "Address": {"Addr1": settings.name, "Addr2": "1 Sandbox Way", "City": "Mountain View", "State": "CA"},
        "FirstMonthFiscalYear": "January",
        "FirstMonthIncomeTaxYear": "January",
        "TaxForm": "Form1120",
    }
    wanted = {owner.casefold() for owner in owners}
    found = [
        {"OwnerID": owner, "DataExtName": "FileID", "DataExtType": "STR255TYPE", "DataExtValue": file_id}
        for owner, file_id in stamps.items()
        if owner.casefold() in wanted
    ]
    return shown | ({"DataExtRet": found} if found else {})


def preferences(store: Store, settings: Settings) -> Object:
    """PreferencesRet: the parts that a bookkeeping program looks at."""
    accounting: Object = {
        "IsUsingAccountNumbers": "false",
        "IsRequiringAccounts": "true",
        "IsUsingClassTracking": _yes(settings.class_tracking),
        "IsUsingAuditTrail": "true",
        "IsAssigningJournalEntryNumbers": "true",
    }
    if settings.closing_date is not None:
        accounting["ClosingDate"] = settings.closing_date.isoformat()
    shown: Object = {
        "AccountingPreferences": accounting,
        "MultiCurrencyPreferences": _currencies(store, settings),
        "PurchasesAndVendorsPreferences": {
            "IsUsingInventory": _yes(settings.inventory),
            "DaysBillsAreDue": "10",
            "IsAutomaticallyUsingDiscounts": "false",
        },
        "SalesAndCustomersPreferences": {
            "IsTrackingReimbursedExpensesAsIncome": "false",
            "IsAutoApplyingPayments": "true",
        },
    }
    if settings.sales_tax:
        shown["SalesTaxPreferences"] = _tax(store, settings)
    return shown


def _currencies(store: Store, settings: Settings) -> Object:
    home = store.find("Currency", HOME)
    if not settings.currencies or home is None:
        return {"IsMultiCurrencyOn": "false"}
    return {"IsMultiCurrencyOn": "true", "HomeCurrencyRef": reference(home)}


def _tax(store: Store, settings: Settings) -> Object:
    names = {
        "DefaultItemSalesTaxRef": ("ItemSalesTax", settings.default_tax_item),
        "DefaultTaxableSalesTaxCodeRef": ("SalesTaxCode", TAXABLE),
        "DefaultNonTaxableSalesTaxCodeRef": ("SalesTaxCode", UNTAXED),
    }
    found = {key: reference(one) for key, (entity, name) in names.items() if (one := store.find(entity, name))}
    item = found.pop("DefaultItemSalesTaxRef")
    flags = {"IsUsingVendorTaxCode": "false", "IsUsingCustomerTaxCode": "true", "IsUsingAmountsIncludeTax": "false"}
    return {"DefaultItemSalesTaxRef": item, "PaySalesTax": "Monthly", **found, **flags}


def _yes(flag: bool) -> str:
    return "true" if flag else "false"
