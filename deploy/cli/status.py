"""`magebooks status`: where things stand, from the ledger alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from deploy.cli import restored, words
from deploy.cli import status_connector as connector
from deploy.cli.opened import reading
from deploy.cli.session import Answer, Exit, Given

if TYPE_CHECKING:
    from state.ledger import Connection
    from state.settings import Settings

WATERMARKS = ("order", "invoice", "creditmemo")
CONNECTIONS = ("Magento", "QuickBooks")
PAUSES: Mapping[str, tuple[str, ...]] = {"Magento": ("magento",), "QuickBooks": ("requests", "batches")}
"""The limits of a side that it may ask to pause."""


def status(*, session: Given) -> Answer:
    """Where things stand: what needs attention, what is on its way, what is in the books."""
    now = datetime.now(UTC)
    with reading(session) as (settings, conn):
        data = gather(conn, settings, now)
    stuck = data["needs_you"] or data["unknown"] or data["behind"]["documents"]
    look = stuck or connector.silent(data["connector"])
    return Answer(data, tuple(_told(data, now, session.home)), Exit.LOOK if look else Exit.DONE)


def gather(conn: Connection, settings: Settings, now: datetime) -> dict[str, Any]:
    """Everything that `status --json` says. Times are ISO texts in UTC."""
    from state import outbox, problems, runs
    from tasks import waiting

    states, held, undecided = outbox.counts(conn), problems.held(conn), outbox.undecided(conn)
    last, queued = runs.latest(conn, "orders"), waiting.figures(conn, now)
    return {
        "home": str(settings.home),
        "needs_you": held + states.get("rejected", 0) + undecided,
        "on_its_way": queued["on_its_way"] + states.get("sent", 0) + states.get("unknown", 0) - undecided,
        "later": queued["later"],
        "behind": queued["behind"],
        "with_held": _with_held(conn) if held else 0,
        "in_your_books": states.get("posted", 0),
        "left_out": int(last.counts.get("skipped", 0)) if last else 0,
        "skipped_by": dict(_reasons(last.counts)) if last else {},
        "held": held,
        "rejected": states.get("rejected", 0),
        "ready": states.get("ready", 0),
        "sent": states.get("sent", 0),
        "unknown": states.get("unknown", 0),
        "undecided": undecided,
        "posted": states.get("posted", 0),
        "for_summaries": queued["for_summaries"],
        "last_run": _run(last),
        "read_until": {kind: _iso(_read(conn, kind)) for kind in WATERMARKS},
        "read_ahead": [kind for kind in WATERMARKS if _is_ahead(conn, kind, now)],
        "connections": {name.lower(): _connection(conn, name, now) for name in CONNECTIONS},
        "quickbooks_tokens": _tokens(conn, settings),
        "connector": connector.gather(conn, now, queued["on_its_way"]),
        "restored": restored.gather(conn),
    }


def _read(conn: Connection, kind: str) -> datetime | None:
    """When a kind was read last; in a ledger of an earlier version, when something new was read."""
    from state import watermarks

    return watermarks.get(conn, watermarks.read_at(kind)).at or watermarks.changed_at(conn, kind)


def _is_ahead(conn: Connection, kind: str, now: datetime) -> bool:
    """Whether a stamp in the future moved the watermark there, as earlier versions let it: the next run heals that."""
    from state import watermarks

    mark = watermarks.get(conn, kind).at
    return mark is not None and mark > now


def _with_held(conn: Connection) -> int:
    """What belonged to held orders when a run last looked at all that waits: not one that failed or is under way."""
    from state import runs

    ended = (run for run in runs.recent(conn, flow="orders") if run.status == "done")
    return next((int(run.counts.get("with_held", 0)) for run in ended), 0)


def _reasons(counts: Mapping[str, Any]) -> Mapping[str, int]:
    found: Mapping[str, int] = counts.get("skipped_by", {})
    return found


def _run(run: Any) -> dict[str, Any] | None:
    if run is None:
        return None
    return {
        "run": run.id,
        "flow": run.flow,
        "status": run.status,
        "started": run.started_at.isoformat(),
        "finished": _iso(run.finished_at),
        **{key: run.counts.get(key, 0) for key in ("landed", "queued", "posted", "held")},
    }


def _connection(conn: Connection, name: str, now: datetime) -> dict[str, Any]:
    from state import breaker, limits

    verdict = breaker.standing(conn, name.lower(), now)
    return {
        "state": verdict.state,
        "next_try_in_seconds": round(verdict.wait_seconds),
        "paused_until": _iso(limits.paused_until(conn, PAUSES[name], now)),
    }


def _tokens(conn: Connection, settings: Settings) -> dict[str, str | None]:
    """When the sign-in ends, or why that cannot be said; never the tokens."""
    from state import tokens, vault
    from tasks.clients.quickbooks_auth import Tokens

    try:
        kept = tokens.load_tokens(conn, vault.Vault(vault.load_key(settings)), settings)
    except vault.VaultError as error:
        return {"state": "sealed", "reason": str(error)}
    if kept is None:
        return {"state": "none"}
    opened = Tokens.from_json(kept)
    return {
        "state": "connected",
        "expires": _iso(opened.refresh_expires_at),
        "sign_in_again_by": _iso(opened.hard_expires_at),
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _told(data: Mapping[str, Any], now: datetime, home: Path | None) -> list[Any]:
    number = data["needs_you"]
    if number:
        headline = Text(
            f"{words.count(number, 'document')} {'needs' if number == 1 else 'need'} your attention.", style="red"
        )
    else:
        headline = Text("Nothing needs your attention.", style="green")
    table = Table.grid(padding=(0, 3))
    table.add_column(style="bold")
    table.add_column()
    for label, told in _lines(data, now):
        table.add_row(label, told)
    hints = [("magebooks held", "what needs attention, and what to do")] if number else []
    return [headline, "", table, *([words.hints(hints, home)] if hints else [])]


def _lines(data: Mapping[str, Any], now: datetime) -> list[tuple[str, str]]:
    way = f"{data['on_its_way']:,}"
    if asked := data["unknown"] - data["undecided"]:
        way += f", {asked:,} of them being asked about at QuickBooks"
    needs = f"{data['held']:,} on hold, {data['rejected']:,} rejected by QuickBooks"
    if data["undecided"]:
        needs += f", {data['undecided']:,} that QuickBooks may have already"
    lines = [
        (words.NEEDS_YOU, needs),
        *_waits(data),
        (words.ON_ITS_WAY, way),
        (words.IN_YOUR_BOOKS, f"{data['in_your_books']:,}, new customers and items included"),
        *restored.lines(data["restored"]),
        *_for_summaries(data),
        (words.LEFT_OUT, _skipped(data)),
        ("Last run", _last_run(data["last_run"], now)),
        ("Shop read", _shop_read(data, now)),
    ]
    if data["connector"] is not None:
        return [*lines, ("Magento", _connection_told(data, "Magento", now)), *connector.lines(data, now)]
    return [*lines, *((f"{name}", _connection_told(data, name, now)) for name in CONNECTIONS)]


def _shop_read(data: Mapping[str, Any], now: datetime) -> str:
    marks = [at for at in data["read_until"].values() if at]
    answer = words.when(datetime.fromisoformat(min(marks)), now) if marks else "not yet"
    if data["read_ahead"]:
        answer += "; a date in the future hid what is newer: the next magebooks sync reads it all again"
    return answer


def _waits(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is not on its way, although it is in order itself."""
    from tasks import waiting_text

    label = "Waits"
    for sentence in (*waiting_text.sentences(data), waiting_text.later(data)):
        if sentence:
            yield label, sentence
            label = ""


def _skipped(data: Mapping[str, Any]) -> str:
    from tasks import waiting_text

    told = waiting_text.skipped({"skipped": data["left_out"], "skipped_by": data["skipped_by"]})
    return f"last run: {told}" if told else "nothing in the last run"


def _for_summaries(data: Mapping[str, Any]) -> list[tuple[str, str]]:
    waiting = data["for_summaries"]
    return [("For summaries", f"{words.count(waiting, 'document')}, when their day is over")] if waiting else []


def _last_run(run: Mapping[str, Any] | None, now: datetime) -> str:
    if run is None:
        return "none yet: magebooks sync"
    ended = run["finished"] or run["started"]
    verb = {"done": "finished", "failed": "failed", "running": "began"}.get(run["status"], run["status"])
    return f"{verb} {words.when(datetime.fromisoformat(ended), now)}: {run['landed']:,} read, {run['posted']:,} posted"


def _connection_told(data: Mapping[str, Any], name: str, now: datetime) -> str:
    connection = data["connections"][name.lower()]
    told = {
        "closed": "no trouble",
        "open": f"not answering; next try in {connection['next_try_in_seconds']} s",
        "half-open": "was not answering; the next run tries it",
    }[connection["state"]]
    if connection["paused_until"] and connection["state"] == "closed":
        told = f"asked for a pause, until {datetime.fromisoformat(connection['paused_until']):%H:%M:%S} UTC"
    if name != "QuickBooks":
        return told
    tokens = data["quickbooks_tokens"]
    if tokens["state"] != "connected":
        return (
            f"not connected: magebooks connect quickbooks{' (' + tokens['reason'] + ')' if 'reason' in tokens else ''}"
        )
    ends = tokens["sign_in_again_by"] or tokens["expires"]
    return f"{told}; sign in again {words.when(datetime.fromisoformat(ends), now)}" if ends else told
