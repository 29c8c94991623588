"""The real gateway on loopback, with a clerk behind it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deploy.gateway.limits import LIMITS
from deploy.gateway.server import Gateway
from tests.gateway.clerk import Clerk, settings
from tests.gateway.wire import Answer, Wire, post

Open = Callable[..., Gateway]
Ask = Callable[..., Answer]


@pytest.fixture
def clerk() -> Clerk:
    return Clerk()


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
def gateway(opened: Open) -> Gateway:
    return opened()


@pytest.fixture
def ask(gateway: Gateway) -> Ask:
    """`ask(envelope, "Header: value")` posts on a connection of its own."""

    def posted(body: bytes, *lines: str) -> Answer:
        with Wire(gateway.port) as wire:
            answer = wire.send(post(body, *lines)).read()
        assert answer is not None
        return answer

    return posted
