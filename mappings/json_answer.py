"""Finds the JSON in an answer: behind white space, byte-order marks and the messages that PHP writes around it.

A theme's empty line, a file saved with a byte-order mark or PHP's `display_errors` put such text in front of every
answer of a shop. White space and marks are dropped without a word, PHP's messages are handed on with their text, and
any other text around the JSON makes the answer unreadable: nothing is guessed.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape
from typing import Final, Generic, TypeVar

T = TypeVar("T")

LONGEST_NOTICE: Final = 200
LONGEST_BEGINNING: Final = 60
MOST_PLACES: Final = 100  # where the JSON may begin: each is tried, and each trial may read the whole answer
_ASCII: Final = tuple(bytes([code]) for code in b" \t\n\r\v\f")
_WIDE: Final = tuple(
    chr(code).encode() for code in (0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF)
)
_BLANKS: Final = (*_ASCII, *_WIDE, *(chr(code).encode() for code in range(0x2000, 0x200C)))
_LEADING: Final = re.compile(b"(?:" + b"|".join(map(re.escape, _BLANKS)) + b")*")

# PHP: "\nNotice: TEXT in FILE on line N\n", as HTML "<br />\n<b>Notice</b>:  TEXT in <b>FILE</b> on line <b>N</b>
# <br />", and Xdebug's HTML table of the same words. After a fatal error PHP writes nothing more.
_LEVELS: Final = r"(?:Notice|Warning|Deprecated|Strict Standards)"
_MESSAGE: Final = re.compile(rf"(?:\( ! \)\s*)?(?:PHP )?{_LEVELS}:\s")
_FATAL: Final = re.compile(r"(?:\( ! \)\s*)?(?:PHP )?(?:Fatal|Parse|Recoverable fatal) error:\s")
_FIRST: Final = re.compile(r".*?\bon line \d+|[^{\[]*")
_ENDS: Final = re.compile(r"\bon line \d+$")
_PLACE: Final = re.compile(r"(?:on line\s+(?:<\w+>)?\d+(?:</\w+>)?|</font>)(?:[\s\ufeff]|<[^<>]{0,200}>)*(?=[{\[])")
_TAG: Final = re.compile(r"<[^<>]{0,200}>")
_DATA: Final = re.compile(r"[{<\[(]")
_ESCAPE: Final = re.compile(
    rb"\\(?:u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|(?P<half>u[dD][89a-fA-F][\da-fA-F]{2})|.)", re.DOTALL
)
_DECODER: Final = json.JSONDecoder()
_EMAIL: Final = re.compile(r"[^\s@\"'<>]+@[^\s@\"'<>]+")


class NotJson(ValueError):
    """The answer is not the JSON that was asked for; the text says what it is instead, without any document's data."""


@dataclass(frozen=True, slots=True)
class Answered(Generic[T]):
    """What was read: its `value`, the bytes of the JSON alone, and PHP's messages around it (empty: none)."""

    value: T
    body: bytes
    notice: str = ""


def read(content: bytes, parse: Callable[[bytes], T]) -> Answered[T]:
    """Read an answer's JSON. `parse` takes a whole document of the right form and raises ValueError for any other.

    PHP's messages may be before the JSON, behind it or both; of any other text around it nothing is accepted. Raises
    NotJson.
    """
    body = trimmed(content)
    try:
        return Answered(parse(body), body)
    except (ValueError, RecursionError):
        pass
    text = _without_halves(body).decode("utf-8", "surrogateescape")
    for start, end in _documents(text):
        found = text[start:end].encode("utf-8", "surrogateescape")
        try:
            return Answered(parse(found), found, notice_in(f"{text[:start]}\n{text[end:]}"))
        except (ValueError, RecursionError):
            continue
    raise NotJson(described(body))


def _without_halves(body: bytes) -> bytes:
    """The body with U+FFFD for each half of a surrogate pair: no parser takes one, and a text that was cut inside of a
    character would cost the whole page."""
    return _ESCAPE.sub(lambda found: rb"\ufffd" if found["half"] else found[0], body)


def trimmed(content: bytes) -> bytes:
    """The content without white space (any that Unicode knows) and byte-order marks around it."""
    leading = _LEADING.match(content)
    start, end = leading.end() if leading else 0, len(content)
    while end > start and (blank := next((one for one in _BLANKS if content.endswith(one, start, end)), b"")):
        end -= len(blank)
    return content[start:end]


def notice_in(text: str) -> str:
    """PHP's messages as one line of at most 200 characters: no tags, no e-mail addresses; paths of files stay."""
    return _cut(_plain(text), LONGEST_NOTICE)


def described(body: bytes) -> str:
    """What an answer that cannot be read is, for an error: never a piece of JSON or of a page, which may hold names."""
    text = body[:4_000].decode("utf-8", "replace")
    plain = _plain(text)
    if not body:
        return "it is empty"
    if (_FATAL.match(plain) or _MESSAGE.match(plain)) and (first := _FIRST.match(plain)):
        return f"it begins with a message of PHP: {_cut(first.group(), LONGEST_NOTICE)}"
    if text.startswith(("{", "[", '"')):
        return "it is JSON that is cut, of another form, or followed by other text"
    if text.startswith("<"):
        return "it is a web page"
    return f'it begins with "{_cut(_DATA.split(plain)[0], LONGEST_BEGINNING)}"'


def _documents(text: str) -> Iterator[tuple[int, int]]:
    """Where whole JSON documents begin and end that have nothing but PHP's messages around them."""
    places = [0]
    if _MESSAGE.match(_plain(text[:4_000])):
        places += [found.end() for found, _ in zip(_PLACE.finditer(text), range(MOST_PLACES), strict=False)]
    for start in places:
        try:
            _, end = _DECODER.raw_decode(text, start)
        except (ValueError, RecursionError):
            continue
        if _only_messages(text[end:]):
            yield start, end


def _only_messages(text: str) -> bool:
    """Whether what is behind the JSON is nothing, or PHP's messages from their first word to the last line number."""
    plain = _plain(text)
    return not text or bool(_MESSAGE.match(plain) and _ENDS.search(plain))


def _plain(text: str) -> str:
    """The text without tags and with single blanks."""
    return " ".join(unescape(_TAG.sub(" ", text)).replace("\ufeff", " ").split()).replace(" :", ":")


def _cut(text: str, length: int) -> str:
    safe = "".join(sign for sign in _EMAIL.sub("(e-mail)", text) if sign.isprintable()).strip()
    return safe if len(safe) <= length else f"{safe[: length - 3]}..."
