"""The two QuickBooks of the demo: each gets the same orders, and is added up independently of what the ledger says."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deploy.cli import words
from deploy.cli.init import write_home
from deploy.cli.session import Session

if TYPE_CHECKING:
    from deploy.cli.compare import Comparison
    from deploy.sandbox.connector import Outcome, WebConnector
    from deploy.sandbox.world import Sandbox
    from state.settings import Settings

DESKTOP = {"us_retail": "us_desktop"}
"""The rules template for Desktop of the same business."""
UPDATES = 10


@dataclass(frozen=True, slots=True)
class Side:
    """What one QuickBooks made of the orders. `updates` are those of the Web Connector, 0 for Online."""

    target: str
    home: Path
    counts: dict[str, Any]
    comparison: Comparison
    updates: int = 0
    messages: int = 0

    @property
    def title(self) -> str:
        """What people call it."""
        return f"QuickBooks {self.target.title()}"

    @property
    def well(self) -> bool:
        """Both sums agree, and QuickBooks refused nothing."""
        return self.comparison.agrees and not self.counts["rejected"] and not self.counts["unknown"]


def online(session: Session, home: Path, world: Sandbox, template: str, prefect: Future[None]) -> Side:
    """Create what is missing in QuickBooks Online, sync, and add both sides up."""
    from deploy.cli.compare import SIGNS
    from deploy.cli.opened import engine_of, rules_of
    from mappings.rules_needs import needs

    settings = _settings(home, template)
    with engine_of(settings) as engine:
        created = asyncio.run(_create(settings, engine, needs(rules_of(settings))))
    _tell_created(session, created, "QuickBooks Online")
    prefect.result()
    counts = _sync(session, settings)
    documents = {entity: world.books.documents(entity) for entity in SIGNS}
    return Side("online", home, counts | {"violations": world.books.violations}, _compare(settings, world, documents))


def desktop(session: Session, home: Path, world: Sandbox, template: str, prefect: Future[None]) -> Side:
    """Let the Web Connector come, queue what the company file lacks, sync, and let it come until nothing waits."""
    from deploy.cli.compare import ON_DESKTOP
    from deploy.cli.opened import engine_of, rules_of
    from deploy.cli.setup_desktop import lacking, queue
    from deploy.sandbox.desktop_world import desktop_books
    from mappings.rules_needs import needs
    from state import ledger

    settings = _settings(home, DESKTOP[template], QBWC_USERNAME="magebooks", QBWC_PASSWORD=secrets.token_hex(12))
    with desktop_books(settings, DESKTOP[template], empty=True) as client, engine_of(settings) as engine:
        client.run()
        with ledger.begin(engine) as conn:
            created = queue(conn, lacking(conn, needs(rules_of(settings))), "")
        client.run()
        _tell_created(session, created, "QuickBooks Desktop")
        prefect.result()
        counts = _sync(session, settings)
        updates = _update(client)
        documents = {entity: client.company.documents(entity) for entity in ON_DESKTOP}
        messages = sum(outcome.messages for outcome in updates)
        counts |= _settled(settings)
        comparison = _compare(settings, world, documents)
    return Side("desktop", home, counts, comparison, len(updates), messages)


def _settings(home: Path, template: str, **more: str) -> Settings:
    from state.settings import load_settings

    write_home(home, template)
    if more:
        with (home / ".env").open("a", encoding="utf-8") as file:
            file.writelines(f"{name}={value}\n" for name, value in more.items())
    return load_settings(home)


async def _create(settings: Settings, engine: Any, wanted: Any) -> int:
    from deploy.cli import company, setup
    from deploy.cli.clients import quickbooks

    async with quickbooks(settings, engine) as books:
        found = await company.read_lists(books)
        missing = [one for one in company.lacking(wanted, found) if one.body]
        await setup.create(books, engine, missing, found)
    return len(missing)


def _tell_created(session: Session, number: int, place: str) -> None:
    things = words.count(number, "account, item and the like", "accounts, items and the like")
    session.say(f"Created {things} in {place}.")


def _sync(session: Session, settings: Settings) -> dict[str, Any]:
    from deploy.cli.sync import carry_out, window

    # A run reads its home's settings; those of the process come from the world.
    os.environ["MAGEBOOKS_HOME"] = str(settings.home)
    return carry_out(session, settings, window(None, None))


def _update(client: WebConnector) -> list[Outcome]:
    """Updates until nothing waits, as the connector's interval brings them."""
    done: list[Outcome] = []
    while len(done) < UPDATES and (outcome := client.run()).result != "none":
        done.append(outcome)
    return done


def _settled(settings: Settings) -> dict[str, Any]:
    """What the connector's sessions posted, in the keys of a run's counts."""
    from deploy.cli.opened import engine_of
    from state import connector, ledger, outbox, totals
    from tasks import waiting

    with engine_of(settings) as engine, ledger.reading(engine) as conn:
        runs = [session.run for session in connector.recent(conn, UPDATES)]
        kinds: Counter[str] = Counter()
        for run in runs:
            kinds.update(totals.posted_by_kind(conn, run))
        states, figures = outbox.counts(conn), waiting.figures(conn, datetime.now(UTC))
    unknown = states.get("unknown", 0) + states.get("sent", 0)
    return {
        "posted": kinds.total(),
        "posted_by_kind": dict(kinds),
        **figures,
        "rejected": states.get("rejected", 0),
        "unknown": unknown,
    }


def _compare(settings: Settings, world: Sandbox, documents: Mapping[str, Any]) -> Comparison:
    from deploy.cli.compare import compare

    explained, summed = _explained(settings), _summed(settings)
    return compare(world.shop.orders, world.shop.creditmemos, documents, explained, summed)


def _summed(settings: Settings) -> dict[str, str]:
    """The number of the daily summary that stands for an order, or for a credit memo (`C` before its number)."""
    from deploy.cli.opened import engine_of
    from state import ledger, summaries

    with engine_of(settings) as engine, ledger.reading(engine) as conn:
        numbers = {one.key: one.number for one in summaries.all_summaries(conn)}
        members = [one for one in summaries.members(conn) if one.summary]
    marks = {"refund_receipt": "C"}
    return {f"{marks.get(one.kind, '')}{one.number}": numbers[one.summary] for one in members}


def _explained(settings: Settings) -> set[str]:
    """Numbers of the orders that the ledger says are held, refused or on their way."""
    from deploy.cli.opened import engine_of
    from state import ledger, outbox, problems, summaries

    with engine_of(settings) as engine, ledger.reading(engine) as conn:
        held = {one.number for one in problems.open_problems(conn, hold=True)}
        waiting = outbox.rows(conn, status=("ready", "sent", "unknown", "rejected"))
        keys = {row.key for row in waiting} | {""}
        orders = {row.order_key for row in waiting}
        orders |= {one.order_key for one in summaries.members(conn) if one.summary in keys}
    return held | {key.partition("/")[2] for key in orders}
