"""Settings and ledger for a command, and the sentence when there is no home yet. Imports nothing heavy at the top."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from deploy.cli.session import Exit, Failure, Session

if TYPE_CHECKING:
    from mappings.rules import Rules, Target
    from state.ledger import Connection, Ledger
    from state.settings import Settings


def settings_of(session: Session) -> Settings:
    """The settings of this call's home. Raises Failure when the home does not exist."""
    from state.settings import load_settings

    settings = load_settings(session.home)
    if not settings.home.is_dir():
        raise Failure(
            "no-home", f"There is no home at {settings.home}.", f"Make one: magebooks init --home {settings.home}"
        )
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
def reading(session: Session) -> Iterator[tuple[Settings, Connection]]:
    """One consistent look at the ledger of this call's home."""
    from state import ledger

    settings = settings_of(session)
    with engine_of(settings) as engine, ledger.reading(engine) as conn:
        yield settings, conn
