"""`magebooks settle`: from a processor's file to the books, as a user runs it."""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from deploy.sandbox.seeds_cart import Cart
from deploy.sandbox.world import Sandbox
from tests.cli.command import Run, magebooks_in
from tests.mappings.settlement_files import PAYPAL, file, paypal


@pytest.fixture
def world() -> Iterator[Sandbox]:
    with Sandbox(orders=0, minute_seconds=1.0) as opened:
        yield opened


@pytest.fixture
def run(tmp_path: Path) -> Run:
    made = magebooks_in(tmp_path)
    assert made("init", "--home", "acme").returncode == 0
    return made


def test_a_payout_is_booked_once_and_told_in_json(
    world: Sandbox, run: Run, served: Mapping[str, str], tmp_path: Path
) -> None:
    env = world.environment() | dict(served)
    order = world.shop.place(Cart(method="paypal_express"))
    world.shop.invoice(order["increment_id"], transaction="8WT00000000000001")
    assert run("sync", "--home", "acme", env=env, timeout=120).returncode == 0
    total = world.books.trial_balance()["1250 PayPal clearing"]
    net = total - 1
    (tmp_path / "november.csv").write_bytes(
        file(
            PAYPAL,
            paypal("Express Checkout Payment", f"{total}", "-1.00", f"{net}", "8WT00000000000001"),
            paypal("General Withdrawal", f"-{net}", "0.00", f"-{net}", "5WD00000000000001", time="23:00:00"),
        )
    )

    done = run("settle", "november.csv", "--home", "acme", "--json", env=env, timeout=120)

    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert (told["landed"], told["queued"], told["posted"], told["posted_by_kind"]) == (2, 1, 1, {"deposit": 1})
    assert told["payouts"] == [
        {
            "key": "settlement/paypal/5WD00000000000001/USD",
            "processor": "paypal",
            "payout": "5WD00000000000001",
            "date": "2026-11-20",
            "currency": "USD",
            "amount": f"{net:.2f}",
            "fees": "1.00",
            "rows": 2,
            "status": "posted",
            "problems": [],
        }
    ]
    balance = world.books.trial_balance()
    assert "1250 PayPal clearing" not in balance
    assert (balance["1000 Checking"], balance["6100 Payment processing fees"]) == (net, Decimal(1))

    key = "settlement/paypal/5WD00000000000001/USD"
    explained = json.loads(run("explain", key, "--home", "acme", "--json").stdout)
    assert (explained["payout"], explained["documents"][0]["kind"]) == (key, "deposit")
    assert [line["account"] for line in explained["documents"][0]["lines"]] == [
        "1000 Checking",
        "1250 PayPal clearing",
        "6100 Payment processing fees",
    ]
    shown = run("explain", key, "--home", "acme").stdout
    assert shown.startswith(f"Payout {key}") and "In your books" in shown
    assert run("explain", "settlement/paypal/none/USD", "--home", "acme").returncode == 2

    again = run("settle", "november.csv", "--home", "acme", env=env, timeout=120)
    assert again.returncode == 0, again.stdout + again.stderr
    assert "paypal payout 5WD00000000000001 of 2026-11-20" in again.stdout
    assert "In your books" in again.stdout
    assert world.books.trial_balance() == balance


def test_a_file_that_cannot_be_read_ends_before_anything_is_done(run: Run, tmp_path: Path) -> None:
    (tmp_path / "letter.csv").write_bytes(b"Dear Sir,or Madam\n")
    done = run("settle", "letter.csv", "--home", "acme", "--json")
    assert done.returncode == 2
    told = json.loads(done.stdout)["error"]
    assert told["code"] == "settlement-file"
    assert told["message"] == "letter.csv:1: the header is that of no report that is known"
    assert "PayPal's activity download" in told["fix"]


def test_a_file_that_is_not_there_and_no_file_are_mistakes_of_the_call(run: Run) -> None:
    for arguments in (("none.csv",), ()):
        assert run("settle", *arguments, "--home", "acme").returncode == 2
