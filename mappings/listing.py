"""The shop's own lists: which registered customers and products QuickBooks shall have, whether they sold or not.

The same rows of the rules decide as for documents (`keep` in `customer` and `item` rows), so a product stands on the
account that its sales go to, and a customer has the key that its orders ask for.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Final, TypeVar

from mappings import parties
from mappings.decide import decide
from mappings.dialect import dialect
from mappings.entry import Because, EntryLine, Party
from mappings.facts import Facts
from mappings.facts_listed import asks_alone, customer_facts, product_facts
from mappings.keys import Symbol, fold
from mappings.linking import Creation, customer_creation, item_creation, lacking, missing
from mappings.model import ZERO, Customer, Problem, Product, StoreView
from mappings.rules import CustomerRow, ItemRow, Rules

SHELL_TYPES: Final = ("configurable", "grouped")
"""Products that are never sold themselves: their variants are."""
DYNAMIC: Final = "0"
"""`price_type` of a bundle whose parts carry the prices."""
_RowT = TypeVar("_RowT", CustomerRow, ItemRow)


@dataclass(frozen=True, slots=True)
class Listed:
    """One customer or product that QuickBooks shall have. `number` is what people find it by in the shop: a customer's
    id, a SKU. `update`: changes in the shop are carried over. `party` is who a customer is."""

    number: str
    creation: Creation
    update: bool
    party: Party | None = None


def list_customer(
    customer: Customer, stores: Mapping[int, StoreView], groups: Mapping[int, str], rules: Rules
) -> Listed | None:
    """The customer by the customer list; None for one that only documents bring."""
    row = _row("customer", customer_facts(customer, stores, groups), rules.customer)
    if row is None or row.keep == "as_needed":
        return None
    key = parties.identity(customer.email, customer.website_id, customer.id, f"customer:{customer.id}", rules)
    party = parties.own(
        key, customer.email, customer.first_name, customer.last_name, customer.billing, customer.shipping
    )
    return Listed(f"customer {customer.id}", customer_creation(party, dialect(rules)), row.keep == "update", party)


def list_product(product: Product, rules: Rules, known: Set[Symbol]) -> Listed | Problem | None:
    """The product by the item list; None for one that only documents bring, or that is not sold under its own SKU.

    `known` are folded symbols that QuickBooks has. A Problem names an account that the item needs and QuickBooks lacks.
    """
    row = _row("item", product_facts(product), rules.item)
    if row is None or row.keep == "as_needed" or not product.sku or not _sold(product):
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
    if fold(creation.symbol) not in known and (lost := lacking(creation, known)) is not None:
        return missing(lost, creation.key)
    return Listed(product.sku, creation, row.keep == "update")


def _row(name: str, facts: Facts, rows: Sequence[_RowT]) -> _RowT | None:
    """The first row that fits and asks nothing of an order."""
    return decide(facts, [row for row in rows if asks_alone(name, row.when)]).row


def _sold(product: Product) -> bool:
    if product.type == "bundle":
        return product.attributes.get("price_type") != DYNAMIC
    return product.type not in SHELL_TYPES
