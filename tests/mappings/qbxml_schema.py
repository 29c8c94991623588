"""Intuit's own schemas: every request that a test sees is validated against them, where they are at hand.

They may not be passed on, so they are no part of this repository; without them the tests check the rest.
"""

import os
from functools import cache
from pathlib import Path

from lxml import etree

from mappings import qbxml

VERSIONS = ("13.0", "16.0")
SCHEMAS = Path(
    os.environ.get("MAGEBOOKS_QBXML_SCHEMAS") or Path(__file__).parents[2].parent / "shared" / "reference" / "qbxml"
)


@cache
def schema(version: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(SCHEMAS / f"qbxmlops{version.replace('.', '')}.xsd"))


def validate(xml: bytes) -> None:
    """Fail with the schema's own words unless the message is right in the oldest and the newest version."""
    document = etree.fromstring(xml)
    for version in VERSIONS if SCHEMAS.exists() else ():
        schema(version).assertValid(document)


def valid(request: str) -> str:
    """The request, after it was validated inside a message, symbols as ids of the right length."""
    symbols = qbxml.references(request)
    ids = {
        symbol: f"80000{at:03X}-1700000000" if symbol[0] != "sync" else "17000000" for at, symbol in enumerate(symbols)
    }
    validate(qbxml.message([("1", qbxml.resolve(request, ids))], "13.0", "set"))
    return request
