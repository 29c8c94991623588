"""Secrets have types that hide them, and nothing writes them into words."""

import ast
import logging
import re
from pathlib import Path

import pytest
from pydantic import SecretStr

from state.settings import Settings, SettingsError, load_settings
from tests.house.sources import ROOT, files, name_of, nodes

SOUNDS_SECRET = re.compile(r"secret|token(?!_url)|password|verifier|vault_key|realm|_key$")
SHOWN_BY_NAME = {"magento_webhook_public_key"}
IN_CODE = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|\bAB11\d{10}|\beyJ[\w-]{20,}\.eyJ|\bghp_\w{20}|\bAKIA[0-9A-Z]{16}\b", re.ASCII
)


def secrets() -> dict[str, str]:
    """Each secret variable of the environment, with a value that could be nothing else."""
    names = [name for name in Settings.model_fields if SOUNDS_SECRET.search(name) and name not in SHOWN_BY_NAME]
    return {name.upper(): f"hush-{number:02}-hush" for number, name in enumerate(sorted(names))}


def test_whatever_sounds_secret_is_hidden_from_every_rendering(tmp_path: Path) -> None:
    given = secrets()
    assert len(given) >= 10
    environ = {name: value for name, value in given.items() if not name.endswith("VAULT_KEY")}
    settings = load_settings(tmp_path, environ)
    for words in (repr(settings), str(settings), f"{settings}"):
        assert "hush-" not in words


def test_secrets_proper_can_only_be_read_by_asking(tmp_path: Path) -> None:
    for name, field in Settings.model_fields.items():
        if re.search(r"secret$|_token$|password|verifier", name):
            assert field.annotation is SecretStr, name


def test_an_error_about_the_environment_shows_no_value(tmp_path: Path) -> None:
    wrong = {name: "http://user:hush-pass@far.example" for name in ("MAGENTO_BASE_URL", "QUICKBOOKS_REDIRECT_URI")}
    with pytest.raises(SettingsError) as raised:
        load_settings(tmp_path, {**secrets(), **wrong, "QUICKBOOKS_CONCURRENCY": "hush-many"})
    assert "hush-" not in str(raised.value)
    assert "hush-" not in repr(raised.value)
    assert raised.value.__cause__ is None or "hush-" not in repr(raised.value.__cause__)


def test_reading_settings_writes_no_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    load_settings(tmp_path, {name: value for name, value in secrets().items() if "VAULT" not in name})
    assert "hush-" not in caplog.text


def test_no_secret_is_read_inside_of_a_sentence() -> None:
    """`get_secret_value()` in an f-string, a log call or an exception would show what the type hides."""
    found = []
    for path in files():
        for node in nodes(path):
            logged = isinstance(node, ast.Call) and re.match(r"(log|logger|logging|print)\b", ast.unparse(node.func))
            words = isinstance(node, ast.JoinedStr | ast.Raise) or logged
            if words and "get_secret_value" in ast.unparse(node):
                found.append(f"{name_of(path)}:{node.lineno}")
    assert found == []


def test_the_repository_holds_no_real_credentials() -> None:
    kept = [ROOT / "tests", *(ROOT / name for name in ("flows", "tasks", "mappings", "state", "deploy"))]
    texts = [path for folder in kept for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    assert [name_of(path) for path in texts if IN_CODE.search(path.read_text(encoding="utf-8", errors="ignore"))] == []
