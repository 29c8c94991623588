"""The eight operations that the Web Connector calls, and what stands behind them.

Names, parameters and their order are Intuit's (Web Connector WSDL; "Web Connector Programmer's Guide"). The optional
interactive operations are not among them: they are answered with a fault, as any unknown one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

NAMESPACE = "http://developer.intuit.com/"
Kind = Literal["string", "int", "strings"]
Result = str | int | list[str]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: its parameters in order, `string` unless `int`, and what it returns."""

    name: str
    parameters: tuple[tuple[str, Kind], ...]
    returns: Kind = "string"


def _strings(*names: str) -> tuple[tuple[str, Kind], ...]:
    return tuple((name, "string") for name in names)


_SEND_REQUEST = (
    *_strings("ticket", "strHCPResponse", "strCompanyFileName", "qbXMLCountry"),
    ("qbXMLMajorVers", "int"),
    ("qbXMLMinorVers", "int"),
)

OPERATIONS: Mapping[str, Operation] = {
    operation.name: operation
    for operation in (
        Operation("serverVersion", _strings("strVersion")),
        Operation("clientVersion", _strings("strVersion")),
        Operation("authenticate", _strings("strUserName", "strPassword"), "strings"),
        Operation("sendRequestXML", _SEND_REQUEST),
        Operation("receiveResponseXML", _strings("ticket", "response", "hresult", "message"), "int"),
        Operation("connectionError", _strings("ticket", "hresult", "message")),
        Operation("getLastError", _strings("ticket")),
        Operation("closeConnection", _strings("ticket")),
    )
}


class Service(Protocol):
    """What the gateway's shell asks for the company's work. Called in worker threads, several at the same time.

    Every ticket comes from outside and may be anything. What a method raises becomes a SOAP fault without any of the
    exception's words.
    """

    def open(self) -> list[str]:
        """Begin a session for who knew the password: a ticket, then "" (the open company file), a path, "none" or
        "busy", then perhaps seconds to wait and the lowest interval in seconds."""
        ...

    def alive(self, ticket: str) -> bool:
        """Whether this is the ticket of a session that goes on; its holder may send large answers."""
        ...

    def send_request(self, ticket: str, hcp: str, company_file: str, country: str, major: int, minor: int) -> str:
        """The next qbXML message, "" for none. `hcp` holds QuickBooks' Host, Company and Preferences answers on a
        session's first call, and is empty afterwards."""
        ...

    def receive_response(self, ticket: str, response: str, hresult: str, message: str) -> int:
        """Take QuickBooks' answer, or with `hresult` its refusal. Percent done, 100 for finished, negative for an
        error that `last_error` words."""
        ...

    def last_error(self, ticket: str) -> str:
        """What a person reads, or "NoOp" for a pause of a few seconds."""
        ...

    def connection_error(self, ticket: str, hresult: str, message: str) -> str:
        """QuickBooks could not be opened: "done" to give up, else the company file to try."""
        ...

    def close(self, ticket: str) -> str:
        """End the session; the words go to the Web Connector's log."""
        ...
