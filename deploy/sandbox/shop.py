"""The sandbox's Magento shop: its documents, what tests may do to them, and the REST lists that show them.

`Shop.place`, `invoice`, `cancel`, `hold`, `refund`, `open_memo`, `settle_memo`, `cancel_memo`, `ship`, `edit`,
`edit_order` and `touch` change the store between syncs as its owner does; `updated_at` moves with them, by the shop's
own clock (`now`, one second per change), which is the `Date` of its answers.
"""

import copy
import json
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from deploy.sandbox import seeds_changes as changes
from deploy.sandbox import seeds_memos as memos
from deploy.sandbox import seeds_shipments as shipments
from deploy.sandbox import shop_catalogue
from deploy.sandbox.faults import Faults
from deploy.sandbox.seeds import Seeds, stamp
from deploy.sandbox.seeds_cart import Cart
from deploy.sandbox.seeds_shapes import Document
from deploy.sandbox.seeds_wire import wire
from deploy.sandbox.shop_auth import Guard, Keys
from deploy.sandbox.shop_rows import Form, as_shown

KEPT = (
    "entity_id",
    "increment_id",
    "created_at",
    "customer_email",
    "customer_firstname",
    "customer_lastname",
    "customer_group_id",
    "customer_id",
    "customer_is_guest",
    "billing_address",
)
"""What stays of an order when its goods are edited."""


class Shop:
    """A Magento store in memory. Documents are dictionaries with `Decimal` amounts, in the order of their ids.

    `held` maps the numbers of orders that are broken on purpose to their problem code. `calls` counts requests.
    `form` is the form in which REST shows the row totals of orders, `version` what the shop says of itself (None: it
    does not say it).
    `now` may be set (to let time pass), `says_date` False takes the `Date` from the answers, and `meanwhile` is called
    with the path of each call before it is answered: what happens in the store while somebody reads.
    """

    def __init__(self, seeds: Seeds, keys: Keys | None = None, form: Form = "2.4.7") -> None:
        self.keys = keys or Keys()
        self.guard = Guard(self.keys)
        self.faults = Faults()
        self.template = seeds.template
        self.held: Mapping[str, str] = seeds.held
        self.now: datetime = seeds.now
        self.calls = 0
        self.version: str | None = "Magento/2.4 (Community)"
        self.form: Form = form
        self.says_date = True
        self.meanwhile: Callable[[str], None] = lambda path: None
        self._seeds = seeds
        self._lock = threading.RLock()
        self._bytes: dict[tuple[str, int], bytes] = {}
        self._asked: dict[int, Mapping[str, Decimal] | None] = {}  # quantities of open credit memos
        self.customers = shop_catalogue.customers(seeds.template)
        self.products = shop_catalogue.products(seeds.template)
        for order in seeds.orders:
            self.body("orders", order)  # serialised before the first client waits for it

    @property
    def orders(self) -> list[Document]:
        return self._seeds.orders

    @property
    def invoices(self) -> list[Document]:
        return self._seeds.invoices

    @property
    def creditmemos(self) -> list[Document]:
        return self._seeds.creditmemos

    @property
    def shipments(self) -> list[Document]:
        return self._seeds.shipments

    def order(self, number: str) -> Document:
        """The order with this increment id. KeyError when there is none."""
        for document in self.orders:
            if document["increment_id"] == number:
                return document
        raise KeyError(number)

    def place(self, order: Cart | Document | None = None, *, paid: bool = False) -> Document:
        """Places an order: a `Cart` to be filled by chance, or a finished document (its ids must be new). With
        `paid` it is invoiced at once."""
        with self._lock:
            if isinstance(order, dict):
                document = order
            else:
                draft = self._seeds.cashier.draft(order or Cart())
                document = self._seeds.cashier.place(draft, self._seeds.counters, self._tick())
            self.orders.append(document)
            if paid:
                self.invoice(document["increment_id"])
            return document

    def invoice(self, number: str, quantities: Mapping[str, Decimal] | None = None, transaction: str = "") -> Document:
        """Invoices (and captures) an order, or quantities of it by SKU."""
        with self._lock:
            order = self.order(number)
            document = changes.invoice(order, self._seeds.counters, self._tick(), quantities, transaction)
            self.invoices.append(document)
            self._changed(order)
            return document

    def cancel(self, number: str) -> Document:
        """Cancels an order, or its rest."""
        return self._change(number, changes.cancel)

    def deny(self, number: str) -> Document:
        """Cancels an order whose payment was denied in review, with its Magento invoices."""
        with self._lock:
            order = self.order(number)
            paid = [one for one in self.invoices if one["order_id"] == order["entity_id"]]
            changes.deny(order, paid, self._tick())
            for one in paid:
                self._bytes.pop(("invoices", id(one)), None)
            self._changed(order)
            return order

    def hold(self, number: str) -> Document:
        """Puts an order on hold."""
        return self._change(number, changes.hold)

    def release(self, number: str) -> Document:
        """Takes an order off hold."""
        return self._change(number, changes.release)

    def refund(
        self,
        number: str,
        quantities: Mapping[str, Decimal] | None = None,
        *,
        shipping: bool = True,
        adjustment: Decimal = Decimal(0),
    ) -> Document:
        """Makes a credit memo."""
        with self._lock:
            order = self.order(number)
            memo = memos.refund(
                order, self._seeds.counters, self._tick(), quantities, shipping=shipping, adjustment=adjustment
            )
            self.creditmemos.append(memo)
            self._changed(order)
            return memo

    def open_memo(self, number: str, quantities: Mapping[str, Decimal] | None = None) -> Document:
        """Makes a credit memo that gives no money back yet (state 1), as `POST /V1/creditmemo` does: its order stays
        as it was."""
        with self._lock:
            order = copy.deepcopy(self.order(number))
            memo = memos.refund(order, self._seeds.counters, self._tick(), quantities)
            memo["state"] = 1
            self._asked[memo["entity_id"]] = quantities
            self.creditmemos.append(memo)
            return memo

    def settle_memo(self, memo: Document, *, stamped: bool = True) -> Document:
        """Gives back the money of an open credit memo (state 2). Without `stamped` no `updated_at` moves."""
        with self._lock:
            order = next(one for one in self.orders if one["entity_id"] == memo["order_id"])
            when = self._tick() if stamped else order["updated_at"]
            memos.refund(order, copy.deepcopy(self._seeds.counters), when, self._asked[memo["entity_id"]])
            self._changed(order)
            return self._memo_is(memo, 2, when if stamped else memo["updated_at"])

    def cancel_memo(self, memo: Document) -> Document:
        """Cancels a credit memo (state 3), an open one as the core does, or a refunded one as extensions do."""
        with self._lock:
            return self._memo_is(memo, 3, self._tick())

    def ship(self, number: str, quantities: Mapping[str, Decimal] | None = None) -> Document:
        """Ships an order, or quantities of it by SKU."""
        with self._lock:
            order = self.order(number)
            shipment = shipments.ship(order, self._seeds.counters, self._tick(), quantities)
            self.shipments.append(shipment)
            self._changed(order)
            return shipment

    def touch(self, number: str, **columns: Any) -> Document:
        """Moves an order's `updated_at`, setting columns on the way (`shop.touch("000000001", state="complete")`)."""
        return self._change(number, lambda order, when: order.update(columns, updated_at=when))

    def edit(self, kind: Literal["customers", "products"], number: int, **columns: Any) -> Document:
        """Changes a customer or product, as somebody who saves it in the admin does."""
        with self._lock:
            document = next(one for one in self.rows(kind) if one["id"] == number)
            document.update(columns, updated_at=self._tick())
            self._bytes.pop((kind, id(document)), None)
            return document

    def edit_order(self, number: str, cart: Cart) -> Document:
        """What order editors do: other goods in place of an order's own, under the same number. What was paid changes
        with them: its Magento invoices are written anew."""
        with self._lock:
            order, now = self.order(number), self._tick()
            cashier = self._seeds.cashier
            other = cashier.place(cashier.draft(cart, cashier.drafts[order["entity_id"]]), self._seeds.counters, now)
            kept = {name: order[name] for name in KEPT if name in order}
            paid = [one for one in self.invoices if one["order_id"] == order["entity_id"]]
            order.clear()
            order.update(other | kept | {"updated_at": now})
            for one in paid:
                fresh = changes.invoice(order, self._seeds.counters, now)
                same = {name: one[name] for name in ("entity_id", "increment_id", "created_at")}
                one.clear()
                one.update(fresh | same)
                self._bytes.pop(("invoices", id(one)), None)
            self._changed(order)
            return order

    def rows(self, kind: str) -> list[Document]:
        """The documents of a list: orders, invoices, creditmemos, shipments, customers, products."""
        with self._lock:
            return list(getattr(self, kind))

    def body(self, kind: str, document: Document) -> bytes:
        """A document as JSON, serialised once until it changes."""
        key = (kind, id(document))
        with self._lock:
            if key not in self._bytes:
                self._bytes[key] = wire(as_shown(document, self.form) if kind == "orders" else document)
            return self._bytes[key]

    def show_rows(self, form: Form) -> None:
        """Shows orders in another form from now on, as after an upgrade or another display setting: no order's
        `updated_at` moves."""
        with self._lock:
            self.form = form
            self._bytes = {key: body for key, body in self._bytes.items() if key[0] != "orders"}

    def lists(self, path: str, base_url: str) -> bytes | None:
        """The fixed lists of the store (`store/storeViews`, …) as JSON; None for another path."""
        made = shop_catalogue.fixed(path, self.template, base_url)
        return None if made is None else json.dumps(made).encode()

    def _tick(self) -> str:
        self.now += timedelta(seconds=1)
        return stamp(self.now)

    def _change(self, number: str, change: Callable[[Document, str], None]) -> Document:
        with self._lock:
            order = self.order(number)
            change(order, self._tick())
            self._changed(order)
            return order

    def _memo_is(self, memo: Document, state: int, when: str) -> Document:
        memo |= {"state": state, "updated_at": when}
        self._bytes.pop(("creditmemos", id(memo)), None)
        return memo

    def _changed(self, order: Document) -> None:
        self._bytes.pop(("orders", id(order)), None)
