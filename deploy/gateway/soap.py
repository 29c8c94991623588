"""SOAP 1.1 envelopes, document/literal: read from strangers, written for the Web Connector.

Reading builds no tree. A SAX target follows the one shape that an envelope may have and gives up at the first thing
that does not belong there, so that neither a document type with its entities nor a million elements cost anything.
"""

import io
import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from deploy.gateway.operations import NAMESPACE, OPERATIONS, Kind, Operation, Result

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
ENCODINGS = {"": None, "utf-8": None, "utf8": None, "us-ascii": None, "iso-8859-1": "iso-8859-1"} | {
    "windows-1252": "windows-1252",
    "utf-16": "utf-16",
}
"""A `charset` of the Content-Type -> what overrides the document's own word; a strange charset is refused."""

_DEEPEST = 16
_MOST_ELEMENTS = 200
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Fault(Exception):
    """The request can not be answered. `code` is SOAP's (Client, Server, VersionMismatch, MustUnderstand); the text
    goes to the caller and says nothing about what is inside."""

    def __init__(self, text: str, code: str = "Client") -> None:
        super().__init__(text)
        self.text = text
        self.code = code


@dataclass(frozen=True, slots=True)
class Call:
    """An operation with a value for each of its parameters; one that was left out is "" or 0."""

    operation: Operation
    values: dict[str, Any] = field(repr=False)


def read(chunks: deque[bytes], *, encoding: str | None = None, large: bool = False) -> Call:
    """Read an envelope that came in pieces, and empty `chunks` on the way. `large` lifts libxml2's limit of 10 MB of
    text. Raises Fault."""
    reader = _Reader()
    target: Any = reader  # lxml's stubs want more methods than lxml
    parser = etree.XMLParser(
        target=target, encoding=encoding, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=large
    )
    try:
        while chunks:
            parser.feed(chunks.popleft())
        parser.close()
    except (etree.XMLSyntaxError, LookupError, UnicodeError):
        raise Fault("The request is not well-formed XML.") from None
    return reader.call()


def answer(operation: Operation, result: Result) -> bytes:
    """The envelope that carries a result."""
    envelope, body = _envelope()
    response = etree.SubElement(body, f"{{{NAMESPACE}}}{operation.name}Response", nsmap={None: NAMESPACE})
    value = etree.SubElement(response, f"{{{NAMESPACE}}}{operation.name}Result")
    if isinstance(result, list):
        for each in result:
            etree.SubElement(value, f"{{{NAMESPACE}}}string").text = _legal(each)
    else:
        value.text = _legal(str(result))
    return _bytes(envelope)


def fault(text: str, code: str = "Client") -> bytes:
    """The envelope that carries a fault; SOAP 1.1 wants HTTP status 500 with it."""
    envelope, body = _envelope()
    inner = etree.SubElement(body, f"{{{ENVELOPE}}}Fault")
    etree.SubElement(inner, "faultcode").text = f"soap:{code}"
    etree.SubElement(inner, "faultstring").text = _legal(text)
    return _bytes(envelope)


def _envelope() -> tuple[etree._Element, etree._Element]:
    envelope = etree.Element(f"{{{ENVELOPE}}}Envelope", nsmap={"soap": ENVELOPE})
    return envelope, etree.SubElement(envelope, f"{{{ENVELOPE}}}Body")


def _bytes(envelope: etree._Element) -> bytes:
    return etree.tostring(envelope, encoding="utf-8", xml_declaration=True)


def _legal(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)


class _Reader:
    """The SAX target: where we are (`_path`, local names), the operation, the parameter being read."""

    def __init__(self) -> None:
        self._depth = 0
        self._elements = 0
        self._section = ""
        self._operation: Operation | None = None
        self._open = ""
        # An escaped answer comes in millions of pieces, one for each `&lt;`: a list of them would fill the memory.
        self._values: dict[str, io.StringIO] = {}

    def doctype(self, *_: object) -> None:
        """Called before the first declaration is read: no entity ever comes to life."""
        raise Fault("A document type declaration is not allowed.")

    def pi(self, *_: object) -> None:
        """SOAP 1.1, section 3: an envelope holds no processing instructions."""
        raise Fault("Processing instructions are not allowed.")

    def comment(self, *_: object) -> None:
        """A comment means nothing, wherever it stands."""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins: the one that belongs here, or a fault."""
        self._elements += 1
        if self._depth >= _DEEPEST or self._elements > _MOST_ELEMENTS:
            raise Fault("The envelope holds more than a call.")
        namespace, _, name = tag.rpartition("}")
        if self._depth == 0:
            _root(namespace[1:], name)
        elif self._depth == 1:
            self._begin_section(namespace[1:], name)
        elif self._section == "Header":
            _skip_header(attributes, self._depth)
        elif self._depth == 2:
            self._begin_call(namespace[1:], name)
        else:
            self._begin_value(name)
        self._depth += 1

    def end(self, _tag: str) -> None:
        """An element ends."""
        self._depth -= 1
        self._open = ""

    def data(self, text: str) -> None:
        """Text; only a parameter's counts."""
        if self._open:
            self._values[self._open].write(text)

    def close(self) -> None:
        """Nothing to give back: `call` is asked after a whole envelope only."""

    def call(self) -> Call:
        """What was read. Raises Fault for an envelope without a call."""
        if self._operation is None:
            raise Fault("The envelope holds no call.")
        return Call(self._operation, {name: self._value(name, kind) for name, kind in self._operation.parameters})

    def _begin_section(self, namespace: str, name: str) -> None:
        after = {"Header": ("",), "Body": ("", "Header")}.get(name, ())
        if namespace != ENVELOPE or self._section not in after:
            raise Fault("An envelope holds one Header at most and then one Body.")
        self._section = name

    def _begin_call(self, namespace: str, name: str) -> None:
        if self._operation is not None:
            raise Fault("The envelope holds more than a call.")
        if namespace != NAMESPACE or name not in OPERATIONS:
            raise Fault("There is no such operation.")
        self._operation = OPERATIONS[name]

    def _begin_value(self, name: str) -> None:
        # Two values for one name are how one reader is made to see another ticket than the next.
        if self._open or name in self._values:
            raise Fault("Each parameter is given once, as text.")
        self._open = name
        self._values[name] = io.StringIO(newline="")

    def _value(self, name: str, kind: Kind) -> str | int:
        text = self._values.pop(name).getvalue() if name in self._values else ""
        if kind == "string":
            return text
        if not re.fullmatch(r"\s*([+-]?[0-9]{1,9})?\s*", text, re.ASCII):
            raise Fault("A number was expected.")
        return int(text.strip() or 0)


def _root(namespace: str, name: str) -> None:
    if name != "Envelope":
        raise Fault("The request is no SOAP envelope.")
    if namespace != ENVELOPE:
        raise Fault("This service speaks SOAP 1.1.", "VersionMismatch")


def _skip_header(attributes: Mapping[str, str], depth: int) -> None:
    if depth == 2 and attributes.get(f"{{{ENVELOPE}}}mustUnderstand", "0").strip() in ("1", "true"):
        raise Fault("A header that must be understood is not.", "MustUnderstand")
