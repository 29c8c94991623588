"""Settings and ledger for a command, and the sentence when there is no home yet. Imports nothing heavy at the top.

A home is a directory with rules.toml or .env, which `magebooks init` writes. In any other place nothing is made.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from deploy.cli.session import Exit, Failure, Session

if TYPE_CHECKING:
    from mappings.rules import Rules, Target
    from state.ledger import Connection, Ledger
    from state.settings import Settings


def settings_of(session: Session) -> Settings:
    """The settings of this call's home. Raises Failure when there is none."""
    from state.settings import is_home, load_settings

    settings = load_settings(session.home)
    home = settings.home
    if not is_home(home):
        missing = f"There is no home at {home}."
        why = f"{home} is no home: it has neither rules.toml nor .env." if home.is_dir() else missing
        make = f"magebooks init --home {shlex.quote(str(home))}"
        fix = f"Name your home with --home or MAGEBOOKS_HOME, or make one here: {make}"
        raise Failure("no-home", why, fix)
    return settings


def rules_of(settings: Settings, target: Target | None = None) -> Rules:
    """The home's rules, for another target than they name when one is given. Raises Failure without a file,
    RulesError with a wrong one."""
    from mappings.rules import load

    path = settings.rules_path
    if not path.is_file():
        raise Failure("no-rules", f"{path} does not exist.", "Make it from a template: magebooks init")
    return load(path.read_text(encoding="utf-8"), str(path), target)


def no_connector() -> Failure:
    """QuickBooks Desktop has never called, so nothing is known of its company."""
    return Failure(
        "no-connector",
        "QuickBooks Desktop has not called yet, so its accounts and items are unknown.",
        "Let the Web Connector update once. How to install it: magebooks qwc",
        Exit.CONNECTION,
    )


@contextmanager
def engine_of(settings: Settings) -> Iterator[Ledger]:
    """The ledger, created or migrated when it has to be, closed at the end."""
    from state import ledger

    engine = ledger.connect(settings.ledger_url)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def kept(settings: Settings) -> Iterator[Ledger]:
    """The ledger to look at, closed at the end; an empty one in memory where no run has made the home's own yet."""
    from state import ledger

    there = bool(settings.magebooks_ledger_url) or settings.ledger_path.is_file()
    engine = ledger.connect(settings.ledger_url if there else "sqlite://")
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def reading(session: Session) -> Iterator[tuple[Settings, Connection]]:
    """One consistent look at the ledger of this call's home."""
    from state import ledger

    settings = settings_of(session)
    with kept(settings) as engine, ledger.reading(engine) as conn:
        yield settings, conn
