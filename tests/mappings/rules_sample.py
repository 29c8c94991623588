"""A small order, its shop and a small rules file, for the tests of facts, conditions and decisions."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from mappings.context import Books, Context
from mappings.model import Address, AppliedTax, Buyer, CreditMemo, Invoice, Line, Order, Totals
from mappings.rules import Rules, RulesError, load
from mappings.shop import Product, StoreView

AUSTIN = Address("Jane", "Doe", "Acme", ("1 Main St",), "Austin", "Texas", "TX", "78701", "US", "555-0100")
BERLIN = Address("Jane", "Doe", "", ("Weg 2",), "Berlin", "", "", "10115", "DE", "")
TEXAS = AppliedTax("US-TX-*-Rate 1", "Texas", Decimal("8.25"), Decimal("8.25"))
IN_EUROS = """
[[currency]]
id   = "euro prices"
when = { "order.shown_currency" = "EUR" }
mode = "foreign"

[[payment]]
id       = "in euros"
when     = { "order.shown_currency" = "EUR" }
clearing = "1020 Euro account"
"""
"""By these rows, what was shown in euros is booked in euros."""
ZEROS = dict.fromkeys(Totals.__dataclass_fields__, Decimal(0))
TOTALS = Totals(**ZEROS | {"subtotal": Decimal(100), "tax": Decimal("8.25"), "shipping": Decimal("10.15"),
                           "discount": Decimal("-5"), "grand_total": Decimal("113.40")})  # fmt: skip
MUG = Line(
    item_id=7,
    product_id=3,
    sku="MUG-BLUE",
    name="Blue mug",
    product_type="simple",
    quantity=Decimal(2),
    price=Decimal(50),
    gross=Decimal(100),
    discount=Decimal(5),
    tax=Decimal("8.25"),
    compensation=Decimal(0),
    tax_percent=Decimal("8.25"),
    taxes=(TEXAS,),
    quantity_canceled=Decimal(0),
    path="items[0]",
)
LATE = datetime(2026, 11, 21, 3, 30, tzinfo=UTC)
ORDER = Order(
    entity_id=42,
    number="000000042",
    store_id=1,
    state="processing",
    status="processing",
    created_at=LATE,
    updated_at=LATE,
    currency="USD",
    order_currency="EUR",
    order_grand_total=Decimal(100),
    totals=TOTALS,
    paid=Decimal("113.40"),
    refunded=Decimal(0),
    canceled=Decimal(0),
    tax_canceled=Decimal(0),
    shipping_canceled=Decimal(0),
    payment_method="paypal_express",
    transaction_id="8WT84327",
    po_number="",
    buyer=Buyer("jane@shop.example.com", "Jane", "Doe", 17, False, 2, "DE123"),
    billing=AUSTIN,
    shipping_address=BERLIN,
    shipping_description="Flat Rate - Fixed",
    coupon="WELCOME10",
    virtual=False,
    lines=(MUG,),
    shipping_taxes=(),
    parent_number="",
    child_number="",
)
INVOICE = Invoice(
    entity_id=9,
    number="000000007",
    order_id=42,
    store_id=1,
    captured=True,
    created_at=LATE,
    updated_at=LATE,
    currency="USD",
    totals=replace(TOTALS, grand_total=Decimal("59.20")),
    transaction_id="",
    lines=(MUG,),
)
MEMO = CreditMemo(
    entity_id=3,
    number="000000003",
    order_id=42,
    invoice_id=9,
    store_id=1,
    created_at=LATE,
    currency="USD",
    totals=replace(TOTALS, grand_total=Decimal("27.06")),
    adjustment=Decimal(5),
    fee=Decimal("1.10"),
    transaction_id="8WT84327",
    lines=(MUG,),
)
CONTEXT = Context(
    Books("US", "USD", False, True, None, True),
    {1: StoreView(1, "default", "English", 1, "America/New_York", "USD")},
    {0: "NOT LOGGED IN", 2: "Wholesale"},
    {"MUG-BLUE": Product("MUG-BLUE", "Blue mug", "simple", {"brand": "Acme", "weight": "0.4"})},
)
ON_ACCOUNT = ("purchaseorder",)


def order(**changes: Any) -> Order:
    return replace(ORDER, **changes)


def rules(text: str) -> Rules:
    return load("version = 1\n" + text)


def words(text: str) -> list[str]:
    """What `load` says about a wrong file, line by line; nothing about a right one."""
    try:
        load(text)
    except RulesError as error:
        return str(error).splitlines()
    return []
