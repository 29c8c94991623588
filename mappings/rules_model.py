"""The shape of a rules file: settings, account and item names, and lists of rows. Frozen; unknown names are errors.

An account in a row is a role of `[accounts]` (`shipping`) or the account's own name in QuickBooks.
"""

import hashlib
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Annotated, Final, Literal

from pydantic import ConfigDict, Field, StringConstraints

from mappings.facts_list import FACTS
from mappings.qbxml_fit import ITEM_NAME, short_name
from mappings.rules_rows import (
    ClassRow,
    CreditRow,
    CurrencyRow,
    CustomerRow,
    DeferralRow,
    DiscountRow,
    DocumentRow,
    FeeRow,
    FieldRow,
    ItemRow,
    Name,
    Needed,
    PaymentRow,
    RefundRow,
    ReviewRow,
    Row,
    SettlementRow,
    Shape,
    ShippingRow,
    TaxRow,
    Text,
)
from mappings.texts import folded
from mappings.values import compile_template

LISTS: Final = (
    "document",
    "customer",
    "currency",
    "payment",
    "item",
    "tax",
    "shipping",
    "discount",
    "credit",
    "fee",
    "refund",
    "class",
    "field",
    "review",
    "settlement",
    "deferral",
)
FACT_NAMES: Final = frozenset(fact.name for fact in FACTS if fact.group == "document" and not fact.personal)
"""The facts of a document as a whole that the ledger may keep."""

NOT_IN_FILE: Final = ("text", "source")
"""Fields of `Rules` that the file itself cannot set."""

PostOn = Literal["order", "invoice"]
"""What documents are made of: the whole order, or each of its Magento invoices."""

Target = Literal["online", "desktop"]
"""Which QuickBooks keeps the books."""


class BooksSettings(Shape):
    """`[books]`: how the books are kept."""

    target: Target = "online"
    post_on: PostOn = "order"
    number: Text = compile_template("{order.number}")
    invoice_number: Text = compile_template("I{invoice.number}")
    refund_number: Text = compile_template("C{refund.number}")
    summary_number: Text = compile_template("D{summary.date|date:'%y%m%d'}-{summary.sequence}")
    shipment_number: Text = compile_template("S{shipment.number}")
    number_prefix: Annotated[str, StringConstraints(max_length=10)] = ""
    closed_period: Literal["hold", "first_open_day", "adjusting_entry"] = "hold"
    changed: Literal["show", "adjust", "repost"] = "show"
    unknown_item: Literal["create", "fallback", "hold"] = "hold"
    timezone: Needed = "store"
    sales_tax: Literal["automated", "codes"] = "automated"
    customer_key: Literal["email", "website_and_id"] = "email"
    on_account: tuple[Needed, ...] = ("purchaseorder",)
    terms: Name = ""
    memo: Text = compile_template("Magento order {order.number}")
    tax_method: Literal["first_fit", "computed", "own_line"] = "first_fit"
    tax_cap_cents: Annotated[int, Field(ge=0)] = 5


class Accounts(Shape):
    """`[accounts]`: our roles and the accounts' names in QuickBooks; further roles may be added."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Needed] = Field(init=False)

    sales: Needed = "4000 Sales"
    shipping: Needed = "4100 Shipping income"
    discounts: Needed = "4900 Discounts given"
    rounding: Needed = "6990 Rounding"
    receivable: Needed = "Accounts Receivable (A/R)"
    sales_tax: Needed = "Sales Tax Payable"
    tax_line: Needed = "2260 Sales tax on own lines"
    adjustment: Needed = "4910 Refund adjustments"
    refund_fee: Needed = "4920 Refund fees"
    tax_adjustments: Needed = "2290 Sales tax adjustments"
    deferred: Needed = "2400 Deferred revenue"

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Every role with the account's name in QuickBooks."""
        return {**self.model_dump()}


class Items(Shape):
    """`[items]`: QuickBooks products and services that are ours, by name; no SKU of the shop is called so."""

    shipping: Needed = "Magento shipping"
    discount: Needed = "Magento discount"
    rounding: Needed = "Magento rounding"
    fallback: Needed = "Magento sales"
    tax: Needed = "Magento sales tax"
    adjustment: Needed = "Magento refund adjustment"
    refund_fee: Needed = "Magento refund fee"
    deferred: Needed = "Magento deferred sales"


class Rules(Shape):
    """A whole rules file. `text` is the file's own, `source` its name."""

    version: Literal[1]
    books: BooksSettings = BooksSettings()
    accounts: Accounts = Accounts()
    items: Items = Items()
    document: tuple[DocumentRow, ...] = ()
    customer: tuple[CustomerRow, ...] = ()
    currency: tuple[CurrencyRow, ...] = ()
    payment: tuple[PaymentRow, ...] = ()
    item: tuple[ItemRow, ...] = ()
    tax: tuple[TaxRow, ...] = ()
    shipping: tuple[ShippingRow, ...] = ()
    discount: tuple[DiscountRow, ...] = ()
    credit: tuple[CreditRow, ...] = ()
    fee: tuple[FeeRow, ...] = ()
    refund: tuple[RefundRow, ...] = ()
    class_: tuple[ClassRow, ...] = Field((), alias="class")
    field: tuple[FieldRow, ...] = ()
    review: tuple[ReviewRow, ...] = ()
    settlement: tuple[SettlementRow, ...] = ()
    deferral: tuple[DeferralRow, ...] = ()
    text: str = Field(repr=False)
    source: str

    @cached_property
    def hash(self) -> str:
        """The sha256 of the file's bytes, in hex."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @cached_property
    def own_items(self) -> frozenset[str]:
        """The folded names of all items that are ours: no SKU may find one of them."""
        named = [row.item for row in self.credit] + [row.item for row in self.tax if row.item]
        named += [row.item for row in self.fee] + [row.item for row in self.refund if row.item]
        named += [self.shipping_item(row)[0] for row in self.shipping]
        named += [self.discount_item(row)[0] for row in self.discount]
        named += [self.deferral_item(row)[0] for row in self.deferral]
        return frozenset(folded(name) for name in (*self.items.model_dump().values(), *named))

    @cached_property
    def defers(self) -> bool:
        """Whether revenue of some lines is earned when they are shipped."""
        return any(row.revenue == "on_shipment" and not row.off for row in self.deferral)

    @cached_property
    def asked(self) -> tuple[str, ...]:
        """The facts that conditions ask of a document as a whole, without personal ones, each once."""
        return tuple(name for name in self._asked(LISTS) if name in FACT_NAMES)

    @cached_property
    def asked_of_lines(self) -> tuple[str, ...]:
        """The facts that conditions ask of one line, its product, one credit or one fee, each once."""
        own = ("line.", "product.", "credit.", "fee.")
        return tuple(name for name in self._asked(("item", "credit", "fee", "deferral")) if name.startswith(own))

    @cached_property
    def asked_of_taxes(self) -> tuple[str, ...]:
        """The facts that conditions ask of one tax, each once."""
        return tuple(name for name in self._asked(("tax",)) if name.startswith("tax."))

    def _asked(self, lists: Iterable[str]) -> Iterable[str]:
        rows = (row for name in lists for row in self.rows(name) if not row.off)
        return dict.fromkeys(condition.fact for row in rows for condition in row.when)

    def posting_on(self, what: PostOn) -> "Rules":
        """The same rules for an order whose documents are made of the whole order, or of each Magento invoice."""
        if self.books.post_on == what:
            return self
        return self.model_copy(update={"books": self.books.model_copy(update={"post_on": what})})

    def rows(self, name: str) -> tuple[Row, ...]:
        """The rows of the list `name` as the file calls it (`class`, not `class_`)."""
        found: tuple[Row, ...] = getattr(self, "class_" if name == "class" else name)
        return found

    def account(self, name: str) -> str:
        """The account's name in QuickBooks for a role of [accounts]; any other name is taken as it is."""
        return self.accounts.names.get(name, name)

    def receivable_in(self, currency: str, row: CurrencyRow) -> str:
        """The account of what is owed in a foreign currency: QuickBooks keeps one for each, which Online names after
        its own receivable account."""
        return self.account(row.receivable) if row.receivable else f"{self.accounts.receivable} - {currency}"

    def shipping_item(self, row: ShippingRow | None) -> tuple[str, str]:
        """The item and the account of shipping under `row`, or under no row."""
        return self._own(self.items.shipping, self.accounts.shipping, row)

    def discount_item(self, row: DiscountRow | None) -> tuple[str, str]:
        """The item and the account of a discount under `row`, or under no row."""
        return self._own(self.items.discount, self.accounts.discounts, row)

    def deferral_item(self, row: DeferralRow) -> tuple[str, str]:
        """The item and the account on which `row` defers revenue."""
        return self._own(self.items.deferred, self.accounts.deferred, row)

    def _own(self, item: str, account: str, row: ShippingRow | DiscountRow | DeferralRow | None) -> tuple[str, str]:
        # A QuickBooks item has one income account, so another account needs an item of its own.
        if row is None:
            return item, account
        wanted = self.account(row.account) if row.account else account
        named = row.item or (item if wanted == account else f"{item}, {wanted}")
        return short_name(named, ITEM_NAME) if self.books.target == "desktop" else named, wanted
