"""What processes of one company share: limits, the turn to refresh tokens, and knowing who is alive."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from state import leases, ledger, vault
from state.ledger import Ledger
from state.settings import load_settings
from state.vault import Vault
from tasks import owner
from tasks.clients.errors import NeedsPerson
from tasks.clients.quickbooks_auth import Tokens
from tasks.limiter import Rate, SharedLimiter
from tasks.tokens import LOCK, VaultIms, VaultTokens

TAKE = """
import asyncio, sys, time
from state import ledger
from tasks.limiter import Rate, SharedLimiter
engine = ledger.connect(sys.argv[1])
limiter = SharedLimiter(engine, {"batches": (Rate(4, 1.0),)})
async def work():
    for _ in range(6):
        await limiter.take("batches")
        print(time.time(), flush=True)
asyncio.run(work())
"""


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'ledger.sqlite'}"


def _tokens(home: Path, engine: Ledger, **environment: str) -> VaultTokens:
    vault.create_key(home)
    settings = load_settings(home, environment)
    return VaultTokens(engine, Vault(vault.load_key(settings)), settings)


def test_two_processes_together_stay_inside_one_limit(url: str) -> None:
    ledger.connect(url).dispose()
    processes = [
        subprocess.Popen([sys.executable, "-c", TAKE, url], stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    taken = sorted(float(line) for process in processes for line in process.communicate(timeout=60)[0].split())
    assert len(taken) == 12
    # Four fit into any second: the fifth after a call comes a second later, less the time between taking and telling.
    gaps = [later - earlier for earlier, later in zip(taken, taken[4:], strict=False)]
    assert min(gaps) > 0.7


def test_after_a_429_nobody_takes_until_the_pause_is_over(url: str) -> None:
    engine = ledger.connect(url)
    mine = SharedLimiter(engine, {"requests": (Rate(100, 1.0),)})
    others = SharedLimiter(engine, {"requests": (Rate(100, 1.0),)})

    async def paused() -> float:
        await mine.pause("requests", 0.4)
        begun = time.monotonic()
        await others.take("requests")
        return time.monotonic() - begun

    assert asyncio.run(paused()) > 0.3
    engine.dispose()


def test_a_batch_that_waits_keeps_no_slot_from_other_calls(url: str) -> None:
    engine = ledger.connect(url)
    limiter = SharedLimiter(engine, {"requests": (Rate(2, 30.0),), "batches": (Rate(1, 60.0),)})

    async def seconds_for_another_call() -> float:
        await limiter.take("requests", "batches")
        waiting = asyncio.create_task(limiter.take("requests", "batches"))
        await asyncio.sleep(0.2)
        begun = time.monotonic()
        await limiter.take("requests")
        waiting.cancel()
        return time.monotonic() - begun

    assert asyncio.run(seconds_for_another_call()) < 5
    engine.dispose()


def test_a_process_knows_itself_and_the_dead() -> None:
    assert owner.alive(owner.me())
    child = subprocess.Popen(
        [sys.executable, "-c", "from tasks import owner; print(owner.me())"], stdout=subprocess.PIPE
    )
    told = child.communicate(timeout=60)[0].decode().strip()
    assert told.startswith(f"{socket.gethostname()}:{child.pid}:")
    assert not owner.alive(told)


def test_a_reused_process_number_is_not_the_one_that_died() -> None:
    assert not owner.alive(f"{socket.gethostname()}:{os.getpid()}:1")


@pytest.mark.parametrize("stranger", ["other-machine.example:1:5", "", "nonsense"])
def test_what_cannot_be_seen_from_here_counts_as_alive(stranger: str) -> None:
    assert owner.alive(stranger)


def test_tokens_come_from_the_settings_once_and_from_the_vault_after_that(url: str, tmp_path: Path) -> None:
    engine = ledger.connect(url)
    store = _tokens(tmp_path, engine, QUICKBOOKS_REFRESH_TOKEN="first", QUICKBOOKS_REALM_ID="123")

    async def rotated() -> Tokens:
        kept = await store.load()
        assert kept.refresh_token == "first"
        async with store.refreshing():
            await store.save(Tokens.from_json(kept.to_json() | {"refresh_token": "second"}))
        return await store.load()

    assert asyncio.run(rotated()).refresh_token == "second"
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("ledger.sqlite*"))
    assert b"second" not in stored
    engine.dispose()


def test_without_tokens_a_person_is_told_to_connect(url: str, tmp_path: Path) -> None:
    engine = ledger.connect(url)
    with pytest.raises(NeedsPerson, match="Nobody has signed in yet: magebooks connect quickbooks"):
        asyncio.run(_tokens(tmp_path, engine).load())
    engine.dispose()


def test_one_at_a_time_refreshes_and_a_dead_process_gives_its_turn_away(url: str, tmp_path: Path) -> None:
    engine = ledger.connect(url)
    store = _tokens(tmp_path, engine)
    with ledger.begin(engine) as conn:
        dead = f"{socket.gethostname()}:{os.getpid()}:1"
        assert leases.acquire(conn, LOCK, dead, datetime.now(UTC), timedelta(hours=1))
    order: list[str] = []

    async def refresh(name: str) -> None:
        async with store.refreshing():
            order.append(f"{name} in")
            await asyncio.sleep(0.05)
            order.append(f"{name} out")

    async def both() -> None:
        await asyncio.wait_for(asyncio.gather(refresh("a"), refresh("b")), timeout=10)

    asyncio.run(both())
    assert order in (["a in", "a out", "b in", "b out"], ["b in", "b out", "a in", "a out"])
    engine.dispose()


def test_adobes_token_is_shared_by_the_vault(url: str, tmp_path: Path) -> None:
    engine = ledger.connect(url)
    vault.create_key(tmp_path)
    ims = VaultIms(engine, Vault(vault.load_key(load_settings(tmp_path, {}))))
    assert ims.load() is None
    until = datetime(2026, 11, 22, tzinfo=UTC)
    ims.save("an adobe token", until)
    assert ims.load() == ("an adobe token", until)
    engine.dispose()
