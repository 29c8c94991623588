"""`magebooks held`: what waits for a person, one line for each cause, with the way out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from deploy.cli import words
from deploy.cli.opened import reading
from deploy.cli.session import Answer, Exit, Given

if TYPE_CHECKING:
    from deploy.cli.causes import Cause


def held(*, session: Given) -> Answer:
    """What waits for you, one line per cause, with what to do."""
    from deploy.cli import causes

    now = datetime.now(UTC)
    with reading(session) as (_, conn):
        found = causes.waiting(conn)
    holding = [cause for cause in found if cause.hold]
    data = {"held": [_data(cause) for cause in holding], "look": [_data(cause) for cause in found if not cause.hold]}
    if not found:
        return Answer(data, (Text("Nothing needs you.", style="green"),))
    hints = words.hints(
        [
            ("magebooks explain ORDER", "one order's whole story"),
            ("magebooks sync", "after mending: held documents are booked anew"),
            ("magebooks retry --all", "send refused documents again"),
        ],
        session.home,
    )
    return Answer(data, (*_told(found, now), hints), Exit.LOOK if holding else Exit.DONE)


def _data(cause: Cause) -> dict[str, object]:
    return {
        "code": cause.code,
        "title": cause.title,
        "reason": cause.reason,
        "fix": cause.fix,
        "count": cause.count,
        "amounts": {currency: str(amount) for currency, amount in cause.amounts.items()},
        "since": cause.since.isoformat(),
        "documents": list(cause.documents),
    }


def _told(found: list[Cause], now: datetime) -> list[RenderableType]:
    documents = sum(cause.count for cause in found if cause.hold)
    number = sum(cause.hold for cause in found)
    parts: list[RenderableType] = []
    if number:
        thing = "needs" if number == 1 else "need"
        headline = f"{words.count(number, 'cause')} {thing} you: {words.count(documents, 'document')} waiting."
        parts.append(Text(headline, style="red"))
    parts += [Group("", _paragraph(cause, now)) for cause in found]
    return [*parts, ""]


def _paragraph(cause: Cause, now: datetime) -> Text:
    figures = [
        words.count(cause.count, "document"),
        words.amounts(cause.amounts),
        f"since {words.when(cause.since, now)}",
    ]
    text = Text(cause.title, style="bold" if cause.hold else "bold yellow")
    text.append(f"   {', '.join(figure for figure in figures if figure)}", style="default")
    text.append(f"\n  {cause.reason}", style="not bold default")
    text.append(f"\n  What to do: {cause.fix}", style="not bold green")
    text.append(f"\n  {_named(cause.documents)}", style="not bold dim")
    return text


def _named(documents: tuple[str, ...]) -> str:
    shown = 12
    more = f" and {len(documents) - shown:,} more (--json lists all)" if len(documents) > shown else ""
    return ", ".join(documents[:shown]) + more
