"""Many orders are mapped by two processes: nothing of that is seen in the books, whatever becomes of the second one."""

import asyncio
import logging
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deploy.sandbox.seeds_shapes import Document
from deploy.sandbox.seeds_wire import wire
from mappings import rules
from mappings.model import Problem
from state import ledger, outbox, problems, staging, staging_families
from state.outbox import NewRow
from state.outbox_rows import again
from state.settings import Settings, load_settings
from state.staging import Kind
from tasks import connections, mapping, mapping_ahead
from tasks.magento import land_shop
from tasks.mapped import Begun, Mapped, Orders, Terms, map_orders, map_rest
from tasks.mapping_ahead import Prepared, prepared
from tasks.pages import SIZE, CommonContext, Wanted, orders_of, pages
from tasks.references import mirror_moving, mirror_static
from tests.tasks.company import open_company

ORDERS = 3 * SIZE + 50
TERMS = Terms("test", rules.load(rules.template("us_retail")), frozenset())
Queued = tuple[dict[str, int], dict[str, NewRow], list[Problem]]


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which orders of every kind have landed, broken ones among them, with their invoices and memos."""
    acme = open_company(tmp_path_factory.mktemp("ahead") / "home", ORDERS, broken=True)
    settings = load_settings(acme.home, acme.world.environment())
    asyncio.run(_bring_lists(settings))
    with staging.open(settings.staging_path) as store:
        _land(store, "order", acme.shop.orders)
        _land(store, "invoice", acme.shop.invoices)
        _land(store, "creditmemo", acme.shop.creditmemos)
    acme.engine.dispose()
    acme.world.__exit__(None, None, None)
    return acme.home


@pytest.fixture
def home(landed: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return shutil.copytree(landed, tmp_path / "home")


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """The second processes that are started: one is worth it now for two pages, of which the first process maps one
    alone."""
    found: list[subprocess.Popen[bytes]] = []

    class Told(subprocess.Popen[bytes]):
        def __init__(self, *args: Any, **more: Any) -> None:
            super().__init__(*args, **more)
            found.append(self)

    monkeypatch.setattr(mapping_ahead, "MANY", 2 * SIZE)
    monkeypatch.setattr(mapping_ahead, "FIRST", SIZE)
    monkeypatch.setattr(subprocess, "Popen", Told)
    return found


def test_two_processes_queue_what_one_queues_and_the_second_says_nothing(
    landed: Path, home: Path, tmp_path: Path, request: pytest.FixtureRequest, capfd: pytest.CaptureFixture[str]
) -> None:
    alone = _queue(shutil.copytree(landed, tmp_path / "alone"))
    started = request.getfixturevalue("started")
    assert _queue(home) == alone
    assert [process.returncode for process in started] == [0]
    assert capfd.readouterr() == ("", "")
    counts, rows, held = alone
    assert counts["queued"] == len(rows) > ORDERS
    assert counts["held"] == len({problem.document for problem in held if problem.hold})


def test_what_is_there_already_is_not_queued_again_by_two(home: Path, started: list[subprocess.Popen[bytes]]) -> None:
    before = _queue(home)
    text = (home / "rules.toml").read_text(encoding="utf-8")
    (home / "rules.toml").write_text(text + "\n", encoding="utf-8")
    counts, rows, held = _queue(home)
    assert len(started) == 2
    assert not counts.keys() & {"queued", "replaced"}
    assert held == before[2]
    assert {key: row.payload for key, row in rows.items()} == {key: row.payload for key, row in before[1].items()}


def test_half_of_a_page_comes_as_the_first_process_would_map_it(
    home: Path, started: list[subprocess.Popen[bytes]]
) -> None:
    orders = _page(home, after=SIZE)
    with _prepared(home) as (_, coming):
        assert next(coming)[1] is None
        page, begun = next(coming)
    assert len(started) == 1
    assert page.families == orders.families
    first = orders._replace(families=orders.families[: SIZE // 2])
    assert begun == Begun(first, map_orders(first, TERMS))


def test_when_the_second_process_is_killed_the_first_maps_the_rest(
    home: Path, started: list[subprocess.Popen[bytes]], caplog: pytest.LogCaptureFixture
) -> None:
    with _prepared(home) as (order_ids, coming), caplog.at_level(logging.WARNING):
        come = [next(coming), next(coming)]
        started[0].kill()
        come += coming
    assert "goes on without it" in caplog.text
    assert [begun is None for _, begun in come] == [True, False, True, True]
    there = [family.order_id for page, _ in come for family in page.families]
    assert there == order_ids


def test_what_goes_wrong_in_the_second_process_is_not_told_by_it(
    home: Path, started: list[subprocess.Popen[bytes]], capfd: pytest.CaptureFixture[str]
) -> None:
    elsewhere = {"MAGEBOOKS_LEDGER_URL": f"sqlite:///{home}"}  # a folder, which is no ledger
    with _prepared(home, elsewhere) as (order_ids, coming):
        come = [page for page, begun in coming if begun is None]
    assert [process.returncode for process in started] == [1]
    assert [family.order_id for page in come for family in page.families] == order_ids
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("many", [2 * SIZE, ORDERS + 1])
def test_when_the_work_fails_the_second_process_ends_and_the_staging_file_is_free(
    home: Path, started: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    monkeypatch.setattr(mapping_ahead, "MANY", many)
    with pytest.raises(RuntimeError, match="the disk is full") as _failed, _prepared(home) as (_, coming):
        next(coming), next(coming)
        raise RuntimeError("the disk is full")
    assert [process.poll() is None for process in started] == [False] * (many < ORDERS)
    with staging.open(home / "staging.duckdb", wait=0.0) as store:
        assert staging.newest(store)


def test_orders_that_were_begun_are_finished_and_begun_anew_when_the_books_have_moved(home: Path) -> None:
    orders = _page(home)
    first = orders._replace(families=orders.families[:100])
    assert map_rest(orders, Begun(first, map_orders(first, TERMS)), TERMS) == map_orders(orders, TERMS)
    [key, *_] = map_orders(orders, TERMS).found
    for moved in (
        orders._replace(context=replace(orders.context, approved=frozenset([key]))),
        orders._replace(posted={key: None}),  # type: ignore[dict-item]
    ):
        assert map_rest(orders, Begun(moved, Mapped()), TERMS) == map_orders(orders, TERMS)


async def _bring_lists(settings: Settings) -> None:
    async with connections.session(settings, "test"):
        await mirror_static.fn("test")
        await mirror_moving.fn()
        await land_shop.fn()


def _land(store: staging.Staging, kind: Kind, documents: list[Document]) -> None:
    staging.land(store, kind, b'{"items":[%s],"total_count":0}' % b",".join(map(wire, documents)), "test")


def _queue(home: Path) -> Queued:
    """Map everything; returns the counts, the rows by key, and what needs a person."""

    async def work() -> dict[str, int]:
        async with connections.session(load_settings(home, {}), "test"):
            return await mapping.queue_documents.fn()

    counts = asyncio.run(work())
    engine = ledger.connect(load_settings(home, {}).ledger_url)
    with ledger.reading(engine) as conn:
        rows = {row.key: again(row) for row in outbox.rows(conn)}
        shown = [one.problem for one in problems.open_problems(conn)]
    engine.dispose()
    return counts, rows, sorted(shown, key=lambda one: (one.document, one.code))


@contextmanager
def _prepared(home: Path, elsewhere: dict[str, str] | None = None) -> Iterator[tuple[list[int], Iterator[Prepared]]]:
    """The ids of all orders, and their pages as they come; `elsewhere` are settings of the second process alone."""
    settings = load_settings(home, elsewhere or {})
    engine = ledger.connect(load_settings(home, {}).ledger_url)
    with staging.open(settings.staging_path) as store:
        common, order_ids = CommonContext(staging.shop(store), {}, frozenset()), staging_families.touched(store, 0, ())
    with prepared(settings, engine, Wanted(order_ids), common, TERMS) as coming:
        yield order_ids, coming
    engine.dispose()


def _page(home: Path, after: int = 0) -> Orders:
    """A page of orders."""
    settings = load_settings(home, {})
    engine = ledger.connect(settings.ledger_url)
    with staging.open(settings.staging_path) as store, ledger.reading(engine) as conn:
        common, order_ids = CommonContext(staging.shop(store), {}, frozenset()), staging_families.touched(store, 0, ())
        orders, _ = orders_of(conn, next(pages(store, engine, Wanted(order_ids[after:]))), common, TERMS.rules.hash)
    engine.dispose()
    return orders
