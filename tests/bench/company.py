"""A sandbox shop and company with a home, and the real command on it in a process of its own."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.sandbox.books import Books
from deploy.sandbox.seeds_cart import SIMPLE, Cart
from deploy.sandbox.world import Sandbox
from mappings import rules
from state import vault

MAGEBOOKS = Path(sys.executable).with_name("magebooks")
OURS = ("MAGENTO_", "QUICKBOOKS_", "MAGEBOOKS_", "PREFECT_", "QBWC_")


@dataclass(frozen=True, slots=True)
class Company:
    """A world and its home. The company knows the items of the shop, but none of the buyers placed here."""

    world: Sandbox
    home: Path

    def environment(self) -> dict[str, str]:
        """The caller's environment without other shops and companies, and with this one."""
        rest = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        return rest | self.world.environment() | {"MAGEBOOKS_HOME": str(self.home)}

    def sell(self, orders: int, buyers: int) -> None:
        """Place captured orders of two to four lines; buyer after buyer comes, each with an e-mail of their own."""
        for number in range(orders):
            order = self.world.shop.place(Cart(lines="several"))
            call(order, number % buyers)
            self.world.shop.invoice(order["increment_id"], transaction=f"TXN{order['entity_id']:08d}")

    def sync(self) -> dict[str, Any]:
        """`magebooks sync --json`; its answer."""
        return command("sync", "--json", "--home", str(self.home), environment=self.environment())


def call(order: dict[str, Any], buyer: int) -> None:
    """Let an order be somebody's: name and e-mail, on the head and on the bill."""
    email, first, last = f"buyer.{buyer}@example.com", "Buyer", f"Number {buyer}"
    order |= {"customer_email": email, "customer_firstname": first, "customer_lastname": last}
    order["billing_address"] |= {"email": email, "firstname": first, "lastname": last}


def stock(books: Books) -> None:
    """Let QuickBooks know the shop's simple articles by their SKU."""
    income = books.find("Account", rules.load(rules.template("us_retail")).accounts.sales)
    assert income is not None
    for sku in SIMPLE:
        item = {"Name": sku, "Sku": sku, "Type": "NonInventory", "IncomeAccountRef": {"value": income["Id"]}}
        books.write("Item", "create", item)


@contextmanager
def home() -> Iterator[Path]:
    """A company's directory with rules and a vault key, gone afterwards."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        (Path(folder) / "rules.toml").write_text(rules.template("us_retail"))
        vault.create_key(Path(folder))
        yield Path(folder)


@contextmanager
def open_company(folder: Path, minute_seconds: float = 6.0) -> Iterator[Company]:
    """Both servers. Intuit's minute is shortened; its limits hold."""
    with Sandbox(orders=0, minute_seconds=minute_seconds) as world:
        stock(world.books)
        yield Company(world, folder)


def command(*arguments: str, environment: dict[str, str] | None = None, folder: Path | None = None) -> dict[str, Any]:
    """Run `magebooks` and read its JSON. Raises RuntimeError with its words when it did not end well."""
    done = subprocess.run(
        [str(MAGEBOOKS), *arguments],
        env=environment,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"magebooks {arguments[0]} ended with {done.returncode}: {done.stdout}{done.stderr}")
    return dict(json.loads(done.stdout))
