"""Sandboxes for tests: a shop and a company on loopback, and ordinary HTTP clients that are logged in."""

from collections.abc import Iterator

import httpx
import pytest

from deploy.sandbox.books import Books
from deploy.sandbox.world import Sandbox


@pytest.fixture
def world() -> Iterator[Sandbox]:
    with Sandbox(orders=40, seed=7) as running:
        yield running


@pytest.fixture
def shop(world: Sandbox) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {world.shop.keys.token}"}
    with httpx.Client(base_url=f"{world.shop_url}/rest/V1/", headers=headers) as client:
        yield client


@pytest.fixture
def company(world: Sandbox) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {access_token(world)}"}
    url = f"{world.books_url}/v3/company/{world.tokens.app.realm_id}/"
    with httpx.Client(base_url=url, headers=headers) as client:
        yield client


@pytest.fixture
def books() -> Books:
    return Books()


def access_token(world: Sandbox) -> str:
    app = world.tokens.app
    form = {"grant_type": "refresh_token", "refresh_token": world.tokens.refresh_token}
    answer = httpx.post(world.token_url, data=form, auth=(app.client_id, app.client_secret))
    return str(answer.json()["access_token"])
