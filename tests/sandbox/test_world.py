"""The world is whole: its environment reaches both servers, and it starts and ends cleanly."""

import os
import subprocess
import sys

import httpx

from deploy.sandbox.world import Sandbox


def test_the_environment_names_everything_that_a_company_needs(world: Sandbox) -> None:
    names = set(world.environment())
    assert names >= {
        "MAGENTO_BASE_URL",
        "MAGENTO_BEARER_TOKEN",
        "QUICKBOOKS_CLIENT_ID",
        "QUICKBOOKS_CLIENT_SECRET",
        "QUICKBOOKS_REFRESH_TOKEN",
        "QUICKBOOKS_REALM_ID",
        "QUICKBOOKS_API_URL",
        "QUICKBOOKS_TOKEN_URL",
    }
    signed = world.environment(oauth=True)
    assert "MAGENTO_BEARER_TOKEN" not in signed
    assert signed["MAGENTO_CONSUMER_KEY"] == world.shop.keys.consumer_key


def test_two_worlds_run_side_by_side() -> None:
    with Sandbox(orders=2) as one, Sandbox(orders=3) as two:
        counts = []
        for world in (one, two):
            answer = httpx.get(
                f"{world.shop_url}/rest/V1/orders?searchCriteria=&fields=total_count",
                headers={"Authorization": f"Bearer {world.shop.keys.token}"},
            )
            counts.append(answer.json()["total_count"])
        assert counts == [2, 3]


def test_the_module_runs_in_the_foreground_and_prints_the_environment() -> None:
    command = [sys.executable, "-m", "deploy.sandbox", "--orders", "3"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"}
    ) as run:
        assert run.stdout is not None
        lines = []
        for text in run.stdout:
            lines.append(text.strip())
            if text.startswith("#"):
                break
        run.terminate()
    assert any(text.startswith("export MAGENTO_BASE_URL=http://127.0.0.1:") for text in lines)
