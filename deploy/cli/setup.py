"""`magebooks setup`: create in QuickBooks what the rules name and the company lacks, after showing it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from rich.table import Table
from rich.text import Text

from deploy.cli import company, words
from deploy.cli.company import KIND, WORDS, Found, Misplaced, Missing
from deploy.cli.opened import engine_of, no_connector, rules_of, settings_of
from deploy.cli.retry import who
from deploy.cli.session import Answer, Exit, Failure, Given, Session
from deploy.cli.sync import Target

if TYPE_CHECKING:
    from mappings.rules_needs import Needs
    from state.ledger import Ledger
    from state.settings import Settings
    from tasks.clients.quickbooks import QuickBooks


def setup(
    *,
    target: Annotated[Target | None, Parameter(help="Which QuickBooks. Default: what the rules name.")] = None,
    yes: Annotated[bool, Parameter("--yes", negative="", help="Create without asking.")] = False,
    dry_run: Annotated[bool, Parameter(("--dry-run", "-n"), negative="", help="Only show what is missing.")] = False,
    session: Given,
) -> Answer:
    """Create in QuickBooks what the rules name and the company lacks, after showing it."""
    from mappings.rules_needs import needs
    from tasks.belonging import check_books

    settings = settings_of(session)
    rules = rules_of(settings, target)
    wanted = needs(rules)
    with engine_of(settings) as engine:
        check_books(engine, settings, rules.books.target)
        if rules.books.target == "desktop":
            return _desktop(session, engine, wanted, yes=yes, dry_run=dry_run)
        return asyncio.run(_setup(session, settings, engine, wanted, yes=yes, dry_run=dry_run))


async def _setup(
    session: Session, settings: Settings, engine: Ledger, wanted: Needs, *, yes: bool, dry_run: bool
) -> Answer:
    from deploy.cli.clients import quickbooks

    async with quickbooks(settings, engine) as books:
        found = await company.read_lists(books)
        missing = company.lacking(wanted, found)
        _warn(session, company.misplaced(wanted, found))
        can = [one for one in missing if one.body]
        if not can or dry_run or not _agreed(session, missing, len(can), yes):
            return _answer([], missing, session)
        await create(books, engine, can, found)
        return _answer(can, [one for one in missing if not one.body], session)


def _desktop(session: Session, engine: Ledger, wanted: Needs, *, yes: bool, dry_run: bool) -> Answer:
    """Queue what the company file lacks; the Web Connector creates it at its next update."""
    from deploy.cli import setup_desktop
    from state import ledger, runs
    from tasks.company import is_known

    with ledger.reading(engine) as conn:
        if not is_known(conn):
            raise no_connector()
        found = setup_desktop.lacking(conn, wanted)
        _warn(session, setup_desktop.misplaced(conn, wanted))
    missing = [
        Missing(one.entity, one.name, one.detail, one.place, {"by": "queue"} if one.request else {}) for one in found
    ]
    can = [one for one in missing if one.body]
    if not can or dry_run or not _agreed(session, missing, len(can), yes):
        return _answer([], missing, session)
    with ledger.begin(engine) as conn:
        now = datetime.now(UTC)
        run = runs.start(conn, "setup", now)
        runs.finish(conn, run, {"queued": setup_desktop.queue(conn, found, run)}, now)
    return _answer(can, [one for one in missing if not one.body], session, queued=True)


async def create(books: QuickBooks, engine: Ledger, missing: Sequence[Missing], found: Found) -> None:
    """Create each, in order, and note it in the ledger at once; a repeat creates nothing twice."""
    from state import audit, ledger, references

    ids = {("account", name): str(one["Id"]) for name, one in found["Account"].items()}
    for one in missing:
        made = await books.create(one.entity, company.request(one, ids), one.request_id)
        kind, now = KIND[one.entity], datetime.now(UTC)
        ids[kind, company.fold(one.name)] = str(made["Id"])
        known = references.Known(company.fold(one.name), str(made["Id"]), one.name, {})
        key, changed = f"{kind}/{one.name}", {"id": str(made["Id"])}
        line = audit.Line(who(), "", "create", key, "posted", request_id=one.request_id, changed=changed)
        with ledger.begin(engine) as conn:
            references.put_many(conn, kind, [known], now)
            audit.write(conn, [line], now)


def _warn(session: Session, wrong: Sequence[Misplaced]) -> None:
    """Say which items stand on another account than the rules name: setup creates and changes nothing that is there."""
    for one in wrong:
        session.err.print(Text(f"{one.words} ({one.item.place}). Change one of the two.", style="yellow"))


def _agreed(session: Session, missing: Sequence[Missing], number: int, yes: bool) -> bool:
    """Whether to go on. Raises Failure where nobody can be asked."""
    if yes:
        return True
    if not session.interactive:
        raise Failure(
            "needs-yes",
            f"{words.count(number, 'thing')} would be created in QuickBooks, and nobody can be asked here.",
            "See them: magebooks setup --dry-run. Create them: magebooks setup --yes",
        )
    session.err.print(_table(missing))
    return session.confirm(f"Create {words.count(number, 'thing')} in QuickBooks?")


def _answer(
    created: Sequence[Missing], missing: Sequence[Missing], session: Session, *, queued: bool = False
) -> Answer:
    data = {"created": [_data(one) for one in created], "missing": [_data(one) for one in missing]}
    if not missing and not created:
        return Answer(data, (Text("QuickBooks has everything that the rules name.", style="green"),))
    parts: list[Any] = []
    if created:
        done = (
            "Queued {}: the Web Connector creates them at its next update." if queued else "Created {} in QuickBooks."
        )
        parts.append(Text(done.format(words.count(len(created), "thing")), style="green"))
    if missing:
        parts += [Text(f"{words.count(len(missing), 'thing')} still missing:", style="red"), _table(missing)]
        hint = ("magebooks setup --yes", "creates those that can be created")
    else:
        hint = ("magebooks preview --from yesterday", "what would be posted")
    status = Exit.LOOK if missing else Exit.DONE
    return Answer(data, (*parts, words.hints([hint], session.home)), status)


def _data(one: Missing) -> dict[str, object]:
    names = {"kind": KIND[one.entity], "name": one.name, "detail": one.detail, "needed_by": one.place}
    return names | {"by_hand": not one.body}


def _table(missing: Sequence[Missing]) -> Table:
    table = Table("What", "Name in QuickBooks", "As", "Because of", box=None, header_style="bold", pad_edge=False)
    for one in missing:
        table.add_row(WORDS[one.entity], one.name, one.detail, one.place)
    return table
