"""A company for stories: a sandbox shop and books, a home with its ledger, and runs of the whole flow."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from deploy.sandbox.books import Books
from deploy.sandbox.seeds_shapes import Document
from deploy.sandbox.shop import Shop
from deploy.sandbox.world import Sandbox
from flows.orders import orders
from mappings import rules
from state import ledger, outbox, problems, runs, vault
from state.ledger import Connection, Ledger
from state.outbox import Row
from state.runs import Run
from tasks.magento import Part
from tasks.windows import SINCE_THE_WATERMARK, Window
from tests.ledgers import lay_ledger

PREFECT = [
    # Prefect leaves sockets to the garbage collector; ours are closed, as the clients' own tests show.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
Open = Callable[..., "Company"]


@dataclass(slots=True)
class Company:
    """The whole of it. `calls` are those of the last run, by both sides."""

    world: Sandbox
    home: Path
    engine: Ledger
    calls: dict[str, int] = field(default_factory=dict)

    @property
    def shop(self) -> Shop:
        return self.world.shop

    @property
    def books(self) -> Books:
        return self.world.books

    def sync(self, window: Window = SINCE_THE_WATERMARK, only: list[Part] | None = None) -> Mapping[str, Any]:
        """Run the flow in this process; returns the run's counts. Raises what the flow raises."""
        asyncio.run(orders(window=window, home=str(self.home), only=only))
        run = self.last_run()
        assert run.status == "done"
        self.calls = dict(run.counts["api"])  # type: ignore[call-overload]
        return run.counts

    def last_run(self) -> Run:
        """The newest run, as the ledger keeps it."""
        with self.reading() as conn:
            run = runs.latest(conn)
        assert run is not None
        return run

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """The ledger, to look."""
        with ledger.reading(self.engine) as conn:
            yield conn

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """The ledger, to bring about what a story needs."""
        with ledger.begin(self.engine) as conn:
            yield conn

    def rules(self, *changes: tuple[str, str]) -> None:
        """Change lines of the rules file; each must be there."""
        path = self.home / "rules.toml"
        text = path.read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")

    def states(self, order: Document | None = None) -> dict[str, str]:
        """Outbox key to state: of one order's documents, or of all documents (customers and items left out)."""
        key = f"order/{order['increment_id']}" if order else None
        with self.reading() as conn:
            found = outbox.rows(conn, order_key=key)
        return {row.key: row.status for row in found if row.kind not in ("customer", "item")}

    def row(self, key: str) -> Row:
        """One row of the outbox that must be there."""
        with self.reading() as conn:
            found = outbox.get(conn, key)
        assert found is not None, key
        return found

    def problems(self, hold: bool | None = None) -> dict[str, str]:
        """Document to problem code; every document here has one at most."""
        with self.reading() as conn:
            found = problems.open_problems(conn, hold=hold)
        assert len({one.problem.document for one in found}) == len(found)
        return {one.problem.document: one.problem.code for one in found}

    def document(self, entity: str, number: str) -> dict[str, Any]:
        """The one document of this type and number in QuickBooks."""
        [found] = [one for one in self.books.documents(entity) if one.get("DocNumber") == number]
        return found

    def count(self, entity: str) -> int:
        """How many objects of an entity QuickBooks has."""
        return len(self.books.documents(entity))


def open_company(home: Path, orders: int = 0, **world: Any) -> Company:
    """Start both servers and make a home. Without other wishes no order is broken on purpose, and Intuit's minute
    lasts a second."""
    sandbox = Sandbox(orders=orders, **{"minute_seconds": 1.0, "broken": False, **world})
    sandbox.__enter__()
    home.mkdir()
    (home / "rules.toml").write_text(rules.template(sandbox.shop.template), encoding="utf-8")
    connect(home, sandbox)
    vault.create_key(home)
    return Company(sandbox, home, ledger.connect(lay_ledger(home / "ledger.sqlite")))


def connect(home: Path, world: Sandbox) -> None:
    """Write what is needed to reach the shop and QuickBooks into the home."""
    env = world.environment()
    (home / ".env").write_text("".join(f"{name}={value}\n" for name, value in env.items()), encoding="utf-8")


def number(document: Document) -> str:
    """The number that people know a Magento document by."""
    return str(document["increment_id"])


def days(since: str, until: str | None = None) -> Window:
    """A range of days."""
    return Window(since=date.fromisoformat(since), until=date.fromisoformat(until) if until else None)
