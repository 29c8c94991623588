"""The environment of one company: read, checked and silent about secrets."""

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from state import settings as module
from state.settings import Finding, SettingsError, load_settings, missing, source_of
from tests.state.processes import ROOT

SECRETS = (
    "MAGENTO_CONSUMER_KEY",
    "MAGENTO_CONSUMER_SECRET",
    "MAGENTO_ACCESS_TOKEN",
    "MAGENTO_ACCESS_TOKEN_SECRET",
    "MAGENTO_BEARER_TOKEN",
    "MAGENTO_IMS_CLIENT_ID",
    "MAGENTO_IMS_CLIENT_SECRET",
    "MAGENTO_WEBHOOK_SECRET",
    "QUICKBOOKS_CLIENT_ID",
    "QUICKBOOKS_CLIENT_SECRET",
    "QUICKBOOKS_REFRESH_TOKEN",
    "QUICKBOOKS_REALM_ID",
    "QUICKBOOKS_WEBHOOK_VERIFIER",
    "QBWC_PASSWORD",
    "MAGEBOOKS_VAULT_KEY",
    "MAGEBOOKS_LEDGER_URL",
)


def _wrong(tmp_path: Path, **environment: str) -> list[Finding]:
    with pytest.raises(SettingsError) as raised:
        load_settings(tmp_path, environment)
    return list(raised.value.findings)


def test_an_empty_environment_has_working_defaults(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, {})
    assert settings.quickbooks_api_url == "https://quickbooks.api.intuit.com"
    assert settings.quickbooks_token_url == "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer"
    limits = (settings.quickbooks_batch_size, settings.quickbooks_batches_per_minute)
    limits += (settings.quickbooks_requests_per_minute, settings.quickbooks_concurrency)
    assert (*limits, settings.quickbooks_minute_seconds) == (30, 40, 500, 8, 60)
    assert settings.ledger_url == f"sqlite:///{tmp_path}/ledger.sqlite"
    paths = (settings.staging_path, settings.books_path, settings.rules_path, settings.reports_path)
    assert [path.name for path in paths] == ["staging.duckdb", "books.duckdb", "rules.toml", "reports"]
    assert {path.parent for path in paths} == {tmp_path}


def test_the_sandbox_has_its_own_host(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, {"QUICKBOOKS_SANDBOX": "true"})
    assert settings.quickbooks_api_url == "https://sandbox-quickbooks.api.intuit.com"


def test_every_variable_is_a_field_and_is_read(tmp_path: Path) -> None:
    assert set(SECRETS) < set(module.VARIABLES)
    for name in SECRETS:
        value = getattr(load_settings(tmp_path, {name: "given"}), name.lower())
        assert (value.get_secret_value() if isinstance(value, SecretStr) else value) == "given"


def test_no_secret_is_shown(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, dict.fromkeys(SECRETS, "hush-hush"))
    assert "hush-hush" not in repr(settings) + str(settings)


def test_the_environment_wins_over_the_file_in_the_home(tmp_path: Path) -> None:
    lines = (
        "QUICKBOOKS_BATCH_SIZE=10",
        "QUICKBOOKS_CONCURRENCY=2",
        "QBWC_PASSWORD='a $b ${c}'",
        "OTHER=1",
        "QBWC_USERNAME",
    )
    (tmp_path / ".env").write_text("\n".join(lines))
    settings = load_settings(tmp_path, {"QUICKBOOKS_BATCH_SIZE": "20", "QUICKBOOKS_CONCURRENCY": ""})
    assert (settings.quickbooks_batch_size, settings.quickbooks_concurrency) == (20, 2)
    assert settings.qbwc_password.get_secret_value() == "a $b ${c}"
    assert source_of(settings, "QUICKBOOKS_BATCH_SIZE") == "environment"
    assert source_of(settings, "quickbooks_concurrency") == ".env"
    assert source_of(settings, "QBWC_USERNAME") == "default"


def test_the_home_is_the_one_given_or_named_or_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert load_settings(None, {"MAGEBOOKS_HOME": "~/shop"}).home == tmp_path / "shop"
    assert load_settings(tmp_path / "given", {"MAGEBOOKS_HOME": "/elsewhere"}).home == tmp_path / "given"
    assert load_settings(None, {}).home == tmp_path / ".magebooks"
    monkeypatch.chdir(tmp_path)
    assert load_settings(Path("relative"), {}).home == tmp_path / "relative"


def test_the_process_environment_is_read_when_none_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QBWC_USERNAME", "webconnector")
    assert load_settings(tmp_path).qbwc_username == "webconnector"


def test_another_ledger_is_named_by_its_url(tmp_path: Path) -> None:
    url = "postgresql+psycopg://books@db/magebooks"
    assert load_settings(tmp_path, {"MAGEBOOKS_LEDGER_URL": url}).ledger_url == url


@pytest.mark.parametrize(
    "address", ["https://shop.example/rest/V1", "http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:1"]
)
def test_addresses_are_https_or_this_very_machine(tmp_path: Path, address: str) -> None:
    assert load_settings(tmp_path, {"MAGENTO_BASE_URL": f"{address}/"}).magento_base_url == address


@pytest.mark.parametrize(
    "name", ["MAGENTO_BASE_URL", "QUICKBOOKS_API_URL", "QUICKBOOKS_TOKEN_URL", "MAGENTO_IMS_TOKEN_URL"]
)
@pytest.mark.parametrize(
    ("address", "wrong"),
    [
        ("http://shop.example", "sends secrets unencrypted"),
        ("http://10.0.0.1", "sends secrets unencrypted"),
        ("shop.example", "is no web address"),
        ("ftp://shop.example", "is no web address"),
        ("https://jane:pw@shop.example", "holds a user name or password"),
    ],
)
def test_other_addresses_are_refused_with_a_remedy(tmp_path: Path, name: str, address: str, wrong: str) -> None:
    (found,) = _wrong(tmp_path, **{name: address})
    assert (found.variable, found.wrong) == (name, wrong) and found.fix
    assert "pw" not in str(found)


def test_all_findings_are_told_at_once(tmp_path: Path) -> None:
    found = _wrong(
        tmp_path,
        QUICKBOOKS_SANDBOX="perhaps",
        QUICKBOOKS_BATCH_SIZE="31",
        QUICKBOOKS_CONCURRENCY="0",
        QUICKBOOKS_BATCHES_PER_MINUTE="many",
        QUICKBOOKS_MINUTE_SECONDS="short",
    )
    assert {one.variable: one.fix for one in found} == {
        "QUICKBOOKS_SANDBOX": "write true or false",
        "QUICKBOOKS_BATCH_SIZE": "write a smaller number",
        "QUICKBOOKS_CONCURRENCY": "write a larger number",
        "QUICKBOOKS_BATCHES_PER_MINUTE": "write a whole number",
        "QUICKBOOKS_MINUTE_SECONDS": "write a number of seconds",
    }


def test_an_error_names_the_variable_and_never_its_value(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"QUICKBOOKS_BATCH_SIZE: .*; write a whole number") as raised:
        load_settings(tmp_path, {"QUICKBOOKS_BATCH_SIZE": "hush-hush"})
    assert "hush-hush" not in str(raised.value)


def test_settings_cannot_be_changed(tmp_path: Path) -> None:
    with pytest.raises(ValidationError):
        load_settings(tmp_path, {}).quickbooks_batch_size = 1  # type: ignore[misc]


def test_what_is_still_missing_is_listed(tmp_path: Path) -> None:
    quickbooks = {"QUICKBOOKS_CLIENT_ID": "id", "QUICKBOOKS_CLIENT_SECRET": "secret"}
    oauth = dict.fromkeys([name for name in SECRETS[:4]], "given")
    shop = {"MAGENTO_BASE_URL": "https://shop.example"}
    assert len(missing(load_settings(tmp_path, {}))) == 7
    partly = load_settings(tmp_path, quickbooks | shop | {"MAGENTO_CONSUMER_KEY": "given"})
    assert [one.variable for one in missing(partly)] == list(SECRETS[1:4])
    ims = {"MAGENTO_IMS_CLIENT_ID": "id", "MAGENTO_IMS_CLIENT_SECRET": "secret"}
    for way in (oauth, {"MAGENTO_BEARER_TOKEN": "token"}, ims):
        assert missing(load_settings(tmp_path, quickbooks | shop | way)) == ()


def test_reading_settings_imports_no_database(tmp_path: Path) -> None:
    code = "import sys; from state.settings import load_settings; load_settings(); print('sqlalchemy' in sys.modules)"
    environment = {"MAGEBOOKS_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
