"""Requests as they went out: taken apart again from the bytes that were stored."""

from collections.abc import Mapping
from typing import Final

from lxml import etree

from mappings.model import EntryKind
from mappings.qbxml_tree import CUSTOMER_NAME, parsed

NAME: Final = CUSTOMER_NAME
"""The most characters of a customer's Name."""
_ENTITY: Final[Mapping[EntryKind, str]] = {
    "sales_receipt": "SalesReceipt",
    "invoice": "Invoice",
    "payment": "ReceivePayment",
    "credit_memo": "CreditMemo",
    "refund": "ARRefundCreditCard",
    "void": "Invoice",
    "deposit": "Deposit",
    "journal": "JournalEntry",
}


def entity(kind: EntryKind) -> str:
    """QuickBooks' name of the document; only invoices are voided."""
    return _ENTITY[kind]


def requests_of(message: bytes) -> dict[str, str]:
    """The requests of one of our own messages by requestID, without it."""
    found: dict[str, str] = {}
    for request in etree.fromstring(message, etree.XMLParser(resolve_entities=False, no_network=True))[0]:
        name = request.attrib.pop("requestID")
        found[str(name)] = etree.tostring(request, encoding="unicode", with_tail=False)
    return found


def name_of(text: str) -> str:
    """The Name that an Add request of a list object asks for."""
    return parsed(text).findtext("./*/Name") or ""


def custom_field_of(text: str) -> str:
    """The custom field that a request sets, empty for a request that sets none."""
    return parsed(text).findtext("./*/DataExtName") or ""


def customer_of(text: str) -> str:
    """The customer's ListID that a request names, empty for none."""
    return parsed(text).findtext("./*/CustomerRef/ListID") or ""
