"""Settings and vault turned into ready clients and stores: the one seam between tasks and the outside.

A run opens one `Session`; its tasks find it with `current()`. Nothing of it is ever a Prefect parameter or result.
"""

import gc
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx

from mappings import rules as rules_file
from mappings.rules import Rules, Target
from state import ledger as ledgers
from state import vault as vaults
from state import witness
from state.ledger import Ledger
from state.settings import Settings
from state.vault import Vault
from tasks import owner
from tasks.belonging import check_books
from tasks.clients.magento import Magento, connect
from tasks.clients.magento_auth import Bearer, Ims, OAuth1
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


A_SECOND = 10

_session: ContextVar[Session] = ContextVar("session")


def current() -> Session:
    """The session of the run that this task belongs to."""
    return _session.get()


@asynccontextmanager
async def session(settings: Settings, run: str, target: Target | None = None) -> AsyncIterator[Session]:
    """Open a company's stores and clients for a run into `target` (None: what the rules name).

    Raises RulesError, VaultError, LedgerError or OtherBooks when something has to be put right first.
    """
    engine = ledgers.connect(settings.ledger_url)
    vault = Vault(vaults.load_key(settings))
    async with AsyncExitStack() as stack:
        stack.callback(engine.dispose)
        rules = load_rules(settings, target)
        check_books(engine, settings, rules.books.target)
        witness.examine(engine, settings.home, datetime.now(UTC))
        # What is loaded by now stays for the whole run: the garbage collector need not walk over it again and again.
        gc.freeze()
        stack.callback(gc.unfreeze)
        opened = Session(
            settings=settings,
            rules=rules,
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


def load_rules(settings: Settings, target: Target | None = None) -> Rules:
    """The company's rules file, for another target than it names when one is given. Raises RulesError with every
    finding."""
    return rules_file.load(settings.rules_path.read_text(encoding="utf-8"), str(settings.rules_path.name), target)


def magento(settings: Settings, ledger: Ledger, vault: Vault) -> Magento:
    """A client for the shop, signed in the one way that the settings are complete for (OAuth 1.0a first)."""
    auth = _magento_auth(settings, ledger, vault)
    return connect(settings.magento_base_url, auth, concurrency=settings.magento_concurrency)


def _magento_auth(settings: Settings, ledger: Ledger, vault: Vault) -> httpx.Auth:
    if settings.magento_consumer_key:
        return OAuth1(
            settings.magento_consumer_key,
            settings.magento_consumer_secret.get_secret_value(),
            settings.magento_access_token.get_secret_value(),
            settings.magento_access_token_secret.get_secret_value(),
        )
    if bearer := settings.magento_bearer_token.get_secret_value():
        return Bearer(bearer)
    return Ims(
        settings.magento_ims_client_id,
        settings.magento_ims_client_secret.get_secret_value(),
        settings.magento_ims_scopes,
        settings.magento_ims_org_id,
        settings.magento_ims_token_url,
        VaultIms(ledger, vault),
    )


def quickbooks(settings: Settings, ledger: Ledger, vault: Vault) -> QuickBooks:
    """A client for the company, with the ledger's limits and the vault's tokens."""
    minute = settings.quickbooks_minute_seconds
    rates = {
        # Intuit counts per company and app: 500 requests a minute and 10 a second, 40 batches a minute.
        "requests": (Rate(settings.quickbooks_requests_per_minute, minute), Rate(A_SECOND, minute / 60)),
        "batches": (Rate(settings.quickbooks_batches_per_minute, minute),),
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
