"""What the reader makes of a Magento shipment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Shipment:
    """A Magento shipment: how many pieces of each priced order line left, by the line's id."""

    entity_id: int
    number: str
    order_id: int
    created_at: datetime
    quantities: Mapping[int, Decimal]

    @property
    def key(self) -> str:
        return f"shipment/{self.number}"
