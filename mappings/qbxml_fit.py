"""Makes texts fit QuickBooks Desktop: characters of Windows-1252, and the lengths of its fields.

Nothing is cut silently: what had to change is told (`Adjusted`), and a shortened text stands whole in the document's
memo or the customer's notes. Lengths are characters (Intuit, annotated qbXML 16.0).
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final, Literal
from unicodedata import category, normalize

from anyascii import anyascii

ITEM_NAME: Final = 31
MEMO: Final = 4095
HASHED: Final = 7  # "~" and six hex digits
_STORED: Final = frozenset(bytes(range(0x20, 0x100)).decode("cp1252", "ignore"))
_INVISIBLE: Final = ("Cc", "Cf")  # control characters and marks without a shape


@dataclass(frozen=True, slots=True)
class Adjusted:
    """One value that had to change: its field (`BillAddress/City`), how, and how many characters it had. The text
    itself is personal and not here."""

    field: str
    how: Literal["shortened", "transliterated"]
    length: int


def short_name(text: str, limit: int) -> str:
    """`text` in at most `limit` characters: as it is where it fits, else its beginning and six hex digits of its
    SHA-256, so that texts with equal beginnings stay apart and the same text is always shortened alike."""
    return text if len(text) <= limit else f"{text[: limit - HASHED]}~{_hash(text)}"


def latin(text: str, *, lines: bool = False) -> str:
    """`text` in the characters that QuickBooks Desktop stores (Windows-1252), others spelled in ASCII; control
    characters go, white space becomes a blank. With `lines` its line ends stay."""
    return _spell(text, lines)[0]


def sku_key(sku: str, taken: Collection[str]) -> str:
    """The Name under which Desktop has the item of this SKU: at most 31 characters, no colon.

    A SKU that cannot be a name as it is gets six hex digits of its own, so that two SKUs never share an item; one
    that is called like an item of ours (`taken`) says that it is a SKU.
    """
    name = _name(latin(sku))
    if name.casefold() in {each.casefold() for each in taken}:
        return short_name(f"{name} (SKU)", ITEM_NAME)
    if name == sku.strip() and not name.endswith(" (SKU)"):
        return short_name(name, ITEM_NAME)
    return f"{name[: ITEM_NAME - HASHED]}~{_hash(sku)}"


@dataclass(slots=True)
class Fit:
    """Fits texts while one request is written. `whole` are the texts that were shortened, with their fields."""

    adjusted: list[Adjusted] = field(default_factory=list)
    whole: list[str] = field(default_factory=list)

    def text(self, place: str, value: str, limit: int, *, lines: bool = False) -> str:
        """`value` for the field `place`, without blanks at its ends."""
        return self._short(place, self._spelled(place, value, lines).strip(), limit)

    def memo(self, value: str) -> str:
        """The document's memo, followed by what had to be shortened on it so far."""
        return self.text("Memo", ", ".join(each for each in (value, *self.whole) if each), MEMO)

    def name(self, place: str, value: str, limit: int) -> str:
        """`value` as a name of a list object: no colon (Intuit, status 3090), single blanks."""
        return self._short(place, _name(self._spelled(place, value, False)), limit)

    def _spelled(self, place: str, value: str, lines: bool) -> str:
        spelled, changed = _spell(value, lines)
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
    if text.isascii() and text.isprintable():
        return text, False
    made, changed = [], False
    for char in normalize("NFC", text.replace("\r\n", "\n")):
        if char.isspace():
            made.append(char if lines and char == "\n" else " ")
        elif char in _STORED and char.isprintable():
            made.append(char)
        elif category(char) not in _INVISIBLE:
            made.append(anyascii(char))
            changed = True
    return "".join(made), changed


def _name(text: str) -> str:
    return " ".join(text.replace(":", " ").split())


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[: HASHED - 1]
