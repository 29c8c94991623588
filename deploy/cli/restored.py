"""What is said of a ledger that was restored from a backup, or that this machine had not seen before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from deploy.cli import words

if TYPE_CHECKING:
    from state.ledger import Connection

NOTICED: Final = (
    "This ledger was restored or moved, or an earlier version worked with it. Documents from before are looked up in "
    "QuickBooks before they are sent."
)


def gather(conn: Connection) -> dict[str, Any] | None:
    """The notice's part of `status --json`; None for a ledger that was never restored or moved."""
    from state import identity, outbox

    found = identity.notice(conn)
    if found is None:
        return None
    return {"reason": found.reason, "noticed": found.since.isoformat(), "to_look_up": outbox.to_look_up(conn)}


def lines(noticed: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """What a person reads while documents wait for the look-up."""
    return [("Restored", sentence(noticed))] if noticed and noticed["to_look_up"] else []


def sentence(noticed: Mapping[str, Any]) -> str:
    """The notice in a sentence."""
    day, number = noticed["noticed"][:16].replace("T", " "), noticed["to_look_up"]
    restored = noticed["reason"] == "restored"
    seen = "was restored from a backup" if restored else "has sent documents that this machine did not see"
    looked_up = words.count(number, "document is", "documents are")
    return f"This ledger {seen} (noticed {day} UTC): {looked_up} looked up in QuickBooks before they are sent."
