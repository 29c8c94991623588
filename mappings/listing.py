"""The shop's own lists: which registered customers and products QuickBooks shall have, whether they sold or not.

The same rows of the rules decide as for documents (`keep` in `customer` and `item` rows), so a product stands on the
account that its sales go to, and a customer has the key that its orders ask for.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Final, TypeVar

from mappings import parties, qbxml
from mappings.decide import decide, decide_fields
from mappings.dialect import dialect
from mappings.entry import Because, EntryLine, Party
from mappings.facts import Facts
from mappings.facts_listed import asks_alone, customer_facts, product_facts
from mappings.keys import Symbol, fold
from mappings.linking import Creation, customer_creation, item_creation, lacking, missing
from mappings.model import ZERO, Customer, Problem
from mappings.qbxml import Request
from mappings.rules import CustomerRow, ItemRow, Rules
from mappings.rules_rows import Listing
from mappings.shop import Product, StoreView
from mappings.texts import clean

SHELL_TYPES: Final = ("configurable", "grouped")
"""Products that are never sold themselves: their variants are."""
DYNAMIC: Final = "0"
"""`price_type` of a bundle whose parts carry the prices."""
_RowT = TypeVar("_RowT", CustomerRow, ItemRow)


@dataclass(frozen=True, slots=True)
class Listed:
    """One customer or product that QuickBooks shall have. `number` is what people find it by in the shop: a customer's
    id, a SKU. `update`: changes in the shop are carried over. `party` is who a customer is, `fields` the
    values of its custom fields by their names (QuickBooks Desktop alone has such)."""

    number: str
    creation: Creation
    update: bool
    party: Party | None = None
    fields: Mapping[str, Request] = field(default_factory=dict)


def list_customer(
    customer: Customer, stores: Mapping[int, StoreView], groups: Mapping[int, str], rules: Rules
) -> Listed | None:
    """The customer by the customer list; None for one that only documents bring."""
    facts = customer_facts(customer, stores, groups)
    row = _row("customer", facts, rules.customer)
    if row is None or row.keep == "as_needed":
        return None
    key = parties.identity(customer.email, customer.website_id, customer.id, f"customer:{customer.id}", rules)
    party = parties.own(
        key, customer.email, customer.first_name, customer.last_name, customer.billing, customer.shipping
    )
    creation = customer_creation(party, dialect(rules))
    fields = _fields("Customer", creation, facts, rules)
    return Listed(f"customer {customer.id}", creation, row.keep == "update", party, fields)


def list_product(product: Product, rules: Rules, known: Set[Symbol]) -> Listed | Problem | None:
    """The product by the item list; None for one that only documents bring, or that is not sold under its own SKU.

    `known` are folded symbols that QuickBooks has. A Problem names an account that the item needs and QuickBooks lacks.
    """
    facts = product_facts(product)
    row = _row("item", facts, rules.item)
    if row is None or row.keep == "as_needed" or not clean(product.sku) or not _sold(product):
        return None
    line = EntryLine(
        "item",
        rules.account(row.account or "sales"),
        ZERO,
        Because("item", row.id),
        ("sku",),
        sku=product.sku,
        description=product.name,
        item_type=row.type,
    )
    creation = item_creation(line, rules, known, dialect(rules))
    if fold(creation.symbol) not in known and (lost := lacking(creation, rules, known)) is not None:
        return missing(lost, creation.key)
    fields = _fields("Item", creation, facts, rules)
    return Listed(product.sku, creation, row.keep == "update", fields=fields)


def _row(name: str, facts: Facts, rows: Sequence[_RowT]) -> _RowT | None:
    """The first row that fits and asks nothing of an order."""
    return decide(facts, [row for row in rows if asks_alone(name, row.when)]).row


def _fields(listing: Listing, creation: Creation, facts: Facts, rules: Rules) -> dict[str, Request]:
    """What the `field` rows say of its custom fields; one without a value is left as it is in QuickBooks."""
    found = {}
    for row in decide_fields(facts, rules.field, listing):
        value = row.source.render(facts)
        if row.listing and qbxml.latin(value):
            name = row.listing[1]
            found[name] = qbxml.custom_field(creation.symbol, listing, name, value)
    return found


def _sold(product: Product) -> bool:
    if product.type == "bundle":
        return product.attributes.get("price_type") != DYNAMIC
    return product.type not in SHELL_TYPES
