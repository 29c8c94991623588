"""Makes texts fit QuickBooks Desktop: characters of Windows-1252, and the lengths of its fields.

Nothing is cut silently: what had to change is told (`Adjusted`), and a shortened text stands whole in the document's
memo or the customer's notes. Lengths are characters (Intuit, annotated qbXML 16.0).
"""

import hashlib
from dataclasses import dataclass, field
from typing import Final, Literal

from anyascii import anyascii

from mappings.texts import altered, clean

ITEM_NAME: Final = 31
MEMO: Final = 4095
HASHED: Final = 7  # "~" and six hex digits
_STORED: Final = frozenset(bytes(range(0x20, 0x100)).decode("cp1252", "ignore"))


@dataclass(frozen=True, slots=True)
class Adjusted:
    """One value that had to change: its field (`BillAddress/City`), how, and how many characters it had. The text
    itself is personal and not here."""

    field: str
    how: Literal["shortened", "transliterated", "cleaned", "cut"]
    length: int


def short_name(text: str, limit: int) -> str:
    """`text` in at most `limit` characters: as it is where it fits, else its beginning and six hex digits of its
    SHA-256, so that texts with equal beginnings stay apart and the same text is always shortened alike."""
    return text if len(text) <= limit else f"{text[: limit - HASHED]}~{_hash(text)}"


def latin(text: str, *, lines: bool = False) -> str:
    """`text` in the characters that QuickBooks Desktop stores (Windows-1252), others spelled in ASCII; cleaned.
    With `lines` its line ends stay."""
    return _spell(text, lines)[0]


@dataclass(slots=True)
class Fit:
    """Fits texts while one request is written. `whole` are the texts that were shortened, with their fields."""

    adjusted: list[Adjusted] = field(default_factory=list)
    whole: list[str] = field(default_factory=list)

    def text(self, place: str, value: str, limit: int, *, lines: bool = False) -> str:
        """`value` for the field `place`, cleaned."""
        return self._short(place, self._spelled(place, value, lines), limit)

    def memo(self, value: str) -> str:
        """The document's memo, followed by what had to be shortened on it so far."""
        return self.text("Memo", ", ".join(each for each in (value, *self.whole) if each), MEMO)

    def name(self, place: str, value: str, limit: int) -> str:
        """`value` as a name of a list object: no colon (Intuit, status 3090), single blanks."""
        return self._short(place, _name(self._spelled(place, value, False)), limit)

    def _spelled(self, place: str, value: str, lines: bool) -> str:
        spelled, changed = _spell(value, lines)
        if altered(value):
            self.adjusted.append(Adjusted(place, "cleaned", len(value)))
        if changed:
            self.adjusted.append(Adjusted(place, "transliterated", len(value)))
        return spelled

    def _short(self, place: str, value: str, limit: int) -> str:
        if len(value) <= limit:
            return value
        self.adjusted.append(Adjusted(place, "shortened", len(value)))
        self.whole.append(f"{place.rpartition('/')[2]}: {value}")
        return short_name(value, limit)


def _spell(text: str, lines: bool) -> tuple[str, bool]:
    """The text in characters that are stored, and whether any had to be spelled otherwise."""
    text = clean(text, lines=lines)
    if text.isascii():
        return text, False
    spelled = "".join(char if char in _STORED or char == "\n" else anyascii(char) for char in text)
    return clean(spelled, lines=lines), spelled != text


def _name(text: str) -> str:
    return clean(text.replace(":", " "))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[: HASHED - 1]
