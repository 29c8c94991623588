"""Documents recorded from Magento Open Source 2.4.7 (addresses of people, gateways and machines removed)."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from mappings.magento import parse, read_order
from mappings.model import Order, Problem

FOLDER = Path(__file__).parents[1] / "recordings" / "magento"


@cache
def texts(kind: str) -> Mapping[str, str]:
    """The recorded JSON texts of a kind (`orders`, `invoices`, `creditmemos`) by increment id."""
    lines = (FOLDER / f"{kind}.json").read_text(encoding="utf-8").splitlines()[1:-1]
    found = (line.rstrip(",") for line in lines)
    return {parse(line)["increment_id"]: line for line in found}


def raw(kind: str, number: str) -> dict[str, Any]:
    """A fresh copy of one recorded document, free to be changed."""
    return parse(texts(kind)[number])


def as_shown(document: Any) -> Any:
    """The document as it would be in a shop whose base currency is the one that the buyer was shown: every amount in
    base currency is replaced by the one beside it."""
    if isinstance(document, list):
        return [as_shown(each) for each in document]
    if not isinstance(document, dict):
        return document
    found = {name: as_shown(value) for name, value in document.items()}
    for name in found:
        shown = name.removeprefix("base_").replace("_amnt", "_amount")
        if name.startswith("base_") and shown in found:
            found[name] = found[shown]
    if "order_currency_code" in found:
        found["base_currency_code"] = found["order_currency_code"]
    return found


def listed(name: str) -> list[dict[str, Any]]:
    """A recorded list file (`products`, `storeConfigs`, ...)."""
    lines = (FOLDER / f"{name}.json").read_text(encoding="utf-8").splitlines()[1:-1]
    return [parse(line.rstrip(",")) for line in lines]


def order(number: str) -> Order:
    """One recorded order, read."""
    return good(read_order(raw("orders", number)))


def order_by_entity(entity_id: int) -> Order:
    """The recorded order with this entity id, as invoices name it."""
    return next(found for found in map(order, texts("orders")) if found.entity_id == entity_id)


def good(read: Order | Problem) -> Order:
    """The order that was read; fails the test with the reason when it was a problem."""
    assert isinstance(read, Order), read
    return read
