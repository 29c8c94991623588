"""One ledger is one shop and one QuickBooks company: another one is refused before anything is read."""

import contextlib
import io
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from deploy.cli.app import run as command
from deploy.gateway.session import open_service
from state import identity
from state.settings import load_settings
from tasks.belonging import OtherBooks, shop_of
from tests.mappings.settlement_files import PAYPAL, file, paypal
from tests.tasks.company import PREFECT, Company, Open

pytestmark = PREFECT


def magebooks(one: Company, *arguments: str) -> tuple[int, dict[str, Any]]:
    """A command with `--json` in this process: its exit status and its object."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = command([*arguments, "--json", "--home", str(one.home)])
    return int(status), dict(json.loads(out.getvalue()))


def say(one: Company, **variables: str) -> None:
    """Write further variables into the home's `.env`."""
    with (one.home / ".env").open("a", encoding="utf-8") as file:
        file.writelines(f"{name}={value}\n" for name, value in variables.items())


def host(one: Company) -> str:
    return one.world.shop_url.removeprefix("http://")


@pytest.fixture
def two(company: Open) -> Iterator[tuple[Company, Company]]:
    """A company with its books, and another whose home names the first one's ledger."""
    first, second = company(3), company(3)
    first.sync()
    say(second, MAGEBOOKS_LEDGER_URL=f"sqlite:///{first.home / 'ledger.sqlite'}")
    yield first, second


SALES = ("sync", "--debug"), ("sync", "--dry-run"), ("setup", "--yes"), ("preview", "--from", "2026-11-01")


@pytest.mark.parametrize("arguments", [*SALES, ("settle", "paypal.csv")], ids=lambda given: " ".join(given))
def test_another_shop_in_a_ledger_is_refused_before_anything_is_read(
    two: tuple[Company, Company], arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = two
    monkeypatch.chdir(tmp_path)
    withdrawal = paypal("General Withdrawal", "-1.00", "0.00", "-1.00", "5WD00000000000001", time="23:00:00")
    (tmp_path / "paypal.csv").write_bytes(file(PAYPAL, withdrawal))
    calls = second.shop.calls, second.books.calls, first.books.calls
    ran, rows = first.last_run(), first.states()
    status, said = magebooks(second, *arguments)
    assert status == 2
    assert said["error"]["message"] == (
        f"This ledger keeps the books of shop {host(first)} and QuickBooks Online company “Sandbox Retail Inc”; "
        f"this home names shop {host(second)}."
    )
    assert "magebooks init --home DIRECTORY" in said["error"]["fix"]
    assert (second.shop.calls, second.books.calls, first.books.calls) == calls
    assert (first.last_run(), first.states()) == (ran, rows)


def test_doctor_names_the_other_shop_as_a_finding_and_reads_neither_side(two: tuple[Company, Company]) -> None:
    _, second = two
    calls = second.shop.calls, second.books.calls
    status, said = magebooks(second, "doctor")
    [found] = [check for check in said["checks"] if check["name"] == "whose ledger"]
    assert (status, found["level"]) == (2, "fail")
    assert f"this home names shop {host(second)}" in found["found"]
    assert (second.shop.calls, second.books.calls) == calls


def test_the_gateway_does_not_serve_another_companys_ledger(two: tuple[Company, Company]) -> None:
    first, second = two
    with pytest.raises(OtherBooks, match="this home names shop"):
        open_service(load_settings(second.home, {}))
    with pytest.raises(OtherBooks, match="QuickBooks Desktop was asked for"):
        open_service(load_settings(first.home, {}))


def test_another_quickbooks_company_is_refused(company: Open) -> None:
    one = company(2)
    one.sync()
    say(one, QUICKBOOKS_REALM_ID="9130357000000099")
    calls = one.shop.calls, one.books.calls
    status, said = magebooks(one, "sync")
    assert status == 2
    assert "QUICKBOOKS_REALM_ID names another QuickBooks company" in said["error"]["message"]
    assert "91303570000000" not in json.dumps(said)
    assert (one.shop.calls, one.books.calls) == calls
    with closing(sqlite3.connect(one.home / "ledger.sqlite")) as conn:
        kept = conn.execute("SELECT value FROM identity").fetchall()
    assert not any("91303570000000" in value for (value,) in kept)


def test_a_shop_that_moved_keeps_its_ledger_when_a_person_says_so(company: Open) -> None:
    one = company(3)
    one.sync()
    posted = one.count("SalesReceipt")
    with one.writing() as conn:
        identity.keep(conn, "shop", "old.example", one.last_run().started_at)
    status, said = magebooks(one, "sync")
    assert (status, "this home names shop" in said["error"]["message"]) == (2, True)
    assert "magebooks sync --shop-moved" in said["error"]["fix"]
    status, said = magebooks(one, "sync", "--shop-moved")
    assert (status, said.get("posted")) == (0, 0)
    assert magebooks(one, "sync")[0] == 0
    assert one.count("SalesReceipt") == posted


def test_two_homes_of_one_company_share_a_ledger(company: Open) -> None:
    one = company(2)
    one.sync()
    other = one.home.with_name("machine two")
    other.mkdir()
    for name in ("rules.toml", ".env", "vault.key"):
        (other / name).write_bytes((one.home / name).read_bytes())
    (other / "vault.key").chmod(0o600)
    twin = Company(one.world, other, one.engine)
    say(twin, MAGEBOOKS_LEDGER_URL=f"sqlite:///{one.home / 'ledger.sqlite'}")
    assert magebooks(twin, "sync")[0] == 0


def test_an_address_that_was_mistyped_before_anything_was_read_is_not_kept(company: Open) -> None:
    one = company(2)
    with one.writing() as conn:
        identity.keep(conn, "shop", "mistyped.example", datetime.now(UTC))
    assert magebooks(one, "sync")[0] == 0
    with one.reading() as conn:
        assert identity.get(conn, "shop") == host(one)


@pytest.mark.parametrize(
    "address",
    [
        "http://shop.example",
        "https://www.shop.example/",
        "https://SHOP.example:443/rest/V1",
        "https://shop.example/rest/default/V1",
        "https://shop.example/index.php/rest/V1/",
        "https://user:secret@shop.example",
    ],
)
def test_the_address_of_a_shop_counts_without_what_may_change_by_itself(address: str) -> None:
    assert shop_of(address) == "shop.example"


def test_shops_on_one_host_are_told_apart_by_path_and_port() -> None:
    addresses = ("https://a.example", "https://a.example/b", "https://a.example:8443", "https://a.example/b/V1")
    assert [shop_of(one) for one in addresses] == ["a.example", "a.example/b", "a.example:8443", "a.example/b"]
