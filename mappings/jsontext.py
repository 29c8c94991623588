"""JSON as QuickBooks gets it: money as decimal digits, never through a float; the same object, the same bytes."""

import json
from collections.abc import Callable
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any


def dumps(value: Any) -> str:
    """Deterministic JSON text: keys sorted, no spaces, `Decimal` written with the digits it has.

    Raises TypeError for anything that is not text, number, truth, None, dict, list or tuple: a float above all.
    """
    parts: list[str] = []
    _write(value, parts.append)
    return "".join(parts)


def _write(value: Any, out: Callable[[str], None]) -> None:
    """Give the pieces of a value's text to `out`: this runs for every value of every document."""
    kind = type(value)  # by exact type, the frequent ones first
    if kind is str:
        out(encode_basestring(value))
    elif kind is dict:
        _write_object(value, out)
    elif kind is Decimal:
        out(_digits(value))
    elif kind is list or kind is tuple:
        _write_list(value, out)
    else:
        out(_word(value))


def _write_object(value: dict[str, Any], out: Callable[[str], None]) -> None:
    mark = "{"
    for key in sorted(value):
        out(f"{mark}{encode_basestring(key)}:")
        _write(value[key], out)
        mark = ","
    out("}" if value else "{}")


def _write_list(value: list[Any] | tuple[Any, ...], out: Callable[[str], None]) -> None:
    mark = "["
    for each in value:
        out(mark)
        _write(each, out)
        mark = ","
    out("]" if value else "[]")


def _digits(number: Decimal) -> str:
    text = str(number)
    return f"{number:f}" if "E" in text else text


def _word(value: object) -> str:
    kind = type(value)
    if kind is bool:
        return "true" if value else "false"
    if value is None:
        return "null"
    if kind is int:
        return str(value)
    raise TypeError(f"{kind.__name__} has no place in a payload")


def parse(text: str | bytes) -> Any:
    """Read JSON with exact decimals."""
    return json.loads(text, parse_float=Decimal)
