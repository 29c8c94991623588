"""What the shop says about itself: store views, customer groups, products. Entries that cannot be read are left out."""

from collections.abc import Iterable, Mapping
from typing import Any

from mappings.magento_fields import Document, Unreadable, needed, whole
from mappings.shop import Product, StoreView


def read_stores(store_configs: Iterable[Document], store_views: Iterable[Document]) -> dict[int, StoreView]:
    """Store views by id, from `/V1/store/storeConfigs` with their names from `/V1/store/storeViews`."""
    names = {str(view.get("code")): str(view.get("name") or "") for view in store_views}
    stores: dict[int, StoreView] = {}
    for config in store_configs:
        try:
            store_id, website_id = whole(config, "id"), whole(config, "website_id")
            code, zone, base_currency = (needed(config, name) for name in ("code", "timezone", "base_currency_code"))
        except Unreadable:
            continue
        if store_id is not None:
            stores[store_id] = StoreView(store_id, code, names.get(code) or code, website_id or 0, zone, base_currency)
    return stores


def read_groups(items: Iterable[Document]) -> dict[int, str]:
    """Customer group names by id, from `/V1/customerGroups/search`. Guests have group 0 (NOT LOGGED IN)."""
    groups: dict[int, str] = {}
    for group in items:
        try:
            group_id, name = whole(group, "id"), needed(group, "code")
        except Unreadable:
            continue
        if group_id is not None:
            groups[group_id] = name
    return groups


def read_product(raw: Mapping[str, Any]) -> Product:
    """A product with its custom attributes as text, several values joined by commas.

    Its `id`, `attribute_set_id` and `status` (1 enabled, 2 disabled) are among the attributes: an order line with
    custom options has another SKU than the catalogue and is found by product id.
    """
    own = {name: _words(raw[name]) for name in ("id", "attribute_set_id", "status") if raw.get(name) is not None}
    return Product(_words(raw.get("sku")), _words(raw.get("name")), _words(raw.get("type_id")), own | attributes(raw))


def attributes(raw: Mapping[str, Any]) -> dict[str, str]:
    """The custom attributes of a product or customer by their codes, as text, several values joined by commas."""
    listed = raw.get("custom_attributes")
    return {
        _words(attribute.get("attribute_code")): _words(attribute["value"])
        for attribute in (listed if isinstance(listed, list) else ())
        if isinstance(attribute, dict) and attribute.get("value") is not None
    }


def _words(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return ",".join(_words(part) for part in value)
    return str(value)
