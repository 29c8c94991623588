"""Documents as the bytes that Magento sends: repetitions added, the sandbox's own notes left out."""

import json
from decimal import Decimal

from deploy.sandbox.seeds_shapes import Document

_ITEMS = "\x00items"  # stands for the items' text, which an order repeats in its shipping assignment


def wire(document: Document) -> bytes:
    """The document as JSON bytes, written as PHP writes it (`\\/`, `\\u00fc`, integral numbers without a point)."""
    if "shipping_assignments" not in document.get("extension_attributes", {}):
        return _text(document).encode()
    extension = document["extension_attributes"]
    assignments = [{**one, "items": _ITEMS} for one in extension["shipping_assignments"]]
    whole = {**document, "extension_attributes": {**extension, "shipping_assignments": assignments}}
    if "items" in document:
        whole["items"] = _ITEMS
    return _text(whole).replace(json.dumps(_ITEMS), _text(_items(document))).encode()


def plain(amount: object) -> int | float:
    """A Decimal as JSON number. Four decimals and ten digits survive a double's shortest repr unchanged."""
    if not isinstance(amount, Decimal):
        raise TypeError(f"no JSON for {type(amount).__name__}")
    number = float(amount)
    return int(number) if number.is_integer() else number


def _text(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), default=plain).replace("/", "\\/")


def _items(order: Document) -> list[Document]:
    """The items without our notes, children with the full copy of their parent that Magento sends."""
    shown: dict[int, Document] = {}
    for place, item in enumerate(order.get("items", ())):
        one = {name: value for name, value in item.items() if not name.startswith("_")}
        parent = shown.get(item.get("parent_item_id", 0))
        shown[item.get("item_id", -place)] = one if parent is None else {**one, "parent_item": parent}
    return list(shown.values())
