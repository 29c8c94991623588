"""The facts of what is on the shop's own lists: a registered customer, a product. No order is behind them."""

from collections.abc import Iterable, Mapping
from typing import Final

from mappings.conditions import Condition
from mappings.facts import FactValue
from mappings.facts_list import ATTRIBUTE, PRODUCT
from mappings.model import Address, Customer
from mappings.shop import Product, StoreView

_PLACES: Final = ("country", "region", "postcode", "city")
_OWN: Final = "group id email email_domain name company tax_id"
OF_CUSTOMER: Final = frozenset(
    (
        *("store", "store.name", "website", "guest"),
        *(f"customer.{name}" for name in _OWN.split()),
        *(f"{kind}.{place}" for kind in ("bill", "ship") for place in _PLACES),
    )
)
OF_PRODUCT: Final = frozenset(("line.sku", "line.name", "line.type"))
KNOWN: Final[Mapping[str, tuple[frozenset[str], str]]] = {
    "customer": (OF_CUSTOMER, ATTRIBUTE),
    "item": (OF_PRODUCT, PRODUCT),
}
"""By list of the rules: the facts that a customer or a product alone has, and the prefix of its attributes."""


def unknown_alone(name: str, facts: Iterable[str]) -> list[str]:
    """Which of these facts a customer (list `customer`) or a product (list `item`) without an order does not have."""
    known, prefix = KNOWN[name]
    return [fact for fact in facts if fact not in known and not fact.startswith(prefix)]


def asks_alone(name: str, when: Iterable[Condition]) -> bool:
    """Whether a row of the list asks nothing that an order has to answer."""
    return not unknown_alone(name, (condition.fact for condition in when))


def customer_facts(
    customer: Customer, stores: Mapping[int, StoreView], groups: Mapping[int, str]
) -> dict[str, FactValue]:
    """The facts of a registered customer, as far as the customer's own record tells them."""
    store, billing = stores.get(customer.store_id), customer.billing
    facts: dict[str, FactValue] = {
        "store": store.code if store else None,
        "store.name": store.name if store else None,
        "website": customer.website_id,
        "guest": False,
        "customer.group": groups.get(customer.group_id),
        "customer.id": customer.id,
        "customer.email": customer.email,
        "customer.email_domain": customer.email.rpartition("@")[2],
        "customer.name": f"{customer.first_name} {customer.last_name}".strip(),
        "customer.company": billing.company if billing else "",
        "customer.tax_id": customer.tax_id,
    }
    facts |= {f"{ATTRIBUTE}{name}": value for name, value in customer.attributes.items()}
    return facts | _place("bill", billing) | _place("ship", customer.shipping or billing)


def product_facts(product: Product) -> dict[str, FactValue]:
    """The facts of a product: those of a line that would sell it, and its attributes."""
    facts: dict[str, FactValue] = {
        "line.sku": product.sku,
        "line.name": product.name,
        "line.type": product.type,
    }
    return facts | {f"{PRODUCT}{name}": value for name, value in product.attributes.items()}


def _place(kind: str, address: Address | None) -> dict[str, FactValue]:
    if address is None:
        return dict.fromkeys((f"{kind}.{place}" for place in _PLACES), None)
    told = (address.country, address.region_code or address.region, address.postcode, address.city)
    return {f"{kind}.{place}": value for place, value in zip(_PLACES, told, strict=True)}
