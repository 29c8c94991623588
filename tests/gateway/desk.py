"""A company in QuickBooks Desktop under test: a home with its ledger, documents of a sandbox shop, the gateway on
loopback, a company file, and the Web Connector that joins them."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from deploy.gateway.identity import OWNER_ID
from deploy.gateway.server import Gateway
from deploy.gateway.session import Connector, open_service
from deploy.sandbox.connector import Cut, Outcome, WebConnector
from deploy.sandbox.desktop import CompanyFile
from deploy.sandbox.seeds import make_orders
from deploy.sandbox.seeds_cart import Cart
from deploy.sandbox.seeds_shapes import Document
from deploy.sandbox.seeds_wire import wire
from deploy.sandbox.shop import Shop
from mappings import rules
from state import connector, ledger, outbox, problems, staging, vault
from state.ledger import Connection, Ledger, chunks
from state.outbox import Row
from state.settings import Settings, load_settings
from state.staging import Kind, Staging
from tasks import connections, lists, mapping, summaries
from tasks.magento import LISTS, ListPart, land_shop
from tasks.windows import SINCE_THE_WATERMARK
from tests.ledgers import lay_ledger

USER, PASSWORD = "magebooks", "a long password of the connector"


@dataclass(slots=True)
class Clock:
    """The time as the gateway sees it: the real one, and what tests let pass."""

    ahead: timedelta = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def later(self, **parts: float) -> None:
        """Let time pass: `later(minutes=6)`."""
        self.ahead += timedelta(**parts)


@dataclass(slots=True)
class Desk:
    """The whole of it."""

    home: Path
    settings: Settings
    engine: Ledger
    shop: Shop
    file: CompanyFile
    service: Connector
    gateway: Gateway
    clock: Clock
    landed: set[tuple[str, int, str]] = field(default_factory=set)
    open_connectors: ExitStack = field(default_factory=ExitStack)

    def connector(self, file: CompanyFile | None = None, password: str = PASSWORD) -> WebConnector:
        """Another Web Connector, of this company's file unless another is given."""
        made = WebConnector(self.gateway.url, USER, password, file or self.file)
        return self.open_connectors.enter_context(made)

    def update(self, **more: Any) -> Outcome:
        """One update of a Web Connector, as if its user had pressed the button."""
        return self.connector(**more).run()

    def cut(self, step: str, times: int = 1, client: WebConnector | None = None) -> None:
        """An update whose connector vanishes when it comes to `step` for the `times`th time; its session is over."""
        client = client or self.connector()
        seen = 0

        def here(reached: str) -> bool:
            nonlocal seen
            seen += reached == step
            return reached == step and seen >= times

        client.cut = here
        try:
            outcome = client.run()
        except Cut:
            pass
        else:
            raise AssertionError(f"{step} was not reached {times} times: {outcome}")
        self.clock.later(minutes=6)

    def sell(self, count: int = 1, cart: Cart | None = None, paid: bool = True) -> list[Document]:
        """Orders in the shop by five buyers in turn, captured unless said otherwise."""
        placed = []
        for _ in range(count):
            order = self.shop.place(cart or Cart(lines="several"))
            buyer = f"Number {len(self.shop.orders) % 5}"
            order |= {"customer_firstname": "Buyer", "customer_lastname": buyer}
            order["customer_email"] = f"{buyer.replace(' ', '.').lower()}@example.com"
            order["billing_address"] |= {"firstname": "Buyer", "lastname": buyer, "company": ""}
            if paid:
                self.shop.invoice(order["increment_id"], transaction=f"TXN{order['entity_id']:08d}")
            placed.append(order)
        return placed

    def queue(self) -> dict[str, int]:
        """Land what the shop has and queue it, as a run does."""
        return asyncio.run(self._queue())

    async def _queue(self) -> dict[str, int]:
        async with connections.session(self.settings, "test"):
            with staging.open(self.settings.staging_path) as store:
                for kind in ("order", "invoice", "creditmemo", "shipment"):
                    _land(store, kind, self._changed(kind))
            mapped = await mapping.queue_documents.fn()
            summed = await summaries.queue_summaries.fn(SINCE_THE_WATERMARK, self.clock())
            return mapped | {name: mapped.get(name, 0) + count for name, count in summed.items()}

    def queue_list(self, part: ListPart) -> dict[str, int]:
        """Land one of the shop's own lists and queue what the rules keep of it, as a run does."""
        return asyncio.run(self._queue_list(part))

    async def _queue_list(self, part: ListPart) -> dict[str, int]:
        async with connections.session(self.settings, "test"):
            with staging.open(self.settings.staging_path) as store:
                _land(store, LISTS[part], getattr(self.shop, part))
            return await lists.queue_list.fn(part)

    def _changed(self, kind: Kind) -> list[Document]:
        """Documents that have not landed as they stand now."""
        all_of: list[Document] = getattr(self.shop, f"{kind}s")
        found = [one for one in all_of if (kind, one["entity_id"], one["updated_at"]) not in self.landed]
        self.landed |= {(kind, one["entity_id"], one["updated_at"]) for one in found}
        return found

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """The ledger, to look."""
        with ledger.reading(self.engine) as conn:
            yield conn

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """The ledger, to bring about what a test needs."""
        with ledger.begin(self.engine) as conn:
            yield conn

    def rows(self) -> list[Row]:
        """All rows of the outbox."""
        with self.reading() as conn:
            return outbox.rows(conn)

    def states(self) -> dict[str, int]:
        """How many rows are in each state."""
        with self.reading() as conn:
            return outbox.counts(conn)

    def problems(self) -> dict[str, str]:
        """Document to problem code."""
        with self.reading() as conn:
            return {one.problem.document: one.problem.code for one in problems.open_problems(conn)}

    def audit(self) -> None:
        """Everything is in the company file once, with the ids and amounts that the ledger says."""
        posted = [row for row in self.rows() if row.status == "posted"]
        documents = {
            one["TxnID"]: one
            for entity in ("SalesReceipt", "Invoice", "CreditMemo", "ReceivePayment")
            for one in self.file.documents(entity)
        }
        kinds = ("sales_receipt", "invoice", "credit_memo", "payment")
        # A payment of zero only sets a credit against its invoice: QuickBooks keeps no document of it.
        made = [row for row in posted if row.kind in kinds and (row.amount or row.kind != "payment")]
        assert {row.qb_id for row in made} == set(documents)
        assert len(made) == len(documents)
        assert self.file.duplicates() == []
        for row in made:
            assert row.qb_id is not None
            voided = any(other.kind == "void" and other.key == f"{row.key}/void" for other in posted)
            assert documents[row.qb_id]["TotalAmt"] == (0 if voided else row.amount), row.key


def _land(store: Staging, kind: Kind, documents: list[Document]) -> None:
    for page in chunks(documents, 200):
        body = b'{"items":[%s],"total_count":%d}' % (b",".join(map(wire, page)), len(page))
        staging.land(store, kind, body, "test")


@contextmanager
def open_desk(
    home: Path, *, orders: int = 0, seed: int = 1, empty: bool = False, template: str = "us_desktop", **extra: str
) -> Iterator[Desk]:
    """Everything up and running; the shop's lists have landed, and QuickBooks has never been seen. `extra` are further
    settings."""
    home.mkdir()
    (home / "rules.toml").write_text(rules.template(template), encoding="utf-8")
    vault.create_key(home)
    lay_ledger(home / "ledger.sqlite")
    environment = {"QBWC_USERNAME": USER, "QBWC_PASSWORD": PASSWORD, "MAGENTO_BASE_URL": "http://127.0.0.1:1"} | extra
    settings = load_settings(home, environment)
    shop = Shop(make_orders(orders, seed, "us_retail", broken_share=False))
    clock = Clock()
    opened = open_service(settings)
    service = Connector(settings, opened.ledger, clock)
    with ledger.begin(service.ledger) as conn:
        mark = connector.file_id(conn)
    file = CompanyFile(template, empty=empty, owner_id=OWNER_ID, file_id=mark)
    with Gateway(service, settings) as gateway:
        desk = Desk(home, settings, service.ledger, shop, file, service, gateway, clock)
        asyncio.run(_shop_lists(settings, shop))
        with desk.open_connectors:
            yield desk
    service.ledger.dispose()


async def _shop_lists(settings: Settings, shop: Shop) -> None:
    from deploy.sandbox import shop_app
    from deploy.sandbox.server import Server

    with Server(shop_app.application(shop), dated=False) as server:
        here = settings.model_copy(update={"magento_base_url": server.url, "magento_bearer_token": _token(shop)})
        async with connections.session(here, "test"):
            await land_shop.fn()


def _token(shop: Shop) -> Any:
    from pydantic import SecretStr

    return SecretStr(shop.keys.token)
