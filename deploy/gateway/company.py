"""What booking asks about a company, from Desktop's Company and Preferences (`tasks.company` reads it back)."""

from typing import Final

from mappings.qbxml import Ret

COUNTRIES: Final = {"US": ("US", "USD"), "CA": ("CA", "CAD"), "UK": ("GB", "GBP"), "AU": ("AU", "AUD")}
"""The editions of QuickBooks as the Web Connector names them (qbXMLCountry): country, and its currency."""
CURRENCIES: Final = {
    "us dollar": "USD",
    "canadian dollar": "CAD",
    "british pound sterling": "GBP",
    "pound sterling": "GBP",
    "australian dollar": "AUD",
    "euro": "EUR",
    "swiss franc": "CHF",
}
"""Desktop names a currency in words (PreferencesRet, HomeCurrencyRef)."""


def facts_of(company: Ret, preferences: Ret, edition: str) -> dict[str, str]:
    """The facts as text. An unknown home currency stays empty: then the currency of orders is not checked."""
    country, currency = COUNTRIES.get(edition.upper(), COUNTRIES["US"])
    asked = preferences.fields
    several = asked.get("MultiCurrencyPreferences/IsMultiCurrencyOn") == "true"
    home = asked.get("MultiCurrencyPreferences/HomeCurrencyRef/FullName", "")
    return {
        "target": "desktop",
        "country": country,
        "home_currency": CURRENCIES.get(home.casefold(), "") if several and home else currency,
        "multicurrency": str(several),
        "automated_sales_tax": "False",
        "close_date": asked.get("AccountingPreferences/ClosingDate", ""),
        "custom_numbers": "True",
        "taxable_code": asked.get("SalesTaxPreferences/DefaultTaxableSalesTaxCodeRef/FullName", "Tax"),
        "untaxed_code": asked.get("SalesTaxPreferences/DefaultNonTaxableSalesTaxCodeRef/FullName", "Non"),
        "sales_tax_on": str(any(name.startswith("SalesTaxPreferences/") for name in asked)),
    }
