"""Requests as text: elements in the schema's order, symbols in them, and whole messages for the Web Connector.

A payload is one request element without its requestID. Only `ListID`, `TxnID`, `CreditTxnID` and `EditSequence`
hold symbols (`@account:4000 Sales`): an @ in any other text is a person's own.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, TypeAlias

from lxml import etree

from mappings.keys import SYMBOL, Symbol
from mappings.model import CENT, ZERO
from mappings.qbxml_fit import ITEM_NAME, Adjusted, Fit, short_name
from mappings.records import record
from mappings.texts import clean

Element: TypeAlias = etree._Element

CUSTOMER_NAME: Final = 41
REQUEST_ID: Final = 50  # Intuit, status 1060
SET_ID: Final = 24  # Intuit, message set status 9004
_IDS: Final = ("ListID", "TxnID", "CreditTxnID", "EditSequence")
_VERSION: Final = re.compile(r"\d{1,2}\.\d")


@record(frozen=True, slots=True)
class Request:
    """One request as text, the symbols in it, and what had to be shortened or spelled otherwise."""

    text: str
    symbols: frozenset[Symbol]
    adjusted: tuple[Adjusted, ...] = ()


def node(name: str, *inside: Element | None) -> Element:
    """An element around those of its children that are there."""
    made = etree.Element(name)
    made.extend([each for each in inside if each is not None])
    return made


def tag(element: Element) -> str:
    """An element's name."""
    return str(element.tag)


def leaf(name: str, text: str) -> Element | None:
    """An element with a text; nothing for no text, because an empty element clears a field (Intuit, "Mod")."""
    if not text:
        return None
    made = etree.Element(name)
    made.text = text
    return made


def ref(name: str, kind: str, key: str) -> Element | None:
    """A reference by symbol; nothing for no name."""
    return node(name, leaf("ListID", f"@{kind}:{clean(key)}")) if key else None


def rate(value: Decimal | None) -> Element | None:
    """ExchangeRate: home currency for one unit of the foreign one (Intuit, "Using the multicurrency feature")."""
    return leaf("ExchangeRate", "" if value is None else f"{value.normalize():f}")


def amount(value: Decimal) -> str:
    """Money as AMTTYPE: two decimals always (Intuit, status 3040), never minus zero."""
    return f"{value.quantize(CENT, ROUND_HALF_UP) + ZERO:.2f}"


def number(value: Decimal) -> str:
    """A quantity or price without trailing zeros and exponent."""
    return format(value.normalize(), "f")


def finished(request: Element, fit: Fit | None = None) -> Request:
    """The request with its symbols and what `fit` had to change."""
    text = etree.tostring(request, encoding="unicode")
    return Request(text, frozenset(_symbols(request)), () if fit is None else tuple(fit.adjusted))


def parsed(text: str) -> Element:
    """A request of ours as an element. Raises lxml's XMLSyntaxError for anything else."""
    return etree.fromstring(text, etree.XMLParser(resolve_entities=False, no_network=True))


def references(text: str) -> set[Symbol]:
    """All symbols in a request."""
    return set(_symbols(parsed(text)))


def resolve(text: str, ids: Mapping[Symbol, str]) -> str:
    """The request with ids in place of its symbols. Raises KeyError for a symbol without an id."""
    request = parsed(text)
    for element in request.iter(*_IDS):
        if found := SYMBOL.fullmatch(element.text or ""):
            element.text = ids[found[1], found[2]]
    return etree.tostring(request, encoding="unicode")


def renamed(text: str, name: str) -> str:
    """The same Add request of a list object under another Name. Raises ValueError for a request without one."""
    request = parsed(text)
    element = request.find("./*/Name")
    if element is None:
        raise ValueError(f"{tag(request)} has no name")
    element.text = short_name(name, CUSTOMER_NAME if request.tag == "CustomerAddRq" else ITEM_NAME)
    return etree.tostring(request, encoding="unicode")


def message(requests: Iterable[tuple[str, str]], version: str, set_id: str = "") -> bytes:
    """A whole message of (requestID, request) pairs for qbXML `version`; a failed request does not stop the others.

    `set_id` names a set of writes, so that QuickBooks does not execute it twice (Intuit, "Error recovery"). Raises
    ValueError for a name that QuickBooks would refuse.
    """
    if not _VERSION.fullmatch(version):
        raise ValueError(f"{version!r} is no qbXML version")
    if len(set_id) > SET_ID:
        raise ValueError(f"a message set's id has at most {SET_ID} characters")
    body = etree.Element("QBXMLMsgsRq", {"onError": "continueOnError"})
    if set_id:
        body.set("newMessageSetID", set_id)
    for request_id, text in requests:
        if not 0 < len(request_id) <= REQUEST_ID:
            raise ValueError(f"a requestID has 1 to {REQUEST_ID} characters")
        request = parsed(text)
        request.set("requestID", request_id)
        body.append(request)
    head = f'<?xml version="1.0" encoding="utf-8"?>\n<?qbxml version="{version}"?>\n'
    return head.encode() + etree.tostring(node("QBXML", body), encoding="utf-8", xml_declaration=False)


def _symbols(request: Element) -> Iterator[Symbol]:
    for element in request.iter(*_IDS):
        if found := SYMBOL.fullmatch(element.text or ""):
            yield found[1], found[2]
