"""Whether a customer of the shop may be one that QuickBooks has without an e-mail: by name and address, normalised.

Normalising is for comparing only; nothing of it is ever written. Equal keys are a question to a person, no answer.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final
from unicodedata import category, normalize

from mappings.entry import Party
from mappings.keys import digest

PERSON: Final = "person"
"""The kind of reference under which such customers are kept."""
_ZIP4: Final = re.compile(r"(\d{5})-\d{4}")
_SHORT: Final[Mapping[str, str]] = {
    "street": "st",
    "strasse": "str",
    "road": "rd",
    "avenue": "ave",
    "boulevard": "blvd",
    "drive": "dr",
    "lane": "ln",
    "suite": "ste",
    "apartment": "apt",
    "floor": "fl",
    "north": "n",
    "south": "s",
    "east": "e",
    "west": "w",
}


def normal(text: str) -> str:
    """A text without case, accents, punctuation and the usual words of an address written out."""
    plain = normalize("NFKD", text.casefold())
    letters = "".join(char if char.isalnum() else " " for char in plain if category(char) != "Mn")
    return " ".join(_SHORT.get(word, word) for word in letters.split())


def place(name: str, lines: Iterable[str], city: str, postcode: str, besides: Iterable[str] = ()) -> str | None:
    """The key of somebody of this name at this address; None where a part is missing. Lines that only repeat the name,
    or one of `besides` (a person at a company), are no part of the address."""
    names = {normal(each) for each in (name, *besides)}
    street = " ".join(line for each in lines if (line := normal(each)) and line not in names)
    parts = (normal(name), street, normal(city), normal(_ZIP4.sub(r"\1", postcode.strip())))
    return digest("|".join(parts)) if all(parts) else None


def place_of(party: Party) -> str | None:
    """The same of a party of the shop, by its billing address."""
    if party.billing is None:
        return None
    address = party.billing
    people = (f"{address.first_name} {address.last_name}", f"{party.first_name} {party.last_name}", address.company)
    return place(party.name, address.street, address.city, address.postcode, people)
