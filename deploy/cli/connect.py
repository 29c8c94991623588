"""`magebooks connect quickbooks`: a person allows access at Intuit, and the tokens go into the vault."""

from __future__ import annotations

import sys
import webbrowser
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from rich.text import Text

from deploy.cli import words
from deploy.cli.opened import engine_of, settings_of
from deploy.cli.session import Answer, Exit, Failure, Given, Session

if TYPE_CHECKING:
    from state.settings import Settings
    from state.vault import Vault
    from tasks.clients.consent import Consent, Granted

PATIENCE_SECONDS = 600.0


def quickbooks(
    *,
    browser: Annotated[
        bool, Parameter("--browser", negative="--no-browser", help="Open the browser, or only print the address.")
    ] = True,
    session: Given,
) -> Answer:
    """Sign in at Intuit in the browser; the tokens go into the vault."""
    from state import vault as vaults
    from tasks.belonging import check_books
    from tasks.clients import consent

    settings = settings_of(session)
    _ready(settings, session)
    with engine_of(settings) as engine:
        check_books(engine, settings, "online")
    vault = vaults.Vault(vaults.load_key(settings))
    asked = consent.consent(settings.quickbooks_client_id, settings.quickbooks_redirect_uri)
    granted = _granted(session, settings, asked, browser=browser)
    now = datetime.now(UTC)
    tokens = consent.exchange(
        granted,
        token_url=settings.quickbooks_token_url,
        client_id=settings.quickbooks_client_id,
        client_secret=settings.quickbooks_client_secret.get_secret_value(),
        redirect_uri=settings.quickbooks_redirect_uri,
        now=now,
    )
    _keep(settings, vault, tokens.to_json(), now)
    until = tokens.hard_expires_at or tokens.refresh_expires_at
    data = {"connected": True, "sign_in_again_by": until.isoformat() if until else None}
    told = Text("QuickBooks is connected. The tokens are in the vault and renew themselves.", style="green")
    return Answer(data, (told, words.hints([("magebooks doctor", "check everything")], session.home)))


def _ready(settings: Settings, session: Session) -> None:
    """Everything the consent needs, before a browser opens."""
    names = ("quickbooks_client_id", "quickbooks_client_secret", "quickbooks_redirect_uri")
    lacking = [name.upper() for name in names if not _text(getattr(settings, name))]
    if lacking:
        raise Failure("settings", f"{', '.join(lacking)} must be set first.", "See: magebooks help environment")
    if not session.interactive:
        raise Failure(
            "needs-person",
            "Signing in at Intuit needs a person at a terminal.",
            "Run this in a terminal, or set QUICKBOOKS_REFRESH_TOKEN and QUICKBOOKS_REALM_ID once.",
            Exit.CONNECTION,
        )


def _text(value: object) -> str:
    secret = getattr(value, "get_secret_value", None)
    return str(secret() if secret else value)


def _granted(session: Session, settings: Settings, asked: Consent, *, browser: bool) -> Granted:
    """What the browser brings back: to a listener on this machine, or by a person who copies the address."""
    from tasks.clients.consent import is_loopback, read_callback
    from tasks.clients.consent_listener import Listener

    if is_loopback(settings.quickbooks_redirect_uri):
        with Listener(settings.quickbooks_redirect_uri, asked.state) as listener:
            _show(session, asked, browser=browser)
            return listener.wait(PATIENCE_SECONDS)
    _show(session, asked, browser=browser)
    session.err.print("When the browser has come back, copy its whole address and paste it here: ", end="")
    return read_callback(sys.stdin.readline().strip(), asked.state)


def _show(session: Session, asked: Consent, *, browser: bool) -> None:
    opened = browser and webbrowser.open(asked.url)
    session.err.print("Your browser shows Intuit's page. If not, open:" if opened else "Open this in your browser:")
    session.err.print(asked.url, soft_wrap=True)


def _keep(settings: Settings, vault: Vault, tokens: dict[str, str], now: datetime) -> None:
    from deploy.cli.retry import who
    from state import audit, ledger
    from state import tokens as sealed
    from tasks.belonging import check_realm

    with engine_of(settings) as engine, ledger.begin(engine) as conn:
        check_realm(conn, tokens["realm_id"], now)
        sealed.save_tokens(conn, vault, tokens, now)
        audit.write(conn, [audit.Line(who(), "", "connect", "quickbooks", "connected")], now)
