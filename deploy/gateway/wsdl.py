"""The service's description (WSDL 1.1), made from the table of operations, as Intuit's own describes it."""

from functools import lru_cache

from lxml import etree
from lxml.builder import ElementMaker

from deploy.gateway.operations import NAMESPACE, OPERATIONS, Kind, Operation

_WSDL = "http://schemas.xmlsoap.org/wsdl/"
_SOAP = "http://schemas.xmlsoap.org/wsdl/soap/"
_XSD = "http://www.w3.org/2001/XMLSchema"
_TRANSPORT = "http://schemas.xmlsoap.org/soap/http"
_TYPES: dict[Kind, str] = {"string": "xsd:string", "int": "xsd:int", "strings": "tns:ArrayOfString"}
_PORT = "QBWebConnectorSvcSoap"

W = ElementMaker(namespace=_WSDL, nsmap={"wsdl": _WSDL, "soap": _SOAP, "xsd": _XSD, "tns": NAMESPACE})
S = ElementMaker(namespace=_SOAP)
X = ElementMaker(namespace=_XSD)


@lru_cache(maxsize=8)
def wsdl(address: str) -> bytes:
    """The description of the service at `address`."""
    operations = OPERATIONS.values()
    definitions = W.definitions(
        W.types(_schema()),
        *(_message(operation, way) for operation in operations for way in ("In", "Out")),
        W.portType(*map(_abstract, operations), name=_PORT),
        W.binding(
            S.binding(transport=_TRANSPORT, style="document"),
            *map(_bound, operations),
            name=_PORT,
            type=f"tns:{_PORT}",
        ),
        W.service(W.port(S.address(location=address), name=_PORT, binding=f"tns:{_PORT}"), name="QBWebConnectorSvc"),
        targetNamespace=NAMESPACE,
    )
    return etree.tostring(definitions, encoding="utf-8", xml_declaration=True, pretty_print=True)


def _schema() -> etree._Element:
    strings = X.element(name="string", type="xsd:string", minOccurs="0", maxOccurs="unbounded", nillable="true")
    elements = [element for operation in OPERATIONS.values() for element in _elements(operation)]
    return X.schema(
        *elements,
        X.complexType(X.sequence(strings), name="ArrayOfString"),
        elementFormDefault="qualified",
        targetNamespace=NAMESPACE,
    )


def _elements(operation: Operation) -> tuple[etree._Element, etree._Element]:
    result: tuple[tuple[str, Kind], ...] = ((f"{operation.name}Result", operation.returns),)
    return _element(operation.name, operation.parameters), _element(f"{operation.name}Response", result)


def _element(name: str, parts: tuple[tuple[str, Kind], ...]) -> etree._Element:
    inner = [
        X.element(name=part, type=_TYPES[kind], minOccurs="1" if kind == "int" else "0", maxOccurs="1")
        for part, kind in parts
    ]
    return X.element(X.complexType(X.sequence(*inner)), name=name)


def _message(operation: Operation, way: str) -> etree._Element:
    element = operation.name if way == "In" else f"{operation.name}Response"
    return W.message(W.part(name="parameters", element=f"tns:{element}"), name=f"{operation.name}Soap{way}")


def _abstract(operation: Operation) -> etree._Element:
    return W.operation(
        W.input(message=f"tns:{operation.name}SoapIn"),
        W.output(message=f"tns:{operation.name}SoapOut"),
        name=operation.name,
    )


def _bound(operation: Operation) -> etree._Element:
    return W.operation(
        S.operation(soapAction=f"{NAMESPACE}{operation.name}", style="document"),
        W.input(S.body(use="literal")),
        W.output(S.body(use="literal")),
        name=operation.name,
    )
