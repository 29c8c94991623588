"""The date range of a run: what the Prefect form shows and what the clients ask for."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field, model_validator


class Window(BaseModel, frozen=True):
    """Days in the store's time zone, half-open: `since` belongs to it, `until` does not.

    Both empty means "since the watermark". A range looks at the day a document was created.
    """

    since: date | None = Field(
        None,
        title="From",
        description="First day, in the store's time zone. Empty: since the last run.",
        json_schema_extra={"position": 0},
    )
    until: date | None = Field(
        None,
        title="To (not included)",
        description="The day after the last one. Empty: until now.",
        json_schema_extra={"position": 1},
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.since and self.until and self.since >= self.until:
            raise ValueError(
                f"From {self.since} must be before To {self.until}: the range is half-open, "
                f"so one day is From {self.since} To {self.since + timedelta(days=1)}."
            )
        if self.until and not self.since:
            raise ValueError("To needs a From: say where the range begins.")
        return self

    @property
    def is_range(self) -> bool:
        return self.since is not None

    def bounds(self, zone: str) -> tuple[datetime | None, datetime | None]:
        """The window's two instants in UTC; days begin at midnight in `zone`."""
        return _instant(self.since, zone), _instant(self.until, zone)

    def pieces(self, days: int) -> Iterator["Window"]:
        """Cut a closed range into pieces of at most `days`, oldest first; an open one stays whole."""
        if self.since is None or self.until is None:
            yield self
            return
        start = self.since
        while start < self.until:
            end = min(start + timedelta(days=days), self.until)
            yield Window(since=start, until=end)
            start = end

    def __format__(self, spec: str) -> str:
        """For run names: `orders 1 Nov to 8 Nov`."""
        if self.since is None:
            return "since the last run"
        until = f"{self.until:%-d %b %Y}" if self.until else "now"
        return f"{self.since:%-d %b %Y} to {until}"


SINCE_THE_WATERMARK = Window(since=None, until=None)


def _instant(day: date | None, zone: str) -> datetime | None:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC) if day else None
