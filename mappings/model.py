"""What the readers make of Magento's documents. Entries are in `mappings.entry`, what else booking knows in `context`.

Amounts are `Decimal` in the currency that the document names (base currency unless a name says otherwise),
with up to four decimals as Magento keeps them, until booking rounds to cents. Times are aware, in UTC.
"""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from decimal import Decimal
from typing import Literal

from mappings.deferred import Deferral
from mappings.fees import CustomFee
from mappings.kits import Kit
from mappings.rates import NO_RATES, Rates
from mappings.records import record

ZERO = Decimal(0)
CENT = Decimal("0.01")

EntryKind = Literal[
    "sales_receipt", "invoice", "payment", "void", "credit_memo", "refund_receipt", "refund", "deposit", "journal"
]


@record(frozen=True, slots=True)
class Problem:
    """Why a document is held or needs a look: a value, never an exception.
    `code` is one of `mappings.catalogue`; `document` is the outbox key (`order/000000042`); `field` names the
    Magento field or the place in the rules file; `reason` and `fix` are sentences for a bookkeeper.
    `hold` is False where the document is in the books and only a person should look at it."""

    code: str
    document: str
    field: str
    reason: str
    fix: str
    amount: Decimal | None = None
    currency: str = ""
    hold: bool = True


@record(frozen=True, slots=True)
class Waiting:
    """Nothing to book yet, and nobody has to act: counted as skipped, with the reason."""

    document: str
    reason: str


# --- Magento, made by mappings.magento ---------------------------------------------------------------


@record(frozen=True, slots=True)
class Address:
    """A billing or shipping address; fields Magento left out are empty strings."""

    first_name: str
    last_name: str
    company: str
    street: tuple[str, ...]
    city: str
    region: str
    region_code: str
    postcode: str
    country: str
    telephone: str


@record(frozen=True, slots=True)
class Buyer:
    """Who bought: `id` is None for guests and deleted accounts, so `guest` is Magento's own flag."""

    email: str
    first_name: str
    last_name: str
    id: int | None
    guest: bool
    group_id: int
    tax_id: str


@record(frozen=True, slots=True)
class AppliedTax:
    """One tax rate on one line (or on shipping): base-currency amount, percent as Magento shows it."""

    code: str
    title: str
    percent: Decimal
    amount: Decimal


@record(frozen=True, slots=True)
class Amounts:
    """A part of a line's amounts, each as the line has it."""

    gross: Decimal
    discount: Decimal
    tax: Decimal
    compensation: Decimal


@record(frozen=True, slots=True)
class Line:
    """A line that carries a price. `gross` is before discount and without tax; `discount` is positive.

    `compensation` is Magento's discount tax compensation (hidden tax in a discount of a tax-inclusive store). `options`
    are custom options in words. `path` is where the line stands in the Magento document. `invoiced` is what invoices
    took of a line whose rest was cancelled; `base` the line in base currency; `kit` the bundle that it is or belongs
    to; `deferral` where its revenue waits until it is earned (readers leave it empty).
    """

    item_id: int
    product_id: int | None
    sku: str
    name: str
    product_type: str
    quantity: Decimal
    price: Decimal
    gross: Decimal
    discount: Decimal
    tax: Decimal
    compensation: Decimal
    tax_percent: Decimal
    taxes: tuple[AppliedTax, ...]
    quantity_canceled: Decimal
    path: str
    invoiced: Amounts | None = None
    base: "Line | None" = None
    kit: Kit | None = None
    deferral: Deferral | None = None


@record(frozen=True, slots=True)
class Totals:
    """The header of an order or invoice. `discount` is negative or zero, as in Magento.

    `grand_total = subtotal + discount + shipping + tax + compensation + shipping_compensation + gift_wrap + fixed_tax
    + custom_fees - gift_cards - store_credit - reward` (checked by the reader in base and in order currency). `tax`
    includes `shipping_tax`, `gift_wrap_tax` and `fixed_tax_tax` (on a fixed product tax that is itself taxed);
    `discount` the shipping discount (`shipping_discount`, positive).
    `base` is the same header in base currency where this one is in another.
    """

    subtotal: Decimal
    discount: Decimal
    shipping: Decimal
    shipping_discount: Decimal
    shipping_tax: Decimal
    tax: Decimal
    compensation: Decimal
    shipping_compensation: Decimal
    gift_cards: Decimal
    store_credit: Decimal
    reward: Decimal
    grand_total: Decimal
    gift_wrap: Decimal = ZERO
    gift_wrap_tax: Decimal = ZERO
    fixed_tax: Decimal = ZERO
    custom_fees: tuple[CustomFee, ...] = ()
    fixed_tax_tax: Decimal = ZERO
    base: "Totals | None" = None


@record(frozen=True, slots=True)
class Order:
    """A Magento order, priced lines only (a configurable's parent, a dynamic bundle's children).
    `paid` is Magento's base_total_paid (zero when missing); `canceled` base_total_canceled. `shipping_taxes`
    are the rates on shipping. `number` is the increment_id. `parent_number` is the edited order this one
    replaces (`relation_parent_real_id`), else empty; `child_number` the one that replaces it. `charged` is the same in
    the currency that the customer paid in, where that is another (or why it cannot be read so); `base` leads back.
    """

    entity_id: int
    number: str
    store_id: int
    state: str
    status: str
    created_at: datetime
    updated_at: datetime
    currency: str
    order_currency: str
    order_grand_total: Decimal
    totals: Totals
    paid: Decimal
    refunded: Decimal
    canceled: Decimal
    tax_canceled: Decimal
    shipping_canceled: Decimal
    payment_method: str
    transaction_id: str
    po_number: str
    buyer: Buyer
    billing: Address
    shipping_address: Address | None
    shipping_description: str
    coupon: str
    virtual: bool
    lines: tuple[Line, ...]
    shipping_taxes: tuple[AppliedTax, ...]
    parent_number: str
    child_number: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    rates: Rates = NO_RATES
    charged: "Order | Problem | None" = None
    base: "Order | None" = None

    @property
    def key(self) -> str:
        return f"order/{self.number}"


@record(frozen=True, slots=True)
class Invoice:
    """A Magento invoice. It names its order by entity id only; `captured` is state 2 (paid), `canceled` state 3.
    `shipping_taxes` add up to `totals.shipping_tax`; rates are known when the invoice was read with its order.
    """

    entity_id: int
    number: str
    order_id: int
    store_id: int
    captured: bool
    created_at: datetime
    updated_at: datetime
    currency: str
    totals: Totals
    transaction_id: str
    lines: tuple[Line, ...]
    shipping_taxes: tuple[AppliedTax, ...] = ()
    rates: Rates = NO_RATES
    canceled: bool = False
    charged: "Invoice | Problem | None" = None
    base: "Invoice | None" = None

    @property
    def key(self) -> str:
        return f"invoice/{self.number}"


@record(frozen=True, slots=True)
class CreditMemo:
    """A Magento credit memo. `invoice_id` is None for one that was made for the order (offline methods); `adjustment`
    is what was given back beside the lines, `fee` what was kept, both positive; `totals.grand_total` includes them.
    Rates of tax are known when the memo was read with its order. `refunded` is state 2 and `canceled` state 3; of an
    open memo (state 1) neither: no money moved yet."""

    entity_id: int
    number: str
    order_id: int
    invoice_id: int | None
    store_id: int
    created_at: datetime
    currency: str
    totals: Totals
    adjustment: Decimal
    fee: Decimal
    transaction_id: str
    lines: tuple[Line, ...]
    shipping_taxes: tuple[AppliedTax, ...] = ()
    rates: Rates = NO_RATES
    charged: "CreditMemo | Problem | None" = None
    base: "CreditMemo | None" = None
    refunded: bool = True
    canceled: bool = False

    @property
    def key(self) -> str:
        return f"creditmemo/{self.number}"


@record(frozen=True, slots=True)
class Customer:
    """A registered customer's own record: the default addresses, and custom attributes as text."""

    id: int
    email: str
    first_name: str
    last_name: str
    tax_id: str
    group_id: int
    website_id: int
    store_id: int
    billing: Address | None
    shipping: Address | None
    attributes: Mapping[str, str]
