"""Documents as the bytes that Magento sends: repetitions added, the sandbox's own notes left out."""

import json
from decimal import Decimal
from typing import Any

from deploy.sandbox.seeds_shapes import Document


def wire(document: Document) -> bytes:
    """The document as JSON bytes, written as PHP writes it (`\\/`, `\\u00fc`, integral numbers without a point)."""
    full = dict(document)
    if "shipping_assignments" in full.get("extension_attributes", {}):
        full = _repeated(full)
    text = json.dumps(_public(full), separators=(",", ":"), default=plain)
    return text.replace("/", "\\/").encode()


def plain(amount: object) -> int | float:
    """A Decimal as JSON number. Four decimals and ten digits survive a double's shortest repr unchanged."""
    if not isinstance(amount, Decimal):
        raise TypeError(f"no JSON for {type(amount).__name__}")
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def _public(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _public(inner) for key, inner in value.items() if not key.startswith("_")}
    return [_public(inner) for inner in value] if isinstance(value, list) else value


def _repeated(document: Document) -> Document:
    by_id = {item["item_id"]: item for item in document.get("items", ())}
    items = [
        {**item, "parent_item": by_id[item["parent_item_id"]]} if item.get("parent_item_id") in by_id else item
        for item in document.get("items", ())
    ]
    extension = dict(document["extension_attributes"])
    extension["shipping_assignments"] = [{**one, "items": items} for one in extension["shipping_assignments"]]
    repeated = {**document, "extension_attributes": extension}
    if "items" in document:
        repeated["items"] = items
    return repeated
