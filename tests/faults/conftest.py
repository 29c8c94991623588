"""One Prefect server for all fault tests, and a company of its own (shop, books, home) for each."""

import gc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

pytest.register_assert_rewrite("tests.faults.compare")

from tests.faults.company import Company, open_company  # noqa: E402  (after its assertions are made readable)
from tests.flows.prefect_server import serving  # noqa: E402

QUIET = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_SERVER_LOGGING_LEVEL": "CRITICAL",
}


@pytest.fixture(scope="session")
def prefect_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the session's Prefect server keeps its database."""
    return tmp_path_factory.mktemp("prefect")


@pytest.fixture(scope="session")
def prefect_api(prefect_home: Path) -> Iterator[str]:
    """A Prefect server in a process of its own, so that a run costs a second instead of ten."""
    with serving(prefect_home) as server:
        yield server.environment["PREFECT_API_URL"]


@pytest.fixture
def company(prefect_api: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Company]]:
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

    with temporary_settings({PREFECT_API_URL: prefect_api}):
        yield make
    for one in opened:
        one.close()
    gc.collect()  # here, where the warnings about Prefect's sockets are expected
