"""Settings and vault turned into ready clients and stores: the one seam between tasks and the outside.

A run opens one `Session`; its tasks find it with `current()`. Nothing of it is ever a Prefect parameter or result.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

from mappings import rules as rules_file
from mappings.rules import Rules
from state import ledger as ledgers
from state import vault as vaults
from state.ledger import Ledger
from state.settings import Settings, load_settings
from state.vault import Vault
from tasks import owner
from tasks.clients.magento import Magento
from tasks.clients.magento_auth import sign_with
from tasks.clients.quickbooks import QuickBooks
from tasks.limiter import Rate, SharedLimiter
from tasks.tokens import VaultIms, VaultTokens


@dataclass(frozen=True, slots=True)
class Session:
    """One run of one company: what its tasks work with. `run` is the run's id in the ledger."""

    settings: Settings
    rules: Rules
    ledger: Ledger
    magento: Magento
    quickbooks: QuickBooks
    owner: str
    run: str


_session: ContextVar[Session] = ContextVar("session")


def current() -> Session:
    """The session of the run that this task belongs to."""
    return _session.get()


@asynccontextmanager
async def session(home: Path | None, run: str) -> AsyncIterator[Session]:
    """Open a company's stores and clients for a run.

    Raises SettingsError, RulesError, VaultError or LedgerError when something has to be put right first.
    """
    settings = load_settings(home)
    engine = ledgers.connect(settings.ledger_url)
    vault = Vault(vaults.load_key(settings))
    async with AsyncExitStack() as stack:
        stack.callback(engine.dispose)
        opened = Session(
            settings=settings,
            rules=load_rules(settings),
            ledger=engine,
            magento=await stack.enter_async_context(magento(settings, engine, vault)),
            quickbooks=await stack.enter_async_context(quickbooks(settings, engine, vault)),
            owner=owner.me(),
            run=run,
        )
        token = _session.set(opened)
        try:
            yield opened
        finally:
            _session.reset(token)


def load_rules(settings: Settings) -> Rules:
    """The company's rules file. Raises RulesError with every finding."""
    return rules_file.load(settings.rules_path.read_text(encoding="utf-8"), str(settings.rules_path.name))


def magento(settings: Settings, ledger: Ledger, vault: Vault) -> Magento:
    """A client for the shop, signed as the settings say."""
    return Magento(settings.magento_base_url, sign_with(settings, VaultIms(ledger, vault)))


def quickbooks(settings: Settings, ledger: Ledger, vault: Vault) -> QuickBooks:
    """A client for the company, with the ledger's limits and the vault's tokens."""
    minute = settings.quickbooks_minute_seconds
    rates = {
        "requests": Rate(settings.quickbooks_requests_per_minute, minute),
        "batches": Rate(settings.quickbooks_batches_per_minute, minute),
    }
    return QuickBooks(
        settings.quickbooks_api_url,
        settings.quickbooks_token_url,
        settings.quickbooks_client_id,
        settings.quickbooks_client_secret.get_secret_value(),
        VaultTokens(ledger, vault, settings),
        SharedLimiter(ledger, rates),
        concurrency=settings.quickbooks_concurrency,
        throttle_seconds=minute,
    )
