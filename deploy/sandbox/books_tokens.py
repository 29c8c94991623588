"""Intuit's token endpoint: access tokens that expire, refresh tokens that change with every use."""

import hmac
import secrets
import threading
import time
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

REFRESH_LIFE = 100 * 24 * 3600
HARD_LIFE = 5 * 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class App:
    """The Intuit app and the company that it may read."""

    client_id: str = "sandbox-client"
    client_secret: str = "sandbox-client-secret"
    realm_id: str = "9130357000000001"


class Tokens:
    """The tokens of one company. `access_seconds` is how long an access token lives; `refresh_token` is the one that
    is valid now. `codes` are authorisation codes that the consent page has given."""

    def __init__(self, app: App, access_seconds: float = 3600.0) -> None:
        self.app = app
        self.access_seconds = access_seconds
        self.refresh_token = f"RT-{secrets.token_hex(12)}"
        self.codes: set[str] = set()
        self._access: dict[str, float] = {}
        self._lock = threading.Lock()

    def grant(self, authorization: str, form: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        """Status and body for a token request. The old refresh token is refused from now on."""
        basic = b64encode(f"{self.app.client_id}:{self.app.client_secret}".encode()).decode()
        if not hmac.compare_digest(authorization.encode(), f"Basic {basic}".encode()):
            return 401, {"error": "invalid_client"}
        with self._lock:
            if not self._valid(form):
                return 400, {"error": "invalid_grant", "error_description": "Incorrect or invalid refresh token"}
            self.refresh_token = f"RT-{secrets.token_hex(12)}"
            access = f"AT-{secrets.token_hex(16)}"
            self._access[access] = time.monotonic() + self.access_seconds
        return 200, {
            "access_token": access,
            "refresh_token": self.refresh_token,
            "token_type": "bearer",
            "expires_in": int(self.access_seconds),
            "x_refresh_token_expires_in": REFRESH_LIFE,
            "x_refresh_token_hard_expires_in": HARD_LIFE,
        }

    def accepts(self, authorization: str) -> bool:
        """Whether a bearer header carries a living access token."""
        scheme, _, token = authorization.partition(" ")
        with self._lock:
            return scheme.lower() == "bearer" and self._access.get(token, 0.0) > time.monotonic()

    def expire_access(self) -> None:
        """Ends every access token now."""
        with self._lock:
            self._access.clear()

    def disconnect(self) -> None:
        """The user has disconnected the app: nothing is accepted any more."""
        with self._lock:
            self._access.clear()
            self.refresh_token = f"RT-{secrets.token_hex(12)}"

    def _valid(self, form: Mapping[str, str]) -> bool:
        if form.get("grant_type") == "refresh_token":
            return hmac.compare_digest(form.get("refresh_token", "").encode(), self.refresh_token.encode())
        if form.get("grant_type") == "authorization_code" and form.get("code") in self.codes:
            self.codes.discard(form["code"])
            return True
        return False
