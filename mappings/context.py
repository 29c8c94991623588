"""What booking may know beside the document and the rules: the books, and what stands in them for these orders."""

from collections.abc import Mapping
from dataclasses import field
from datetime import date
from decimal import Decimal

from mappings.deferred import Deferred
from mappings.keys import Symbol
from mappings.model import EntryKind
from mappings.originals import Original
from mappings.records import record
from mappings.shop import Product, StoreView


@record(frozen=True, slots=True)
class Books:
    """What the QuickBooks company says about itself (CompanyInfo and Preferences).
    The rest is QuickBooks Desktop's. `tax_rates` are percents that QuickBooks will charge, by folded symbol: of a
    sales tax item or, for a group, of each of its items (`("tax_rate", "austin")`), and of what a tax code charges
    where codes do (`("tax_code", "s")`). `taxable_code` and `untaxed_code` are the American codes' names.
    """

    country: str
    home_currency: str
    multicurrency: bool
    automated_sales_tax: bool
    close_date: date | None
    custom_numbers: bool
    tax_rates: Mapping[Symbol, tuple[Decimal, ...]] = field(default_factory=dict)
    taxable_code: str = "Tax"
    untaxed_code: str = "Non"
    sales_tax_on: bool = True


@record(frozen=True, slots=True)
class Context:
    """All that booking may know besides the document and the rules. Pure data, made fresh for each page.
    `groups` are customer group names by id; `products` by SKU, only those on the page; `approved` holds keys
    that a person released from review; `originals` are the orders that those on the page replace, by number.
    `standing` says what stands in the outbox for a key: its kind once it can no longer be replaced, `amounts` its
    total; `dated` are the days of what is in QuickBooks, or may be, `posted` their keys, `summarised` those in a daily
    summary, `balances` what QuickBooks says is open on invoices among them, and `deferred` what sales among them have
    on deferred accounts."""

    books: Books
    stores: Mapping[int, StoreView]
    groups: Mapping[int, str]
    products: Mapping[str, Product] = field(default_factory=dict)
    approved: frozenset[str] = frozenset()
    originals: Mapping[str, Original] = field(default_factory=dict)
    inactive: frozenset[Symbol] = frozenset()
    standing: Mapping[str, EntryKind] = field(default_factory=dict)
    dated: Mapping[str, date] = field(default_factory=dict)
    summarised: frozenset[str] = frozenset()
    amounts: Mapping[str, Decimal] = field(default_factory=dict)
    posted: frozenset[str] = frozenset()
    balances: Mapping[str, Decimal] = field(default_factory=dict)
    deferred: Mapping[str, Deferred] = field(default_factory=dict)
