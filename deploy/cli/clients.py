"""Ready clients for a command that talks to one side itself, outside of a run."""

from state import vault as vaults
from state.ledger import Ledger
from state.settings import Settings
from state.vault import Vault
from tasks import connections
from tasks.clients.magento import Magento
from tasks.clients.quickbooks import QuickBooks


def quickbooks(settings: Settings, engine: Ledger) -> QuickBooks:
    """The company, with the ledger's limits and the vault's tokens. Raises VaultError without a key."""
    return connections.quickbooks(settings, engine, Vault(vaults.load_key(settings)))


def magento(settings: Settings, engine: Ledger) -> Magento:
    """The shop. Raises VaultError without a key."""
    return connections.magento(settings, engine, Vault(vaults.load_key(settings)))
