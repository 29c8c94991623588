"""Rules that change and come back while documents wait for the Web Connector."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from state import watermarks
from tests.gateway.desk import Desk, open_desk
from tests.gateway.test_kept_lists import CATALOGUE, rule

MEMO, OTHER = 'memo           = "Magento order', 'memo           = "Web order'


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path / "home") as opened:
        opened.update()
        yield opened


def changed(desk: Desk, old: str, new: str) -> None:
    path = desk.home / "rules.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def memos(desk: Desk, words: str) -> int:
    """How many documents of orders say so in their memo."""
    return sum(words in row.payload for row in desk.rows() if row.key.startswith("order/"))


def test_a_run_that_is_cut_off_under_other_rules_leaves_nothing_of_them_when_the_old_ones_return(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.sell(3)
    desk.queue()
    changed(desk, MEMO, OTHER)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(watermarks, "reached_by_rules", killed)
        desk.queue()
    assert memos(desk, "Web order") == 3
    changed(desk, OTHER, MEMO)
    desk.queue()
    assert (memos(desk, "Web order"), memos(desk, "Magento order")) == (0, 3)


def test_rules_of_a_list_that_return_look_at_the_whole_list_again(desk: Desk) -> None:
    rule(desk, more=CATALOGUE)
    waiting = desk.queue_list("products")["looked_at"]
    changed(desk, 'keep = "create"', 'keep = "update"')
    assert desk.queue_list("products")["looked_at"] == waiting
    changed(desk, 'keep = "update"', 'keep = "create"')
    assert desk.queue_list("products")["looked_at"] == waiting
    assert desk.queue_list("products").get("looked_at", 0) == 0
