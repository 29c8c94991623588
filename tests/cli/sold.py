"""A home whose shop has been read and whose company is known, without any server or run."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from deploy.sandbox.seeds import Seeds, make_orders
from deploy.sandbox.seeds_shapes import Document
from deploy.sandbox.seeds_wire import wire
from deploy.sandbox.shop_catalogue import fixed
from mappings.rules import template
from state import ledger, references, staging
from state.references import Known
from state.staging import Kind, Staging
from tests.ledgers import lay_ledger

COMPANY = {
    "country": "US",
    "home_currency": "USD",
    "multicurrency": "False",
    "automated_sales_tax": "True",
    "close_date": "",
    "custom_numbers": "True",
}
LISTS: Sequence[tuple[Kind, str]] = (("store", "store/storeConfigs"), ("store_view", "store/storeViews"))


def sold_home(folder: Path, orders: int = 400) -> Seeds:
    """Make a home in `folder` with that many orders; returns them."""
    seeds = make_orders(orders)
    folder.mkdir()
    (folder / "rules.toml").write_text(template("us_retail"), encoding="utf-8")
    (folder / ".env").touch()
    with staging.open(folder / "staging.duckdb") as store:
        for kind, path in LISTS:
            found = fixed(path, "us_retail", "https://shop.example.com")
            assert isinstance(found, list)
            land(store, kind, found)
        groups = fixed("customerGroups/search", "us_retail", "")
        assert isinstance(groups, dict)
        land(store, "group", groups["items"])
        land(store, "order", seeds.orders)
        land(store, "invoice", seeds.invoices)
    know_company(folder)
    return seeds


def land(store: Staging, kind: Kind, documents: Sequence[Document]) -> None:
    """Keep documents as a run does."""
    staging.land(store, kind, b'{"items":[%s],"total_count":1}' % b",".join(map(wire, documents)), "test")


def know_company(folder: Path) -> None:
    """Fill in what the mirror says about the company."""
    engine = ledger.connect(lay_ledger(folder / "ledger.sqlite"))
    with ledger.begin(engine) as conn:
        references.put_many(conn, "company", [Known("company", "1", "Acme", COMPANY)], datetime.now(UTC))
    engine.dispose()
