"""Addresses on QuickBooks Desktop: five lines of 41 characters, city, state, postal code and country."""

from textwrap import wrap
from typing import Final

from mappings.model import Address
from mappings.qbxml_fit import Fit
from mappings.qbxml_tree import Element, leaf, node

LINES: Final = 5
LINE: Final = 41
_UNLIMITED: Final = 10_000


def address_of(name: str, address: Address | None, fit: Fit) -> Element | None:
    """The address as element `name`; nothing for an address without any text."""
    if address is None:
        return None
    person = f"{address.first_name} {address.last_name}"
    texts = [fit.text(f"{name}/Addr", text, _UNLIMITED) for text in (person, address.company, *address.street)]
    parts = [
        *(leaf(f"Addr{at}", line) for at, line in enumerate(_lines(name, [each for each in texts if each], fit), 1)),
        leaf("City", fit.text(f"{name}/City", address.city, 31)),
        leaf("State", fit.text(f"{name}/State", address.region_code or address.region, 21)),
        leaf("PostalCode", fit.text(f"{name}/PostalCode", address.postcode, 13)),
        leaf("Country", fit.text(f"{name}/Country", address.country, 31)),
    ]
    return node(name, *parts) if any(part is not None for part in parts) else None


def _lines(name: str, texts: list[str], fit: Fit) -> list[str]:
    """Long lines go on in the next free one; where five are not enough, all but the first share lines, and only
    what still has no room is shortened."""
    wrapped = [line for text in texts for line in wrap(text, LINE)]
    if len(wrapped) > LINES:
        wrapped = wrap(texts[0], LINE) + wrap(", ".join(texts[1:]), LINE)
    if len(wrapped) > LINES:
        last = fit.text(f"{name}/Addr{LINES}", " ".join(wrapped[LINES - 1 :]), LINE)
        wrapped = [*wrapped[: LINES - 1], last]
    return wrapped
