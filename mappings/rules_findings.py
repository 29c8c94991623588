"""What is wrong with a rules file, in words that name file, line, row and field, and the nearest right name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

MOST_WORDS = 60


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one value, before anybody knows where it stands.

    `at` are keys below the value. `quoted` says that the message names the last key itself, so that the place need
    not repeat it.
    """

    message: str
    nearest: str = ""
    at: tuple[str, ...] = ()
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault with its place. `line` counts from 1; `field` is the place in the file (`payment "paypal", clearing`)."""

    source: str
    line: int
    field: str
    message: str
    nearest: str = ""

    def __str__(self) -> str:
        place = f"{self.source}:{self.line}: " + (f"{self.field}: " if self.field else "")
        return place + self.message + (f'; did you mean "{self.nearest}"?' if self.nearest else "")


class RulesError(ValueError):
    """The rules file cannot be used. Its text is one line for each finding, in the order of the file."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings: tuple[Finding, ...] = tuple(sorted(set(findings), key=lambda each: (each.line, str(each))))
        super().__init__("\n".join(map(str, self.findings)))


def nearest(word: str, known: Iterable[str]) -> str:
    """The known name that is spelled most like `word`, or an empty string."""
    by_folded = {name.casefold(): name for name in known}
    close: Sequence[str] = get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[close[0]] if close else ""


def short(value: object) -> str:
    """A value of the file as it is quoted in a message: one line, cut where it is long."""
    text = " ".join(str(value).split())
    return text if len(text) <= MOST_WORDS else text[: MOST_WORDS - 1] + "…"
