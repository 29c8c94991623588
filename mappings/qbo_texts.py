"""Every text of a payload for QuickBooks Online is cleaned and cut here, at the one place that all payloads pass.

Lengths from Intuit's `Finance.xsd` and API reference. Numbers, references and e-mails are never cut: half of one is
another one.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from mappings.jsontext import dumps
from mappings.keys import BY_NAME, SKU, SYMBOL
from mappings.qbo_symbols import OWN_WORDS, SYMBOL_KEYS, references
from mappings.qbxml_fit import Adjusted
from mappings.qbxml_tree import Request
from mappings.texts import altered, clean

LENGTHS: Final[Mapping[str, int]] = {
    "GivenName": 100,
    "FamilyName": 100,
    "CompanyName": 100,
    "Description": 4000,
    "PrivateNote": 4000,
    "CustomerMemo": 1000,
    "StringValue": 31,
    **{f"Line{number}": 500 for number in range(1, 6)},
    "City": 255,
    "Country": 255,
    "CountrySubDivisionCode": 255,
    "PostalCode": 30,
}
WITH_LINES: Final = ("Description", "PrivateNote", "CustomerMemo")
EMAIL_LENGTH: Final = 100
_EMAIL: Final = re.compile(r"[^@\s,;<>()]+@[^@\s,;<>()]+\.[^@\s,;<>()]+")
"""What QuickBooks takes for an e-mail address (Intuit, code 2210: RFC 822)."""


def request(payload: Mapping[str, Any]) -> Request:
    """The payload as text, its symbols, and what its texts lost. Raises TypeError for a float."""
    texts = _Texts()
    made = texts.of_object(payload, "")
    return Request(dumps(made), frozenset(references(made)), tuple(dict.fromkeys(texts.adjusted)))


def email_address(text: str) -> str:
    """An e-mail as QuickBooks takes it, at most 100 characters; empty for one that it refuses (2050, 2210)."""
    email = clean(text)
    return email if len(email) <= EMAIL_LENGTH and _EMAIL.fullmatch(email) else ""


@dataclass(slots=True)
class _Texts:
    """Cleans one payload and notes what had to change."""

    adjusted: list[Adjusted] = field(default_factory=list)

    def of_object(self, one: Mapping[str, Any], path: str) -> dict[str, Any]:
        """The object without texts that cleaning leaves empty, because an empty one means something to QuickBooks."""
        made = {name: self._value(name, value, f"{path}{name}") for name, value in one.items()}
        return {name: value for name, value in made.items() if value not in ("", {}) or value == one[name]}

    def _value(self, name: str, value: Any, path: str) -> Any:
        if isinstance(value, str):
            return self._symbol(value) if name in SYMBOL_KEYS and SYMBOL.fullmatch(value) else self._text(path, value)
        if isinstance(value, Mapping):
            if name in OWN_WORDS:
                return {key: self._text(path, str(each)) for key, each in value.items() if clean(str(each))}
            return self.of_object(value, f"{path}/")
        if isinstance(value, list):
            return [self._value(name, each, path) for each in value]
        return value

    def _symbol(self, text: str) -> str:
        kind, _, key = text.partition(":")
        return f"{kind}:{clean(key)}" if kind[1:] in BY_NAME or kind[1:] == SKU else text

    def _text(self, path: str, text: str) -> str:
        name = path.rpartition("/")[2]
        made = clean(text, lines=name in WITH_LINES)
        if made != text and altered(text):
            self.adjusted.append(Adjusted(path, "cleaned", len(text)))
        longest = LENGTHS.get(name, len(made))
        if len(made) > longest:
            self.adjusted.append(Adjusted(path, "cut", len(made)))
            made = made[:longest].rstrip()
        return made
