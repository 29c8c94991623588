"""What `prefect deploy` makes of deploy/prefect.yaml: forms, schedule, limits, and runs by a real worker.

The server is real because only a real one shows whether a schedule makes runs: with an unlucky set of versions the
deployment looks well and never runs.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from deploy.sandbox.world import Sandbox
from mappings import rules
from state import ledger, outbox, problems, runs, vault
from tests.flows.prefect_server import ROOT, Server, serving, until

SECRETS = ("MAGENTO_BEARER_TOKEN", "QUICKBOOKS_CLIENT_SECRET", "QUICKBOOKS_REALM_ID", "QUICKBOOKS_REFRESH_TOKEN")


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company's home: rules, key and, later, `.env`."""
    home = tmp_path_factory.mktemp("acme")
    (home / "rules.toml").write_text(rules.template("us_retail"), encoding="utf-8")
    vault.create_key(home)
    return home


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, company: Path) -> Iterator[Server]:
    """A server on which the project was deployed as its first lines say."""
    with serving(tmp_path_factory.mktemp("prefect")) as running:
        pool = running.prefect("work-pool", "create", "--type", "process", "magebooks")
        assert pool.returncode == 0, pool.stderr
        arguments = ("deploy", "--all", "--prefect-file", "deploy/prefect.yaml")
        for _ in range(2):  # a second time changes the deployments and makes no others
            deployed = running.prefect(*arguments, MAGEBOOKS_HOME=str(company), PWD="/nowhere")
            assert deployed.returncode == 0, deployed.stdout + deployed.stderr
        yield running


def test_the_schedule_really_makes_runs(server: Server) -> None:
    sync = server.deployment("Orders/sync")
    assert [(one["schedule"]["cron"], one["active"]) for one in sync["schedules"]] == [("*/15 * * * *", True)]
    until(lambda: bool(server.found("flow_runs")))
    scheduled = server.found("flow_runs")
    assert {run["deployment_id"] for run in scheduled} == {sync["id"]}
    due = {datetime.fromisoformat(run["expected_start_time"]) for run in scheduled}
    assert len(due) > 1
    assert all(at.minute % 15 == 0 and at.tzinfo is not None for at in due)


def test_scheduled_runs_are_not_doubled_and_asked_ones_queue(server: Server) -> None:
    sync, backfill = server.deployment("Orders/sync"), server.deployment("Backfill/backfill")
    assert [one["global_concurrency_limit"]["limit"] for one in (sync, backfill)] == [1, 1]
    assert sync["concurrency_options"]["collision_strategy"] == "CANCEL_NEW"
    assert backfill["concurrency_options"]["collision_strategy"] == "ENQUEUE"
    assert backfill["schedules"] == []


def test_the_form_of_a_backfill_asks_for_a_range_of_days(server: Server) -> None:
    schema = server.deployment("Backfill/backfill")["parameter_openapi_schema"]
    assert schema["required"] == ["window"]
    assert all(one["description"] for one in schema["properties"].values())
    days = schema["definitions"]["Range"]
    assert days["required"] == ["since"]
    assert [days["properties"][name]["title"] for name in ("since", "until")] == ["From", "To (not included)"]
    assert days["properties"]["since"]["format"] == "date"
    assert {"format": "date", "type": "string"}.items() <= days["properties"]["until"]["anyOf"][0].items()
    orders = server.deployment("Orders/sync")["parameter_openapi_schema"]
    assert "required" not in orders
    assert orders["definitions"]["Window"]["properties"]["since"]["title"] == "From"


def test_the_form_of_settlements_asks_for_files_and_runs_queue(server: Server) -> None:
    settlements = server.deployment("Settlements/settlements")
    schema = settlements["parameter_openapi_schema"]
    assert schema["required"] == ["files"]
    assert schema["properties"]["files"]["type"] == "array"
    assert all(one["description"] for one in schema["properties"].values())
    assert settlements["concurrency_options"]["collision_strategy"] == "ENQUEUE"
    assert settlements["schedules"] == []


@pytest.mark.parametrize(
    "window", [{}, {"since": "soon"}, {"since": "2026-13-01"}, {"since": 20261101}, {"since": "2026-11-01", "until": 8}]
)
def test_a_window_that_is_no_range_of_days_is_refused_before_a_run_exists(
    server: Server, window: dict[str, Any]
) -> None:
    refused = server.ask("Backfill/backfill", window=window)
    assert refused.status_code == 409
    assert "window" in refused.json()["detail"]
    ours = {"flow_runs": {"deployment_id": {"any_": [server.deployment("Backfill/backfill")["id"]]}}}
    assert server.found("flow_runs", **ours) == []


def test_the_deployments_carry_the_company_and_the_folder_of_the_code(server: Server, company: Path) -> None:
    for name in ("Orders/sync", "Backfill/backfill", "Settlements/settlements"):
        deployment = server.deployment(name)
        assert deployment["parameters"] == {"home": str(company)}
        assert deployment["tags"] == ["magebooks"]
        assert deployment["description"]
        [pull] = deployment["pull_steps"]
        assert Path(next(iter(pull.values()))["directory"]) == ROOT


def test_a_worker_carries_out_a_backfill_and_a_sync(server: Server, company: Path) -> None:
    # The quarter of an hour may strike while this test runs: no scheduled run may take the place of ours.
    server.api.post(f"deployments/{server.deployment('Orders/sync')['id']}/pause_deployment").raise_for_status()
    with Sandbox(orders=40, minute_seconds=2.0) as world:
        env = world.environment()
        (company / ".env").write_text("".join(f"{name}={value}\n" for name, value in env.items()), encoding="utf-8")
        with server.worker("magebooks"):
            ranged = server.run("Backfill/backfill", window={"since": "2026-11-01", "until": "2026-11-11"})
            assert (ranged["state_name"], ranged["name"]) == ("Completed", "backfill 1 Nov 2026 to 11 Nov 2026")
            assert ranged["state"]["message"] == "2 pieces done"
            _is_accounted_for(company, _placed(world, "2026-11-01", "2026-11-11"))
            first = world.books.total()
            assert first > 0

            synced = server.run("Orders/sync")
            assert (synced["state_name"], synced["name"]) == ("Completed", "orders since the last run")
            assert synced["state"]["message"].endswith("need your attention")
            _is_accounted_for(company, world.shop.orders)
            assert world.books.total() > first
            assert world.books.duplicates() == []

            backwards = server.run("Backfill/backfill", window={"since": "2026-11-02", "until": "2026-11-01"})
            assert backwards["state_name"] == "Failed"
            assert "From 2026-11-02 must be before To 2026-11-01" in backwards["state"]["message"]
        [page] = server.found("artifacts", artifacts={"flow_run_id": {"any_": [synced["id"]]}})
        assert (page["key"], page["type"]) == ("run-summary", "markdown")
        assert "| In your books now |" in page["data"]
        _keeps_no_secrets(server.home, world)
    with _ledger(company) as conn:
        told = [(run.flow, run.window, run.status) for run in reversed(runs.recent(conn))]
    assert told == [
        ("orders", ("2026-11-01", "2026-11-08"), "done"),
        ("orders", ("2026-11-08", "2026-11-11"), "done"),
        ("orders", ("", ""), "done"),
    ]


@contextmanager
def _ledger(company: Path) -> Iterator[ledger.Connection]:
    engine = ledger.connect(f"sqlite:///{company / 'ledger.sqlite'}")
    with ledger.reading(engine) as conn:
        yield conn
    engine.dispose()


def _placed(world: Sandbox, since: str, until: str) -> list[dict[str, Any]]:
    """Orders placed in a range of days; the hours near midnight, which the zone moves, are left out."""
    return [
        one for one in world.shop.orders if f"{since} 06:00" <= one["created_at"] and one["created_at"][:10] < until
    ]


def _is_accounted_for(company: Path, orders: list[dict[str, Any]]) -> None:
    """Every order is in the books or waits with its reason, except those cancelled before anything was booked."""
    with _ledger(company) as conn:
        posted = {row.key for row in outbox.rows(conn, status="posted")}
        assert set(outbox.counts(conn)) == {"posted"}
        held = {one.problem.document for one in problems.open_problems(conn, hold=True)}
    keys = {f"order/{order['increment_id']}": order for order in orders}
    assert {order["state"] for key, order in keys.items() if key not in posted | held} <= {"canceled"}
    assert len(posted & keys.keys()) > len(keys) // 2


def _keeps_no_secrets(home: Path, world: Sandbox) -> None:
    """Prefect's database, results and logs hold nothing that is secret or personal."""
    env = world.environment()
    forbidden = {env[name] for name in SECRETS} | {world.tokens.refresh_token}
    people = ("customer_email", "customer_lastname")
    forbidden |= {str(order[name]) for order in world.shop.orders for name in people if order.get(name)}
    files = [path for path in home.rglob("*") if path.is_file()]
    assert {"prefect.db", "server.log", "worker.log"} <= {path.name for path in files}
    for path in files:
        content = path.read_bytes()
        found = {text for text in forbidden if len(text) > 4 and text.encode() in content}
        assert not found, f"{path.relative_to(home)} holds {found}"
