"""Where the names of a rules file stand: the line of every table header and key.

Python's TOML reader gives values without places. This reads just enough of TOML to follow headers, keys, inline
tables and strings over several lines; the file is known to be valid TOML when it is asked.
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

Path = tuple[str | int, ...]

_TOKEN: Final = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'  # texts over several lines
    r"|'''.*?'{3,5}"
    r'|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\''
    r"|#[^\n]*"
    r"|[\[\]{}=,.\n]"
    r"|[^\s\[\]{}=,.\"'#]+",
    re.DOTALL,
)


class _Reader:
    """Follows one file token by token. `path` is the key whose value is being read, `around` the keys outside it."""

    def __init__(self) -> None:
        self.lines: dict[Path, int] = {}
        self.counts: dict[Path, int] = {}
        self.table: Path = ()
        self.path: Path = ()
        self.around: list[Path] = []
        self.names: list[str] = []
        self.brackets = 0
        self.line = 1

    def read(self, token: str) -> None:
        if token in _MARKS:
            _MARKS[token](self)
        elif token[0] not in "#.":
            self.names.append(token[1:-1] if token[0] in "\"'" else token)
        self.line += token.count("\n")

    def end(self) -> None:
        if self.around:
            return
        if self.brackets:
            self.header(many=self.brackets > 1)
        self.names, self.path, self.brackets = [], (), 0

    def header(self, many: bool) -> None:
        path: Path = ()
        for position, name in enumerate(self.names, 1):
            path = (*path, name)
            if many and position == len(self.names):
                self.counts[path] = self.counts.get(path, -1) + 1
            if path in self.counts:
                path = (*path, self.counts[path])
        self.table = path
        self.note(path)

    def key(self) -> None:
        self.path = (*(self.around[-1] if self.around else self.table), *self.names)
        self.note(self.path)
        self.names = []

    def note(self, path: Path) -> None:
        for length in range(1, len(path) + 1):
            self.lines.setdefault(path[:length], self.line)

    def open(self) -> None:
        if self.path:
            self.around.append(self.path)
            self.names = []
        else:
            self.brackets += 1

    def close(self) -> None:
        if self.around:
            self.path = self.around.pop()
            self.names = []

    def comma(self) -> None:
        self.names = []


_MARKS: Final[Mapping[str, Callable[[_Reader], None]]] = MappingProxyType(
    {
        "\n": _Reader.end,
        "[": _Reader.open,
        "{": _Reader.open,
        "]": _Reader.close,
        "}": _Reader.close,
        "=": _Reader.key,
        ",": _Reader.comma,
    }
)


def locate(text: str) -> Mapping[Path, int]:
    """The line, counted from 1, of every table, row and key: `("payment", 2, "clearing")`."""
    reader = _Reader()
    for token in _TOKEN.findall(text):
        reader.read(token)
    reader.end()
    return reader.lines


def line_of(places: Mapping[Path, int], path: Path) -> int:
    """The line of `path`, or of the nearest thing around it that has a place; else 1."""
    while path and path not in places:
        path = path[:-1]
    return places.get(path, 1)
