"""Reads a qbXML request against a shape: which elements, in which order, of which type and length.

A shape is a line of words `Name:type` with `?` (may be missing), `*` and `+` (may repeat), and `( A | B )` for a
choice. It becomes a regular expression over the names of an element's children, so that order is checked as strictly
as Intuit's schema does. Unknown elements, attributes and enum values stop the whole message; a value that does not
convert is a status of its request (Intuit: status codes 3000 to 3099).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from lxml import etree

from deploy.sandbox.desktop_requests import ENUMS, SHAPES
from deploy.sandbox.desktop_status import Refused, Unparseable

Object = dict[str, Any]
_WORD = re.compile(r"(\w+):(\w+)([?*+]?)")
_FORMATS: Mapping[str, tuple[re.Pattern[str], int, str]] = {
    "id": (re.compile(r"[^\s]{1,36}"), 3000, "The given object ID {value} in the field {field} is invalid."),
    "guid": (
        re.compile(r"0|\{[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}"),
        3000,
        "The given object ID {value} in the field {field} is invalid.",
    ),
    "bool": (re.compile("true|false|1|0"), 3010, "There was an error when converting the boolean value {value}."),
    "int": (re.compile(r"[+-]?\d{1,9}"), 3045, "There was an error when converting the number {value}."),
    "amt": (
        re.compile(r"[+-]?\d{1,13}\.\d{2}"),
        3040,
        "There was an error when converting the amount {value} in the field {field}.",
    ),
    "price": (
        re.compile(r"[+-]?\d{1,10}(\.\d{1,5})?"),
        3045,
        "There was an error when converting the price {value} in the field {field}.",
    ),
}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Shape:
    """A compiled shape: `pattern` over the children's names, each followed by a blank; `types` by name; `many` names
    that may repeat and are read into lists."""

    pattern: re.Pattern[str]
    types: Mapping[str, str]
    many: frozenset[str]


def compile_shape(text: str) -> Shape:
    """The shape that a line of words describes. ValueError for a word that is none."""
    parts, types, many = [], {}, set()
    for word in text.split():
        if word in ("(", "|") or word[0] == ")":
            parts.append("(?:" if word == "(" else word)
            continue
        match = _WORD.fullmatch(word)
        if match is None:
            raise ValueError(f"not a word of a shape: {word}")
        name, kind, times = match.groups()
        parts.append(f"(?:{name} ){times}")
        types[name] = kind
        if times in ("*", "+"):
            many.add(name)
    return Shape(re.compile("".join(parts)), types, frozenset(many))


@cache
def shape(name: str) -> Shape:
    """A shape of the table by name."""
    return compile_shape(SHAPES[name])


def read(element: etree._Element, name: str, problems: list[Refused]) -> Object:
    """The element's children as nested dicts of texts (amounts as Decimal), repeated ones as lists.

    Raises Unparseable for what the parser refuses; adds to `problems` what a value is refused for."""
    wanted = shape(name)
    tags = "".join([f"{child.tag!s} " for child in element])
    if wanted.pattern.fullmatch(tags) is None:
        raise Unparseable(f"{name}: unknown, missing or misplaced element among {tags}")
    fields: Object = {}
    for child in element:
        tag = str(child.tag)
        if child.attrib or (child.tail and not child.tail.isspace()):
            raise Unparseable(f"{tag}: attribute or text where none belongs")
        value = _value(child, tag, wanted.types[tag], problems)
        if tag in wanted.many:
            fields.setdefault(tag, []).append(value)
        else:
            fields[tag] = value
    return fields


def _value(child: etree._Element, tag: str, kind: str, problems: list[Refused]) -> Any:
    if kind in SHAPES:
        if child.text and not child.text.isspace():
            raise Unparseable(f"{tag}: text where elements belong")
        return read(child, kind, problems)
    if len(child):
        raise Unparseable(f"{tag}: elements where text belongs")
    text = child.text or ""
    if kind in ENUMS:
        if text not in ENUMS[kind]:
            raise Unparseable(f"{tag}: {text} is not a value of the enumeration")
        return text
    try:
        return converted(text, tag, kind)
    except Refused as refused:
        problems.append(refused)
        return text


def converted(text: str, tag: str, kind: str) -> Any:
    """A value of a simple type: Decimal for an amount, else its text. Refused 3000 to 3070."""
    if kind == "str":
        return text
    if kind.isdecimal():
        if len(text) > int(kind):
            raise Refused(3070, f'The string "{text}" in the field "{tag}" is too long.')
        return text
    if kind in ("date", "datetime"):
        return _moment(text, tag, kind)
    pattern, code, words = _FORMATS[kind]
    if pattern.fullmatch(text) is None:
        raise Refused(code, words.format(value=f'"{text}"', field=f'"{tag}"'))
    if kind == "amt":
        return Decimal(text)
    return {"1": "true", "0": "false"}.get(text, text) if kind == "bool" else text


def _moment(text: str, tag: str, kind: str) -> str:
    try:
        if kind == "date" and _DATE.fullmatch(text):
            date.fromisoformat(text)
            return text
        if kind == "datetime":
            datetime.fromisoformat(text)
            return text
    except ValueError:
        pass
    raise Refused(3020, f'There was an error when converting the date value "{text}" in the field "{tag}".')
