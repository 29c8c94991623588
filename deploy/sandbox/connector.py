"""The QuickBooks Web Connector: asks a service for qbXML, has a company file carry it out, hands the answers back.

Calls come in the order of Intuit's Web Connector Programmer's Guide: serverVersion, clientVersion, authenticate, then
sendRequestXML and receiveResponseXML in turn, closeConnection. It keeps nothing between sessions and may vanish at
any step (`cut`).
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Self

import httpx

from deploy.sandbox.connector_soap import SoapClient, SoapFault
from deploy.sandbox.desktop import CompanyFile, Thrown

VERSION = "34.0.10019.9"
MOST_FILES = 10
_REQUEST = re.compile(r"<(?!QBXMLMsgs)\w+Rq[\s/>]")
Result = Literal["none", "nvu", "busy", "done", "error"]


class Cut(Exception):
    """The connector has vanished at a step."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A session: how it ended, qbXML requests and messages that were handed out, what the service said to the user,
    and SOAP calls."""

    result: Result
    requests: int = 0
    messages: int = 0
    said: tuple[str, ...] = ()
    calls: int = 0


class WebConnector:
    """One application of one company file.

    `cut(step)` is asked before and after each call (`"sendRequestXML.before"`: never sent; `"sendRequestXML.after"`:
    sent, the answer lost) and when QuickBooks has answered (`"processed"`); True makes the connector vanish there.
    `file_path` is what the connector would open if the service names no file; `pause` seconds are waited after NoOp,
    at most `patience` times in a row.
    """

    def __init__(
        self,
        url: str,
        username: str,
        password: str,
        company: CompanyFile,
        *,
        file_path: str = "",
        pause: float = 0.0,
        patience: int = 1000,
        timeout: float = 60.0,
    ) -> None:
        self.soap = SoapClient(url, timeout)
        self.username, self.password, self.company = username, password, company
        self.file_path, self.pause, self.patience = file_path, pause, patience
        self.cut: Callable[[str], bool] = lambda step: False
        self._requests = self._messages = 0
        self._said: list[str] = []

    def run(self) -> Outcome:
        """One session. Raises Cut when it was cut; a fault or a lost connection is the result "error"."""
        self._requests = self._messages = 0
        self._said = []
        calls = self.soap.calls
        try:
            result = self._session()
        except (SoapFault, httpx.HTTPError) as error:
            self._said.append(f"{type(error).__name__}: {error}")
            result = "error"
        finally:
            self.company.end_session()
        return Outcome(result, self._requests, self._messages, tuple(self._said), self.soap.calls - calls)

    def close(self) -> None:
        """Ends the connection to the service."""
        self.soap.close()

    def _session(self) -> Result:
        self._call("serverVersion")
        verdict = self._call("clientVersion", VERSION)
        if verdict:
            self._said.append(verdict)
        if verdict[:2] in ("E:", "O:"):
            return "error"
        self._check("authenticate.before")
        answer = self.soap.call_list("authenticate", self.username, self.password)
        self._check("authenticate.after")
        ticket, verdict = [*answer, "", ""][:2]
        if verdict in ("none", "nvu", "busy"):
            return "none" if verdict == "none" else "nvu" if verdict == "nvu" else "busy"
        path = self._open(ticket, verdict or self.file_path)
        return "error" if path is None else self._exchange(ticket, path)

    def _open(self, ticket: str, path: str) -> str | None:
        """Opens the company file, or others that the service names instead; None when it gives up."""
        for _ in range(MOST_FILES):
            try:
                return self.company.begin_session(path)
            except Thrown as thrown:
                verdict = self._call("connectionError", ticket, thrown.hresult, thrown.message)
            if verdict.casefold() == "done":
                return None
            path = verdict
        return None

    def _exchange(self, ticket: str, path: str) -> Result:
        hcp, waited = self.company.hcp(), 0
        major, _, minor = self.company.versions[-1].partition(".")
        while True:
            request = self._call("sendRequestXML", ticket, hcp, path, "US", major, minor)
            hcp = ""
            if request:
                waited = 0
                percent = self._carry_out(ticket, request)
                if percent < 0:
                    return self._end(ticket, "error")
                if percent >= 100:
                    self._say(self._call("closeConnection", ticket))
                    return "done"
                continue
            words = self._call("getLastError", ticket)
            if words != "NoOp" or waited >= self.patience:
                self._say(words)
                self._say(self._call("closeConnection", ticket))
                return "error" if words else "done"
            waited += 1
            time.sleep(self.pause)

    def _carry_out(self, ticket: str, request: str) -> int:
        """Has QuickBooks answer, hands the answer over, and returns what the service says: percent, or negative."""
        self._messages += 1
        self._requests += len(_REQUEST.findall(request))
        answer, hresult, words = "", "", ""
        try:
            answer = self.company.process(request)
        except Thrown as thrown:
            hresult, words = thrown.hresult, thrown.message
        self._check("processed")
        return int(self._call("receiveResponseXML", ticket, answer, hresult, words) or "-1")

    def _end(self, ticket: str, result: Result) -> Result:
        self._say(self._call("getLastError", ticket))
        self._say(self._call("closeConnection", ticket))
        return result

    def _say(self, words: str) -> None:
        if words:
            self._said.append(words)

    def _call(self, method: str, *values: str) -> str:
        self._check(f"{method}.before")
        answer = self.soap.call(method, *values)
        self._check(f"{method}.after")
        return answer

    def _check(self, step: str) -> None:
        if self.cut(step):
            raise Cut(step)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
