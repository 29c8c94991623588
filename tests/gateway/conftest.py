"""The real gateway on loopback, with a clerk behind it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from deploy.gateway.limits import LIMITS
from deploy.gateway.login import Door
from deploy.gateway.server import Gateway
from tests.gateway.clerk import PASSWORD, USERNAME, Clerk, settings
from tests.gateway.desk import Desk, open_desk
from tests.gateway.wire import Answer, Wire, post

Open = Callable[..., Gateway]
Ask = Callable[..., Answer]


@dataclass(slots=True)
class Shared:
    """One gateway for all tests of a file, since each takes a moment to end; `clerk` and `now` are the test's own."""

    gateway: Gateway
    clerk: Clerk
    now: float = 0.0


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    clerk = Clerk()
    with ExitStack() as stack:
        door = Door(USERNAME, PASSWORD, lambda: known.now)
        gateway = Gateway(clerk, settings(tmp_path_factory.mktemp("home")), door=door)
        known = Shared(stack.enter_context(gateway), clerk)
        yield known


@pytest.fixture
def clerk(shared: Shared) -> Clerk:
    """The clerk, who has forgotten the test before; at the door a day has passed."""
    shared.clerk.heard.clear()
    shared.clerk.on.clear()
    shared.now += 86400
    return shared.clerk


@pytest.fixture
def opened(clerk: Clerk, tmp_path: Path) -> Iterator[Open]:
    """`opened(request_seconds=0.2, public="https://...")` starts a gateway with other limits or another address."""
    with ExitStack() as stack:

        def start(*, public: str = "", door: Any = None, **limits: Any) -> Gateway:
            given = settings(tmp_path, **({"magebooks_gateway_url": public} if public else {}))
            gateway = Gateway(clerk, given, limits=replace(LIMITS, **limits), door=door)
            return stack.enter_context(gateway)

        yield start


@pytest.fixture
def gateway(shared: Shared, clerk: Clerk) -> Gateway:
    return shared.gateway


@pytest.fixture
def ask(gateway: Gateway) -> Ask:
    """`ask(envelope, "Header: value")` posts on a connection of its own."""

    def posted(body: bytes, *lines: str) -> Answer:
        with Wire(gateway.port) as wire:
            answer = wire.send(post(body, *lines)).read()
        assert answer is not None
        return answer

    return posted


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Three paid orders wait, and QuickBooks' lists are known."""
    with open_desk(tmp_path / "home") as opened:
        opened.update()
        opened.sell(3)
        opened.queue()
        yield opened
