"""The shape of a rules file: settings, account and item names, and lists of rows. Frozen; unknown names are errors.

An account in a row is a role of `[accounts]` (`shipping`) or the account's own name in QuickBooks.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, StringConstraints
from pydantic_core import PydanticCustomError

from mappings.conditions import Condition, ConditionError, compile_when
from mappings.facts_list import FACTS
from mappings.qbxml_fit import ITEM_NAME, short_name
from mappings.rules_findings import Fault
from mappings.values import Template, TemplateError, compile_template

LISTS: Final = (
    "document",
    "customer",
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
)
CUSTOM_FIELD: Final = "CustomField."
FIELDS: Final = ("PrivateNote", "CustomerMemo", "ShipMethod")
"""QuickBooks' own fields that a `field` row may fill, besides `CustomField.NAME`."""

FACT_NAMES: Final = frozenset(fact.name for fact in FACTS if fact.group == "document" and not fact.personal)
"""The facts of a document as a whole that the ledger may keep."""

Target = Literal["online", "desktop"]
"""Which QuickBooks keeps the books."""


def _when(value: object) -> tuple[Condition, ...]:
    try:
        return compile_when(value)
    except ConditionError as error:
        raise PydanticCustomError("faults", "when", {"faults": error.faults}) from error


def _template(value: object) -> Template:
    if not isinstance(value, str | Template):
        raise PydanticCustomError("faults", "template", {"faults": (Fault("must be a text in quotes"),)})
    try:
        return compile_template(value)
    except TemplateError as error:
        raise PydanticCustomError("faults", "template", {"faults": error.faults}) from error


def _target(value: object) -> str:
    if isinstance(value, str) and (value in FIELDS or (value.startswith(CUSTOM_FIELD) and value != CUSTOM_FIELD)):
        return value
    known = ", ".join(FIELDS)
    fault = Fault(f"is no QuickBooks field we fill; known are {CUSTOM_FIELD}NAME, {known}")
    raise PydanticCustomError("faults", "target", {"faults": (fault,)})


Name = Annotated[str, StringConstraints(max_length=500)]
Needed = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"\S")]
When = Annotated[tuple[Condition, ...], PlainValidator(_when)]
Text = Annotated[Template, PlainValidator(_template)]
FieldTarget = Annotated[str, PlainValidator(_target)]


class Shape(BaseModel):
    """Frozen, strict, nothing unknown: every part of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class BooksSettings(Shape):
    """`[books]`: how the books are kept."""

    target: Target = "online"
    post_on: Literal["order", "invoice"] = "order"
    number: Text = compile_template("{order.number}")
    invoice_number: Text = compile_template("I{invoice.number}")
    refund_number: Text = compile_template("C{refund.number}")
    number_prefix: Annotated[str, StringConstraints(max_length=10)] = ""
    closed_period: Literal["hold", "first_open_day"] = "hold"
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


class Row(Shape):
    """A row: all conditions of `when` must hold; without `when` it catches anything else."""

    apart: ClassVar[frozenset[str]] = frozenset({"id", "when", "off", "note"})

    id: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9 _.-]*$")]
    when: When = ()
    off: bool = False
    note: Annotated[str, StringConstraints(max_length=2000)] = ""

    @cached_property
    def values(self) -> Mapping[str, Any]:
        """What the row decides: everything but its id, conditions and note."""
        return {name: getattr(self, name) for name in type(self).model_fields if name not in self.apart}


class DocumentRow(Row):
    """Which QuickBooks document an order becomes; `terms` is the name of a QuickBooks term."""

    make: Literal["sales_receipt", "invoice", "wait", "skip"]
    terms: Name = ""


class CustomerRow(Row):
    """Whose name the document carries: the buyer's own, or a collective customer called `name`."""

    use: Literal["own", "summary"]
    name: Text = compile_template("")


class PaymentRow(Row):
    """Where the money waits: a clearing account, and QuickBooks' payment method."""

    clearing: Needed
    method: Name = ""


class ItemRow(Row):
    """Another product or service for a line, another income account, or another type when it is created."""

    item: Name = ""
    account: Name = ""
    type: Literal["service", "noninventory", "inventory"] = "noninventory"


class TaxRow(Row):
    """A tax rate: QuickBooks' tax code and rate, or an item on a liability account as a line of its own."""

    code: Name = ""
    rate: Name = ""
    item: Name = ""
    account: Name = ""


class ShippingRow(Row):
    """Where shipping income goes; what is left out comes from [items] and [accounts]."""

    item: Name = ""
    account: Name = ""


class DiscountRow(Row):
    """Where discounts go; what is left out comes from [items] and [accounts]. They are lines of our own item, or
    QuickBooks' own discount line, or lower the prices of the lines they were given on."""

    show: Literal["line", "discount_line", "reduced_price"] = "line"
    item: Name = ""
    account: Name = ""


class CreditRow(Row):
    """Gift card, store credit or reward points: our own item on a liability account."""

    item: Needed
    account: Needed


class FeeRow(Row):
    """Gift wrapping or a fixed product tax: our own item, on an income or a liability account."""

    item: Needed
    account: Needed
    liability: bool = False


class RefundRow(Row):
    """Where the money of a refund comes from: the account it was paid into, or a liability when the customer gets
    store credit instead, which needs our own item on it."""

    to: Literal["payment", "store_credit"]
    item: Name = ""
    account: Name = ""


class ClassRow(Row):
    """QuickBooks' class and location (department)."""

    class_name: Name = Field("", alias="class")
    department: Name = ""


class FieldRow(Row):
    """A template onto a QuickBooks field."""

    source: Text = Field(alias="from")
    to: FieldTarget


class ReviewRow(Row):
    """Hold the document for a person, with a reason."""

    reason: Text


class SettlementRow(Row):
    """Where a processor's payout goes: from its clearing account to the bank, less fees and chargebacks. Without an
    account for adjustments (reserves, corrections), payouts that hold some wait for a person."""

    clearing: Needed
    bank: Needed
    fees: Needed
    chargebacks: Needed
    adjustments: Name = ""


class Rules(Shape):
    """A whole rules file. `hash` is the sha256 of its bytes, in hex; `source` the file's name."""

    version: Literal[1]
    books: BooksSettings = BooksSettings()
    accounts: Accounts = Accounts()
    items: Items = Items()
    document: tuple[DocumentRow, ...] = ()
    customer: tuple[CustomerRow, ...] = ()
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
    hash: str
    source: str

    @cached_property
    def own_items(self) -> frozenset[str]:
        """The case-folded names of all items that are ours: no SKU may find one of them."""
        named = [row.item for row in self.credit] + [row.item for row in self.tax if row.item]
        named += [row.item for row in self.fee] + [row.item for row in self.refund if row.item]
        named += [self.shipping_item(row)[0] for row in self.shipping]
        named += [self.discount_item(row)[0] for row in self.discount]
        return frozenset(name.casefold() for name in (*self.items.model_dump().values(), *named))

    @cached_property
    def asked(self) -> tuple[str, ...]:
        """The facts that conditions ask of a document as a whole, without personal ones, each once."""
        return tuple(name for name in self._asked(LISTS) if name in FACT_NAMES)

    @cached_property
    def asked_of_lines(self) -> tuple[str, ...]:
        """The facts that conditions ask of one line, its product, one credit or one fee, each once."""
        own = ("line.", "product.", "credit.", "fee.")
        return tuple(name for name in self._asked(("item", "credit", "fee")) if name.startswith(own))

    def _asked(self, lists: Iterable[str]) -> Iterable[str]:
        rows = (row for name in lists for row in self.rows(name) if not row.off)
        return dict.fromkeys(condition.fact for row in rows for condition in row.when)

    def rows(self, name: str) -> tuple[Row, ...]:
        """The rows of the list `name` as the file calls it (`class`, not `class_`)."""
        found: tuple[Row, ...] = getattr(self, "class_" if name == "class" else name)
        return found

    def account(self, name: str) -> str:
        """The account's name in QuickBooks for a role of [accounts]; any other name is taken as it is."""
        return self.accounts.names.get(name, name)

    def shipping_item(self, row: ShippingRow | None) -> tuple[str, str]:
        """The item and the account of shipping under `row`, or under no row."""
        return self._own(self.items.shipping, self.accounts.shipping, row)

    def discount_item(self, row: DiscountRow | None) -> tuple[str, str]:
        """The item and the account of a discount under `row`, or under no row."""
        return self._own(self.items.discount, self.accounts.discounts, row)

    def _own(self, item: str, account: str, row: ShippingRow | DiscountRow | None) -> tuple[str, str]:
        # A QuickBooks item has one income account, so another account needs an item of its own.
        if row is None:
            return item, account
        wanted = self.account(row.account) if row.account else account
        named = row.item or (item if wanted == account else f"{item}, {wanted}")
        return short_name(named, ITEM_NAME) if self.books.target == "desktop" else named, wanted
