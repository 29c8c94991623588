"""The command with QuickBooks Desktop: from an empty company file through a gateway of its own to books that agree."""

import json
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.cli.compare import ON_DESKTOP, compare
from deploy.gateway.identity import OWNER_ID
from deploy.sandbox.connector import WebConnector
from deploy.sandbox.desktop import CompanyFile
from deploy.sandbox.world import Sandbox
from tests.cli.command import Run, clean_environment, magebooks_in

LOGIN = {"QBWC_USERNAME": "magebooks", "QBWC_PASSWORD": "a long password of the connector"}


def _json(run: Run, env: dict[str, str], *arguments: str, status: int) -> dict[str, object]:
    done = run(*arguments, "--home", "acme", "--json", env=env, timeout=120)
    assert done.returncode == status, done.stdout + done.stderr
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as held:
        return int(held.getsockname()[1])


@contextmanager
def _gateway(directory: Path, env: dict[str, str]) -> Iterator[str]:
    """`magebooks gateway` in a process of its own; its address."""
    port = _free_port()
    command = [str(Path(sys.executable).with_name("magebooks")), "gateway", "--home", "acme", "--port", str(port)]
    process = subprocess.Popen(command, cwd=directory, env=clean_environment(env), stderr=subprocess.PIPE, text=True)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            try:
                urllib.request.urlopen(f"{url}/readyz", timeout=5).close()
                break
            except OSError:
                time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        told = process.communicate(timeout=30)[1]
    assert "Traceback" not in told


@pytest.fixture
def world() -> Iterator[Sandbox]:
    with Sandbox(orders=40) as running:
        yield running


@pytest.fixture
def env(world: Sandbox, served: Mapping[str, str]) -> dict[str, str]:
    return world.environment() | LOGIN | dict(served)


def test_from_an_empty_company_file_to_books_that_agree(world: Sandbox, env: dict[str, str], tmp_path: Path) -> None:
    run = magebooks_in(tmp_path)
    _json(run, env, "init", "--template", "us_desktop", status=0)
    assert _json(run, env, "setup", status=3)["error"]["code"] == "no-connector"  # type: ignore[index,call-overload]
    assert _json(run, env, "preview", "--from", "2026-01-01", status=3)["error"]["code"] == "no-connector"  # type: ignore[index,call-overload]
    introduced = _json(run, env, "qwc", status=0)
    assert introduced["owner_id"] == OWNER_ID
    file = CompanyFile(empty=True, owner_id=OWNER_ID, file_id=str(introduced["file_id"]))
    with _gateway(tmp_path, env) as url, WebConnector(f"{url}/qbwc", *LOGIN.values(), file) as connector:
        early = _json(run, env, "sync", status=1)
        assert (early["company_known"], early["queued"]) == (False, 0)
        assert connector.run().result == "done"
        assert _json(run, env, "setup", "--yes", status=0)["missing"] == []
        assert _json(run, env, "setup", "--yes", status=0)["created"] == []
        assert connector.run().result == "done"
        assert _json(run, env, "doctor", status=0)["worst"] == "ok"
        predicted = _json(run, env, "preview", "--from", "2026-01-01", status=1)
        synced = _json(run, env, "sync", status=1)
        assert synced["waiting"] == synced["queued"] != 0
        status = _json(run, env, "status", status=1)
        assert status["connector"]["queued"] == synced["waiting"]  # type: ignore[index,call-overload]
        assert connector.run().result == "done"
        assert connector.run().result == "none"
    _agree(run, env, world, file, predicted)
    assert introduced["file_id"] == _json(run, env, "qwc", status=0)["file_id"]


def _agree(run: Run, env: dict[str, str], world: Sandbox, file: CompanyFile, predicted: dict[str, object]) -> None:
    held = _json(run, env, "held", status=1)["held"]
    numbers = {str(one).partition("/")[2] for cause in held for one in cause["documents"]}  # type: ignore[attr-defined]
    documents = {entity: file.documents(entity) for entity in ON_DESKTOP}
    comparison = compare(world.shop.orders, world.shop.creditmemos, documents, numbers)
    assert comparison.agrees, comparison
    assert comparison.balances[0].store > 1000
    after = _json(run, env, "status", status=1)
    assert (after["ready"], after["unknown"], after["rejected"]) == (0, 0, 0)
    kinds = {"sales_receipt": "SalesReceipt", "invoice": "Invoice", "payment": "ReceivePayment"}
    by_kind: dict[str, int] = predicted["by_kind"]  # type: ignore[assignment]
    assert all(len(file.documents(entity)) == by_kind.get(kind, 0) for kind, entity in kinds.items())
    number = documents["SalesReceipt"][0]["RefNumber"]
    story = _json(run, env, "explain", str(number), status=0)
    assert story["documents"][0]["state"] == "In your books"  # type: ignore[index]


def test_a_home_keeps_one_set_of_books(env: dict[str, str], tmp_path: Path) -> None:
    run = magebooks_in(tmp_path)
    _json(run, env, "init", "--template", "us_desktop", status=0)
    file_id = str(_json(run, env, "qwc", status=0)["file_id"])
    file = CompanyFile(owner_id=OWNER_ID, file_id=file_id)
    with _gateway(tmp_path, env) as url, WebConnector(f"{url}/qbwc", *LOGIN.values(), file) as connector:
        connector.run()
    refused = _json(run, env, "sync", "--target", "online", status=2)
    assert "QuickBooks Online was asked for" in str(refused["error"])


def test_the_demo_posts_the_same_orders_to_both_and_both_agree(tmp_path: Path) -> None:
    done = magebooks_in(tmp_path)("demo", "--orders", "40", "--target", "both", "--json", timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    sides = json.loads(done.stdout)["sides"]
    for side in ("online", "desktop"):
        comparison = sides[side]["comparison"]
        assert (comparison["lost"], comparison["doubled"]) == ([], [])
        assert comparison["balances"]["USD"]["difference"] == "0.00"
        assert (tmp_path / sides[side]["report"]).exists()
    assert sides["online"]["comparison"]["balances"] == sides["desktop"]["comparison"]["balances"]
    assert sides["online"]["posted_by_kind"] == sides["desktop"]["posted_by_kind"]


def test_no_secret_stands_in_the_connectors_file(env: dict[str, str], tmp_path: Path) -> None:
    run = magebooks_in(tmp_path)
    _json(run, env, "init", "--template", "us_desktop", status=0)
    _json(run, env, "qwc", status=0)
    text = (tmp_path / "magebooks.qwc").read_text()
    assert LOGIN["QBWC_PASSWORD"] not in text
    assert re.search(r"<AppURL>http://localhost:\d+/qbwc</AppURL>", text)
