"""JSON as QuickBooks gets it: money as decimal digits, never through a float; the same object, the same bytes."""

import json
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any


def dumps(value: Any) -> str:
    """Deterministic JSON text: keys sorted, no spaces, `Decimal` written with the digits it has.

    Raises TypeError for anything that is not text, number, truth, None, dict, list or tuple: a float above all.
    """
    kind = type(value)  # by exact type: this runs for every value of every document
    if kind is str:
        return encode_basestring(value)
    if kind is dict:
        return "{" + ",".join([f"{encode_basestring(key)}:{dumps(value[key])}" for key in sorted(value)]) + "}"
    if kind is Decimal:
        return f"{value:f}"
    if kind is list or kind is tuple:
        return "[" + ",".join([dumps(each) for each in value]) + "]"
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
