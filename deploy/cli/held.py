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
    """What needs your attention, one line per cause, with what to do and what waits behind it."""
    from deploy.cli import causes

    now = datetime.now(UTC)
    with reading(session) as (settings, conn):
        found = causes.waiting(conn, settings.staging_path)
    holding = [cause for cause in found if cause.hold]
    data = {"held": [_data(cause) for cause in holding], "look": [_data(cause) for cause in found if not cause.hold]}
    if not found:
        return Answer(data, (Text("Nothing needs your attention.", style="green"),))
    hints = words.hints(
        [
            ("magebooks explain ORDER", "one order's whole story"),
            ("magebooks sync", "after the fix: held documents post by themselves"),
            ("magebooks retry --all", "send rejected documents again"),
        ],
        session.home,
    )
    return Answer(data, (*_told(found, now, every=session.options.verbose), hints), Exit.LOOK if holding else Exit.DONE)


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
        "behind": cause.behind.data() if cause.behind else None,
        "with_held": [
            {
                "document": one.key,
                "amount": None if one.amount is None else f"{one.amount:.2f}",
                "currency": one.currency,
            }
            for one in cause.with_held
        ],
    }


def _told(found: list[Cause], now: datetime, *, every: bool) -> list[RenderableType]:
    documents = sum(cause.count for cause in found if cause.hold)
    number = sum(cause.hold for cause in found)
    parts: list[RenderableType] = []
    if number:
        thing = "needs" if number == 1 else "need"
        behind = sum((cause.behind.documents if cause.behind else 0) + len(cause.with_held) for cause in found)
        more = f", and {words.count(behind, 'document')} behind them" if behind else ""
        headline = f"{words.count(number, 'cause')} {thing} your attention: {words.count(documents, 'document')}{more}."
        parts.append(Text(headline, style="red"))
    parts += [Group("", _paragraph(cause, now, every)) for cause in found]
    return [*parts, ""]


def _paragraph(cause: Cause, now: datetime, every: bool) -> Text:
    figures = [
        words.count(cause.count, "document"),
        words.amounts(cause.amounts),
        f"since {words.when(cause.since, now)}",
    ]
    text = Text(cause.title, style="bold" if cause.hold else "bold yellow")
    text.append(f"   {', '.join(figure for figure in figures if figure)}", style="default")
    text.append(f"\n  {cause.reason}", style="not bold default")
    text.append(f"\n  What to do: {cause.fix}", style="not bold green")
    text.append(f"\n  {_named(cause.documents, every)}", style="not bold dim")
    for sentence, named in cause.waits():
        text.append(f"\n  {sentence}", style="not bold default")
        text.append(f"\n    {_named(named, every)}" if named else "", style="not bold dim")
    return text


def _named(documents: tuple[str, ...], every: bool) -> str:
    shown = len(documents) if every else 12
    more = f" and {len(documents) - shown:,} more (-v or --json lists all)" if len(documents) > shown else ""
    return ", ".join(documents[:shown]) + more
