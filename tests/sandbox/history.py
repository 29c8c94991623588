"""A shop's history for tests: enough orders for each kind, and what happens to them next."""

from decimal import Decimal

from deploy.sandbox.seeds import US
from deploy.sandbox.seeds_shapes import Document
from deploy.sandbox.shop import Shop

ALL_KINDS = 3 * len(US) + 20
"""Orders enough for a shop's history to have each kind at least once."""


def go_on(shop: Shop) -> None:
    """Open orders are paid, cancelled, or paid for one piece and the rest cancelled, in turn; so are open rests."""
    open_orders = [one for one in shop.orders if one["state"] == "new" and one["base_grand_total"]]
    for at, order in enumerate(open_orders):
        _STEPS[at % len(_STEPS)](shop, order)
    rests = [one for one in shop.orders if one["state"] == "processing" and one["total_due"]]
    for at, order in enumerate(one for one in rests if not one.get("total_canceled")):
        _STEPS[at % 2](shop, order)


def _pay(shop: Shop, order: Document) -> None:
    shop.invoice(order["increment_id"])


def _cancel(shop: Shop, order: Document) -> None:
    shop.cancel(order["increment_id"])


def _pay_one_piece(shop: Shop, order: Document) -> None:
    """And cancel the rest, if there is one."""
    first = order["items"][0]
    shop.invoice(order["increment_id"], {first["sku"]: min(first["qty_ordered"], Decimal(1))})
    if order["total_due"]:
        _cancel(shop, order)


_STEPS = (_pay, _cancel, _pay_one_piece)
