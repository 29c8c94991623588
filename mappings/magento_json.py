"""Reads JSON as Magento writes it, with every number exact."""

import json
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final


def _refuse(constant: str) -> Decimal:
    raise ValueError(f"{constant} is not JSON")


def _exact(number: str) -> Decimal:
    try:
        return Decimal(number)
    except ArithmeticError:
        return Decimal("NaN")  # an exponent beyond any number: the readers then name the field


# A shop's documents repeat the same few numbers (zeros, quantities, rates): most need not be read twice.
_number: Final = lru_cache(maxsize=1_024)(Decimal)
_FAST: Final = json.JSONDecoder(parse_float=_number, parse_int=_number, parse_constant=_refuse)
_CAREFUL: Final = json.JSONDecoder(parse_float=_exact, parse_int=_exact, parse_constant=_refuse)


def parse(payload: str | bytes) -> dict[str, Any]:
    """A JSON object with exact numbers: all of them `Decimal`, none ever a float.

    Raises ValueError for what is not a JSON object (NaN and Infinity are not JSON).
    """
    content = payload if isinstance(payload, str) else payload.decode()
    try:
        try:
            document = _FAST.decode(content)
        except ArithmeticError:
            document = _CAREFUL.decode(content)
    except RecursionError:
        raise ValueError("the document is nested too deeply") from None
    if type(document) is not dict:
        raise ValueError("the document is not a JSON object")
    return document
