"""The interactive half of Intuit's OAuth 2.0: a person allows access in the browser, and the code becomes tokens.

The consent page sends the browser back to the redirect address with `code`, `state` and `realmId` in the URL. That
address never answers with a page, only with a redirect to a clean one, so that the code does not leak by `Referer`
(Intuit, "Security requirements" page). Facts on the endpoints: Intuit's OAuth 2.0 page.
"""

import hmac
import logging
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from oauthlib.oauth2 import OAuth2Error
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session

from mappings.json_answer import trimmed
from tasks.clients.errors import NeedsPerson, TryLater
from tasks.clients.quickbooks_auth import HARD_EXPIRY_HEADER, Tokens, accept
from tasks.clients.quickbooks_faults import parse

AUTHORIZE_URL = "https://appcenter.intuit.com/connect/oauth2"
SCOPE = "com.intuit.quickbooks.accounting"

_TIMEOUT = 30.0  # seconds for the token endpoint
_BAD_CODE = "Intuit refuses the code, which lives for a few minutes only: start connect again"
_BAD_APP = "Intuit refuses the app's credentials: check QUICKBOOKS_CLIENT_ID and QUICKBOOKS_CLIENT_SECRET"
_UNWELL = "Intuit's token endpoint did not answer as it should; try again in a minute"


@dataclass(frozen=True, slots=True)
class Consent:
    """Where to send the person, and the state that has to come back."""

    url: str = field(repr=False)
    state: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Granted:
    """What the browser brought back: good for one exchange, within minutes."""

    code: str = field(repr=False)
    realm_id: str = field(repr=False)


def consent(client_id: str, redirect_uri: str, *, authorize_url: str = AUTHORIZE_URL) -> Consent:
    """The address of Intuit's consent page, with a fresh unguessable state."""
    state = secrets.token_urlsafe(32)
    session = OAuth2Session(client_id, redirect_uri=redirect_uri, scope=[SCOPE])
    with _plain_http_on_loopback(authorize_url):
        url, _ = session.authorization_url(authorize_url, state=state)
    return Consent(url, state)


def belongs(address: str, state: str) -> bool:
    """Whether the address that a browser came back to answers this request of ours, and not a stranger's."""
    return hmac.compare_digest(_only(parse_qs(urlsplit(address).query), "state").encode(), state.encode())


def read_callback(address: str, state: str) -> Granted:
    """The code and company in the address that the browser was sent back to (whole, or from the `?` on).

    Raises NeedsPerson when the person declined, the state is not ours, or something is missing.
    """
    query = parse_qs(urlsplit(address).query)
    if not belongs(address, state):
        raise NeedsPerson("QuickBooks", "The answer does not belong to this request: start connect again")
    if "error" in query:
        raise NeedsPerson("QuickBooks", "Access was not granted: start connect again and choose Connect")
    code, realm_id = _only(query, "code"), _only(query, "realmId")
    if not code or not realm_id:
        raise NeedsPerson("QuickBooks", "The address holds no code or no company: copy all of it, or start again")
    return Granted(code, realm_id)


def exchange(
    granted: Granted,
    *,
    token_url: str,
    client_id: str,
    client_secret: str,
    redirect_uri: str,
    now: datetime,
) -> Tokens:
    """Tokens for the code, with Basic authentication; `now` is the time of the call, aware.

    Raises NeedsPerson when Intuit refuses the code or the app's credentials; TryLater when it is unwell.
    """
    session = OAuth2Session(client_id, redirect_uri=redirect_uri, scope=[SCOPE])
    session.register_compliance_hook("access_token_response", _refuse_unreadable)
    headers = {
        "Accept": "application/json",
        "Content-Type": "application/x-www-form-urlencoded",
        HARD_EXPIRY_HEADER: "true",
    }
    try:
        with session, _quiet_libraries(), _plain_http_on_loopback(token_url):
            answer: dict[str, Any] = session.fetch_token(
                token_url,
                code=granted.code,
                auth=HTTPBasicAuth(client_id, client_secret),
                headers=headers,
                timeout=_TIMEOUT,
            )
    except OAuth2Error as error:
        reason = _BAD_APP if error.error in {"invalid_client", "unauthorized_client"} else _BAD_CODE
        raise NeedsPerson("QuickBooks", reason, status=error.status_code) from None
    except (requests.RequestException, ValueError):
        raise TryLater("QuickBooks", _UNWELL) from None
    tokens = accept(answer, Tokens(granted.realm_id, ""), now)
    if tokens is None:
        raise TryLater("QuickBooks", _UNWELL)
    return tokens


def is_loopback(url: str) -> bool:
    """Whether an address is on this machine, so that plain http and a listener of our own will do."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _only(query: dict[str, list[str]], name: str) -> str:
    values = query.get(name, [])
    return values[0] if len(values) == 1 else ""


def _refuse_unreadable(response: requests.Response) -> requests.Response:
    """oauthlib reads any answer as a grant or a refusal; a server error or a page is neither."""
    if response.status_code >= 500 or response.status_code == 429 or parse(response.content) is None:
        raise requests.RequestException(f"HTTP {response.status_code}")
    response._content, response.encoding = trimmed(response.content), "utf-8"  # oauthlib reads no byte-order mark
    return response


@contextmanager
def _quiet_libraries() -> Iterator[None]:
    """Both libraries write tokens and secrets at DEBUG; nothing may make them."""
    loggers = [logging.getLogger(name) for name in ("oauthlib", "requests_oauthlib")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


@contextmanager
def _plain_http_on_loopback(url: str) -> Iterator[None]:
    """oauthlib refuses plain http and takes exceptions from the environment only: allowed for this machine alone."""
    name = "OAUTHLIB_INSECURE_TRANSPORT"
    before = os.environ.get(name)
    if is_loopback(url):
        os.environ[name] = "1"
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = before
