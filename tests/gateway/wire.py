"""HTTP by hand: bytes on a socket, and SOAP envelopes as text, for requests that no library would send."""

import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Self
from xml.sax.saxutils import escape

from lxml import etree

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
INTUIT = "http://developer.intuit.com/"


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer; `headers` are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def fault(self) -> str:
        """The code of the SOAP fault in the body, without its prefix."""
        (code,) = etree.fromstring(self.body).findall(f"{{{SOAP}}}Body/{{{SOAP}}}Fault/faultcode")
        return str(code.text).removeprefix("soap:")

    @property
    def results(self) -> list[str]:
        """The texts of the SOAP result."""
        (result,) = etree.fromstring(self.body).findall(f"{{{SOAP}}}Body/*/*")
        return [each.text or "" for each in result] or [result.text or ""]


class Wire:
    """One connection to the gateway on this machine."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""

    def send(self, data: bytes) -> Self:
        """Send; a connection that the gateway has ended meanwhile is no error, what it said can still be read."""
        with suppress(ConnectionError):
            self._socket.sendall(data)
        return self

    def read(self) -> Answer | None:
        """The next answer; None when the connection ends without one."""
        while b"\r\n\r\n" not in self._rest:
            if not self._more():
                return None
        head, _, self._rest = self._rest.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers["content-length"])
        while len(self._rest) < length:
            assert self._more(), "the answer is cut"
        body, self._rest = self._rest[:length], self._rest[length:]
        return Answer(int(first.split()[1]), headers, body)

    def line(self) -> str:
        """The first line of what comes next, up to the end of its head."""
        while b"\r\n\r\n" not in self._rest:
            assert self._more(), "nothing comes"
        head, _, self._rest = self._rest.partition(b"\r\n\r\n")
        return head.decode("latin-1").split("\r\n")[0]

    def ends(self) -> bool:
        """Whether the gateway ends the connection, after whatever it still says."""
        while self._more():
            pass
        return True

    def _more(self) -> bool:
        try:
            received = self._socket.recv(65536)
        except ConnectionError:
            return False
        self._rest += received
        return bool(received)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()


def head(method: str = "POST", path: str = "/qbwc", *lines: str, host: str = "localhost") -> bytes:
    """A request's head with a Host and an XML Content-Type."""
    usual = (f"{method} {path} HTTP/1.1", f"Host: {host}", "Content-Type: text/xml; charset=utf-8")
    return ("\r\n".join((*usual, *lines)) + "\r\n\r\n").encode("latin-1")


def post(body: bytes, *lines: str) -> bytes:
    """A whole POST to the service."""
    return head("POST", "/qbwc", f"Content-Length: {len(body)}", *lines) + body


def call(operation: str, /, **values: str) -> bytes:
    """The envelope of a call, as the Web Connector writes it."""
    inner = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in values.items())
    return envelope(f'<{operation} xmlns="{INTUIT}">{inner}</{operation}>')


def envelope(body: str, before: str = "", header: str = "") -> bytes:
    """An envelope around `body`."""
    declared = '<?xml version="1.0" encoding="utf-8"?>'
    return f'{declared}{before}<s:Envelope xmlns:s="{SOAP}">{header}<s:Body>{body}</s:Body></s:Envelope>'.encode()
