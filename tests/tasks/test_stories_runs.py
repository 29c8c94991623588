"""Run after run: what a second one costs, ranges of days, parts, failures, and the mirror of QuickBooks' lists."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prefect.events.worker import EventsWorker
from prefect.settings import PREFECT_API_URL, PREFECT_HOME, PREFECT_LOCAL_STORAGE_PATH, temporary_settings

from deploy.sandbox.seeds_cart import Cart
from state import references, watermarks
from tasks.clients.errors import NeedsPerson
from tests.flows.prefect_server import serving, until
from tests.tasks.company import PREFECT, Company, Open, days, number

pytestmark = PREFECT


def test_a_run_with_nothing_new_posts_nothing_and_costs_three_calls_to_quickbooks_at_most(company: Open) -> None:
    acme = company(30)
    first = acme.sync()
    total, writes = acme.books.total(), acme.books.writes
    again = acme.sync()
    assert (again["posted"], again["queued"]) == (0, 0)
    assert again["held"] == first["held"]
    assert (acme.books.total(), acme.books.writes) == (total, writes)
    assert acme.calls["quickbooks"] <= 3
    assert acme.calls["batches"] == 0
    assert acme.calls["magento"] <= 12


def test_what_was_sent_to_quickbooks_is_erased_a_month_after_its_answer(company: Open) -> None:
    acme = company(10)
    acme.sync()
    with acme.writing() as conn:
        sent = conn.exec_driver_sql("SELECT count(*) FROM batch WHERE body IS NOT NULL").scalar_one()
        conn.exec_driver_sql("UPDATE batch SET settled_at = '2026-01-01T00:00:00.000000+00:00' WHERE body IS NOT NULL")
    assert sent
    acme.sync()
    with acme.reading() as conn:
        kept, hashed = conn.exec_driver_sql("SELECT count(body), count(body_hash) FROM batch").one()
    assert (kept, hashed) == (0, sent)


def test_the_static_lists_are_read_once_in_six_hours_and_changes_alone_after_that(company: Open) -> None:
    acme = company()
    acme.sync()
    reads = acme.books.reads
    acme.sync()
    assert acme.books.reads - reads == 1  # what changed since: one call for four lists


def test_the_mirror_is_read_whole_when_quickbooks_no_longer_remembers_the_changes(company: Open) -> None:
    acme = company(10)
    acme.sync()
    lost = next(one for one in acme.books.documents("Customer") if "@" in str(one.get("PrimaryEmailAddr")))
    with acme.writing() as conn:
        watermarks.reset(conn, "references")
        watermarks.advance(conn, "references", datetime.now(UTC), at=datetime.now(UTC) - timedelta(days=30))
        conn.exec_driver_sql("DELETE FROM reference WHERE kind = 'customer' AND id = ?", (lost["Id"],))
    reads = acme.books.reads
    acme.sync()
    assert acme.books.reads - reads >= 4
    with acme.reading() as conn:
        assert lost["Id"] in references.known(conn, "customer").values()


def test_more_customers_than_one_page_of_a_query_are_all_known(company: Open) -> None:
    acme = company()
    for at in range(1205):
        mail = {"Address": f"person{at}@many.example"}
        acme.books.write("Customer", "create", {"DisplayName": f"Person {at}", "PrimaryEmailAddr": mail})
    order = acme.shop.place(Cart(method="braintree"), paid=True)
    acme.shop.touch(number(order), customer_email="person1204@many.example")
    acme.sync()
    last = acme.books.find("Customer", "Person 1204")
    assert last is not None
    assert acme.document("SalesReceipt", number(order))["CustomerRef"]["value"] == last["Id"]


def test_a_range_of_days_takes_what_was_created_in_it_and_moves_no_watermark(company: Open) -> None:
    acme = company(30)
    acme.sync(days("2026-11-01", "2026-11-06"))
    first = set(acme.states())
    created = {number(one): one["created_at"][:10] for one in acme.shop.orders}
    posted = {created[key.split("/")[1]] for key in first if key.startswith("order/")}
    assert posted
    assert max(posted) <= "2026-11-06"  # the store's midnight is the next day in UTC
    assert _marks(acme, "order", "invoice", "creditmemo") == [None, None, None]
    acme.sync()
    assert set(acme.states()) > first
    assert None not in _marks(acme, "order", "invoice")
    assert acme.books.duplicates() == []


def test_a_range_again_posts_nothing_twice(company: Open) -> None:
    acme = company(20)
    acme.sync(days("2026-10-01"))
    total = acme.books.total()
    assert total > 0
    again = acme.sync(days("2026-10-01", "2026-11-21"))
    assert (again["posted"], acme.books.total()) == (0, total)
    assert again["landed"] > 0


def test_one_part_alone_leaves_the_others_for_later(company: Open) -> None:
    acme = company()
    order = acme.shop.place(Cart(method="checkmo"), paid=True)
    acme.sync(only=["orders"])
    assert _marks(acme, "invoice") == [None]
    assert list(acme.states(order)) == [f"order/{number(order)}"]
    acme.sync(only=["invoices"])
    assert None not in _marks(acme, "invoice")


def test_a_run_that_fails_says_so_in_the_ledger_with_what_it_did_and_the_next_one_goes_on(company: Open) -> None:
    acme = company(60)
    acme.books.faults.status_next(20, 403, after=5, only="/batch")
    with pytest.raises(NeedsPerson):
        acme.sync()
    run = acme.last_run()
    assert run.status == "failed"
    assert run.finished_at is not None
    assert run.counts["landed"] > 60
    assert run.counts["posted"] == sum(acme.count(entity) for entity in ("SalesReceipt", "Invoice", "Payment"))
    assert run.counts["waiting"] > 0
    acme.books.faults.clear()
    assert acme.sync()["waiting"] == 0
    assert acme.books.duplicates() == []


def test_a_run_without_rules_fails_and_says_so_in_the_ledger(company: Open) -> None:
    acme = company()
    (acme.home / "rules.toml").write_text("version = 1\nnonsense = true\n")
    with pytest.raises(Exception, match="nonsense"):
        acme.sync()
    assert acme.last_run().status == "failed"


def test_prefect_keeps_nothing_that_is_personal_or_secret(company: Open, whole_prefect: Path) -> None:
    acme = company(25, broken=True)
    acme.sync()
    acme.sync()
    env = acme.world.environment()
    names = ("MAGENTO_BEARER_TOKEN", "QUICKBOOKS_CLIENT_SECRET", "QUICKBOOKS_REALM_ID", "QUICKBOOKS_REFRESH_TOKEN")
    forbidden = {env[name] for name in names} | {acme.world.tokens.refresh_token}
    for order in acme.shop.orders:
        forbidden |= {str(order[name]) for name in ("customer_email", "customer_lastname") if order.get(name)}
    until(lambda: _task_runs(whole_prefect) > 0)  # Prefect writes them down a moment after they ran
    stored = [path for path in whole_prefect.rglob("*") if path.is_file()]
    assert any("storage" in path.parts for path in stored)  # the cached task's result is there, and may be read
    for path in stored:
        content = path.read_bytes()
        assert not {text for text in forbidden if len(text) > 4 and text.encode() in content}, path.name


@pytest.fixture
def whole_prefect(company: Open, tmp_path: Path) -> Iterator[Path]:
    """The home of a server with all its services: the others do not write task runs down."""
    home = tmp_path / "prefect"
    home.mkdir()
    with serving(home) as server:
        settings = {
            PREFECT_API_URL: server.environment["PREFECT_API_URL"],
            PREFECT_HOME: home,
            PREFECT_LOCAL_STORAGE_PATH: home / "storage",
        }
        # Prefect tells a server what ran through one connection, kept for the whole process.
        EventsWorker.drain_all(timeout=30)
        with temporary_settings(settings):
            yield home
        EventsWorker.drain_all(timeout=30)


def _task_runs(home: Path) -> int:
    with closing(sqlite3.connect(home / "prefect.db", timeout=30)) as prefect:
        [found] = prefect.execute("SELECT count(*) FROM task_run").fetchone()
    return int(found)


def _marks(acme: Company, *names: str) -> list[datetime | None]:
    with acme.reading() as conn:
        return [watermarks.get(conn, name).at for name in names]
