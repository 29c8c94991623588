"""QuickBooks' and Adobe's tokens, kept in the vault for all processes of a company."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from state import leases, ledger
from state import tokens as sealed
from state.announcing import Wait
from state.ledger import Ledger
from state.settings import Settings
from state.vault import Vault
from tasks import owner
from tasks.clients.errors import NeedsPerson, TryLater
from tasks.clients.quickbooks_auth import Tokens

CONNECT = "Nobody has signed in yet: magebooks connect quickbooks"
LOCK = "quickbooks refresh"
HELD_FOR = timedelta(seconds=60)  # twice what one refresh may take; a process that died frees it so late
PATIENCE = timedelta(seconds=90)


@dataclass(frozen=True, slots=True)
class VaultTokens:
    """The company's tokens in the vault; one process at a time refreshes them, under a ledger lease."""

    ledger: Ledger
    vault: Vault
    settings: Settings

    async def load(self) -> Tokens:
        """The tokens as last saved; the first time those of the settings. Raises NeedsPerson when there are none."""
        with ledger.begin(self.ledger) as conn:
            kept = sealed.load_tokens(conn, self.vault, self.settings)
        if kept is None:
            raise NeedsPerson("QuickBooks", CONNECT)
        return Tokens.from_json(kept)

    @asynccontextmanager
    async def refreshing(self) -> AsyncIterator[None]:
        """Wait for the turn to refresh. Raises TryLater when another process does not come to an end."""
        patience = PATIENCE.total_seconds()
        wait = Wait("another process that renews the connection to QuickBooks", patience)
        while (lease := self._acquire()) is None:
            if wait.lasted > patience:
                raise TryLater("QuickBooks", "Another process is refreshing the connection and does not finish")
            await wait.sleep(0.1)
        try:
            yield
        finally:
            with ledger.begin(self.ledger) as conn:
                leases.release(conn, lease)

    async def save(self, tokens: Tokens) -> None:
        """Keep the tokens durably, before the new access token is used."""
        with ledger.begin(self.ledger) as conn:
            sealed.save_tokens(conn, self.vault, tokens.to_json(), datetime.now(UTC))

    def _acquire(self) -> leases.Lease | None:
        now = datetime.now(UTC)
        with ledger.begin(self.ledger) as conn:
            holder = leases.holder(conn, LOCK, now)
            if holder is not None and not owner.alive(holder):
                leases.expire(conn, LOCK)
            return leases.acquire(conn, LOCK, owner.me(), now, HELD_FOR)


@dataclass(frozen=True, slots=True)
class VaultIms:
    """Adobe IMS's access token in the vault, so that runs share its 24 hours."""

    ledger: Ledger
    vault: Vault

    def load(self) -> tuple[str, datetime] | None:
        """The token and its end (aware), or None."""
        with ledger.reading(self.ledger) as conn:
            kept = sealed.load_ims(conn, self.vault)
        return (kept["token"], datetime.fromisoformat(kept["expires_at"])) if kept else None

    def save(self, token: str, expires_at: datetime) -> None:
        """Keep a new token."""
        with ledger.begin(self.ledger) as conn:
            found = {"token": token, "expires_at": expires_at.isoformat()}
            sealed.save_ims(conn, self.vault, found, datetime.now(UTC))
