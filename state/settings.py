"""Where a company's home is and what its environment says: read once, checked whole, never changed.

`.env` in the home directory is read, the process environment wins. Secrets are `SecretStr` or left out of `repr`.
A mistake is a `SettingsError` that names the variable, what is wrong and what to do, never the value of a secret.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PrivateAttr, SecretStr, ValidationError

Source = Literal["environment", ".env", "default"]

EMPTY = SecretStr("")
# Intuit, "REST API base URLs" and "OAuth 2.0" pages; Adobe, "IMS server-to-server" page.
LIVE_API = "https://quickbooks.api.intuit.com"
SANDBOX_API = "https://sandbox-quickbooks.api.intuit.com"
TOKEN_URL = "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer"  # noqa: S105  (an address)
IMS_TOKEN_URL = "https://ims-na1.adobelogin.com/ims/token/v3"  # noqa: S105  (an address)

FIXES = {
    "int": "write a whole number",
    "float": "write a number of seconds",
    "bool": "write true or false",
    "greater": "write a larger number",
    "less": "write a smaller number",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One variable that has to be put right."""

    variable: str
    wrong: str
    fix: str

    def __str__(self) -> str:
        return f"{self.variable}: {self.wrong}; {self.fix}"


class SettingsError(Exception):
    """The environment is not usable; one line for each finding."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("\n".join(map(str, findings)))
        self.findings = findings


def _address(value: str) -> str:
    """An address whose traffic nobody can read: https, or http to this very machine."""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("is no web address; write it like https://shop.example.com")
    if parts.username or parts.password:
        raise ValueError("holds a user name or password; move it into the variables made for it")
    if parts.scheme == "http" and not _loopback(parts.hostname):
        raise ValueError("sends secrets unencrypted; write https:// instead of http://")
    return value.rstrip("/")


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


Address = Annotated[str, AfterValidator(_address)]


def _api(known: dict[str, Any]) -> str:
    return SANDBOX_API if known["quickbooks_sandbox"] else LIVE_API


class Settings(BaseModel):
    """Everything the environment says about one company. Field names are the variables' in lower case."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=False)

    home: Path
    magento_base_url: Address = ""
    magento_consumer_key: str = Field("", repr=False)
    magento_consumer_secret: SecretStr = EMPTY
    magento_access_token: SecretStr = EMPTY
    magento_access_token_secret: SecretStr = EMPTY
    magento_bearer_token: SecretStr = EMPTY
    magento_ims_client_id: str = Field("", repr=False)
    magento_ims_client_secret: SecretStr = EMPTY
    magento_ims_scopes: str = ""
    magento_ims_org_id: str = ""
    magento_ims_token_url: Address = IMS_TOKEN_URL
    magento_page_size: int = Field(200, ge=1, le=1000)
    magento_concurrency: int = Field(4, ge=1, le=16)
    magento_webhook_secret: SecretStr = EMPTY
    magento_webhook_public_key: str = ""
    quickbooks_client_id: str = Field("", repr=False)
    quickbooks_client_secret: SecretStr = EMPTY
    quickbooks_redirect_uri: Address = ""
    quickbooks_realm_id: SecretStr = EMPTY
    quickbooks_sandbox: bool = False
    quickbooks_refresh_token: SecretStr = EMPTY
    quickbooks_webhook_verifier: SecretStr = EMPTY
    quickbooks_api_url: Address = Field(default_factory=_api)
    quickbooks_token_url: Address = TOKEN_URL
    quickbooks_batch_size: int = Field(30, ge=1, le=30)
    quickbooks_batches_per_minute: int = Field(40, ge=1)
    quickbooks_requests_per_minute: int = Field(500, ge=1)
    quickbooks_concurrency: int = Field(8, ge=1)
    quickbooks_minute_seconds: float = Field(60.0, gt=0)
    qbwc_username: str = ""
    qbwc_password: SecretStr = EMPTY
    qbwc_company_file: str = ""
    qbwc_message_size: int = Field(50, ge=1, le=500)
    magebooks_ledger_url: str = Field("", repr=False)
    magebooks_vault_key: SecretStr = EMPTY
    magebooks_gateway_url: Address = ""
    magebooks_alert_url: Address = ""

    _sources: dict[str, Source] = PrivateAttr(default_factory=dict)

    @property
    def ledger_url(self) -> str:
        """SQLAlchemy URL of the ledger: SQLite in the home unless another is named."""
        return self.magebooks_ledger_url or f"sqlite:///{self.ledger_path}"

    @property
    def ledger_path(self) -> Path:
        """The ledger's file, where no other ledger is named."""
        return self.home / "ledger.sqlite"

    @property
    def staging_path(self) -> Path:
        """The DuckDB file of raw documents."""
        return self.home / "staging.duckdb"

    @property
    def books_path(self) -> Path:
        """The published mart, which readers may open at any time."""
        return self.home / "books.duckdb"

    @property
    def rules_path(self) -> Path:
        """The user's rules."""
        return self.home / "rules.toml"

    @property
    def examples_path(self) -> Path:
        """Orders kept with what the rules must make of them."""
        return self.home / "examples"

    @property
    def reports_path(self) -> Path:
        """Where each run's report goes."""
        return self.home / "reports"


VARIABLES = ("MAGEBOOKS_HOME", *(name.upper() for name in Settings.model_fields if name != "home"))
"""Every variable that is read."""


def is_home(directory: Path) -> bool:
    """Whether a directory is a company's home: `magebooks init` has written its rules or its `.env`."""
    return any((directory / name).is_file() for name in ("rules.toml", ".env"))


def load_settings(home: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Read the home's `.env` and the environment. The home is `home`, else MAGEBOOKS_HOME, else ~/.magebooks.

    An empty variable counts as not set. Raises SettingsError with every finding. The home need not exist.
    """
    environment = os.environ if environ is None else environ
    chosen = home or Path(environment.get("MAGEBOOKS_HOME") or "~/.magebooks")
    chosen = chosen.expanduser().absolute()
    values: dict[str, Any] = {"home": chosen}
    sources: dict[str, Source] = {}
    for source, found in (
        (".env", dotenv_values(chosen / ".env", interpolate=False)),
        ("environment", environment),
    ):
        for variable in VARIABLES:
            if variable != "MAGEBOOKS_HOME" and (value := found.get(variable)):
                values[variable.lower()] = value
                sources[variable] = source  # type: ignore[assignment]  # one of the two above
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        raise SettingsError(tuple(_findings(error))) from None
    settings._sources.update(sources)
    return settings


def source_of(settings: Settings, name: str) -> Source:
    """Where a value came from; `name` is the variable or the field."""
    return settings._sources.get(name.upper(), "default")


NEEDED = {
    "online": (
        ("quickbooks_client_id", "copy it from the app's keys at developer.intuit.com"),
        ("quickbooks_client_secret", "copy it from the app's keys at developer.intuit.com"),
    ),
    "desktop": (
        ("qbwc_username", "choose a login for the Web Connector"),
        ("qbwc_password", "choose a long password for the Web Connector"),
    ),
}


def missing(settings: Settings, target: Literal["online", "desktop"] = "online") -> tuple[Finding, ...]:
    """What must still be set before documents can reach `target`; the vault may hold QuickBooks' tokens already."""
    findings = [
        Finding(name.upper(), "is not set", fix)
        for name, fix in (("magento_base_url", "write the shop's address"), *NEEDED[target])
        if not _text(settings, name)
    ]
    oauth = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
    ways = (("bearer_token",), ("ims_client_id", "ims_client_secret"), oauth)
    if not any(all(_text(settings, f"magento_{name}") for name in way) for way in ways):
        fix = "copy the four values of the shop's integration, or set MAGENTO_BEARER_TOKEN or the MAGENTO_IMS_ names"
        findings += [
            Finding(f"MAGENTO_{name.upper()}", "is not set", fix)
            for name in oauth
            if not _text(settings, f"magento_{name}")
        ]
    return tuple(findings)


def _text(settings: Settings, name: str) -> str:
    value = getattr(settings, name)
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


def _findings(error: ValidationError) -> list[Finding]:
    found = []
    for one in error.errors(include_url=False, include_input=False, include_context=False):
        if one["type"] == "default_factory_not_called":
            continue  # follows from another finding
        variable = str(one["loc"][0]).upper()
        wrong, _, fix = one["msg"].removeprefix("Value error, ").partition("; ")
        kind = next((kind for kind in FIXES if one["type"].startswith(kind)), "")
        found.append(Finding(variable, wrong[:1].lower() + wrong[1:], fix or FIXES.get(kind, "look at the value")))
    return found
