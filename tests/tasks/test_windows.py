"""Days of a run: half-open, in the store's zone, cut into pieces."""

from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError

from tasks.windows import SINCE_THE_WATERMARK, Range, Window

ZONE = "America/Chicago"
TODAY = date(2026, 11, 21)


def _window(since: str, until: str) -> Window:
    return Window(since=date.fromisoformat(since), until=date.fromisoformat(until))


def _range(since: str, until: str | None = None) -> Range:
    return Range(since=date.fromisoformat(since), until=date.fromisoformat(until) if until else None)


@pytest.mark.parametrize(
    ("window", "hours"),
    [
        (_window("2026-06-01", "2026-06-02"), 24),
        (_window("2026-03-08", "2026-03-09"), 23),  # clocks go forward
        (_window("2026-11-01", "2026-11-02"), 25),  # and back
    ],
)
def test_a_day_is_as_long_as_it_is_in_the_stores_zone(window: Window, hours: int) -> None:
    since, until = window.bounds(ZONE)
    assert since is not None
    assert until is not None
    assert (until - since).total_seconds() == hours * 3600


def test_a_day_begins_at_the_stores_midnight() -> None:
    midnight = datetime(2026, 6, 1, 5, tzinfo=UTC)  # Chicago is five hours behind in summer
    assert _window("2026-06-01", "2026-06-02").bounds(ZONE) == (midnight, datetime(2026, 6, 2, 5, tzinfo=UTC))


def test_neighbouring_windows_share_their_border_and_nothing_else() -> None:
    assert _window("2026-03-01", "2026-03-08").bounds(ZONE)[1] == _window("2026-03-08", "2026-03-09").bounds(ZONE)[0]


def test_without_days_there_are_no_bounds() -> None:
    assert SINCE_THE_WATERMARK.bounds(ZONE) == (None, None)
    assert not SINCE_THE_WATERMARK.is_range


@pytest.mark.parametrize(("since", "until"), [("2026-05-02", "2026-05-01"), ("2026-05-01", "2026-05-01")])
def test_a_range_that_is_empty_or_backwards_is_refused_with_what_to_write(since: str, until: str) -> None:
    with pytest.raises(ValidationError, match=f"one day is From {since} To 2026-05-0"):
        _window(since, until)


def test_an_end_needs_a_beginning() -> None:
    with pytest.raises(ValidationError, match="say where the range begins"):
        Window(since=None, until=date(2026, 5, 1))
    with pytest.raises(ValidationError):
        Range.model_validate({"until": "2026-05-01"})


@pytest.mark.parametrize("days", [1, 3, 7, 31, 366])
def test_pieces_follow_each_other_without_gap_and_cover_the_range(days: int) -> None:
    whole = _range("2026-02-20", "2026-03-25")
    pieces = list(whole.pieces(days, TODAY))
    assert pieces[0].since == whole.since
    assert pieces[-1].until == whole.until
    assert [piece.until for piece in pieces[:-1]] == [piece.since for piece in pieces[1:]]
    lengths = [(piece.until - piece.since).days for piece in pieces if piece.since and piece.until]
    assert lengths[:-1] == [days] * (len(pieces) - 1)
    assert 1 <= lengths[-1] <= days


def test_an_open_range_is_cut_up_to_today_and_stays_open_at_its_end() -> None:
    pieces = list(_range("2026-11-01").pieces(7, TODAY))
    assert [str(piece.until) for piece in pieces] == ["2026-11-08", "2026-11-15", "None"]
    assert [piece.until for piece in _range("2026-12-24").pieces(7, TODAY)] == [None]


def test_runs_are_named_by_their_days() -> None:
    assert f"orders {_window('2026-11-01', '2026-11-08')}" == "orders 1 Nov 2026 to 8 Nov 2026"
    assert f"orders {_range('2026-11-01')}" == "orders 1 Nov 2026 to now"
    assert f"orders {SINCE_THE_WATERMARK}" == "orders since the last run"
