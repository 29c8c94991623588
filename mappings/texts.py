"""Texts as QuickBooks keeps them: no character that it refuses or that nobody sees, single blanks, one form of letters.

Both QuickBooks get their texts through here, and names and SKUs are compared by what is left.
"""

from typing import Final
from unicodedata import category, normalize

_UNSEEN: Final = ("Cc", "Cf", "Cs")
"""Control characters, marks without a shape (zero width, direction, byte-order mark) and lone surrogates."""
_FILLERS: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
"""Letters and marks that Unicode shows as nothing (Default_Ignorable_Code_Point)."""
_ARABIC_NONCHARACTERS: Final = range(0xFDD0, 0xFDF0)


def clean(text: str, *, lines: bool = False) -> str:
    """`text` without outer and double blanks and without characters that are refused or unseen, in NFC. A line end is a
    blank, or with `lines` a line feed between lines that have a text."""
    if text.isascii() and text.isprintable() and "  " not in text and text == text.strip():
        return text
    if lines:
        return "\n".join(line for each in text.splitlines() if (line := clean(each)))
    return " ".join(_kept(text).split())


def folded(name: str) -> str:
    """A name or SKU as QuickBooks and Magento compare it: without case, outer and double blanks."""
    return clean(clean(name).casefold())


def altered(text: str) -> bool:
    """Whether cleaning takes more from a text than blanks and line ends."""
    return "".join(_kept(text).split()) != "".join(normalize("NFC", text).split())


def _kept(text: str) -> str:
    return normalize("NFC", "".join(char for char in text if char.isspace() or _seen(char)))


def _seen(char: str) -> bool:
    number = ord(char)
    is_character = number & 0xFFFE != 0xFFFE and number not in _ARABIC_NONCHARACTERS
    return is_character and char not in _FILLERS and category(char) not in _UNSEEN
