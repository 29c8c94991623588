"""`magebooks preview`: what a date range would post. The same mapping as a run's, into a staging file that is thrown
away: nothing is queued, nothing is sent, no watermark moves. Only the mirror of QuickBooks' lists is brought up to
date, as before every run."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deploy.cli.dates import Since, Until
from deploy.cli.opened import settings_of
from deploy.cli.session import Answer, Exit, Failure, Given, Session

if TYPE_CHECKING:
    from mappings.model import Problem
    from mappings.rules import Target
    from state.settings import Settings
    from tasks.connections import Session as Company
    from tasks.mapped import Mapped
    from tasks.windows import Window

Json = dict[str, Any]


def preview(*, since: Since = None, until: Until = None, session: Given) -> Answer:
    """Show what a date range would post, debits and credits; write nothing."""
    from deploy.cli.sync import window

    if since is None:
        raise Failure("usage", "Say which days.", "For example: magebooks preview --from yesterday --to today")
    return look(session, settings_of(session), window(since, until))


def look(session: Session, settings: Settings, span: Window, target: Target | None = None) -> Answer:
    """The answer of `preview` and of `sync --dry-run`."""
    from deploy.cli.previewed import told
    from deploy.cli.sync import command

    data = asyncio.run(_look(session, settings, span, target))
    status = Exit.LOOK if data["held"] else Exit.DONE
    return Answer(data, tuple(told(data, session.home, command(span), every=session.options.verbose)), status)


async def _look(session: Session, settings: Settings, span: Window, target: Target | None) -> Json:
    from deploy.cli.previewing import bring_lists, land, map_landed
    from tasks import connections

    async with connections.session(settings, "preview", target) as company:
        await bring_lists(company)
        with tempfile.TemporaryDirectory(prefix="magebooks-preview-") as place:
            staging_path = Path(place) / "staging.duckdb"
            session.say("Reading the shop ...")
            landed = await land(company, staging_path, span)
            session.say("Booking ...")
            mapped = await map_landed(company, staging_path)
        return _data(company, mapped, landed)


def _data(company: Company, mapped: Mapped, landed: int) -> Json:
    """What would happen, as `preview --json` says it; documents that are in the books already are only counted."""
    from deploy.cli.explain import document_of
    from mappings.waiting_reasons import WITH_HELD
    from state import ledger, outbox, summaries

    new: list[Json] = []
    with ledger.reading(company.ledger) as conn:
        summarised = summaries.standing(conn, [member.order_key for member in mapped.members]).kinds
        standing = sum(member.document in summarised for member in mapped.members)
        for row in mapped.rows:
            there = outbox.get(conn, row.key)
            if there is not None and there.status in outbox.FIXED:
                standing += 1
            else:
                new.append(document_of(row, company.rules))
    held = [_held(one) for found in mapped.found.values() for one in found if one.hold]
    return {
        "landed": landed,
        "documents": new,
        "by_kind": dict(Counter(one["kind"] for one in new)),
        "accounts": _accounts(new),
        "held": held,
        "left_out": sum(one.reason != WITH_HELD for one in mapped.waiting),
        "with_held": sum(one.reason == WITH_HELD for one in mapped.waiting),
        "in_your_books_already": standing,
        "would_create": dict(Counter(creation.entity.lower() for creation in mapped.creations.values())),
    }


def _held(problem: Problem) -> Json:
    names = ("document", "code", "field", "reason", "fix", "currency")
    amount = None if problem.amount is None else f"{problem.amount:.2f}"
    return {name: getattr(problem, name) for name in names} | {"amount": amount}


def _accounts(documents: list[Json]) -> Json:
    """Debits and credits by currency and account, as texts: what posting would do to the trial balance."""
    sums: dict[tuple[str, str], list[Decimal]] = {}
    for document in documents:
        for line in document["lines"]:
            pair = sums.setdefault((document["currency"], line["account"]), [Decimal(0), Decimal(0)])
            pair[0] += Decimal(line["debit"] or 0)
            pair[1] += Decimal(line["credit"] or 0)
    told: Json = {}
    for (currency, account), (debit, credit) in sorted(sums.items()):
        told.setdefault(currency, {})[account] = {"debit": f"{debit:.2f}", "credit": f"{credit:.2f}"}
    return told
