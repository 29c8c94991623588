"""Dates on the command line: `2026-11-01`, `today`, `yesterday`, `last-month`. Half-open ranges use two of them."""

import calendar
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, TypeAlias

from cyclopts import Parameter, Token

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_WORDS = "today, yesterday, tomorrow, this-month or last-month (the first of it)"


def parse(text: str, today: date) -> date:
    """The day that `text` names. Raises ValueError with a sentence that says what is wrong with it."""
    first = today.replace(day=1)
    words = {
        "today": today,
        "yesterday": today - timedelta(days=1),
        "tomorrow": today + timedelta(days=1),
        "this-month": first,
        "last-month": (first - timedelta(days=1)).replace(day=1),
    }
    if (word := words.get(text.strip().lower())) is not None:
        return word
    match = _ISO.fullmatch(text.strip())
    if match is None:
        raise ValueError(f'"{text}" is not a date. Write it as 2026-11-01, or {_WORDS}.')
    year, month, day = (int(part) for part in match.groups())
    if not (1 <= month <= 12 and year >= 1):
        raise ValueError(f'"{text}" is not a date: there is no month {month}.')
    days = calendar.monthrange(year, month)[1]
    if not 1 <= day <= days:
        raise ValueError(f'"{text}" is not a date: {calendar.month_name[month]} has {days} days.')
    return date(year, month, day)


def _convert(_type: object, tokens: Sequence[Token]) -> date:
    return parse(tokens[0].value, datetime.now(UTC).astimezone().date())


Since: TypeAlias = Annotated[
    date | None, Parameter("--from", converter=_convert, help="First day, in the store's time zone.")
]
Until: TypeAlias = Annotated[
    date | None, Parameter("--to", converter=_convert, help="Day after the last one (the range is half-open).")
]
