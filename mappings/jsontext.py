"""JSON as QuickBooks gets it: money as decimal digits, never through a float; the same object, the same bytes."""

import json
from collections.abc import Mapping
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any


def dumps(value: Any) -> str:
    """Deterministic JSON text: keys sorted, no spaces, `Decimal` written with the digits it has.

    Raises TypeError for anything that is not text, number, truth, None, mapping or sequence.
    """
    match value:
        case str():
            return encode_basestring(value)
        case bool() | None:
            return "null" if value is None else "true" if value else "false"
        case int() | Decimal():
            return format(value, "f") if isinstance(value, Decimal) else str(value)
        case Mapping():
            return "{" + ",".join(f"{encode_basestring(key)}:{dumps(value[key])}" for key in sorted(value)) + "}"
        case list() | tuple():
            return "[" + ",".join([dumps(each) for each in value]) + "]"
        case _:
            raise TypeError(f"{type(value).__name__} has no place in a payload")


def parse(text: str | bytes) -> Any:
    """Read JSON with exact decimals."""
    return json.loads(text, parse_float=Decimal)
