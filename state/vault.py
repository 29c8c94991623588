"""Secrets at rest: AES-256-GCM, the key apart from the ledger and its backups.

Each value is sealed under its row's name, so that two rows cannot be swapped, and begins with the id of its key,
so that a wrong key is known before anything is opened. (Intuit asks for AES and a separate key file.)
"""

import base64
import binascii
import hashlib
import os
import secrets
import stat
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from state import tables
from state.ledger import upsert
from state.settings import Settings

TABLE = tables.vault
KEY_BYTES = 32
NONCE_BYTES = 12
KEY_FILE = "vault.key"
KEYRING_SERVICE = "magebooks"


class VaultError(Exception):
    """A secret cannot be read or kept; the message says what to do, and holds no secret."""


class Vault:
    """Seals and opens texts with one key of 32 bytes."""

    def __init__(self, key: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self._cipher = AESGCM(key)
        self.key_id = hashlib.sha256(key).hexdigest()[:8]

    def __repr__(self) -> str:
        return f"Vault(key_id={self.key_id!r})"

    def seal(self, name: str, value: str) -> str:
        """A text that only this key opens, and only under this name."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, value.encode(), name.encode())
        return f"{self.key_id}:{base64.b64encode(nonce + sealed).decode()}"

    def open(self, name: str, sealed: str) -> str:
        """What was sealed. Raises VaultError for another key, another name or changed bytes."""
        from cryptography.exceptions import InvalidTag

        key_id, _, text = sealed.partition(":")
        if key_id != self.key_id:
            raise VaultError(
                f"the vault entry {name!r} was sealed with key {key_id}, but the key in use is {self.key_id}: "
                f"bring back the former MAGEBOOKS_VAULT_KEY or {KEY_FILE}, or connect again "
                "(magebooks connect quickbooks)"
            )
        try:
            blob = base64.b64decode(text, validate=True)
            return self._cipher.decrypt(blob[:NONCE_BYTES], blob[NONCE_BYTES:], name.encode()).decode()
        except (InvalidTag, ValueError):
            raise VaultError(
                f"the vault entry {name!r} was changed outside MageBooks: restore the ledger from a backup, "
                "or connect again (magebooks connect quickbooks)"
            ) from None


def put(conn: Connection, vault: Vault, name: str, value: str, now: datetime) -> None:
    """Seal a value into the ledger under a name."""
    upsert(conn, TABLE, [{"name": name, "sealed": vault.seal(name, value), "changed_at": now}])


def get(conn: Connection, vault: Vault, name: str) -> str | None:
    """The value under a name, or None. Raises VaultError when it cannot be opened."""
    sealed = conn.scalars(sa.select(TABLE.c.sealed).where(TABLE.c.name == name)).one_or_none()
    return None if sealed is None else vault.open(name, sealed)


def erase(conn: Connection, name: str) -> None:
    """Remove a value."""
    conn.execute(TABLE.delete().where(TABLE.c.name == name))


def load_key(settings: Settings) -> bytes:
    """The company's key: MAGEBOOKS_VAULT_KEY, else `vault.key` in the home, else the OS keyring.

    Raises VaultError when there is none, when it is no key, or when others can read the file.
    """
    given = settings.magebooks_vault_key.get_secret_value()
    if given:
        return _decode(given, "MAGEBOOKS_VAULT_KEY")
    path = settings.home / KEY_FILE
    if path.exists():
        return _decode(_read_private(path), str(path))
    kept = _from_keyring(settings.home)
    if kept:
        return _decode(kept, "the key in the OS keyring")
    raise VaultError(
        f"there is no vault key: make one with magebooks init, or set MAGEBOOKS_VAULT_KEY or put {KEY_FILE} into "
        f"{settings.home}"
    )


def create_key(home: Path) -> Path:
    """Make `vault.key` (mode 0600) unless it is there; returns its path. A key is never overwritten."""
    path = home / KEY_FILE
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode() + "\n")
    return path


def _read_private(path: Path) -> str:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise VaultError(f"{path} can be read by others: chmod 600 {path}, and consider the key known")
    return path.read_text(encoding="ascii", errors="replace").strip()


def _decode(text: str, where: str) -> bytes:
    """32 bytes from 64 hex digits or base64."""
    try:
        key = bytes.fromhex(text) if len(text) == 2 * KEY_BYTES else base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        key = b""
    if len(key) != KEY_BYTES:
        raise VaultError(f"{where} is no key: it must be 32 random bytes, written in base64 or as 64 hex digits")
    return key


def _from_keyring(home: Path) -> str | None:
    """The key in the desktop's keyring, when there is one; servers and containers have none."""
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_password(KEYRING_SERVICE, str(home))
    except KeyringError:
        return None
