"""Pinned examples: kept by hand, run by `magebooks rules check`, accepted by name."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from deploy.cli.app import run
from state import staging
from tests.cli.sold import land, sold_home

Said = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def sold(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """A home, the number of an order that is booked, and that of one that is held."""
    home = tmp_path_factory.mktemp("sold") / "acme"
    seeds = sold_home(home, 100)
    booked = next(
        order["increment_id"]
        for order in seeds.orders
        if order["state"] == "complete" and order["increment_id"] not in seeds.held and order["base_shipping_amount"]
    )
    held = next(number for number, code in seeds.held.items() if code == "unknown-payment-method")
    return home, str(booked), held


@pytest.fixture
def acme(sold: tuple[Path, str, str]) -> Path:
    """The home without examples and with the template's rules."""
    home = sold[0]
    for path in home.glob("examples/*"):
        path.unlink()
    (home / "rules.toml").write_text(
        (home / "rules.toml").read_text().replace("4110 Elsewhere", "4100 Shipping income")
    )
    return home


def answer(said: Said, *arguments: str, status: int) -> dict[str, Any]:
    said.readouterr()
    found = run([*arguments, "--json"])
    told = said.readouterr()
    assert found == status, told
    made: dict[str, Any] = json.loads(told.out)
    return made


def checked(said: Said, home: Path) -> dict[str, Any]:
    """What `rules check` says about examples."""
    said.readouterr()
    run(["rules", "check", "--no-history", "--home", str(home), "--json"])
    made: dict[str, Any] = json.loads(said.readouterr().out)["examples"]
    return made


def move_shipping(home: Path) -> None:
    path = home / "rules.toml"
    path.write_text(path.read_text().replace("4100 Shipping income", "4110 Elsewhere"))


def test_an_example_stays_as_kept_until_a_rule_changes_it_and_is_accepted_by_name(
    acme: Path, sold: tuple[Path, str, str], capsys: Said
) -> None:
    order, home = sold[1], ("--home", str(acme))
    kept = answer(capsys, "rules", "keep", order, "--name", "with shipping", *home, status=0)
    assert (kept["kept"], kept["order"]) == ("with shipping", order)
    assert checked(capsys, acme) == {"kept": 1, "same": 1, "changed": []}
    assert run(["rules", "check", "--no-history", *home]) == 0
    assert "Examples: 1 of 1 as kept." in capsys.readouterr().out

    move_shipping(acme)
    found = checked(capsys, acme)
    assert (found["kept"], found["same"]) == (1, 0)
    (one,) = found["changed"]
    (change,) = one["changes"]
    assert (one["name"], one["reason"]) == ("with shipping", "The rules book it otherwise now.")
    assert set(change["accounts"]) == {"4100 Shipping income", "4110 Elsewhere"}
    assert len({amount.lstrip("+-") for amount in change["accounts"].values()}) == 1
    assert run(["rules", "check", "--no-history", *home]) == 1
    told = " ".join(capsys.readouterr().out.split())
    assert "Examples: 0 of 1 as kept." in told
    assert 'magebooks rules accept "with shipping"' in told

    accepted = answer(capsys, "rules", "accept", "with shipping", *home, status=0)
    assert accepted["accepted"]["with shipping"] == one["changes"]
    assert checked(capsys, acme)["same"] == 1


def test_an_order_is_kept_once_under_a_name_that_is_a_file(
    acme: Path, sold: tuple[Path, str, str], capsys: Said
) -> None:
    _, order, held = sold
    home = ("--home", str(acme))
    answer(capsys, "rules", "keep", order, *home, status=0)
    assert answer(capsys, "rules", "keep", order, *home, status=2)["error"]["code"] == "example-exists"
    assert answer(capsys, "rules", "keep", order, "--name", "../x", *home, status=2)["error"]["code"] == "usage"
    assert answer(capsys, "rules", "keep", "999", *home, status=2)["error"]["code"] == "unknown-order"
    refused = answer(capsys, "rules", "keep", held, *home, status=2)["error"]
    assert (refused["code"], "klarna_kp" in refused["message"]) == ("would-be-held", True)
    assert answer(capsys, "rules", "accept", "other", *home, status=2)["error"]["fix"] == f"There are: {order}"
    assert answer(capsys, "rules", "accept", *home, status=2)["error"]["message"] == "Say which examples."


def test_an_example_that_would_be_held_or_is_not_here_is_told(
    acme: Path, sold: tuple[Path, str, str], capsys: Said
) -> None:
    _, order, held = sold
    answer(capsys, "rules", "keep", order, *("--home", str(acme)), status=0)
    text = (acme / "examples" / f"{order}.toml").read_text()
    for number in (held, "999"):
        (acme / "examples" / f"{number}.toml").write_text(text.replace(f'order = "{order}"', f'order = "{number}"'))
    found = {one["name"]: one["reason"] for one in checked(capsys, acme)["changed"]}
    assert found["999"] == "The order has not landed here, so it could not be tried."
    assert found[held].startswith("It would be held: No rule names the clearing account")
    (acme / "examples" / "broken.toml").write_text("version = 1")
    broken = answer(capsys, "rules", "check", "--home", str(acme), status=2)["error"]
    assert "broken.toml cannot be used: 'order' is missing" in broken["message"]


def test_an_order_that_changed_in_the_shop_is_not_blamed_on_the_rules_alone(tmp_path: Path, capsys: Said) -> None:
    home = tmp_path / "acme"
    seeds = sold_home(home, 5)
    order = seeds.orders[0]
    answer(capsys, "rules", "keep", order["increment_id"], "--home", str(home), status=0)
    with staging.open(home / "staging.duckdb") as store:
        land(store, "order", [order | {"updated_at": "2027-01-01 00:00:00"}])
    assert checked(capsys, home)["same"] == 1
    move_shipping(home)
    (one,) = checked(capsys, home)["changed"]
    assert "has changed in the shop, too" in one["reason"]


def test_nothing_can_be_kept_before_the_shop_was_read(tmp_path: Path, capsys: Said) -> None:
    (tmp_path / "rules.toml").write_text("version = 1\n")
    refused = answer(capsys, "rules", "keep", "1", "--home", str(tmp_path), status=2)["error"]
    assert refused["fix"] == "Read the shop first: magebooks sync"


HOLD = (
    "import sys; from state import staging\nwith staging.open(sys.argv[1]): print('held', flush=True); sys.stdin.read()"
)


def test_a_run_at_work_is_not_waited_for_long(acme: Path, capsys: Said) -> None:
    command = [sys.executable, "-c", HOLD, str(acme / "staging.duckdb")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        found = answer(capsys, "rules", "check", "--home", str(acme), status=0)
        assert found["note"].startswith("A run is at work")
        other.communicate()
