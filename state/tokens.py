"""The tokens of both sides in the vault.

QuickBooks' refresh token and realm id are sealed together in one entry, as Intuit's security requirements ask for
both; the access token and the former refresh token lie in it too. Their meaning is the client's business.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from state import vault as vaults
from state.settings import Settings
from state.vault import Vault

QUICKBOOKS = "quickbooks"
IMS = "magento ims"


def load_tokens(conn: Connection, vault: Vault, settings: Settings | None = None) -> dict[str, Any] | None:
    """QuickBooks' tokens as last saved; those of the settings only while the vault has none; else None."""
    kept = _load(conn, vault, QUICKBOOKS)
    if kept is not None or settings is None:
        return kept
    refresh = settings.quickbooks_refresh_token.get_secret_value()
    realm = settings.quickbooks_realm_id.get_secret_value()
    return {"realm_id": realm, "refresh_token": refresh} if refresh and realm else None


def save_tokens(conn: Connection, vault: Vault, tokens: Mapping[str, Any], now: datetime) -> None:
    """Seal QuickBooks' tokens. Raises ValueError, and keeps the old ones, when the new ones are not whole.

    The refresh token that is replaced stays in the entry as `previous_refresh_token`: when an answer of Intuit was
    lost on the way, the former one may still be good.
    """
    if not tokens.get("refresh_token") or not tokens.get("realm_id"):
        raise ValueError("tokens without a refresh token and realm id are not kept")
    whole = dict(tokens)
    before = _load_or_none(conn, vault)
    if before and before["realm_id"] == whole["realm_id"] and before["refresh_token"] != whole["refresh_token"]:
        whole["previous_refresh_token"] = before["refresh_token"]
    vaults.put(conn, vault, QUICKBOOKS, json.dumps(whole, sort_keys=True), now)


def forget_tokens(conn: Connection) -> None:
    """Erase QuickBooks' tokens: the company was disconnected."""
    vaults.erase(conn, QUICKBOOKS)


def load_ims(conn: Connection, vault: Vault) -> dict[str, Any] | None:
    """Adobe IMS's access token and its end as last saved, or None."""
    return _load(conn, vault, IMS)


def save_ims(conn: Connection, vault: Vault, token: Mapping[str, Any], now: datetime) -> None:
    """Seal Adobe IMS's access token."""
    vaults.put(conn, vault, IMS, json.dumps(dict(token), sort_keys=True), now)


def _load(conn: Connection, vault: Vault, name: str) -> dict[str, Any] | None:
    kept = vaults.get(conn, vault, name)
    return None if kept is None else dict(json.loads(kept))


def _load_or_none(conn: Connection, vault: Vault) -> dict[str, Any] | None:
    """The entry to be replaced; one that cannot be opened (the key was lost) must not keep anybody from connecting."""
    try:
        return _load(conn, vault, QUICKBOOKS)
    except vaults.VaultError:
        return None
