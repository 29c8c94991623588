"""Orders that were edited in Magento's admin: the one that was edited is cancelled, and a successor takes its place."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Original:
    """An order that a successor replaces, as it was read last; `replaced` once it is cancelled in Magento, or names
    its successor."""

    number: str
    paid: Decimal
    replaced: bool


def read_original(raw: Mapping[str, Any]) -> Original:
    """What is asked of it; an amount that cannot be read counts as none."""
    paid = raw.get("base_total_paid")
    return Original(
        number=str(raw.get("increment_id") or ""),
        paid=Decimal(paid) if isinstance(paid, int | Decimal) else Decimal(0),
        replaced=raw.get("state") == "canceled" or bool(raw.get("relation_child_id")),
    )
