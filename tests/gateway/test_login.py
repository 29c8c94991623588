"""Guessing passwords is slow, and the owner is back within a minute."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.gateway.login import FREE_GUESSES, GUESSES_OF_ALL, LONGEST_WAIT, Door, source_of
from tests.gateway.clerk import PASSWORD, USERNAME, Clerk
from tests.gateway.conftest import Open
from tests.gateway.wire import Wire, call, post

HOME = "203.0.113.7"
EVIL = "198.51.100.9"


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def door(clock: Clock) -> Door:
    return Door(USERNAME, PASSWORD, clock)


def guess(door: Door, times: int, address: str = EVIL) -> list[str]:
    return [door.judge(USERNAME, f"guess {number}", address) for number in range(times)]


def addresses() -> Iterator[str]:
    return (f"10.{a}.{b}.{c}" for a in range(256) for b in range(256) for c in range(256))


def test_only_both_halves_together_open(door: Door) -> None:
    assert door.judge(USERNAME, PASSWORD, HOME) == "in"
    assert door.judge(USERNAME, PASSWORD + " ", HOME) == "wrong"
    assert door.judge(USERNAME.upper(), PASSWORD, HOME) == "wrong"


@pytest.mark.parametrize(("username", "password"), [("", ""), (USERNAME, ""), ("", PASSWORD)])
def test_an_empty_login_opens_to_nobody(username: str, password: str) -> None:
    assert Door(username, password).judge(username, password, HOME) == "wrong"


def test_a_slip_of_the_finger_costs_nothing(door: Door) -> None:
    assert guess(door, FREE_GUESSES - 1, HOME) == ["wrong"] * (FREE_GUESSES - 1)
    assert door.judge(USERNAME, PASSWORD, HOME) == "in"


def test_an_attacker_makes_few_guesses_in_an_hour(door: Door, clock: Clock) -> None:
    looked_at = 0
    for _ in range(3600 * 4):
        looked_at += guess(door, 1) == ["wrong"]
        clock.now += 0.25
    assert looked_at < 75  # five, then one after 1, 2, 4, ... and at last one a minute
    clock.now += LONGEST_WAIT
    assert door.judge(USERNAME, PASSWORD, EVIL) == "in"  # the owner may sit behind the same address


def test_a_right_password_is_not_looked_at_while_an_address_waits(door: Door) -> None:
    guess(door, FREE_GUESSES)
    assert door.judge(USERNAME, PASSWORD, EVIL) == "wait"


def test_attempts_while_waiting_do_not_make_the_wait_longer(door: Door, clock: Clock) -> None:
    guess(door, FREE_GUESSES)
    for _ in range(100):
        clock.now += 0.009
        assert door.judge(USERNAME, "again", EVIL) == "wait"
    clock.now += 0.11
    assert door.judge(USERNAME, PASSWORD, EVIL) == "in"


@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(st.floats(0, 90), st.integers(0, 40), st.sampled_from([HOME, EVIL, "2001:db8::1", ""])), max_size=30
    )
)
def test_the_owner_is_in_within_a_minute_after_any_attack(attack: list[tuple[float, int, str]]) -> None:
    clock = Clock()
    door = Door(USERNAME, PASSWORD, clock)
    for pause, guesses, address in attack:
        clock.now += pause
        guess(door, guesses, address)
    clock.now += LONGEST_WAIT
    assert door.judge(USERNAME, PASSWORD, HOME) == "in"


def test_being_in_forgives_what_was_wrong_before(door: Door, clock: Clock) -> None:
    guess(door, FREE_GUESSES + 3, HOME)
    clock.now += LONGEST_WAIT
    assert door.judge(USERNAME, PASSWORD, HOME) == "in"
    assert guess(door, FREE_GUESSES - 1, HOME) == ["wrong"] * (FREE_GUESSES - 1)
    assert door.judge(USERNAME, PASSWORD, HOME) == "in"


def test_many_addresses_guess_no_faster_than_a_few(door: Door, clock: Clock) -> None:
    looked_at = 0
    for address, _ in zip(addresses(), range(20_000), strict=False):
        looked_at += guess(door, 1, address) == ["wrong"]
        clock.now += 0.01
    assert looked_at <= GUESSES_OF_ALL * 4  # 200 seconds


def test_an_owner_who_was_here_before_comes_in_during_an_attack_of_many(door: Door) -> None:
    assert door.judge(USERNAME, PASSWORD, HOME) == "in"
    for address, _ in zip(addresses(), range(1000), strict=False):
        guess(door, 1, address)
    assert door.judge(USERNAME, PASSWORD, "192.0.2.1") == "wait"
    assert door.judge(USERNAME, PASSWORD, HOME) == "in"


def test_an_attack_of_very_many_addresses_fills_no_memory(door: Door, clock: Clock) -> None:
    for number, (address, _) in enumerate(zip(addresses(), range(20_000), strict=False)):
        guess(door, 1, address)
        clock.now += LONGEST_WAIT if number % 50 == 0 else 0
    assert len(door._records) <= 4096


def test_an_ipv6_network_counts_as_one_address(door: Door) -> None:
    tried = [door.judge(USERNAME, "guess", f"2001:db8:1:2::{number:x}") for number in range(20)]
    assert tried.count("wrong") == FREE_GUESSES


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("unix:", ""),
        ("<script>", ""),
        ("", ""),
    ],
)
def test_what_counts_as_one_source(address: str, source: str) -> None:
    assert source_of(address) == source


def test_who_has_to_wait_is_told_busy_over_soap(opened: Open, clerk: Clerk) -> None:
    clock = Clock()
    gateway = opened(door=Door(USERNAME, PASSWORD, clock))
    with Wire(gateway.port) as wire:

        def login(password: str) -> str:
            answer = wire.send(post(call("authenticate", strUserName=USERNAME, strPassword=password))).read()
            assert answer is not None
            return answer.results[1]

        assert [login("guess") for _ in range(6)] == ["nvu"] * 5 + ["busy"]
        assert login(PASSWORD) == "busy"
        assert clerk.heard == []
        clock.now += 1.01
        assert login(PASSWORD) == ""


def test_a_proxy_is_believed_only_when_there_is_one(opened: Open) -> None:
    def verdicts(public: str) -> set[str]:
        gateway = opened(public=public, door=Door(USERNAME, PASSWORD, Clock()))
        body = call("authenticate", strUserName=USERNAME, strPassword="guess")
        said = set()
        with Wire(gateway.port) as wire:
            for number in range(FREE_GUESSES * 2):
                answer = wire.send(post(body, f"X-Forwarded-For: 203.0.113.{number}")).read()
                assert answer is not None
                said.add(answer.results[1])
        return said

    assert verdicts("https://books.example.com") == {"nvu"}
    assert verdicts("") == {"nvu", "busy"}
