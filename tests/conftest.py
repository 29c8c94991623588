"""One Prefect server for all tests of a process.

Prefect's client keeps one connection for its events in a process: with a second server it would go on to talk to the
first one, which is gone.
"""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.flows.prefect_server import serving

# A machine that does other things, too, makes no law untrue.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture(scope="session", autouse=True)
def state_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the witnesses of ledgers go, instead of into the state directory of whoever runs the tests."""
    os.environ["XDG_STATE_HOME"] = str(place := tmp_path_factory.mktemp("state"))
    return place


@pytest.fixture(scope="session")
def prefect_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where Prefect keeps what it keeps: its database, logs, and the results of cached tasks."""
    return tmp_path_factory.mktemp("prefect")


@pytest.fixture(scope="session")
def prefect_api(prefect_home: Path) -> Iterator[str]:
    """A Prefect server in a process of its own, so that a run costs a tenth of a second instead of ten.

    Without its services: nobody here asks for schedules or looks at events, and they take half of the server's time.
    """
    with serving(prefect_home, "--no-services") as server:
        yield server.environment["PREFECT_API_URL"]


@pytest.fixture(scope="module")
def swept() -> Iterator[None]:
    """Prefect leaves sockets to the garbage collector: it comes with the last test of a file that expects its
    warnings, and not in the next file."""
    yield
    gc.collect()
