"""The .qwc file that introduces MageBooks to a QuickBooks Web Connector.

Elements and their meaning: Intuit, "QuickBooks Web Connector Programmer's Guide", chapter on the .qwc file, and the
samples of Intuit's SDK.
"""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from lxml import etree
from lxml.builder import E

from deploy.gateway.address import base_of, service_of
from deploy.gateway.identity import APP_NAME, OWNER_ID

_DESCRIPTION = "Brings the orders of your Magento shop into QuickBooks."
_ALL_EDITIONS = "0xF"


@dataclass(frozen=True, slots=True)
class Introduction:
    """What differs between companies. `file_id` is the mark that the company file gets, `minutes` the interval."""

    url: str
    username: str
    file_id: str
    minutes: int = 15


def objection(url: str) -> str:
    """Why the Web Connector would not take this address, or ""."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        ip_address(host)
    except ValueError:
        if parts.scheme == "https" or host == "localhost":
            return ""
        return "the Web Connector wants https from every host but localhost (its error QBWC1010)"
    return "the Web Connector takes no IP address, only a name (its error QBWC1001)"


def document(about: Introduction) -> bytes:
    """The .qwc file. The password is not in it: a person types it into the Web Connector."""
    root = E.QBWCXML(
        E.AppName(APP_NAME),
        # Two shops of one owner may meet in one Web Connector; the file's mark keeps them apart.
        E.AppUniqueName(f"{APP_NAME} {about.file_id.strip('{}')[:8]}"),
        E.AppID(),
        E.AppURL(service_of(about.url)),
        E.AppDescription(_DESCRIPTION),
        E.AppSupport(base_of(about.url) + "/"),
        E.UserName(about.username),
        E.OwnerID(OWNER_ID),
        E.FileID(about.file_id),
        E.QBType("QBFS"),
        E.Style("Document"),
        E.AuthFlags(_ALL_EDITIONS),
        E.PersonalDataPref("pdpNotNeeded"),
        E.UnattendedModePref("umpOptional"),
        E.Scheduler(E.RunEveryNMinutes(str(about.minutes))),
        E.IsReadOnly("false"),
    )
    return etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)
