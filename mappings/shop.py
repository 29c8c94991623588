"""What a Magento shop is made of, apart from what it sells: its store views, and its products."""

from collections.abc import Mapping

from mappings.records import record


@record(frozen=True, slots=True)
class StoreView:
    """One Magento store view (`/V1/store/storeConfigs` with its name from `/V1/store/storeViews`)."""

    id: int
    code: str
    name: str
    website_id: int
    timezone: str
    base_currency: str


@record(frozen=True, slots=True)
class Product:
    """What rules may ask about a product; `attributes` holds its custom attributes as text."""

    sku: str
    name: str
    type: str
    attributes: Mapping[str, str]
