"""The last look before an entry is queued."""

from dataclasses import replace
from decimal import Decimal

from mappings.checks import check_entry, off_balance
from mappings.entry import Entry
from mappings.model import Problem
from tests.mappings.sales import RETAIL, line, order, rules, sell

SOUND = sell(order(line("MUG", "1", "9.00")))


def problem(entry: Entry) -> Problem:
    found = check_entry(entry, RETAIL)
    assert found is not None
    return found


def test_a_sound_entry_passes() -> None:
    assert check_entry(SOUND, RETAIL) is None
    assert off_balance(SOUND.lines) == 0


def test_an_entry_that_does_not_balance_is_held_with_its_difference() -> None:
    off = replace(SOUND, lines=(*SOUND.lines, replace(SOUND.lines[0], amount=Decimal("0.01"))))
    assert problem(off).code == "unbalanced" and "0.01" in problem(off).reason


def test_a_held_entry_names_what_is_at_stake() -> None:
    found = problem(replace(SOUND, number="1" * 22))
    assert (found.document, found.amount, found.currency) == ("order/000000042", Decimal("9.00"), "USD")


def test_lengths_are_checked_to_the_character() -> None:
    assert check_entry(replace(SOUND, number="1" * 21, memo="m" * 4000), RETAIL) is None
    assert problem(replace(SOUND, memo="m" * 4001)).code == "text-too-long"
    assert (
        check_entry(replace(SOUND, fields=(("CustomField.1", "v" * 31), ("CustomerMemo", "v" * 1000))), RETAIL) is None
    )
    assert problem(replace(SOUND, fields=(("ShipMethod", "v" * 32),))).field == "field ShipMethod"


def test_on_desktop_a_number_is_checked_and_texts_are_made_to_fit_when_they_are_written() -> None:
    desktop = rules(name="us_desktop")
    long = replace(SOUND, number="1" * 11, memo="m" * 9000, fields=(("CustomField.Other", "v" * 99),))
    assert check_entry(long, desktop) is None
    held = check_entry(replace(long, number="1" * 12), desktop)
    assert held is not None and held.code == "number-too-long" and "takes 11" in held.reason
