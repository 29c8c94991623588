"""The checks of `magebooks doctor` that need no network: machine, home, settings, rules, ledger, Prefect."""

from __future__ import annotations

import os
import platform
import shutil
import stat
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.cli import restored, words
from deploy.cli.session import Exit, Failure

if TYPE_CHECKING:
    from mappings.rules import Rules
    from state.ledger import Connection, Ledger
    from state.settings import Settings

MACHINE, SHOP, QUICKBOOKS, RULES, DELIVERY = "Machine", "Shop", "QuickBooks", "Rules", "Delivery"
GROUPS = (MACHINE, SHOP, QUICKBOOKS, RULES, DELIVERY)

LOW_DISK_GB = 1.0


@dataclass(frozen=True, slots=True)
class Check:
    """One finding: what was looked at, what was found, what to do about it, where the value came from.

    `status` is the exit status it deserves: 0 well, 1 a warning, else a failure.
    """

    group: str
    name: str
    found: str
    fix: str = ""
    status: Exit = Exit.DONE
    source: str = ""

    @property
    def level(self) -> str:
        """ok, warn or fail."""
        return {Exit.DONE: "ok", Exit.LOOK: "warn"}.get(self.status, "fail")


def machine(settings: Settings) -> Iterator[Check]:
    """Python and libraries, disk, the home's permissions, the vault key."""
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("magebooks", "prefect", "duckdb"))
    old = sys.version_info < (3, 11)
    fix = "Install Python 3.11 or newer." if old else ""
    yield Check(MACHINE, "versions", f"python {platform.python_version()}, {versions}", fix, _bad(old))
    free = shutil.disk_usage(settings.home).free / 1e9
    low = free < LOW_DISK_GB
    yield Check(
        MACHINE, "disk", f"{free:,.1f} GB free", "Make room: runs need some." if low else "", _bad(low, Exit.LOOK)
    )
    yield from _permissions(settings)
    yield _vault_key(settings)


def _permissions(settings: Settings) -> Iterator[Check]:
    writable = os.access(settings.home, os.W_OK)
    fix = "" if writable else f"Make {settings.home} writable for this user."
    yield Check(MACHINE, "home", str(settings.home), fix, _bad(not writable))
    for name in (".env", "ledger.sqlite"):
        path = settings.home / name
        if path.exists() and _open_to_others(path):
            yield Check(MACHINE, name, "others can read it", f"chmod 600 {path}", Exit.LOOK)


def _open_to_others(path: Path) -> bool:
    return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)


def _vault_key(settings: Settings) -> Check:
    from state.settings import source_of
    from state.vault import KEY_FILE, VaultError, load_key

    try:
        load_key(settings)
    except VaultError as error:
        return Check(MACHINE, "vault key", str(error), "Make one: magebooks init", Exit.USAGE)
    source = source_of(settings, "MAGEBOOKS_VAULT_KEY")
    file = settings.home / KEY_FILE
    where = source if source != "default" else KEY_FILE if file.exists() else "keyring"
    return Check(MACHINE, "vault key", "found", source=where)


def required(settings: Settings, rules: Rules | None = None) -> Iterator[Check]:
    """Settings without which no sync can run into what the rules name as target."""
    from state.settings import missing

    for finding in missing(settings, rules.books.target if rules else "online"):
        group = SHOP if finding.variable.startswith("MAGENTO") else QUICKBOOKS
        yield Check(group, finding.variable, finding.wrong, _sentence(finding.fix), Exit.USAGE)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def rules(settings: Settings) -> tuple[Rules | None, list[Check]]:
    """The rules file, when it is valid, and what was found."""
    from deploy.cli.opened import rules_of
    from mappings.rules import RulesError

    try:
        loaded = rules_of(settings)
    except Failure as failure:
        return None, [Check(RULES, "rules.toml", failure.message, failure.fix, Exit.USAGE)]
    except RulesError as error:
        return None, [Check(RULES, "rules.toml", str(one), "Correct this line.", Exit.USAGE) for one in error.findings]
    return loaded, [Check(RULES, "rules.toml", f"valid, version {loaded.hash[:8]}", source=str(settings.rules_path))]


def belonging(engine: Ledger, settings: Settings, rules: Rules | None) -> list[Check]:
    """Nothing when the ledger is that of this shop and this QuickBooks, else what it is of."""
    from tasks.belonging import OtherBooks, check_books

    try:
        check_books(engine, settings, rules.books.target if rules else None)
    except OtherBooks as error:
        return [Check(DELIVERY, "whose ledger", str(error), error.fix, Exit.USAGE)]
    return []


def delivery(conn: Connection, settings: Settings, now: datetime) -> Iterator[Check]:
    """The ledger answers, what waits in it, whether a breaker is open, whether a run holds the staging file."""
    from state import breaker, outbox, problems
    from state.settings import source_of

    kind = "PostgreSQL" if settings.ledger_url.startswith("postgresql") else "SQLite"
    yield Check(DELIVERY, "ledger", f"{kind}, reachable", source=source_of(settings, "MAGEBOOKS_LEDGER_URL"))
    waiting = problems.held(conn) + outbox.counts(conn).get("rejected", 0)
    fix = "See them: magebooks held" if waiting else ""
    yield Check(DELIVERY, "needs attention", words.count(waiting, "document"), fix, _bad(bool(waiting), Exit.LOOK))
    verdict = breaker.standing(conn, "quickbooks", now)
    paused = verdict.state == "open"
    told = f"paused after failures; next try in {verdict.wait_seconds:.0f} s" if paused else "no trouble"
    yield Check(
        DELIVERY,
        "QuickBooks calls",
        told,
        "Nothing is lost; it goes on by itself." if paused else "",
        _bad(paused, Exit.LOOK),
    )
    for _, sentence in restored.lines(restored.gather(conn)):
        yield Check(DELIVERY, "restored", sentence, "Nothing is to be done: the next run looks them up.", Exit.LOOK)
    yield from _staging(settings.staging_path)


def _staging(path: Path) -> Iterator[Check]:
    """One process at a time holds the staging file: a run at work, or a console that somebody left open."""
    from state import staging

    if not path.is_file():
        return
    try:
        with staging.open(path, wait=0.5) as store:
            documents = sum(staging.counts(store).values())
        yield Check(DELIVERY, "staging", f"{documents:,} documents")
    except staging.StagingBusy:
        fix = "Wait until the run ends, or close the program that opened it; readers use books.duckdb."
        yield Check(DELIVERY, "staging", "another process holds it", fix, Exit.LOOK)


def prefect(environ: Mapping[str, str]) -> Iterator[Check]:
    """Which Prefect a run would report to. Read from the environment and profile file, without importing Prefect."""
    url = environ.get("PREFECT_API_URL", "")
    told = url or "a temporary server for each run"
    yield Check(DELIVERY, "Prefect", told, source="environment" if url else "default")
    if url and environ.get("PREFECT_API_KEY") and "prefect.cloud" not in url:
        fix = "Unset PREFECT_API_KEY: a server of your own refuses it."
        yield Check(DELIVERY, "Prefect key", "set together with a self-hosted server", fix, Exit.LOOK)
    if profile := environ.get("PREFECT_PROFILE", ""):
        yield Check(DELIVERY, "Prefect profile", profile, source="environment")


def clock(side: str, theirs: datetime, now: datetime) -> Check:
    """How far this machine's clock is from a server's. OAuth signatures and tokens need them within minutes."""
    gap = (now - theirs.astimezone(UTC)).total_seconds()
    off = abs(gap) > 120
    ahead = "ahead of" if gap > 0 else "behind"
    told = f"{abs(gap):.0f} s {ahead} {side}" if abs(gap) > 2 else f"agrees with {side}"
    return Check(MACHINE, "clock", told, "Set this machine's clock (NTP)." if off else "", _bad(off))


def _bad(bad: bool, status: Exit = Exit.USAGE) -> Exit:
    return status if bad else Exit.DONE
