"""What a person sees when the other side asks for patience: a line with a time, or an end in a sentence."""

import re
from datetime import UTC, datetime

import pytest

from state import announcing, tables
from tests.faults import compare
from tests.faults.company import PREFECT, Company, Open, at_work

pytestmark = PREFECT
CLOCK = r"\d\d:\d\d:\d\d"


def an_hour_passes(one: Company) -> None:
    """The pauses in the ledger are over."""
    with one.writing() as conn:
        conn.execute(tables.limit.update().values(paused_until=datetime.now(UTC)))


@pytest.mark.parametrize("side", ["Magento", "QuickBooks"])
def test_a_side_that_asks_for_hours_ends_the_run_with_4_and_nothing_is_lost(company: Open, side: str) -> None:
    one = at_work(company)
    faults = one.shop.faults if side == "Magento" else one.books.faults
    faults.throttle_next(1, retry_after=7200, only="" if side == "Magento" else "/batch")
    done = one.sync()
    assert done.status == 4, done
    words = rf"{side}: It asks for a pause until {CLOCK} or later, and a run waits for an hour at most"
    assert re.search(words, done.data["error"]["message"])
    assert done.data["error"]["fix"] == "Nothing is lost. Run the same command again later."
    an_hour_passes(one)
    assert one.sync().status == 0
    compare.settled(one)


@pytest.mark.parametrize("side", ["Magento", "QuickBooks"])
def test_a_wait_is_named_on_the_console(company: Open, side: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announcing, "NAMED_FROM", 0.5)
    one = at_work(company)
    faults = one.shop.faults if side == "Magento" else one.books.faults
    faults.throttle_next(1, retry_after=3, only="" if side == "Magento" else "/batch")
    done = one.sync()
    assert done.status == 0, done
    assert re.search(rf"Waiting for {side}.*, until {CLOCK}\.", " ".join(done.err.split()))
    compare.settled(one)


def test_doctor_names_the_notices_of_php_and_the_fix(company: Open) -> None:
    one = at_work(company)
    one.shop.faults.wrap(b"\nWarning: foo() in /var/www/html/a.php on line 4\n")
    checks = [check for check in one.command("doctor").data["checks"] if check["name"] == "PHP notices"]
    [check] = checks
    assert check["level"] == "warn"
    assert check["found"] == (
        "Magento writes a PHP notice before its answers: Warning: foo() in /var/www/html/a.php on line 4"
    )
    assert "display_errors off" in check["fix"]
    assert "deploy:mode:set production" in check["fix"]
    assert one.sync().status == 0
    compare.settled(one)


def test_doctor_says_how_an_answer_begins_that_holds_no_json(company: Open) -> None:
    one = at_work(company)
    one.shop.faults.wrap(b"debug: here ")
    done = one.command("doctor")
    assert done.status == 4
    assert 'it begins with \\"debug: here\\"' in done.out
