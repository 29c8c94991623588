"""A service of a few lines behind the real gateway: it writes down what it is asked and answers what it is told to."""

import threading
from collections.abc import Callable
from pathlib import Path

from deploy.gateway.operations import Result
from state.settings import Settings, load_settings

USERNAME = "webconnector"
PASSWORD = "correct horse battery staple"
TICKET = "5f" * 32


class Clerk:
    """`heard` holds every call. `on["sendRequestXML"] = lambda *given: ...` answers, or raises."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, tuple[object, ...]]] = []
        self.on: dict[str, Callable[..., Result]] = {}
        self.tickets = {TICKET}
        self._lock = threading.Lock()

    def open(self) -> list[str]:
        return self._answer("authenticate", [TICKET, ""])  # type: ignore[return-value]

    def alive(self, ticket: str) -> bool:
        return bool(self._answer("alive", int(ticket in self.tickets), ticket))

    def send_request(self, ticket: str, hcp: str, company_file: str, country: str, major: int, minor: int) -> str:
        return str(self._answer("sendRequestXML", "<QBXML/>", ticket, hcp, company_file, country, major, minor))

    def receive_response(self, ticket: str, response: str, hresult: str, message: str) -> int:
        return int(self._answer("receiveResponseXML", 100, ticket, response, hresult, message))  # type: ignore[arg-type]

    def last_error(self, ticket: str) -> str:
        return str(self._answer("getLastError", "NoOp", ticket))

    def connection_error(self, ticket: str, hresult: str, message: str) -> str:
        return str(self._answer("connectionError", "done", ticket, hresult, message))

    def close(self, ticket: str) -> str:
        return str(self._answer("closeConnection", "Goodbye.", ticket))

    def given(self, operation: str) -> list[tuple[object, ...]]:
        """What an operation was called with, each time."""
        return [given for name, given in self.heard if name == operation]

    def _answer(self, name: str, usual: Result, *given: object) -> Result:
        with self._lock:
            self.heard.append((name, given))
        return self.on[name](*given) if name in self.on else usual


def settings(home: Path, **more: str) -> Settings:
    """Settings with the login of these tests; `more` are variables in lower case."""
    given = {"QBWC_USERNAME": USERNAME, "QBWC_PASSWORD": PASSWORD} | {name.upper(): text for name, text in more.items()}
    return load_settings(home, given)
