"""Value templates: text with facts in braces, `M-{order.number}` or `{order.po_number|default:'none'|first:25}`.

A template is checked once, when the rules are read; after that it never fails: a missing fact is empty text, a
filter that does not apply leaves its text alone. There is no arithmetic, no condition and no code.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Final

from mappings.facts import Facts, FactValue, known_fact, nearest_fact
from mappings.rules_findings import Fault, nearest, short

LONGEST: Final = 500
FILTERS: Final[Mapping[str, tuple[int, int, str]]] = MappingProxyType(
    {
        "upper": (0, 0, "in capitals"),
        "lower": (0, 0, "in small letters"),
        "trim": (0, 0, "without blanks at both ends"),
        "first": (1, 1, "the first characters: first:25"),
        "last": (1, 1, "the last characters: last:4"),
        "replace": (1, 2, "one text for another: replace:'-','/'"),
        "date": (1, 1, "a date written as wanted: date:'%d.%m.%Y' (%Y %y %m %d %j)"),
        "default": (1, 1, "another text where it is empty: default:'none'"),
        "join": (1, 1, "its lines in one line: join:', '"),
        "digits": (0, 0, "its digits only"),
    }
)
"""Every filter: how many words it takes at least and at most, and what it makes of a text."""

Step = Callable[[str], str]
_HOLE = re.compile(r"\{((?:[^{}']|'[^']*')*)\}")
_PIPED = re.compile(r"(?:[^|']|'[^']*')+")
_LISTED = re.compile(r"(?:[^,']|'[^']*')+")
_COUNT = re.compile(r"[1-9][0-9]{0,2}")
_DIRECTIVE = re.compile(r"%([Yymdj%])")
_LONGEST_NUMBER = 40


@dataclass(frozen=True, slots=True)
class Template:
    """A checked template. `names` are the facts it asks for."""

    text: str
    names: tuple[str, ...] = ()
    _parts: tuple[str | tuple[str, tuple[Step, ...]], ...] = field(default=(), repr=False, compare=False)

    def render(self, facts: Facts) -> str:
        """The text with every fact filled in. Never raises; a missing fact is empty."""
        return "".join([part if isinstance(part, str) else _fill(part, facts) for part in self._parts])

    def __str__(self) -> str:
        return self.text

    def __bool__(self) -> bool:
        return bool(self.text)


class TemplateError(ValueError):
    """A template that cannot be used; `faults` says everything that is wrong with it."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("; ".join(fault.message for fault in faults))
        self.faults = faults


def compile_template(text: str | Template) -> Template:
    """Check `text` and make it ready to render. Raises TemplateError with every fault, not only the first."""
    if isinstance(text, Template):
        return text
    faults: list[Fault] = []
    if len(text) > LONGEST:
        faults.append(Fault(f"is {len(text)} characters long; the most is {LONGEST}"))
    parts: list[str | tuple[str, tuple[Step, ...]]] = []
    end = 0
    for hole in _HOLE.finditer(text):
        parts.append(_plain(text[end : hole.start()], faults))
        parts.append(_read_hole(hole[1], faults))
        end = hole.end()
    parts.append(_plain(text[end:], faults))
    if faults:
        raise TemplateError(tuple(faults))
    names = tuple(dict.fromkeys(part[0] for part in parts if not isinstance(part, str)))
    return Template(text, names, tuple(part for part in parts if part))


def as_text(value: FactValue) -> str:
    """A fact as text: yes and no, numbers without needless zeros, amounts with cents, nothing for a missing fact."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) or not value.is_finite() or abs(value.adjusted()) > _LONGEST_NUMBER:
        return str(value)
    whole, _, cents = format(value, "f").partition(".")
    cents = cents.rstrip("0")
    return f"{whole}.{cents:0<2}" if cents else whole


def _fill(part: tuple[str, tuple[Step, ...]], facts: Facts) -> str:
    name, steps = part
    text = as_text(facts.get(name))
    for step in steps:
        text = step(text)
    return text


def _plain(text: str, faults: list[Fault]) -> str:
    if "{" in text or "}" in text:
        faults.append(Fault(f'has a brace without its twin near "{short(text)}"; a fact is written {{order.number}}'))
    return text


def _read_hole(inside: str, faults: list[Fault]) -> tuple[str, tuple[Step, ...]]:
    name, *filters = [piece.strip() for piece in _PIPED.findall(inside)] or [""]
    if not name:
        faults.append(Fault("has empty braces; a fact is written {order.number}"))
    elif known_fact(name) is None:
        faults.append(Fault(f'unknown fact "{short(name)}"', nearest_fact(name)))
    steps = [_read_filter(piece, faults) for piece in filters]
    return name, tuple(step for step in steps if step is not None)


def _read_filter(piece: str, faults: list[Fault]) -> Step | None:
    name, _, rest = piece.partition(":")
    name = name.strip()
    if name not in FILTERS:
        faults.append(Fault(f'unknown filter "{short(name)}"', nearest(name, FILTERS)))
        return None
    words = _words(rest)
    least, most, meaning = FILTERS[name]
    if not least <= len(words) <= most:
        wanted = "takes nothing after a colon" if not most else f"is used like this: {meaning}"
        faults.append(Fault(f'filter "{name}" {wanted}'))
        return None
    if name in ("first", "last") and not _COUNT.fullmatch(words[0]):
        faults.append(Fault(f'filter "{name}" needs a number from 1 to 999, not "{short(words[0])}"'))
        return None
    return _step(name, *words)


def _words(rest: str) -> list[str]:
    pieces = [piece.strip() for piece in _LISTED.findall(rest)]
    return [piece[1:-1] if piece.startswith("'") and piece.endswith("'") else piece for piece in pieces]


def _step(name: str, word: str = "", other: str = "") -> Step:
    simple: dict[str, Step] = {
        "upper": str.upper,
        "lower": str.lower,
        "trim": str.strip,
        "digits": lambda text: "".join(filter("0123456789".__contains__, text)),
        "default": lambda text: text if text.strip() else word,
        "replace": lambda text: text.replace(word, other) if word else text,
        "join": lambda text: word.join(line.strip() for line in text.splitlines() if line.strip()),
        "date": lambda text: _dated(text, word),
        "first": lambda text: text[: int(word)],
        "last": lambda text: text[-int(word) :],
    }
    return simple[name]


def _dated(text: str, pattern: str) -> str:
    try:
        day = date.fromisoformat(text.strip()[:10])
    except ValueError:
        return text
    known = {"Y": f"{day.year:04}", "y": f"{day.year % 100:02}", "m": f"{day.month:02}", "d": f"{day.day:02}"}
    known |= {"j": f"{day.timetuple().tm_yday:03}", "%": "%"}
    return _DIRECTIVE.sub(lambda directive: known[directive[1]], pattern)
