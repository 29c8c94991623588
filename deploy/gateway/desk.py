"""One SOAP call from its bytes to its answer: read, checked at the door where needed, carried out, written.

Runs in worker threads. Whatever happens the Web Connector gets valid SOAP: an error of the service becomes a fault
that says nothing about it (the connector would else show an empty error, or QBWC1042, and give up).
"""

import logging
import re
import secrets
import traceback
from collections import deque
from dataclasses import dataclass, field

from deploy.gateway import soap
from deploy.gateway.login import Door
from deploy.gateway.operations import Result, Service
from deploy.gateway.soap import Call, Fault

log = logging.getLogger("magebooks.gateway")

_OLDEST_CLIENT = (2, 0)
_VERSION = re.compile(r"\s*(\d{1,4})\.(\d{1,4})")


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back: an HTTP status and an envelope."""

    status: int
    body: bytes = field(repr=False)


def refusal(text: str, code: str = "Client", status: int = 500) -> Reply:
    """A fault. SOAP 1.1, section 6.2: it travels with status 500; what HTTP itself refuses has its own."""
    return Reply(status, soap.fault(text, code))


class Desk:
    """Answers calls for one company's service."""

    def __init__(self, service: Service, door: Door, version: str) -> None:
        self._service = service
        self._door = door
        self._version = version

    def answer(self, chunks: deque[bytes], encoding: str | None, address: str, *, large: bool) -> Reply:
        """The reply to an envelope that came in `chunks` from `address`. Never raises."""
        try:
            call = soap.read(chunks, encoding=encoding, large=large)
        except Fault as fault:
            log.info("refused a request: %s", fault.text)
            return refusal(fault.text, fault.code)
        try:
            return Reply(200, soap.answer(call.operation, self._result(call, address)))
        except Exception as error:  # noqa: BLE001 - the Web Connector needs SOAP whatever went wrong
            log.error("%s failed: %s", call.operation.name, whereabouts(error))
            return refusal("MageBooks could not answer. Its log says more.", "Server")

    def alive(self, ticket: str) -> bool:
        """Whether the ticket's holder may send more than a stranger; not when the service can not say."""
        try:
            return self._service.alive(ticket)
        except Exception as error:  # noqa: BLE001 - then the sender is a stranger
            log.error("a ticket could not be looked up: %s", whereabouts(error))
            return False

    def ready(self) -> bool:
        """Whether the service can look a ticket up."""
        try:
            self._service.alive("")
        except Exception as error:  # noqa: BLE001 - that is the question
            log.error("not ready: %s", whereabouts(error))
            return False
        return True

    def _result(self, call: Call, address: str) -> Result:
        given = call.values
        match call.operation.name:
            case "serverVersion":
                return f"MageBooks {self._version}"
            case "clientVersion":
                return _welcome(given["strVersion"])
            case "authenticate":
                return self._authenticate(given["strUserName"], given["strPassword"], address)
            case "sendRequestXML":
                return self._service.send_request(*given.values())
            case "receiveResponseXML":
                return self._service.receive_response(*given.values())
            case "connectionError":
                return self._service.connection_error(*given.values())
            case "getLastError":
                return self._service.last_error(given["ticket"])
            case _:
                return self._service.close(given["ticket"])

    def _authenticate(self, username: str, password: str, address: str) -> list[str]:
        verdict = self._door.judge(username, password, address)
        if verdict == "in":
            return self._service.open()
        log.warning("a login was refused: %s", "wrong" if verdict == "wrong" else "too many wrong ones before")
        # "busy" says the truth to an owner who typed the right password during an attack: come back later.
        return [secrets.token_hex(32), "nvu" if verdict == "wrong" else "busy"]


def whereabouts(error: BaseException) -> str:
    """An exception's kind and place. Not its words: they may hold names, addresses or documents."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {frames[-1].name}, line {frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"


def _welcome(version: str) -> str:
    """Nothing for a Web Connector that we know, a warning for one older than 2.0 ("W:" asks the user)."""
    found = _VERSION.match(version)
    if found is None or (int(found[1]), int(found[2])) >= _OLDEST_CLIENT:
        return ""
    return "W:This QuickBooks Web Connector is very old. Install the newest from Intuit before you go on."
