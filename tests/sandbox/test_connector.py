"""The sandbox's Web Connector keeps to the order of Intuit's guide, and vanishes where it is told to."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from lxml import etree
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from deploy.sandbox.connector import Cut, Outcome, WebConnector
from deploy.sandbox.connector_soap import ARGUMENTS, ENVELOPE, INTUIT, SoapClient, SoapFault
from deploy.sandbox.desktop import CompanyFile
from deploy.sandbox.server import Server

from .test_desktop import message, replies, rq, sale

GOOD = message(rq("SalesReceiptAdd", sale()))


@dataclass
class Service:
    """A service of one session: hands out `work`, and answers as the test wants."""

    work: list[str] = field(default_factory=list)
    verdict: list[str] = field(default_factory=lambda: ["t-1", ""])
    errors: list[str] = field(default_factory=lambda: [""])
    percents: list[int] = field(default_factory=list)
    files: list[str] = field(default_factory=lambda: ["done"])
    version: str = ""
    fault_in: str = ""
    calls: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.calls]

    def given(self, name: str) -> list[dict[str, str]]:
        return [arguments for called, arguments in self.calls if called == name]

    def answer(self, name: str) -> str | list[str]:
        answers: dict[str, Callable[[], str | list[str]]] = {
            "serverVersion": lambda: "Test 1.0",
            "clientVersion": lambda: self.version,
            "authenticate": lambda: self.verdict,
            "sendRequestXML": lambda: self.work.pop(0) if self.work else "",
            "receiveResponseXML": lambda: str(self.percents.pop(0) if self.percents else 50 if self.work else 100),
            "getLastError": lambda: self.errors.pop(0),
            "connectionError": lambda: self.files.pop(0),
            "closeConnection": lambda: "Bye",
        }
        return answers[name]()

    async def endpoint(self, request: Request) -> Response:
        call = etree.fromstring(await request.body())[0][0]
        name = etree.QName(call).localname
        assert request.headers["SOAPAction"] == f'"{INTUIT}{name}"'
        assert request.headers["Content-Type"].startswith("text/xml")
        assert [etree.QName(one).localname for one in call] == list(ARGUMENTS[name])[: len(call)]
        self.calls.append((name, {etree.QName(one).localname: one.text or "" for one in call}))
        if name == self.fault_in:
            body = "<s:Fault><faultcode>s:Server</faultcode><faultstring>Sorry</faultstring></s:Fault>"
            return self.soap(body, 500)
        answer = self.answer(name)
        response = etree.Element(f"{{{INTUIT}}}{name}Response", nsmap={None: INTUIT})
        result = etree.SubElement(response, f"{{{INTUIT}}}{name}Result")
        if isinstance(answer, str):
            result.text = answer
        else:
            for one in answer:
                etree.SubElement(result, f"{{{INTUIT}}}string").text = one
        return self.soap(etree.tostring(response, encoding="unicode"))

    @staticmethod
    def soap(inner: str, status: int = 200) -> Response:
        text = f'<s:Envelope xmlns:s="{ENVELOPE}"><s:Body>{inner}</s:Body></s:Envelope>'
        return Response(text, status, media_type="text/xml")


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def company() -> CompanyFile:
    return CompanyFile()


@pytest.fixture
def connector(service: Service, company: CompanyFile) -> Iterator[WebConnector]:
    app = Starlette(routes=[Route("/qbwc", service.endpoint, methods=["POST"])])
    with Server(app) as server, WebConnector(f"{server.url}/qbwc", "magebooks", "secret", company) as one:
        yield one


def test_a_session_goes_in_the_order_of_the_guide(
    connector: WebConnector, service: Service, company: CompanyFile
) -> None:
    service.work = [GOOD, message(rq("SalesReceiptAdd", sale()), rq("CustomerQuery", []))]
    assert connector.run() == Outcome("done", requests=3, messages=2, said=("Bye",), calls=8)
    assert service.names == [
        "serverVersion",
        "clientVersion",
        "authenticate",
        *["sendRequestXML", "receiveResponseXML"] * 2,
        "closeConnection",
    ]
    assert service.given("authenticate") == [{"strUserName": "magebooks", "strPassword": "secret"}]
    assert len(company.documents("SalesReceipt")) == 2


def test_the_company_is_described_in_the_first_call_only(connector: WebConnector, service: Service) -> None:
    service.work = [GOOD, GOOD]
    connector.run()
    first, second = service.given("sendRequestXML")
    assert [reply.element.tag for reply in replies(first["strHCPResponse"])] == [
        "HostQueryRs",
        "CompanyQueryRs",
        "PreferencesQueryRs",
    ]
    assert second["strHCPResponse"] == ""
    assert first["strCompanyFileName"].endswith(".qbw")
    assert [first[name] for name in ("ticket", "qbXMLCountry", "qbXMLMajorVers", "qbXMLMinorVers")] == [
        "t-1",
        "US",
        "16",
        "0",
    ]


def test_quickbooks_answers_reach_the_service_as_they_are(connector: WebConnector, service: Service) -> None:
    connector.company.crlf = True
    service.work = [GOOD]
    connector.run()
    (given,) = service.given("receiveResponseXML")
    assert replies(given["response"])[0].text("SalesReceiptRet/TotalAmount") == "21.65"
    assert (given["hresult"], given["message"]) == ("", "")


@pytest.mark.parametrize("verdict", ["none", "nvu", "busy"])
def test_nothing_more_is_asked_after(connector: WebConnector, service: Service, verdict: str) -> None:
    service.verdict = ["t-1", verdict]
    assert connector.run().result == verdict
    assert service.names[-1] == "authenticate"


@pytest.mark.parametrize(
    ("version", "result"), [("", "done"), ("W:old", "done"), ("E:too old", "error"), ("O:5.0", "error")]
)
def test_the_service_may_refuse_the_connectors_version(
    connector: WebConnector, service: Service, version: str, result: str
) -> None:
    service.version = version
    assert connector.run().result == result
    assert ("authenticate" in service.names) == (result == "done")


def test_no_work_with_noop_waits_and_asks_again(connector: WebConnector, service: Service) -> None:
    service.errors, service.work = ["NoOp", "NoOp", ""], []
    assert connector.run().result == "done"
    assert service.names[3:] == ["sendRequestXML", "getLastError"] * 3 + ["closeConnection"]


def test_endless_noops_end_the_session(connector: WebConnector, service: Service) -> None:
    connector.patience, service.errors = 3, ["NoOp"] * 9
    assert connector.run().result == "error"
    assert service.names.count("getLastError") == 4


def test_no_work_with_words_is_shown_to_the_user(connector: WebConnector, service: Service) -> None:
    service.errors = ["Another company file is open."]
    assert connector.run() == Outcome("error", said=("Another company file is open.", "Bye"), calls=6)


def test_a_negative_percent_asks_for_the_reason_and_ends(connector: WebConnector, service: Service) -> None:
    service.work, service.percents, service.errors = [GOOD, GOOD], [-1], ["That was wrong."]
    assert connector.run() == Outcome("error", 1, 1, ("That was wrong.", "Bye"), 7)
    assert service.names[-3:] == ["receiveResponseXML", "getLastError", "closeConnection"]


def test_a_message_that_quickbooks_cannot_parse_travels_as_hresult(connector: WebConnector, service: Service) -> None:
    service.work = [message("<NonsenseRq/>"), GOOD]
    assert connector.run().result == "done"
    first, second = service.given("receiveResponseXML")
    assert (first["response"], first["hresult"]) == ("", "0x80040400")
    assert "parsing the provided XML" in first["message"]
    assert (second["hresult"], bool(second["response"])) == ("", True)


def test_quickbooks_dying_in_a_message_travels_as_hresult(
    connector: WebConnector, service: Service, company: CompanyFile
) -> None:
    service.work = [GOOD, GOOD]
    company.crash_after(0)
    assert connector.run().result == "done"
    assert [given["hresult"] for given in service.given("receiveResponseXML")] == ["0x80010105", ""]
    assert len(company.documents("SalesReceipt")) == 1


def test_a_file_that_cannot_be_opened_is_a_connection_error(
    connector: WebConnector, service: Service, company: CompanyFile
) -> None:
    company.is_open = False
    outcome = connector.run()
    assert (outcome.result, service.names[-1]) == ("error", "connectionError")
    assert service.given("connectionError")[0]["hresult"] == "0x80040416"
    company.throw_next("0x80040414")
    service.files = [""]
    company.is_open = True
    assert connector.run().result == "done"
    assert service.given("connectionError")[1]["hresult"] == "0x80040414"


def test_a_closed_file_opens_by_its_path_where_automatic_login_is_allowed(
    connector: WebConnector, service: Service, company: CompanyFile
) -> None:
    company.is_open, service.verdict = False, ["t-1", company.path]
    assert connector.run().result == "error"
    assert service.given("connectionError")[0]["hresult"] == "0x8004041D"
    company.automatic_login = True
    assert connector.run().result == "done"


def test_another_file_than_the_open_one_is_a_connection_error_until_the_service_gives_up(
    connector: WebConnector, service: Service
) -> None:
    service.verdict, service.files = ["t-1", r"C:\Other.qbw"], [r"C:\Third.qbw", "DONE"]
    assert connector.run().result == "error"
    assert [given["hresult"] for given in service.given("connectionError")] == ["0x8004040A"] * 2
    service.files = [r"C:\Other.qbw"] * 20
    assert connector.run().result == "error"
    assert len(service.files) == 10


def test_a_fault_is_an_error_and_no_crash(connector: WebConnector, service: Service) -> None:
    service.fault_in = "sendRequestXML"
    outcome = connector.run()
    assert outcome.result == "error"
    assert "500 s:Server: Sorry" in outcome.said[0]


def test_what_is_no_soap_is_a_fault_of_the_client(connector: WebConnector) -> None:
    with SoapClient(connector.soap.url.removesuffix("/qbwc")) as client:
        with pytest.raises(SoapFault) as refused:
            client.call("serverVersion", "")
        assert refused.value.status == 404


def test_no_server_at_all_is_an_error(company: CompanyFile) -> None:
    with WebConnector("http://127.0.0.1:9/qbwc", "a", "b", company) as connector:
        assert connector.run().result == "error"


STEPS = [
    "authenticate.before",
    "authenticate.after",
    "sendRequestXML.before",
    "sendRequestXML.after",
    "processed",
    "receiveResponseXML.before",
    "receiveResponseXML.after",
    "closeConnection.before",
]


@pytest.mark.parametrize("step", STEPS)
def test_the_connector_vanishes_exactly_where_it_is_cut(
    connector: WebConnector, service: Service, company: CompanyFile, step: str
) -> None:
    service.work = [GOOD]
    connector.cut = lambda here: here == step
    with pytest.raises(Cut, match=step):
        connector.run()
    method, _, when = step.partition(".")
    if when:
        assert (method in service.names) == (when == "after")
    done = STEPS.index(step) >= STEPS.index("processed")
    assert len(company.documents("SalesReceipt")) == done


def test_a_vanished_connector_can_come_again_and_its_iterators_are_gone(
    connector: WebConnector, service: Service, company: CompanyFile
) -> None:
    service.work = [message('<ItemQueryRq iterator="Start"><MaxReturned>1</MaxReturned></ItemQueryRq>')]
    connector.cut = lambda step: step == "receiveResponseXML.after"
    with pytest.raises(Cut):
        connector.run()
    connector.cut = lambda step: False
    answer = replies(service.given("receiveResponseXML")[0]["response"])[0].element
    following = f'<ItemQueryRq iterator="Continue" iteratorID="{answer.attrib["iteratorID"]}"/>'
    service.work = [message(following)]
    assert connector.run().result == "done"
    assert replies(service.given("receiveResponseXML")[1]["response"])[0].status == 3391
