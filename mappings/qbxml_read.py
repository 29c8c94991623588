"""Reads what QuickBooks Desktop answers, whatever it is: never by schema, because Desktop returns more than it says.

Answers come as UTF-8 or Windows-1252 (declared or not), with line ends of Windows, and with characters that XML does
not allow. Document types and entities are refused: QuickBooks sends none.
"""

import codecs
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from lxml import etree

from mappings.qbxml_tree import Element, tag

_DECLARED: Final = re.compile(r"\s*<\?xml[^>]*?\?>")
_ENCODING: Final = re.compile(rb"""\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_REFERENCE: Final = re.compile(r"&#(?:x([0-9A-Fa-f]{1,8})|([0-9]{1,10}));")
_FORBIDDEN: Final = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TOTALS: Final = ("TotalAmount", "Amount", "DepositTotal")


class Unreadable(ValueError):
    """The answer is no qbXML. Its text says where, and holds nothing of the answer."""


@dataclass(frozen=True, slots=True)
class Ret:
    """One object of an answer. `entity` is QuickBooks' name of it (`SalesReceipt`, `ItemService`).

    `fields` are all texts by path (`CustomerRef/ListID`), the first where there are several; `lists` the objects
    inside it by name, each with its own paths.
    """

    entity: str
    fields: Mapping[str, str]
    lists: Mapping[str, tuple[Mapping[str, str], ...]]

    def each(self, name: str) -> tuple[Mapping[str, str], ...]:
        """The objects called `name` inside this one (`InvoiceLineRet`), none where it has none."""
        return self.lists.get(name, ())


@dataclass(frozen=True, slots=True)
class Answer:
    """What QuickBooks made of a document or list object: amounts in the document's currency, None where it shows none.

    `customer` is the customer's ListID; `name` a list object's full name.
    """

    id: str
    edit_sequence: str
    number: str
    total: Decimal | None
    tax: Decimal | None
    customer: str
    date: date | None
    name: str


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one request: `name` as QuickBooks calls it (`SalesReceiptAddRs`), status 0 for done, 1 for a
    query without a hit, below 1000 for done with a warning. `remaining` counts what an iterator still has."""

    request_id: str
    name: str
    status: int
    severity: str
    message: str
    rets: tuple[Ret, ...]
    iterator_id: str = ""
    remaining: int | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """A whole answer. `set_status` is the message set's own status (Intuit, messageSetStatusCode), None for none.

    `replies` are by requestID; one that has none, as in the first call of a session, is under its name.
    """

    set_status: int | None
    replies: Mapping[str, Reply]


def read(answer: str | bytes) -> Response:
    """Read a whole answer. Raises Unreadable."""
    root = _parse(_text(answer))
    body = root.find("QBXMLMsgsRs") if root.tag == "QBXML" else None
    if body is None:
        raise Unreadable("the answer has no QBXMLMsgsRs")
    replies: dict[str, Reply] = {}
    for element in _elements(body):
        reply = _reply(element)
        if reply is not None and replies.setdefault(reply.request_id or reply.name, reply) is not reply:
            raise Unreadable(f"the answer has two replies to request {(reply.request_id or reply.name)!r}")
    return Response(_integer(body.get("messageSetStatusCode")), replies)


def read_answer(ret: Ret) -> Answer:
    """Read a document or list object as QuickBooks answers it. An invoice states no total: it is subtotal and tax. Nor
    does a journal entry: it is its debits, where the answer shows lines."""
    fields = ret.fields
    tax, total = _amount(fields.get("SalesTaxTotal")), None
    for name in _TOTALS:
        total = _amount(fields.get(name)) if total is None else total
    subtotal = _amount(fields.get("Subtotal"))
    if ret.entity == "JournalEntry":
        total = _debits(ret)
    if total is None and subtotal is not None:
        total = subtotal + (tax or 0)
    return Answer(
        id=fields.get("TxnID") or fields.get("ListID", ""),
        edit_sequence=fields.get("EditSequence", ""),
        number=fields.get("RefNumber", ""),
        total=total,
        tax=tax,
        customer=fields.get("CustomerRef/ListID", ""),
        date=_day(fields.get("TxnDate", "")),
        name=fields.get("FullName") or fields.get("Name", ""),
    )


def _debits(ret: Ret) -> Decimal | None:
    amounts = [_amount(line.get("Amount")) for line in ret.each("JournalDebitLine")]
    return sum((each for each in amounts if each is not None), Decimal(0)) if amounts else None


def _text(answer: str | bytes) -> str:
    """The answer as text, without declaration and without characters that no XML may hold."""
    text = answer if isinstance(answer, str) else _decoded(answer)
    text = _DECLARED.sub("", text.lstrip("\ufeff"), count=1)
    if "&#" in text:
        text = _REFERENCE.sub(_allowed, text)
    return _FORBIDDEN.sub("", text)


def _decoded(answer: bytes) -> str:
    if answer.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return answer.decode("utf-16", "replace")
    found = _ENCODING.match(answer.removeprefix(codecs.BOM_UTF8))
    try:
        return answer.decode(found[1].decode() if found else "utf-8")
    except (UnicodeDecodeError, LookupError):
        return answer.decode("cp1252", "replace")


def _allowed(found: re.Match[str]) -> str:
    code = int(found[1], 16) if found[1] else int(found[2])
    return found[0] if code < 0x110000 and not _FORBIDDEN.match(chr(code)) else ""


def _parse(text: str) -> Element:
    head, start, _ = text.partition("<QBXML")
    if not start:
        raise Unreadable("the answer is no qbXML")
    if "<!" in head.replace("<!--", ""):
        raise Unreadable("the answer has a document type")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        return etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise Unreadable(f"the answer is no XML: line {line}, column {column}") from None


def _reply(element: Element) -> Reply | None:
    """One reply; None for one without a status, which then counts as not answered."""
    status = _integer(element.get("statusCode"))
    if status is None:
        return None
    return Reply(
        request_id=element.get("requestID", ""),
        name=tag(element),
        status=status,
        severity=element.get("statusSeverity", ""),
        message=element.get("statusMessage", ""),
        rets=tuple(_rets(element)),
        iterator_id=element.get("iteratorID", ""),
        remaining=_integer(element.get("iteratorRemainingCount")),
    )


def _rets(reply: Element) -> Iterator[Ret]:
    """The objects of a reply. A void or deletion states its document beside, not inside, an object of its own."""
    if tag(reply) in ("TxnVoidRs", "TxnDelRs"):
        fields = _flat(reply)
        if "TxnID" in fields:
            yield Ret(fields.get(f"{tag(reply)[:-2]}Type", ""), fields, {})
        return
    for element in _elements(reply):
        if tag(element).endswith("Ret"):
            yield _ret(element)


def _ret(element: Element) -> Ret:
    lists: dict[str, list[Mapping[str, str]]] = {}
    for child in _elements(element):
        if len(child):
            lists.setdefault(tag(child), []).append(_flat(child))
    return Ret(tag(element)[:-3], _flat(element), {name: tuple(each) for name, each in lists.items()})


def _flat(element: Element) -> dict[str, str]:
    fields: dict[str, str] = {}
    _collect(element, "", fields)
    return fields


def _collect(element: Element, prefix: str, into: dict[str, str]) -> None:
    for child in _elements(element):
        if len(child):
            _collect(child, f"{prefix}{tag(child)}/", into)
        else:
            into.setdefault(prefix + tag(child), (child.text or "").strip())


def _elements(element: Element) -> Iterator[Element]:
    """Its child elements; an entity that nobody resolved is none."""
    return (child for child in element if isinstance(child.tag, str))


def _integer(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"-?[0-9]{1,9}", text) else None


def _amount(text: str | None) -> Decimal | None:
    try:
        value = Decimal(text) if text else None
    except InvalidOperation:
        return None
    return value if value is not None and value.is_finite() else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
