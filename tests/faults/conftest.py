"""One Prefect server for all fault tests, and a company of its own (shop, books, home) for each."""

import gc
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

pytest.register_assert_rewrite("tests.faults.compare")

from tests.faults.company import Company, open_company  # noqa: E402  (after its assertions are made readable)

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
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}/api"
    command = [sys.executable, "-m", "prefect", "server", "start", "--port", str(port), "--no-ui"]
    environment = {**os.environ, **QUIET, "PREFECT_HOME": str(prefect_home)}
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(f"{url}/health", server)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=30)


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


def _wait_for(url: str, server: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 90
    while time.monotonic() < until:
        assert server.poll() is None, "the Prefect server could not start"
        try:
            if httpx.get(url, timeout=5).is_success:
                return
        except httpx.HTTPError:
            time.sleep(0.2)
    raise AssertionError("the Prefect server did not answer in time")
