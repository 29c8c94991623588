"""One ledger keeps the books of one shop and one QuickBooks company: which ones, kept from first use.

The address of the shop counts without what may change by itself (http or https, `www.`, a store's code); QuickBooks'
company by a digest, for Intuit asks for its id to be sealed.
"""

import hashlib
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from mappings.rules import Target
from state import audit, connector, identity, ledger, references, tokens, vault
from state.ledger import Connection, Ledger
from state.settings import Settings

SHOP, COMPANY = "shop", "company"
PORTS: Final = {"http": 80, "https": 443}
OWN: Final = "Keep one home and one ledger for each company: magebooks init --home DIRECTORY"
LEDGER: Final = f"{OWN}, and another MAGEBOOKS_LEDGER_URL where one is set."
MOVED: Final = f"{LEDGER} Only if it is the same shop under a new address: magebooks sync --shop-moved"


class OtherBooks(Exception):
    """This home's ledger belongs to another shop or another QuickBooks than its settings name; `fix` says what to
    do."""

    def __init__(self, conn: Connection, wrong: str, fix: str = LEDGER) -> None:
        super().__init__(f"{_kept(conn)}; {wrong}.")
        self.fix = fix


def check_books(engine: Ledger, settings: Settings, target: Target | None = None) -> None:
    """Keep whose books these are at first use. Raises OtherBooks when they are those of another shop, another
    QuickBooks company, or the other QuickBooks than `target`."""
    now = datetime.now(UTC)
    with ledger.begin(engine) as conn:
        keep_books(conn, settings, target, now)


def keep_books(conn: Connection, settings: Settings, target: Target | None, now: datetime) -> None:
    """`check_books` within a transaction. What was kept and never read (a mistyped address) is no one's yet."""
    shop, present = shop_of(settings.magento_base_url), _target(conn)
    kept = identity.get(conn, SHOP) if identity.has_read_shop(conn) else None
    if shop and kept and shop != kept:
        raise OtherBooks(conn, f"this home names shop {shop}", MOVED)
    if target and present and present != target:
        raise OtherBooks(conn, f"QuickBooks {target.title()} was asked for")
    realms = {words: _sealed(conn, realm, now) for words, realm in _realms(conn, settings).items()}
    company = (identity.get(conn, COMPANY) if present else None) or next(iter(realms.values()), None)
    for words, realm in realms.items():
        if realm != company:
            raise OtherBooks(conn, f"{words} another QuickBooks company", f"{LEDGER} Else correct QUICKBOOKS_REALM_ID.")
    for name, value in ((SHOP, kept or shop), (COMPANY, company)):
        if value and identity.get(conn, name) != value:
            identity.keep(conn, name, value, now)


def check_realm(conn: Connection, realm: str, now: datetime) -> None:
    """Raises OtherBooks when QuickBooks' company with this id is not the one that the ledger belongs to."""
    company = identity.get(conn, COMPANY) if _target(conn) else None
    if company and company != _sealed(conn, realm, now):
        raise OtherBooks(conn, "you signed in to another QuickBooks company", OWN)


def shop_moved(engine: Ledger, settings: Settings, who: str) -> None:
    """Take the shop's address in the settings for a new one of the same shop."""
    now, shop = datetime.now(UTC), shop_of(settings.magento_base_url)
    with ledger.begin(engine) as conn:
        before = identity.get(conn, SHOP) or ""
        if shop and before != shop:
            identity.keep(conn, SHOP, shop, now)
            changed = {"from": before, "to": shop}
            audit.write(conn, [audit.Line(who, "", "shop moved", SHOP, "kept", changed=changed)], now)


def shop_of(address: str) -> str:
    """The shop behind an address: host, port and path, without user, `www.`, `index.php` and the REST service's own
    part; empty for none."""
    parts = urlsplit(address)
    host = (parts.hostname or "").removeprefix("www.")
    port = "" if parts.port in (None, PORTS.get(parts.scheme)) else f":{parts.port}"
    path = parts.path.rstrip("/").removesuffix("/V1").partition("/rest/")[0].removesuffix("/rest")
    path = path.rstrip("/").removesuffix("/index.php")
    return f"{host}{port}{path}" if host else ""


def _kept(conn: Connection) -> str:
    shop, target = identity.get(conn, SHOP), _target(conn)
    names = [f"shop {shop}"] if shop else []
    if target:
        named = next((f" company “{one.name}”" for one in references.entries(conn, "company") if one.name), "")
        names.append(f"QuickBooks {target.title()}{named}")
    return f"This ledger keeps the books of {' and '.join(names) or 'another company'}"


def _target(conn: Connection) -> str:
    """Which QuickBooks these books are kept in; empty while it was never seen."""
    company = next(iter(references.entries(conn, "company")), None)
    if company is not None:
        return company.extra.get("target", "online")
    known = connector.known(conn)
    return "desktop" if known is not None and known.company else ""


def _realms(conn: Connection, settings: Settings) -> dict[str, str]:
    """QuickBooks Online's ids of the company that somebody signed in to, and of the one that the settings name, by how
    this home has them."""
    try:
        signed = tokens.load_tokens(conn, vault.Vault(vault.load_key(settings)))
    except vault.VaultError:
        signed = None  # whoever needs the vault says so
    named = settings.quickbooks_realm_id.get_secret_value()
    found = {"this home is signed in to": signed["realm_id"] if signed else "", "QUICKBOOKS_REALM_ID names": named}
    return {words: realm for words, realm in found.items() if realm}


def _sealed(conn: Connection, realm: str, now: datetime) -> str:
    """What is kept of a realm id: slow to guess, and another one in each ledger."""
    salt = identity.standing(conn, now).ledger.encode()
    return hashlib.scrypt(realm.strip().encode(), salt=salt, n=2**12, r=8, p=1, dklen=16).hex()
