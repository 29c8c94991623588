"""Nobody sleeps in silence: every wait goes through `state.announcing.Wait`."""

import ast

from tests.house.sources import files, name_of, nodes

SLEEPS = ("asyncio.sleep", "anyio.sleep", "time.sleep", "sleep")
ALLOWED = {
    "state/announcing.py",  # where waiting is named
    "deploy/gateway/server.py",  # milliseconds, until its own thread has started
}


def test_every_sleep_is_one_that_names_itself() -> None:
    sleeps = {
        name_of(path)
        for path in files()
        for node in nodes(path)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in SLEEPS
    }
    assert {name for name in sleeps if not name.startswith("deploy/sandbox/")} == ALLOWED
