"""What the shop says about itself, read from staging: store views, customer groups, and products on orders."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from mappings import magento
from mappings.originals import Original, read_original
from mappings.shop import Product, StoreView
from state.staging_sql import statements
from state.staging_store import Staging


class OfOrder(Protocol):
    """Anything that belongs to an order, with the order's number."""

    @property
    def order_id(self) -> int: ...

    @property
    def number(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Shop:
    """Store views by id and the names of customer groups by id, as they landed last."""

    stores: Mapping[int, StoreView]
    groups: Mapping[int, str]


def shop(store: Staging) -> Shop:
    """The shop as it landed last; empty before the first landing."""
    configs, views, groups = (
        [magento.parse(payload) for (payload,) in store.rows(statements("shop")["of_kind"], kind=kind)]
        for kind in ("store", "store_view", "group")
    )
    return Shop(magento.read_stores(configs, views), magento.read_groups(groups))


def originals(store: Staging, page: Iterable[OfOrder]) -> dict[str, Original]:
    """The orders that those on the page replace, by number, as they landed last.

    A successor's number is its original's with a dash: the rest is not looked into.
    """
    orders = [one.order_id for one in page if "-" in one.number]
    rows = store.rows(statements("shop")["originals"], orders=orders) if orders else []
    read = (read_original(magento.parse(payload)) for (payload,) in rows)
    return {original.number: original for original in read}


def products(store: Staging, page: Iterable[OfOrder]) -> dict[str, Product]:
    """The catalogue's products on these orders, by the SKU on the line (which custom options make longer).

    A configurable's line is found as its variant, and as itself only where the variant has left the catalogue.
    """
    if not store.rows(statements("shop")["any_product"]):  # which is told much faster than what is on the lines
        return {}
    rows = store.rows(statements("shop")["products"], orders=[one.order_id for one in page])
    return {sku: magento.read_product(magento.parse(payload)) for sku, payload in rows}
