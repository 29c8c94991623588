"""Somebody is told when the Web Connector stays away."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from deploy.gateway.watch import look, watching
from state import connector
from state.settings import Settings
from tests.clients.loopback import Loopback, Reply, Seen, closed_port
from tests.gateway.desk import Desk, open_desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """QuickBooks has come once; the .qwc file asks it to come every 15 minutes."""
    with open_desk(tmp_path / "home") as opened:
        opened.update()
        yield opened


def hooked(desk: Desk, url: str) -> Settings:
    return desk.settings.model_copy(update={"magebooks_alert_url": url})


def fine(_seen: Seen) -> Reply:
    return Reply()


def test_one_missed_update_may_be_a_pause(desk: Desk) -> None:
    with Loopback(fine).running() as hook:
        desk.clock.later(minutes=29)
        assert not look(hooked(desk, hook.url), desk.engine, desk.clock)
        assert hook.seen == []


def test_two_missed_updates_raise_the_alert_hook_once(desk: Desk) -> None:
    desk.sell(2)
    desk.queue()
    with Loopback(fine).running() as hook:
        desk.clock.later(minutes=31)
        assert look(hooked(desk, hook.url), desk.engine, desk.clock)
        desk.clock.later(minutes=31)
        assert not look(hooked(desk, hook.url), desk.engine, desk.clock)
        [told] = [seen.json() for seen in hook.seen]
    assert told["code"] == "connector-silent"
    assert told["waiting"] > 0
    assert "Auto-Run" in told["fix"]


def test_the_alert_names_no_person_no_amount_and_no_address(desk: Desk) -> None:
    desk.sell(1)
    desk.queue()
    with Loopback(fine).running() as hook:
        desk.clock.later(minutes=31)
        look(hooked(desk, hook.url), desk.engine, desk.clock)
        [told] = [seen.body.decode() for seen in hook.seen]
    assert not any(word in told for word in ("Buyer", "@", str(desk.home), desk.file.name))


def test_it_is_told_again_when_the_connector_came_back_and_went_away_again(desk: Desk) -> None:
    with Loopback(fine).running() as hook:
        for _ in range(2):
            desk.clock.later(minutes=31)
            assert look(hooked(desk, hook.url), desk.engine, desk.clock)
            desk.update()
        assert len(hook.seen) == 2


@pytest.mark.parametrize("status", [500, 404])
def test_an_alert_that_nobody_took_is_tried_again(desk: Desk, status: int) -> None:
    desk.clock.later(minutes=31)
    with Loopback(lambda _: Reply(status)).running() as hook:
        assert not look(hooked(desk, hook.url), desk.engine, desk.clock)
    assert not look(hooked(desk, closed_port()), desk.engine, desk.clock)
    with Loopback(fine).running() as hook:
        assert look(hooked(desk, hook.url), desk.engine, desk.clock)


def test_a_connector_that_never_came_is_not_missed(tmp_path: Path) -> None:
    with open_desk(tmp_path / "home") as desk:
        desk.clock.later(days=2)
        assert not look(desk.settings, desk.engine, desk.clock)


def test_a_user_who_chose_a_longer_interval_is_not_alarmed(desk: Desk) -> None:
    for _ in range(3):
        desk.clock.later(hours=1)
        desk.update()
    with desk.reading() as conn:
        known = connector.known(conn)
    assert known is not None
    assert known.interval > timedelta(minutes=59)
    desk.clock.later(minutes=31)
    assert not look(desk.settings, desk.engine, desk.clock)


def test_the_watch_goes_on_by_itself_until_the_gateway_ends(desk: Desk) -> None:
    with desk.writing() as conn:
        connector.visited(conn, desk.clock() - timedelta(hours=2))
    with Loopback(fine).running() as hook:
        with watching(hooked(desk, hook.url), desk.engine, timedelta(milliseconds=20)):
            for _ in range(250):
                if hook.seen:
                    break
                time.sleep(0.02)
        assert len(hook.seen) == 1


def test_a_visit_by_a_clock_that_was_fast_does_not_hide_the_silence_after_it(desk: Desk) -> None:
    desk.clock.later(hours=30)
    desk.update()
    desk.clock.later(hours=-29)
    with Loopback(fine).running() as hook:
        assert not look(hooked(desk, hook.url), desk.engine, desk.clock)
        desk.clock.later(minutes=31)
        assert look(hooked(desk, hook.url), desk.engine, desk.clock)
        assert len(hook.seen) == 1
