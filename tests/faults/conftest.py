"""A company of its own (shop, books, home) for each fault test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from prefect.settings import PREFECT_API_TLS_INSECURE_SKIP_VERIFY, PREFECT_API_URL, temporary_settings

pytest.register_assert_rewrite("tests.faults.compare")

from tests.faults.company import Company, open_company  # noqa: E402  (after its assertions are made readable)

QUIET = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_API_TLS_INSECURE_SKIP_VERIFY": "true",  # it is http: no certificates need to be read for each client
    "PREFECT_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_SERVER_LOGGING_LEVEL": "CRITICAL",
}


@pytest.fixture
def company(
    prefect_api: str, swept: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Company]]:
    """`company(orders=30)` opens a shop, books and a home; both servers end with the test."""
    opened: list[Company] = []
    for name, value in {**QUIET, "PREFECT_API_URL": prefect_api, "PREFECT_HOME": str(tmp_path / "prefect")}.items():
        monkeypatch.setenv(name, value)

    def make(orders: int = 20, **more: object) -> Company:
        one = open_company(tmp_path / f"home{len(opened)}", orders, **more)
        opened.append(one)
        for name, value in one.environment().items():
            monkeypatch.setenv(name, value)
        return one

    with temporary_settings({PREFECT_API_URL: prefect_api, PREFECT_API_TLS_INSECURE_SKIP_VERIFY: True}):
        yield make
    for one in opened:
        one.close()
