"""What is right in a rules file and still not meant: rows that nothing can reach, and rows that contradict each other.

Where one row decides, those below it are silent; so a row whose documents are all caught above never decides.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mappings.conditions import Condition
from mappings.implying import covers
from mappings.rules_model import LISTS, Rules
from mappings.rules_places import line_of, locate
from mappings.rules_rows import Row

FIXES: Final = {
    "conflict": "Keep one of the two, or give one of them another condition.",
    "repeated": "Delete one of the two.",
    "unreachable": 'Move it above "{above}", delete it, or narrow "{above}".',
}


@dataclass(frozen=True, slots=True)
class Advice:
    """One row that never decides. `code` is a key of `FIXES`, `line` counts from 1, `list` and `row` name the row,
    `above` the id of the row that catches its documents."""

    code: str
    source: str
    line: int
    list: str
    row: str
    above: str
    message: str
    fix: str

    def __str__(self) -> str:
        return f'{self.source}:{self.line}: {self.list} "{self.row}": {self.message}'


def advise(rules: Rules, text: str) -> tuple[Advice, ...]:
    """Everything that is not meant in `rules`, which were read from `text`, in the order of the file."""
    lines = locate(text)
    found = [
        _advice(rules, name, row, above, line_of(lines, (name, number)))
        for name in LISTS
        for number, row, above in _hidden(name, rules.rows(name))
    ]
    return tuple(sorted(found, key=lambda each: each.line))


def _hidden(name: str, rows: tuple[Row, ...]) -> Iterator[tuple[int, Row, Row]]:
    """Each row that never decides, with its place in the list and the first row above that catches all it would."""
    for number, row in enumerate(rows):
        rivals = [each for each in rows[:number] if not each.off and rival(name, each, row)]
        above = next((each for each in rivals if covers(each.when, row.when)), None)
        if above is not None and not row.off:
            yield number, row, above


def rival(name: str, one: Row, other: Row) -> bool:
    """Whether one of two rows of the list `name` silences the other: rows for different QuickBooks fields do not."""
    return name != "field" or one.values["to"] == other.values["to"]


def _advice(rules: Rules, name: str, row: Row, above: Row, line: int) -> Advice:
    same = covers(row.when, above.when)
    if same and row.values == above.values:
        code, message = "repeated", f'says the same as "{above.id}" above it'
    elif same:
        differs = ", ".join(key for key, value in row.values.items() if value != above.values[key])
        code = "conflict"
        message = f'asks the same as "{above.id}" above it and decides otherwise ({_name(differs)}); it never decides'
    else:
        code = "unreachable"
        asked = _said(above.when)
        message = f'is never reached: "{above.id}" above it catches everything that it would ({asked})'
    return Advice(code, rules.source, line, name, row.id, above.id, message, FIXES[code].format(above=above.id))


def _name(differs: str) -> str:
    return differs.replace("class_name", "class").replace("source", "from")


def _said(when: tuple[Condition, ...]) -> str:
    return " and ".join(condition.words for condition in when) or "anything else"
