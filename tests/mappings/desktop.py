"""A company on QuickBooks Desktop for tests: its rules, what it charges, and short ways into what is written."""

from dataclasses import replace
from decimal import Decimal

from lxml import etree

from mappings import qbxml
from mappings.context import Books
from mappings.desktop_tax import Fitted, fit
from mappings.entry import Entry
from mappings.model import Problem
from mappings.rules import Rules, load, template
from tests.mappings.qbxml_schema import valid
from tests.mappings.sales import GERMAN, US, rules

D = Decimal
CHARGED = {
    ("tax_rate", "texas 8.25"): (D("8.25"),),
    ("tax_rate", "california 8.25"): (D("8.25"),),
    ("tax_rate", "new york city"): (D("4"), D("4.875")),
}
SHOP = replace(US, automated_sales_tax=False, tax_rates=CHARGED)
RULES = rules(name="us_desktop")
CODES = {
    "19% Standard": ("S", "19"),
    "7% Reduced": ("R", "7"),
    "20% FR OSS": ("F", "20"),
    "20% AT OSS": ("A", "20"),
    "0% Export": ("X", "0"),
    "0% Zero rated": ("Z", "0"),
}
"""The tax codes of the European template as Desktop could have them, in three letters at most, and their percents."""
VAT_SHOP = replace(GERMAN, tax_rates={("tax_code", code.lower()): (D(rate),) for code, rate in CODES.values()})


def european(text: str) -> str:
    """European rules, for a company on Desktop."""
    found = text.replace('"online" ', '"desktop"')
    for online, (code, _) in CODES.items():
        found = found.replace(f'code = "{online}"', f'code = "{code}"')
    return found


EUROPE = load(european(template("eu_vat")))


def fitted(entry: Entry, by: Rules = RULES, books: Books = SHOP) -> Fitted:
    """The entry with the tax that Desktop computes; fails the test with the reason when it is held."""
    made = fit(entry, by, books)
    assert isinstance(made, Fitted), made
    return made


def refused(entry: Entry, by: Rules = RULES, books: Books = SHOP) -> Problem:
    made = fit(entry, by, books)
    assert isinstance(made, Problem) and made.hold, made
    return made


def element(request: qbxml.Request) -> etree._Element:
    """The Add element of a request, once Intuit's schemas have found it right."""
    return etree.fromstring(valid(request.text))[0]


def written(entry: Entry, by: Rules = RULES, books: Books = SHOP) -> etree._Element:
    """What an entry becomes on Desktop, tax and all."""
    return element(qbxml.write(fitted(entry, by, books).entry, by, books))


def text(found: etree._Element, path: str) -> str | None:
    return found.findtext(path)


def names(found: etree._Element) -> list[str]:
    """The elements inside, in their order."""
    return [str(each.tag) for each in found]
