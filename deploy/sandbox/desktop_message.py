"""A qbXML message: read as QuickBooks' parser reads it, and its answer written as QuickBooks writes it.

`<?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="..."> requests </QBXMLMsgsRq></QBXML>` (Intuit, qbXML 13.0).
Everything is read before anything is done: one unknown element, and nothing of the message happens.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lxml import etree

from deploy.sandbox.desktop_requests import ADDED, CHANGED, ITERATED, LISTED
from deploy.sandbox.desktop_shapes import Object, read
from deploy.sandbox.desktop_status import VERSION_UNSUPPORTED, Refused, Unparseable, severity

VERSIONS = ("13.0", "14.0", "15.0", "16.0")
_ON_ERROR = ("stopOnError", "continueOnError")
_PARSER = etree.XMLParser(
    encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True
)
_DECLARED = re.compile(r"^\s*<\?xml[^>]*\?>")
_VERSION = re.compile(r"""\s*version\s*=\s*["'](\d+\.\d+)["']\s*""")


@dataclass(frozen=True, slots=True)
class Operation:
    """What a request's name means. `kind` is Add, Mod, Query, TxnVoid or TxnDel; `wrapped` names the element that
    holds the fields, or is empty when the request holds them itself."""

    kind: str
    entity: str
    shape: str
    wrapped: str = ""
    iterated: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """One request: its fields, the elements that its answer is cut down to, and what a value is refused for."""

    name: str
    id: str
    operation: Operation
    fields: Object
    include: tuple[str, ...] = ()
    iterator: str = ""
    iterator_id: str = ""
    problem: Refused | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A whole message; `checksum` tells equal bodies."""

    requests: tuple[Request, ...]
    stop: bool
    new_set: str
    old_set: str
    checksum: str


@dataclass(slots=True)
class Reply:
    """The answer to one request: `rets` are (element, fields)."""

    request: Request
    code: int = 0
    message: str = "Status OK"
    rets: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)


def _operations() -> dict[str, Operation]:
    found = {
        "HostQueryRq": Operation("Query", "Host", "HostQuery"),
        "CompanyQueryRq": Operation("Query", "Company", "CompanyQuery"),
        "PreferencesQueryRq": Operation("Query", "Preferences", "PreferencesQuery"),
        "TxnVoidRq": Operation("TxnVoid", "", "TxnVoid"),
        "TxnDelRq": Operation("TxnDel", "", "TxnDel"),
    }
    for entity in CHANGED:
        found[f"{entity}ModRq"] = Operation("Mod", entity, f"{entity}Mod", f"{entity}Mod")
    for entity in ADDED:
        found[f"{entity}AddRq"] = Operation("Add", entity, f"{entity}Add", f"{entity}Add")
    for entity, name in ITERATED.items():
        found[f"{entity}QueryRq"] = Operation("Query", entity, name, iterated=True)
    for entity, name in LISTED.items():
        found[f"{entity}QueryRq"] = Operation("Query", entity, name)
    return found


OPERATIONS: Mapping[str, Operation] = _operations()


def parse(text: str, versions: Sequence[str] = VERSIONS) -> Message:
    """The message that a text is. Raises Unparseable."""
    try:
        root = etree.fromstring(_DECLARED.sub("", text).encode(), _PARSER)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unparseable(f"not well-formed XML: {error}") from None
    if root.getroottree().docinfo.doctype:
        raise Unparseable("a document type declaration")
    _check_version(root, versions)
    body = root[0] if root.tag == "QBXML" and len(root) == 1 and not root.attrib else None
    if body is None or body.tag != "QBXMLMsgsRq":
        raise Unparseable("no QBXML/QBXMLMsgsRq")
    attributes = dict(body.attrib)
    on_error = attributes.pop("onError", None)
    new_set, old_set = str(attributes.pop("newMessageSetID", "")), str(attributes.pop("oldMessageSetID", ""))
    if on_error not in _ON_ERROR or attributes:
        raise Unparseable(f"QBXMLMsgsRq: onError {on_error}, unknown attributes {list(attributes)}")
    try:
        "".join(str(piece) for piece in root.itertext()).encode("windows-1252")
    except UnicodeEncodeError as error:
        raise Unparseable(f"character outside Windows-1252 at {error.start}") from None
    requests = tuple(_request(element) for element in body)
    return Message(requests, on_error == "stopOnError", new_set, old_set, _checksum(body))


def _check_version(root: etree._Element, versions: Sequence[str]) -> None:
    stated = [one for one in root.itersiblings(preceding=True) if getattr(one, "target", "") == "qbxml"]
    match = _VERSION.fullmatch(stated[0].text or "") if len(stated) == 1 else None
    if match is None:
        raise Unparseable("no <?qbxml version?> before QBXML")
    if match[1] not in versions:
        raise Unparseable(f"qbXML version {match[1]}", VERSION_UNSUPPORTED)


def _checksum(body: etree._Element) -> str:
    return hashlib.sha256(b"".join(etree.tostring(one) for one in body)).hexdigest()


def _request(element: etree._Element) -> Request:
    name = str(element.tag)
    operation = OPERATIONS.get(name)
    if operation is None:
        raise Unparseable(f"unknown request {name}")
    attributes = {str(key): str(value) for key, value in element.attrib.items()}
    id = attributes.pop("requestID", "")
    iterator = attributes.pop("iterator", "") if operation.iterated else ""
    iterator_id = attributes.pop("iteratorID", "") if operation.iterated else ""
    if attributes or iterator not in ("", "Start", "Continue", "Stop"):
        raise Unparseable(f"{name}: unknown attribute or iterator among {list(element.attrib)}")
    if any(text and not text.isspace() for text in (element.text, *(child.tail for child in element))):
        raise Unparseable(f"{name}: text where elements belong")
    problems: list[Refused] = []
    if operation.wrapped:
        fields, include = _wrapped(element, operation, problems)
    else:
        fields = read(element, operation.shape, problems)
        include = list(fields.pop("IncludeRetElement", ()))
    if len(id) > 50:
        problems.insert(0, Refused(1060, "The requestID is too long."))
    problem = problems[0] if problems else None
    return Request(name, id, operation, fields, tuple(include), iterator, iterator_id, problem)


def _wrapped(element: etree._Element, operation: Operation, problems: list[Refused]) -> tuple[Object, list[str]]:
    """An Add or Mod: the element that holds the fields, then IncludeRetElement."""
    if not len(element) or element[0].tag != operation.wrapped or element[0].attrib:
        raise Unparseable(f"{operation.wrapped} is missing")
    if any(child.tag != "IncludeRetElement" or len(child) or len(child.text or "") > 50 for child in element[1:]):
        raise Unparseable(f"unknown element after {operation.wrapped}")
    include = [child.text or "" for child in element[1:]]
    return read(element[0], operation.shape, problems), include


def write(replies: Sequence[Reply], attributes: Mapping[str, str], *, crlf: bool = False, encoding: str = "") -> str:
    """The answer as text; `crlf` ends lines as Windows does, `encoding` is declared when it is given."""
    root = etree.Element("QBXML")
    body = etree.SubElement(root, "QBXMLMsgsRs", dict(attributes))
    for reply in replies:
        _write_reply(body, reply)
    declared = f' encoding="{encoding}"' if encoding else ""
    text = f'<?xml version="1.0"{declared} ?>\n{etree.tostring(root, encoding="unicode", pretty_print=True)}'
    return text.replace("\n", "\r\n") if crlf else text


def _write_reply(body: etree._Element, reply: Reply) -> None:
    attributes = {"requestID": reply.request.id} if reply.request.id else {}
    attributes["statusCode"] = str(reply.code)
    attributes["statusSeverity"] = severity(reply.code)
    attributes["statusMessage"] = reply.message
    element = etree.SubElement(body, f"{reply.request.name[:-2]}Rs", attributes | reply.attributes)
    include = set(reply.request.include)
    for name, fields in reply.rets:
        if name:
            _fill(etree.SubElement(element, name), fields, include)
        else:
            _fill(element, fields, include)


def _fill(parent: etree._Element, fields: Mapping[str, Any], include: set[str]) -> None:
    for name, value in fields.items():
        if include and name not in include:
            continue
        for one in value if isinstance(value, list) else (value,):
            child = etree.SubElement(parent, name)
            if isinstance(one, dict):
                _fill(child, one, set())
            else:
                child.text = f"{one:.2f}" if isinstance(one, Decimal) else str(one)
