"""The date range of a run: what the Prefect form shows and what the clients ask for."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field, model_validator

DATE = r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"


def _form(position: int) -> dict[str, Any]:
    """What the run form needs beside pydantic's schema. Prefect's server checks a `pattern`, but no `format`."""
    return {"position": position, "pattern": DATE}


class Window(BaseModel, frozen=True):
    """Days in the store's time zone. From belongs to the range, To does not: one day is From 1 May To 2 May.

    Without From, a run reads what changed since the last one; with it, what was created in the range.
    """

    since: date | None = Field(
        None,
        title="From",
        description="First day, in the store's time zone. Empty: since the last run.",
        json_schema_extra=_form(0),
    )
    until: date | None = Field(
        None,
        title="To (not included)",
        description="The day after the last one. Empty: until now.",
        json_schema_extra=_form(1),
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

    def __format__(self, spec: str) -> str:
        """For run names: `orders 1 Nov 2026 to 8 Nov 2026`."""
        if self.since is None:
            return "since the last run"
        until = f"{self.until:%-d %b %Y}" if self.until else "now"
        return f"{self.since:%-d %b %Y} to {until}"


class Range(Window, frozen=True):
    """Days in the store's time zone. From belongs to the range, To does not: one day is From 1 May To 2 May."""

    since: date = Field(title="From", description="First day, in the store's time zone.", json_schema_extra=_form(0))

    def pieces(self, days: int, today: date) -> Iterator[Window]:
        """Cut the range into pieces of at most `days`, oldest first.

        An open range is cut up to `today`, and its last piece stays open: what is new meanwhile belongs to it.
        """
        start, end = self.since, self.until or today
        while (cut := start + timedelta(days=days)) < end:
            yield Window(since=start, until=cut)
            start = cut
        yield Window(since=start, until=self.until)


SINCE_THE_WATERMARK = Window(since=None, until=None)


def _instant(day: date | None, zone: str) -> datetime | None:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC) if day else None
