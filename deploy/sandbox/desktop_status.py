"""How QuickBooks Desktop says no: one request with a status, or a whole message with an HRESULT.

Codes from Intuit's page "Status codes in response messages" and the HRESULT tables of its samples. A status leaves
the other requests of a message alone; an HRESULT means that nothing of the message was looked at.
"""

from typing import Literal

Severity = Literal["Info", "Warn", "Error"]

PARSE_ERROR = "0x80040400"
VERSION_UNSUPPORTED = "0x80040423"
NO_MATCH = "A query request did not find a matching object in QuickBooks"
STOPPED = "The request has not been processed."


class Thrown(Exception):
    """QuickBooks' request processor raised: the Web Connector hands `hresult` and `message` to the service."""

    def __init__(self, hresult: str, message: str) -> None:
        super().__init__(f"{hresult} {message}")
        self.hresult = hresult
        self.message = message


class Unparseable(Thrown):
    """QuickBooks' parser refuses the whole message. `why` is a note for people: QuickBooks itself gives no detail."""

    def __init__(self, why: str, hresult: str = PARSE_ERROR) -> None:
        super().__init__(hresult, "QuickBooks found an error when parsing the provided XML text stream.")
        self.add_note(why)


class Refused(Exception):
    """QuickBooks refuses one request. Codes from 500 to 999 are warnings: the request was carried out."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message


def severity(code: int) -> Severity:
    """What `statusSeverity` says for a status code."""
    if code < 500:
        return "Info"
    return "Warn" if code < 1000 else "Error"


def invalid_reference(kind: str, name: str, where: str) -> Refused:
    """3140: a FullName or ListID that names nothing."""
    return Refused(
        3140,
        f'There is an invalid reference to QuickBooks {kind} "{name}" in the {where}.  QuickBooks error message: '
        "Invalid argument.  The specified record does not exist in the list.",
    )


def missing(field: str) -> Refused:
    """3150: an element that the request needs."""
    return Refused(3150, f'There is a missing element: "{field}".')
