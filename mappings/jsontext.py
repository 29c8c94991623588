"""JSON as QuickBooks gets it: money as decimal digits, never through a float; the same object, the same bytes."""

import json
from decimal import Decimal
from typing import Any

import orjson


def dumps(value: Any) -> str:
    """Deterministic JSON text: keys sorted, no spaces, `Decimal` written with the digits it has.

    Raises TypeError for anything that is not text, number, truth, None, dict, list or tuple. A float would pass: a
    document with one is refused before, where its symbols are gathered (`qbo_symbols`).
    """
    return orjson.dumps(value, default=_digits, option=orjson.OPT_SORT_KEYS).decode()


def _digits(number: object) -> orjson.Fragment:
    if type(number) is not Decimal:
        raise TypeError(f"{type(number).__name__} has no place in a payload")
    text = str(number)
    return orjson.Fragment(f"{number:f}" if "E" in text else text)


def parse(text: str | bytes) -> Any:
    """Read JSON with exact decimals."""
    return json.loads(text, parse_float=Decimal)
