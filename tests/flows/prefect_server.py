"""A real Prefect server on a free loopback port, its command line, and a process worker."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[2]
OURS = ("MAGENTO_", "QUICKBOOKS_", "MAGEBOOKS_", "PREFECT_", "QBWC_")
OVER = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its API, and the environment of everybody who talks to it."""

    api: httpx.Client
    environment: Mapping[str, str]
    home: Path

    def prefect(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """`prefect ...` in the project's folder, without a terminal."""
        return subprocess.run(
            [_prefect(), *arguments],
            cwd=ROOT,
            env={**self.environment, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    @contextmanager
    def worker(self, pool: str) -> Iterator[None]:
        """A process worker, stopped at the end."""
        command = [_prefect(), "worker", "start", "--pool", pool]
        with (self.home / "worker.log").open("w") as log, _running(command, self.environment, log):
            yield

    def deployment(self, name: str) -> dict[str, Any]:
        """A deployment as the API shows it; `name` is `Flow/deployment`."""
        found = self.api.get(f"deployments/name/{name}")
        found.raise_for_status()
        return dict(found.json())

    def ask(self, name: str, **parameters: object) -> httpx.Response:
        """Ask for a run of a deployment, as the run form does."""
        id = self.deployment(name)["id"]
        return self.api.post(f"deployments/{id}/create_flow_run", json={"parameters": parameters})

    def run(self, name: str, **parameters: object) -> dict[str, Any]:
        """Ask for a run and wait for its end."""
        asked = self.ask(name, **parameters)
        assert asked.status_code == 201, asked.text
        path = f"flow_runs/{asked.json()['id']}"
        until(lambda: self.api.get(path).json()["state_type"] in OVER)
        return dict(self.api.get(path).json())

    def found(self, what: str, **filters: object) -> list[dict[str, Any]]:
        """What the API finds: `found("flow_runs")`."""
        return list(self.api.post(f"{what}/filter", json=filters).json())


@contextmanager
def serving(home: Path, *options: str) -> Iterator[Server]:
    """A server with its own home, without telemetry; stopped at the end. `options` are the command's own."""
    port = _free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(OURS)} | {
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_WORKER_QUERY_SECONDS": "1",
        "DO_NOT_TRACK": "1",
    }
    command = [_prefect(), "server", "start", "--host", "127.0.0.1", "--port", str(port), "--no-ui", *options]
    unmeasured = {name: value for name, value in environment.items() if not name.startswith("COVERAGE_")}
    with (
        (home / "server.log").open("w") as log,
        _running(command, unmeasured, log),
        httpx.Client(base_url=environment["PREFECT_API_URL"], transport=_Patient()) as api,
    ):
        until(lambda: _healthy(api))
        yield Server(api, environment, home)


def until(true: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait until something is true; fails when it does not become so."""
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.2)


class _Patient(httpx.HTTPTransport):
    """Asks again while the server is too busy (503: its database is locked), as Prefect's own client does."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        for _ in range(20):
            response = super().handle_request(request)
            if response.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                break
            response.read()
            time.sleep(0.5)
        return response


def _healthy(api: httpx.Client) -> bool:
    try:
        return api.get("health").is_success
    except httpx.TransportError:
        return False


@contextmanager
def _running(command: list[str], environment: Mapping[str, str], log: Any) -> Iterator[None]:
    process = subprocess.Popen(command, cwd=ROOT, env=dict(environment), stdout=log, stderr=log)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _prefect() -> str:
    return str(Path(sys.executable).with_name("prefect"))
