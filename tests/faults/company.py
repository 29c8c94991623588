"""A company under test: a sandbox shop, sandbox books, a home with a ledger, and the command that joins them."""

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from deploy.cli.app import run as command
from deploy.sandbox.books import Books
from deploy.sandbox.seeds_cart import Cart
from deploy.sandbox.shop import Shop
from deploy.sandbox.world import Sandbox
from mappings import rules
from state import ledger, outbox, vault
from state.ledger import Connection, Ledger
from state.outbox import Row, Status
from tests.ledgers import lay_ledger

PREFECT = [
    # Prefect leaves sockets to the garbage collector; ours are closed, as the clients' own tests show.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
MAGEBOOKS = Path(sys.executable).with_name("magebooks")


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended: its exit status and what it wrote."""

    status: int
    out: str
    err: str

    @property
    def data(self) -> dict[str, Any]:
        """The JSON object of `--json`."""
        return dict(json.loads(self.out))


@dataclass(slots=True)
class Company:
    """The whole of it. `extra` are further settings of its environment."""

    world: Sandbox
    home: Path
    engine: Ledger
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def shop(self) -> Shop:
        return self.world.shop

    @property
    def books(self) -> Books:
        return self.world.books

    def environment(self) -> dict[str, str]:
        """What MageBooks is told about this company."""
        return {**self.world.environment(), "MAGEBOOKS_HOME": str(self.home), **self.extra}

    def sync(self) -> Done:
        """`magebooks sync --json` in this process: an import less, and the same road from the command to the books."""
        return self.command("sync", "--debug")

    def command(self, *arguments: str) -> Done:
        """Any other command with `--json`, in this process."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = command([*arguments, "--json", "--home", str(self.home)])
        return Done(int(status), out.getvalue(), err.getvalue())

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """The real command in a process of its own, to be killed or waited for."""
        return subprocess.Popen(
            [str(MAGEBOOKS), *(arguments or ("sync", "--json")), "--home", str(self.home)],
            env={**os.environ, **self.environment(), "COLUMNS": "200"},
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def rows(self, status: Status | None = None) -> list[Row]:
        """The outbox, or its rows in one state."""
        with ledger.reading(self.engine) as conn:
            return outbox.rows(conn, status)

    def row(self, key: str) -> Row:
        """One row of the outbox that must be there."""
        with ledger.reading(self.engine) as conn:
            found = outbox.get(conn, key)
        assert found is not None, key
        return found

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """The ledger, to bring about what a test needs (a lease that ran out, an older batch)."""
        with ledger.begin(self.engine) as conn:
            yield conn

    def close(self) -> None:
        """Stop both servers."""
        self.engine.dispose()
        self.world.__exit__(None, None, None)


Open = Callable[..., Company]


def at_work(company: Open, **more: Any) -> Company:
    """A company whose first run is over, and a shop that has sold again since: the next batches post."""
    one = company(4, **more)
    assert one.sync().status == 0
    one.shop.place(paid=True)
    one.shop.place(Cart(lines="several", method="checkmo"), paid=True)
    one.shop.place(Cart(method="checkmo"))
    return one


def finish(process: "subprocess.Popen[str]", timeout: float = 120) -> Done:
    """Wait for a started command."""
    out, err = process.communicate(timeout=timeout)
    return Done(process.returncode, out, err)


def open_company(home: Path, orders: int, *, extra: Mapping[str, str] | None = None, **world: Any) -> Company:
    """Start both servers and make a home. Without other wishes no order is broken on purpose, and Intuit's minute
    lasts a second."""
    sandbox = Sandbox(orders=orders, **{"minute_seconds": 1.0, "broken": False, **world})
    sandbox.__enter__()
    home.mkdir()
    (home / "rules.toml").write_text(rules.template(sandbox.shop.template))
    vault.create_key(home)
    engine = ledger.connect(lay_ledger(home / "ledger.sqlite"))
    return Company(sandbox, home, engine, dict(extra or {}))
