"""`magebooks gateway` and `magebooks qwc`, run as a user runs them."""

import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from lxml import etree

from deploy.gateway.identity import OWNER_ID
from tests.cli.command import Run, clean_environment

LOGIN = {"QBWC_USERNAME": "webconnector", "QBWC_PASSWORD": "hush-hush-hush"}
GUID = re.compile(r"\{[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}")


@pytest.fixture
def home(magebooks: Run) -> str:
    assert magebooks("init", "--home", "acme").returncode == 0
    return "acme"


def written(path: Path) -> dict[str, str]:
    """The elements of a .qwc file, the interval's too."""
    return {each.tag: each.text or "" for each in etree.parse(path).getroot().iter() if not len(each)}


def test_qwc_writes_what_the_web_connector_reads(magebooks: Run, home: str, tmp_path: Path) -> None:
    public = {"MAGEBOOKS_GATEWAY_URL": "https://books.example.com/shop"}
    done = magebooks("qwc", "--home", home, "--json", env=LOGIN | public)
    assert done.returncode == 0, done.stderr
    file = written(tmp_path / "magebooks.qwc")
    assert file["AppURL"] == "https://books.example.com/shop/qbwc"
    assert file["AppSupport"] == "https://books.example.com/shop/"
    assert file["UserName"] == "webconnector"
    assert (file["OwnerID"], file["QBType"], file["Style"], file["AuthFlags"]) == (OWNER_ID, "QBFS", "Document", "0xF")
    assert file["RunEveryNMinutes"] == "15"
    assert len(file["AppDescription"]) <= 80
    assert GUID.fullmatch(OWNER_ID)
    assert GUID.fullmatch(file["FileID"])
    said = json.loads(done.stdout)
    assert (said["file_id"], said["url"]) == (file["FileID"], file["AppURL"])


def test_the_password_is_never_in_the_file(magebooks: Run, home: str, tmp_path: Path) -> None:
    done = magebooks("qwc", "--home", home, env=LOGIN)
    for text in ((tmp_path / "magebooks.qwc").read_text(), done.stdout, done.stderr):
        assert "hush" not in text


def test_a_company_keeps_its_mark_and_another_has_another(magebooks: Run, home: str, tmp_path: Path) -> None:
    magebooks("init", "--home", "other")
    for name, minutes, file in ((home, "15", "a"), (home, "30", "b"), ("other", "15", "c")):
        done = magebooks("qwc", "--home", name, "--output", f"{file}.qwc", "--minutes", minutes, env=LOGIN)
        assert done.returncode == 0, done.stderr
    a, b, c = (written(tmp_path / f"{name}.qwc") for name in "abc")
    assert (a["FileID"], a["AppUniqueName"]) == (b["FileID"], b["AppUniqueName"])
    assert a["FileID"] != c["FileID"]
    assert a["AppUniqueName"] != c["AppUniqueName"]
    assert a["OwnerID"] == c["OwnerID"]
    assert b["RunEveryNMinutes"] == "30"


def test_without_an_address_it_is_this_machine(magebooks: Run, home: str, tmp_path: Path) -> None:
    done = magebooks("qwc", "--home", home, env=LOGIN)
    assert written(tmp_path / "magebooks.qwc")["AppURL"] == "http://localhost:8770/qbwc"
    assert f"Keep `magebooks gateway --home {home}` running" in done.stdout
    assert "Auto-Run" in done.stdout
    assert "QBWC_COMPANY_FILE" in done.stdout


@pytest.mark.parametrize("url", ["http://127.0.0.1:8770", "https://192.0.2.1", "https://[2001:db8::1]/qbwc"])
def test_an_address_that_the_web_connector_refuses_is_refused_here(
    magebooks: Run, home: str, tmp_path: Path, url: str
) -> None:
    done = magebooks("qwc", "--home", home, "--json", env=LOGIN | {"MAGEBOOKS_GATEWAY_URL": url})
    assert done.returncode == 2
    error = json.loads(done.stdout)["error"]
    assert "QBWC1001" in error["message"]
    assert "MAGEBOOKS_GATEWAY_URL" in error["fix"]
    assert not (tmp_path / "magebooks.qwc").exists()


@pytest.mark.parametrize("command", ["qwc", "gateway"])
@pytest.mark.parametrize("unset", LOGIN)
def test_without_a_login_nothing_begins(magebooks: Run, home: str, command: str, unset: str) -> None:
    done = magebooks(command, "--home", home, env={name: text for name, text in LOGIN.items() if name != unset})
    assert done.returncode == 2
    assert f"{unset} must be set first" in done.stderr


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "books.example.com"])
@pytest.mark.parametrize("url", ["", "http://localhost:8770"])
def test_the_gateway_listens_to_others_only_behind_tls(magebooks: Run, home: str, host: str, url: str) -> None:
    done = magebooks("gateway", "--home", home, "--host", host, env=LOGIN | {"MAGEBOOKS_GATEWAY_URL": url})
    assert done.returncode == 2
    assert "nothing encrypts" in done.stderr


def test_a_port_that_is_taken_is_said(magebooks: Run, home: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = magebooks("gateway", "--home", home, "--port", str(port), env=LOGIN)
    assert done.returncode == 2
    assert f"127.0.0.1:{port} can not be listened on" in done.stderr


@pytest.mark.parametrize(("stop", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
def test_the_gateway_serves_until_it_is_stopped(home: str, tmp_path: Path, stop: signal.Signals, status: int) -> None:
    with running(home, tmp_path) as (process, url):
        assert httpx.get(url + "/readyz").text == "ready"
        assert b"QBWebConnectorSvcSoap" in httpx.get(url + "/qbwc?wsdl").content
        process.send_signal(stop)
        _, said = process.communicate(timeout=30)
    assert process.returncode == status
    assert "Traceback" not in said


def test_the_gateway_is_small_and_knows_no_prefect(home: str, tmp_path: Path) -> None:
    code = (
        "import sys, deploy.gateway.server, deploy.gateway.session; "
        "print(sorted({'prefect', 'flows', 'fastapi', 'duckdb'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    with running(home, tmp_path) as (process, url):
        with httpx.Client() as client:
            for _ in range(200):
                client.get(url + "/qbwc?wsdl")
        status = Path(f"/proc/{process.pid}/status")
        if status.exists():
            peak = int(re.search(r"VmHWM:\s+(\d+) kB", status.read_text())[1])  # type: ignore[index]
            assert peak < 150_000


@contextmanager
def running(home: str, directory: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command in a process of its own, once it answers; killed at the end."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    # As at a terminal: what a shell starts in the background ignores Ctrl-C, and so do its children.
    code = "import signal, deploy.cli; signal.signal(signal.SIGINT, signal.default_int_handler); deploy.cli.main()"
    command = [sys.executable, "-c", code, "gateway", "--home", home, "--port", str(port)]
    process = subprocess.Popen(
        command, cwd=directory, env=clean_environment(LOGIN), stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 60
        while not answers(url):
            assert process.poll() is None, process.communicate()[1]
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield process, url
    finally:
        process.kill()
        process.communicate()


def answers(url: str) -> bool:
    try:
        return httpx.get(url + "/healthz").status_code == 200
    except httpx.TransportError:
        return False
