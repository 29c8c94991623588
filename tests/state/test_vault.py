"""Secrets at rest, their key, and the tokens kept with them."""

import base64
import stat
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import NoKeyringError
from sqlalchemy.engine import Engine

from state import ledger as ledgers
from state import tokens, vault
from state.settings import Settings, load_settings
from state.vault import Vault, VaultError, create_key, load_key
from tests.state.rows import NOW

KEY = bytes(range(32))
TOKENS = {"realm_id": "4620816365", "refresh_token": "first", "access_token": "open sesame"}


class Keyring(KeyringBackend):
    """A desktop's keyring, or a server's that has none."""

    priority = 1

    def __init__(self, kept: str | None) -> None:
        super().__init__()
        self.kept = kept

    def get_password(self, service: str, username: str) -> str | None:
        if self.kept is None:
            raise NoKeyringError
        return self.kept if service == "magebooks" else None

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept = password


@pytest.fixture
def no_keyring() -> Iterator[None]:
    """No test meets the keyring of the machine it runs on."""
    before = keyring.get_keyring()
    keyring.set_keyring(Keyring(None))
    yield
    keyring.set_keyring(before)


def _settings(home: Path, **environment: str) -> Settings:
    return load_settings(home, environment)


def test_a_sealed_value_opens_again_and_shows_nothing(ledger: Engine) -> None:
    box = Vault(KEY)
    with ledgers.begin(ledger) as conn:
        assert vault.get(conn, box, "quickbooks") is None
        vault.put(conn, box, "quickbooks", "sécret", NOW)
        vault.put(conn, box, "quickbooks", "newer sécret", NOW)
        assert vault.get(conn, box, "quickbooks") == "newer sécret"
        stored = conn.exec_driver_sql("SELECT sealed FROM vault").scalar_one()
        assert stored.startswith(f"{box.key_id}:") and "cret" not in stored
        vault.erase(conn, "quickbooks")
        assert vault.get(conn, box, "quickbooks") is None
    assert repr(box) == f"Vault(key_id='{box.key_id}')" and len(box.key_id) == 8


def test_the_same_value_is_sealed_differently_each_time() -> None:
    assert Vault(KEY).seal("a", "x") != Vault(KEY).seal("a", "x")


def test_another_key_is_named_with_what_to_do() -> None:
    sealed = Vault(KEY).seal("quickbooks", "hush-hush")
    with pytest.raises(VaultError, match=r"sealed with key .* bring back the former MAGEBOOKS_VAULT_KEY") as raised:
        Vault(bytes(32)).open("quickbooks", sealed)
    assert "hush-hush" not in str(raised.value)


def test_rows_cannot_be_swapped_and_changed_bytes_are_noticed() -> None:
    box = Vault(KEY)
    sealed = box.seal("quickbooks", "secret")
    broken = sealed[:-4] + ("AAAA" if sealed[-4:] != "AAAA" else "BBBB")
    for name, text in (("ims", sealed), ("quickbooks", broken), ("quickbooks", f"{box.key_id}:no base64!")):
        with pytest.raises(VaultError, match="was changed outside MageBooks"):
            box.open(name, text)


@pytest.mark.parametrize("text", [KEY.hex(), KEY.hex().upper(), base64.b64encode(KEY).decode()])
def test_the_key_is_read_from_the_environment_as_hex_or_base64(tmp_path: Path, text: str) -> None:
    assert load_key(_settings(tmp_path, MAGEBOOKS_VAULT_KEY=text)) == KEY


@pytest.mark.parametrize("text", ["short", "x" * 64, base64.b64encode(b"31 bytes").decode()])
def test_what_is_no_key_is_refused_without_showing_it(tmp_path: Path, text: str) -> None:
    with pytest.raises(VaultError, match="MAGEBOOKS_VAULT_KEY is no key") as raised:
        load_key(_settings(tmp_path, MAGEBOOKS_VAULT_KEY=text))
    assert text not in str(raised.value)


def test_a_key_file_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    path = create_key(home)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(home.stat().st_mode) == 0o700
    key = load_key(_settings(home))
    assert len(key) == 32
    assert create_key(home) == path and load_key(_settings(home)) == key
    assert load_key(_settings(home, MAGEBOOKS_VAULT_KEY=KEY.hex())) == KEY


@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    create_key(tmp_path).chmod(mode)
    with pytest.raises(VaultError, match="can be read by others: chmod 600"):
        load_key(_settings(tmp_path))


def test_without_a_key_anywhere_it_says_how_to_get_one(tmp_path: Path, no_keyring: None) -> None:
    with pytest.raises(VaultError, match="magebooks init"):
        load_key(_settings(tmp_path))


def test_the_desktops_keyring_is_asked_last(tmp_path: Path, no_keyring: None) -> None:
    keyring.set_keyring(Keyring(KEY.hex()))
    assert load_key(_settings(tmp_path)) == KEY


def test_the_first_tokens_come_from_the_environment_and_then_the_vault_rules(ledger: Engine, tmp_path: Path) -> None:
    seed = _settings(tmp_path, QUICKBOOKS_REFRESH_TOKEN="seed", QUICKBOOKS_REALM_ID="4620816365")
    box = Vault(KEY)
    with ledgers.begin(ledger) as conn:
        assert tokens.load_tokens(conn, box) is None
        assert tokens.load_tokens(conn, box, _settings(tmp_path, QUICKBOOKS_REFRESH_TOKEN="seed")) is None
        assert tokens.load_tokens(conn, box, seed) == {"realm_id": "4620816365", "refresh_token": "seed"}
        tokens.save_tokens(conn, box, TOKENS, NOW)
        assert tokens.load_tokens(conn, box, seed) == TOKENS
        tokens.forget_tokens(conn)
        assert tokens.load_tokens(conn, box) is None


def test_refresh_token_and_realm_lie_sealed_in_one_entry(ledger: Engine) -> None:
    with ledgers.begin(ledger) as conn:
        tokens.save_tokens(conn, Vault(KEY), TOKENS, NOW)
        stored = conn.exec_driver_sql("SELECT name, sealed FROM vault").all()
    assert [name for name, _ in stored] == ["quickbooks"]
    assert not any(value in stored[0][1] for value in TOKENS.values())


def test_the_former_refresh_token_is_kept_for_the_same_company_only(ledger: Engine) -> None:
    box = Vault(KEY)
    with ledgers.begin(ledger) as conn:
        tokens.save_tokens(conn, box, TOKENS, NOW)
        tokens.save_tokens(conn, box, TOKENS | {"refresh_token": "second"}, NOW)
        tokens.save_tokens(conn, box, TOKENS | {"refresh_token": "second", "previous_refresh_token": "first"}, NOW)
        kept = tokens.load_tokens(conn, box)
        assert kept == TOKENS | {"refresh_token": "second", "previous_refresh_token": "first"}
        other = {"realm_id": "999", "refresh_token": "third"}
        tokens.save_tokens(conn, box, other, NOW)
        assert tokens.load_tokens(conn, box) == other


@pytest.mark.parametrize("name", ["refresh_token", "realm_id"])
def test_tokens_that_are_not_whole_never_overwrite_good_ones(ledger: Engine, name: str) -> None:
    with ledgers.begin(ledger) as conn:
        tokens.save_tokens(conn, Vault(KEY), TOKENS, NOW)
        with pytest.raises(ValueError, match="not kept"):
            tokens.save_tokens(conn, Vault(KEY), TOKENS | {name: ""}, NOW)
        assert tokens.load_tokens(conn, Vault(KEY)) == TOKENS


def test_a_company_can_be_connected_again_after_the_key_was_lost(ledger: Engine) -> None:
    with ledgers.begin(ledger) as conn:
        tokens.save_tokens(conn, Vault(bytes(32)), TOKENS, NOW)
        with pytest.raises(VaultError):
            tokens.load_tokens(conn, Vault(KEY))
        tokens.save_tokens(conn, Vault(KEY), TOKENS, NOW)
        assert tokens.load_tokens(conn, Vault(KEY)) == TOKENS


def test_adobes_token_is_kept_beside(ledger: Engine) -> None:
    with ledgers.begin(ledger) as conn:
        assert tokens.load_ims(conn, Vault(KEY)) is None
        tokens.save_ims(conn, Vault(KEY), {"access_token": "ims"}, NOW)
        assert tokens.load_ims(conn, Vault(KEY)) == {"access_token": "ims"}
