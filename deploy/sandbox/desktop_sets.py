"""Message sets: QuickBooks' memory of what it answered, so that a message sent again is not carried out again.

Intuit's error recovery: a message with `newMessageSetID` is carried out once and its answer kept under that id with a
checksum of the body. Kept in the company file: a restored backup has forgotten them.
"""

from dataclasses import dataclass

from deploy.sandbox.desktop_message import Message

LONGEST_ID = 24
NOT_STORED, OTHER_BODY, NO_ANSWER, ID_TOO_LONG = 600, 9001, 9002, 9004


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known about a set; no `answer` when QuickBooks died while it was carried out."""

    checksum: str
    answer: str | None


class MessageSets:
    """The stored sets of one company file."""

    def __init__(self) -> None:
        self._kept: dict[str, Kept] = {}

    def known(self, message: Message) -> tuple[int, str | None] | None:
        """Status and answer for a message that must not be carried out; None when it must be."""
        if message.old_set == "CLR-ALL-MSG-SETS":
            self._kept.clear()
        elif message.old_set:
            gone = self._kept.pop(message.old_set, None)
            if gone is None and not message.new_set:
                return NOT_STORED, None
        if not message.new_set:
            return None
        if len(message.new_set) > LONGEST_ID:
            return ID_TOO_LONG, None
        kept = self._kept.get(message.new_set)
        if kept is None:
            return None
        if kept.checksum != message.checksum:
            return OTHER_BODY, None
        return (NO_ANSWER, None) if kept.answer is None else (0, kept.answer)

    def begin(self, message: Message) -> None:
        """A set is about to be carried out."""
        if message.new_set:
            self._kept[message.new_set] = Kept(message.checksum, None)

    def finish(self, message: Message, answer: str) -> None:
        """A set was carried out and answered."""
        if message.new_set:
            self._kept[message.new_set] = Kept(message.checksum, answer)

    def clear(self) -> None:
        """Forgets every set."""
        self._kept.clear()
