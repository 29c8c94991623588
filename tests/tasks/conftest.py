"""A company of its own for each story."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prefect.settings import (
    PREFECT_API_TLS_INSECURE_SKIP_VERIFY,
    PREFECT_API_URL,
    PREFECT_HOME,
    PREFECT_LOCAL_STORAGE_PATH,
    PREFECT_LOGGING_LEVEL,
    PREFECT_LOGGING_TO_API_ENABLED,
    temporary_settings,
)

from tests.flows.prefect_server import OURS
from tests.tasks.company import Company, Open, open_company


@pytest.fixture
def company(
    prefect_api: str, prefect_home: Path, swept: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Open]:
    """`company(orders=30)` opens a shop, books and a home; both servers end with the test."""
    opened: list[Company] = []
    for name in list(os.environ):
        if name.startswith(OURS):
            monkeypatch.delenv(name)

    def make(orders: int = 0, **more: Any) -> Company:
        opened.append(open_company(tmp_path / f"home{len(opened)}", orders, **more))
        return opened[-1]

    settings = {
        PREFECT_API_URL: prefect_api,
        PREFECT_API_TLS_INSECURE_SKIP_VERIFY: True,  # it is http: no certificates need to be read for each client
        PREFECT_HOME: prefect_home,
        PREFECT_LOGGING_TO_API_ENABLED: False,
        PREFECT_LOGGING_LEVEL: "CRITICAL",
        PREFECT_LOCAL_STORAGE_PATH: prefect_home / "storage",
    }
    with temporary_settings(settings):
        yield make
    for one in opened:
        one.engine.dispose()
        one.world.__exit__(None, None, None)
