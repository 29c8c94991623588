"""SOAP 1.1 document/literal as the QuickBooks Web Connector speaks it, from Intuit's WSDL of the service.

The namespace is exactly `http://developer.intuit.com/`; arguments are named; the action travels in quotes.
"""

from collections.abc import Mapping
from types import TracebackType
from typing import Self

import httpx
from lxml import etree

INTUIT = "http://developer.intuit.com/"
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
ARGUMENTS: Mapping[str, tuple[str, ...]] = {
    "serverVersion": ("strVersion",),
    "clientVersion": ("strVersion",),
    "authenticate": ("strUserName", "strPassword"),
    "sendRequestXML": (
        "ticket",
        "strHCPResponse",
        "strCompanyFileName",
        "qbXMLCountry",
        "qbXMLMajorVers",
        "qbXMLMinorVers",
    ),
    "receiveResponseXML": ("ticket", "response", "hresult", "message"),
    "connectionError": ("ticket", "hresult", "message"),
    "getLastError": ("ticket",),
    "closeConnection": ("ticket",),
}
"""The eight operations and their arguments, in the WSDL's order."""
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)


class SoapFault(Exception):
    """The service answered with a fault, or with nothing that is SOAP. `status` is the HTTP status."""

    def __init__(self, status: int, code: str, words: str) -> None:
        super().__init__(f"{status} {code}: {words}")
        self.status = status
        self.code = code
        self.words = words


class SoapClient:
    """One kept-alive connection to a service; `timeout` in seconds for each call. Counts its `calls`."""

    def __init__(self, url: str, timeout: float = 60.0) -> None:
        self.url = url
        self.calls = 0
        # Certificates take longer to load than a whole session on loopback takes.
        secure, agent = url.startswith("https:"), {"User-Agent": "QuickBooks Web Connector"}
        self._http = httpx.Client(timeout=timeout, trust_env=False, headers=agent, verify=secure)

    def call(self, method: str, *values: str) -> str:
        """The text of a method's result ("" for none). Raises SoapFault, or httpx's error when nothing came."""
        result = self._result(method, values)
        return "" if result is None else result.text or ""

    def call_list(self, method: str, *values: str) -> list[str]:
        """The strings of a result that is an array. Raises as `call`."""
        result = self._result(method, values)
        return [] if result is None else [one.text or "" for one in result]

    def close(self) -> None:
        """Ends the connection."""
        self._http.close()

    def _result(self, method: str, values: tuple[str, ...]) -> etree._Element | None:
        self.calls += 1
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{INTUIT}{method}"'}
        answer = self._http.post(self.url, content=envelope(method, values), headers=headers)
        return read(method, answer.status_code, answer.content)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def envelope(method: str, values: tuple[str, ...]) -> bytes:
    """The request that calls a method; values left out at the end are not sent."""
    root = etree.Element(f"{{{ENVELOPE}}}Envelope", nsmap={"soap": ENVELOPE})
    call = etree.SubElement(
        etree.SubElement(root, f"{{{ENVELOPE}}}Body"), f"{{{INTUIT}}}{method}", nsmap={None: INTUIT}
    )
    for name, value in zip(ARGUMENTS[method], values, strict=False):
        etree.SubElement(call, f"{{{INTUIT}}}{name}").text = value
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def read(method: str, status: int, body: bytes) -> etree._Element | None:
    """The result element of an answer, None when it is left out. Raises SoapFault."""
    try:
        root = etree.fromstring(body, _PARSER)
    except etree.XMLSyntaxError:
        raise SoapFault(status, "none", "the answer is not XML") from None
    content = root.find(f"{{{ENVELOPE}}}Body")
    if content is None or len(content) != 1:
        raise SoapFault(status, "none", "the answer is not SOAP")
    fault = content.find(f"{{{ENVELOPE}}}Fault")
    if fault is not None:
        raise SoapFault(status, fault.findtext("faultcode", ""), fault.findtext("faultstring", ""))
    if status != 200 or content[0].tag != f"{{{INTUIT}}}{method}Response":
        raise SoapFault(status, "none", f"no {method}Response")
    return content[0].find(f"{{{INTUIT}}}{method}Result")
