"""A fresh ledger for each test, once in SQLite and once in a real PostgreSQL.

Each test process starts one PostgreSQL of its own: reachable by a socket in a temporary directory only, without
fsync, removed at the end. Each test gets a database copied from a migrated template.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from state import ledger as ledgers
from tests.ledgers import lay_ledger

NUMBERS = count(1)


def _program(name: str) -> str | None:
    """A PostgreSQL program: Debian keeps them out of PATH."""
    newest = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    return str(newest[-1]) if newest else shutil.which(name)


def _user() -> str | None:
    """PostgreSQL refuses to run as root."""
    return "postgres" if os.geteuid() == 0 else None


def _run_server(home: Path, initdb: str) -> "subprocess.Popen[bytes]":
    data, user = home / "data", _user()
    if user:
        shutil.chown(home, user)
    make = [initdb, "-D", str(data), "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync"]
    subprocess.run(make, check=True, capture_output=True, user=user, cwd=home)
    settings = {"listen_addresses": "", "unix_socket_directories": str(home), "fsync": "off", "full_page_writes": "off"}
    serve = [str(Path(initdb).with_name("postgres")), "-D", str(data)]
    serve += [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    with (home / "log").open("wb") as log:
        return subprocess.Popen(serve, user=user, cwd=home, stdout=log, stderr=log)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a database server, with `{}` for the database's name; skipped where PostgreSQL is not installed."""
    initdb = _program("initdb")
    if initdb is None:
        pytest.skip("PostgreSQL is not installed")
    home = Path(tempfile.mkdtemp(prefix="mb-pg-", dir="/tmp"))
    server = _run_server(home, initdb)
    try:
        url = f"postgresql+psycopg://postgres@/{{}}?host={home}"
        _wait(url.format("postgres"), server)
        _sql(url.format("postgres"), "CREATE DATABASE template_ledger")
        ledgers.connect(url.format("template_ledger")).dispose()
        yield url
    finally:
        server.terminate()
        server.wait(timeout=30)
        shutil.rmtree(home, ignore_errors=True)


def _wait(url: str, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(200):
        assert server.poll() is None, "PostgreSQL did not start"
        try:
            return _sql(url, "SELECT 1")
        except sa.exc.OperationalError:
            time.sleep(0.05)
    raise AssertionError("PostgreSQL did not answer")


def _sql(url: str, statement: str) -> None:
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
    with engine.connect() as conn:
        conn.exec_driver_sql(statement)


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty, migrated ledger."""
    if request.param == "sqlite":
        yield lay_ledger(tmp_path / "ledger.sqlite")
        return
    server = request.getfixturevalue("postgresql")
    name = f"ledger_{next(NUMBERS)}"
    _sql(server.format("postgres"), f"CREATE DATABASE {name} TEMPLATE template_ledger")
    yield server.format(name)
    _sql(server.format("postgres"), f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def empty_url(request: pytest.FixtureRequest, ledger_url: str, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without any table."""
    if ledger_url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path / 'empty.sqlite'}"
        return
    server = request.getfixturevalue("postgresql")
    name = f"empty_{next(NUMBERS)}"
    _sql(server.format("postgres"), f"CREATE DATABASE {name}")
    yield server.format(name)
    _sql(server.format("postgres"), f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Engine]:
    """An open ledger; the test runs once on SQLite and once on PostgreSQL."""
    engine = ledgers.connect(ledger_url)
    yield engine
    engine.dispose()
