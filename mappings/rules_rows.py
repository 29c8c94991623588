"""The rows of a rules file, list by list, and the values that they hold. Frozen; unknown names are errors."""

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, StringConstraints
from pydantic_core import PydanticCustomError

from mappings.conditions import Condition, ConditionError, compile_when
from mappings.rules_findings import Fault
from mappings.values import Template, TemplateError, compile_template

MAGENTO: Final = "magento"
_FIGURES: Final = re.compile(r"\d{1,7}(\.\d{1,10})?")
CUSTOM_FIELD: Final = "CustomField."
Listing = Literal["Customer", "Item"]
LISTINGS: Final[Mapping[Listing, str]] = {"Customer": "customer", "Item": "item"}
"""QuickBooks' lists whose custom fields a `field` row may fill (`Customer.CustomField.NAME`), and the rules' list whose
rows keep their objects."""
FIELDS: Final = ("PrivateNote", "CustomerMemo", "ShipMethod")
"""QuickBooks' own fields that a `field` row may fill, besides `CustomField.NAME`."""


def listing_of(target: object) -> tuple[Listing, str] | None:
    """The list and the name of the custom field in `Customer.CustomField.Route`; None for a field of documents."""
    for listing in LISTINGS:
        prefix = f"{listing}.{CUSTOM_FIELD}"
        if isinstance(target, str) and target.startswith(prefix) and target[len(prefix) :].strip():
            return listing, target[len(prefix) :].strip()
    return None


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
    if isinstance(value, str) and listing_of(value) is not None:
        return value
    known = ", ".join([*(f"{listing}.{CUSTOM_FIELD}NAME" for listing in LISTINGS), *FIELDS])
    fault = Fault(f"is no QuickBooks field we fill; known are {CUSTOM_FIELD}NAME, {known}")
    raise PydanticCustomError("faults", "target", {"faults": (fault,)})


def _figures(value: object) -> str:
    if isinstance(value, str) and _FIGURES.fullmatch(value) and Decimal(value):
        return value
    raise PydanticCustomError("faults", "rate", {"faults": (Fault('must be figures such as "0.92"'),)})


def _rate(value: object) -> str:
    if isinstance(value, str) and (value == MAGENTO or (_FIGURES.fullmatch(value) and Decimal(value))):
        return value
    raise PydanticCustomError("faults", "rate", {"faults": (Fault('must be "magento" or figures such as "0.92"'),)})


Name = Annotated[str, StringConstraints(max_length=500)]
Needed = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"\S")]
When = Annotated[tuple[Condition, ...], PlainValidator(_when)]
Text = Annotated[Template, PlainValidator(_template)]
Figures = Annotated[str, PlainValidator(_figures)]
Rate = Annotated[str, PlainValidator(_rate)]
FieldTarget = Annotated[str, PlainValidator(_target)]


Keep = Literal["as_needed", "create", "update"]
"""What is done about the shop's own list: created when a document needs it, created at once, also kept up to date."""


class Shape(BaseModel):
    """Frozen, strict, nothing unknown: every part of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


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
    """Which QuickBooks document an order becomes; `terms` is the name of a QuickBooks term. A `summary` is one document
    for all that was paid on a day: a receipt for the collective customer called `customer`, or by `form` a journal
    entry, which names none."""

    make: Literal["sales_receipt", "invoice", "summary", "wait", "skip"]
    terms: Name = ""
    customer: Text = compile_template("")
    form: Literal["sales_receipt", "journal"] = "sales_receipt"


class CustomerRow(Row):
    """Whose name the document carries: the buyer's own, or a collective customer called `name`. `keep` is for the
    shop's registered customers, whether they bought or not."""

    use: Literal["own", "summary"]
    name: Text = compile_template("")
    keep: Keep = "as_needed"


class CurrencyRow(Row):
    """In which currency a document is booked: the store's base currency, the one the customer paid in (`foreign`), or
    converted into the company's own. `rate` is home currency for one unit of the document's, in figures, or Magento's;
    `receivable` the account of what is owed in the foreign currency."""

    mode: Literal["base", "foreign", "convert"]
    rate: Rate = MAGENTO
    receivable: Name = ""

    @property
    def fixed(self) -> Decimal | None:
        """The rate in figures; None where it is Magento's."""
        return None if self.rate == MAGENTO else Decimal(self.rate)


class PaymentRow(Row):
    """Where the money waits: a clearing account, and QuickBooks' payment method."""

    clearing: Needed
    method: Name = ""


class ItemRow(Row):
    """Another product or service for a line, another income account, or another type when it is created. A bundle is
    shown as its `parent`, in one line, or as its `children`. `keep` is for the shop's catalogue, whether it was sold
    or not."""

    item: Name = ""
    account: Name = ""
    type: Literal["service", "noninventory", "inventory"] = "noninventory"
    kit: Literal["", "parent", "children"] = ""
    keep: Keep = "as_needed"


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
    """Gift wrapping, a fixed product tax or a custom fee: our own item, on an income or a liability account."""

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
    """A template onto a field of QuickBooks' documents, or onto a custom field of its customers or items."""

    source: Text = Field(alias="from")
    to: FieldTarget

    @property
    def listing(self) -> tuple[Listing, str] | None:
        """The list and the name of the custom field; None for a field of documents."""
        return listing_of(self.to)


class ReviewRow(Row):
    """Hold the document for a person, with a reason."""

    reason: Text


class DeferralRow(Row):
    """When the revenue of a line is earned: with its sale, or when it is shipped. Until then it is owed on an account,
    under our own item of that account."""

    revenue: Literal["on_shipment", "at_sale"]
    item: Name = ""
    account: Name = ""


class SettlementRow(Row):
    """Where a processor's payout goes: from its clearing account to the bank, less fees and chargebacks. Without an
    account for adjustments (reserves, corrections), payouts that hold some wait for a person. A payout in a foreign
    currency needs accounts of that currency, and a `rate`: home currency for one unit of it."""

    clearing: Needed
    bank: Needed
    fees: Needed
    chargebacks: Needed
    adjustments: Name = ""
    rate: Figures = ""
