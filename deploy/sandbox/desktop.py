"""A QuickBooks Desktop company file in memory, as strict as QuickBooks and stricter: what it takes, it would take.

`process` is QuickBooks' request processor: a qbXML message in, its answer out. A request is carried out as a whole or
not at all. `documents`, `trial_balance`, `duplicates` are for tests and the demo; the attributes are switches.
"""

import threading
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from deploy.sandbox import desktop_chart as chart
from deploy.sandbox import (
    desktop_company,
    desktop_deposits,
    desktop_extensions,
    desktop_journals,
    desktop_lists,
    desktop_payments,
    desktop_queries,
    desktop_report,
)
from deploy.sandbox import desktop_sales as sales
from deploy.sandbox.desktop_message import VERSIONS, Message, Reply, Request, parse, write
from deploy.sandbox.desktop_queries import Cursor
from deploy.sandbox.desktop_sets import MessageSets
from deploy.sandbox.desktop_shapes import Object
from deploy.sandbox.desktop_status import STOPPED, Refused, Thrown, Unparseable
from deploy.sandbox.desktop_store import Store, iso
from mappings import qbxml
from mappings.qbxml_tree import finished, leaf, node

__all__ = ["CompanyFile", "Processed", "Refused", "Thrown", "Unparseable"]

PATH = r"C:\Users\Public\Documents\Intuit\QuickBooks\Company Files\Sandbox Retail Inc.qbw"
_INTERNAL = {
    "0x80010105": "The server threw an exception.",
    "0x80040401": "Could not access QuickBooks.",
    "0x80040402": "Unexpected error. Check the qbsdklog.txt file for possible, additional information.",
    "0x80040408": "Could not start QuickBooks.",
    "0x8004040A": "A QuickBooks company data file is already open and it is different from the one requested.",
    "0x80040414": "A modal dialog box is showing in the QuickBooks user interface.",
    "0x80040416": "If QuickBooks is not running, the name of the company file must be supplied.",
    "0x80040418": "This application has not accessed this QuickBooks company data file before.",
    "0x8004041A": "This application does not have permission to access this QuickBooks company data file.",
    "0x8004041D": "This application is not allowed to log into this QuickBooks company data file automatically.",
    "0x80040422": "This application requires Single User file access mode, and another application is using the file.",
}


@dataclass(slots=True)
class Processed:
    """How much was done: messages answered (a stored answer counts), requests looked at, writes carried out."""

    messages: int = 0
    requests: int = 0
    writes: int = 0


class CompanyFile:
    """One company file. `template` names its contents (`desktop_chart`); `empty` leaves out what the rules name;
    `owner_id` and `file_id` are what the Web Connector has stamped into it.

    Switches: `path`, `is_open` (a user has it open), `automatic_login` (it may be opened unattended), `single_user`,
    `crlf` and `encoding` of answers, `odd_enums` (a value that Intuit's schema lacks), `versions` of qbXML,
    `custom_fields` that are defined, by list.
    """

    def __init__(
        self, template: str = "us_desktop", *, empty: bool = False, owner_id: str = "", file_id: str = ""
    ) -> None:
        self.settings = chart.Settings(chart.TEMPLATES[template])
        self.path, self.is_open, self.automatic_login, self.single_user = PATH, True, False, False
        self.crlf, self.encoding, self.odd_enums = False, "", False
        self.versions: tuple[str, ...] = VERSIONS
        self.custom_fields: dict[str, set[str]] = {"Customer": set(), "Item": set()}
        self.stamps = {owner_id: file_id} if owner_id else {}
        self.processed = Processed()
        self.lock = threading.RLock()
        self._store = Store()
        self._sets = MessageSets()
        self._cursors: dict[str, Cursor] = {}
        self._throws: list[str] = []
        self._fails: list[Refused] = []
        self._crash: int | None = None
        chart.fill(self._store, empty=empty)

    @property
    def name(self) -> str:
        """The company's name."""
        return self.settings.name

    @name.setter
    def name(self, name: str) -> None:
        self.settings.name = name

    @property
    def closing_date(self) -> date | None:
        """The books are closed up to and including this day."""
        return self.settings.closing_date

    @closing_date.setter
    def closing_date(self, day: date | None) -> None:
        self.settings.closing_date = day

    def begin_session(self, path: str = "") -> str:
        """Opens the file for an application, by path or, with "", as the one that is open; returns its path.

        Raises Thrown as QuickBooks' BeginSession does."""
        with self.lock:
            self._throw()
            if path and path.casefold() != self.path.casefold():
                raise thrown("0x8004040A" if self.is_open else "0x80040401")
            if not self.is_open and not path:
                raise thrown("0x80040416")
            if not self.is_open and not self.automatic_login:
                raise thrown("0x8004041D")
            return self.path

    def end_session(self) -> None:
        """The application is done: its iterators end."""
        with self.lock:
            self._cursors.clear()

    def process(self, request: str) -> str:
        """Answers a qbXML message. Raises Unparseable for one that QuickBooks' parser refuses, Thrown as planned."""
        with self.lock:
            self._throw()
            message = parse(request, self.versions)
            self.processed.messages += 1
            known = self._sets.known(message)
            if known is not None and known[1] is not None:
                return known[1]
            if known is not None:
                return self._write(message, [], known[0])
            self._sets.begin(message)
            answer = self._write(message, self._carry_out(message), 0)
            self._sets.finish(message, answer)
            return answer

    def hcp(self, owner_id: str = "") -> str:
        """The answers to the Host, Company and Preferences queries, as the Web Connector sends them first."""
        owner = f"<OwnerID>{owner_id or next(iter(self.stamps), '')}</OwnerID>" if owner_id or self.stamps else ""
        body = (
            f'<HostQueryRq requestID="0" /><CompanyQueryRq requestID="1">{owner}</CompanyQueryRq>'
            '<PreferencesQueryRq requestID="2" />'
        )
        version = f'<?xml version="1.0"?><?qbxml version="{self.versions[0]}"?>'
        with self.lock:
            message = parse(f'{version}<QBXML><QBXMLMsgsRq onError="continueOnError">{body}</QBXMLMsgsRq></QBXML>')
            return self._write(message, [self._answer(request) for request in message.requests], 0)

    def documents(self, entity: str) -> list[dict[str, Any]]:
        """Transactions of an entity, in the order in which they were made, voided ones included."""
        with self.lock:
            return desktop_report.documents(self._store, entity)

    def objects(self, entity: str) -> list[Object]:
        """All objects of a list."""
        with self.lock:
            return list(self._store.objects[entity].values())

    def find(self, entity: str, name: str) -> Object | None:
        """A list object by its full name."""
        with self.lock:
            return self._store.find(entity, name)

    def receive(self, number: str, amount: Decimal, account: str) -> None:
        """What a bookkeeper does: records that an invoice, or a part of it, was paid into an account."""
        [invoice] = [one for one in self.documents("Invoice") if one["RefNumber"] == number]
        paid = node("AppliedToTxnAdd", leaf("TxnID", invoice["TxnID"]), leaf("PaymentAmount", f"{amount:.2f}"))
        made = node(
            "ReceivePaymentAdd",
            node("CustomerRef", leaf("ListID", invoice["CustomerRef"]["ListID"])),
            node("ARAccountRef", leaf("ListID", invoice["ARAccountRef"]["ListID"])),
            leaf("TotalAmount", f"{amount:.2f}"),
            node("DepositToAccountRef", leaf("FullName", account)),
            paid,
        )
        request = finished(node("ReceivePaymentAddRq", made)).text
        answer = qbxml.read(self.process(qbxml.message([("1", request)], "13.0").decode())).replies["1"]
        if answer.status:
            raise Refused(answer.status, answer.message)

    def trial_balance(self) -> dict[str, Decimal]:
        """Account name to balance, debit positive; zero balances left out."""
        with self.lock:
            return desktop_report.trial_balance(self._store)

    def duplicates(self) -> list[tuple[str, str]]:
        """(entity, RefNumber) of what is there more than once."""
        with self.lock:
            return desktop_report.duplicates(self._store)

    def forget_message_sets(self) -> None:
        """A restored backup: QuickBooks has no stored answers any more."""
        with self.lock:
            self._sets.clear()

    def fail_next(self, status: int, message: str = "There was an error.") -> None:
        """The next write is refused with this status."""
        self._fails.append(Refused(status, message))

    def throw_next(self, hresult: str) -> None:
        """The next session's begin or the next message, whichever comes first, raises this; nothing is done."""
        self._throws.append(hresult)

    def crash_after(self, requests: int) -> None:
        """QuickBooks dies in the next message after this many of its requests: they stay done, no answer is kept."""
        self._crash = requests

    def _throw(self) -> None:
        if self._throws:
            raise thrown(self._throws.pop(0))

    def _write(self, message: Message, replies: list[Reply], status: int) -> str:
        attributes = {"newMessageSetID": message.new_set} if message.new_set else {}
        if message.new_set or message.old_set:
            attributes["messageSetStatusCode"] = str(status)
        return write(replies, attributes, crlf=self.crlf, encoding=self.encoding)

    def _carry_out(self, message: Message) -> list[Reply]:
        replies: list[Reply] = []
        stopped = False
        for at, request in enumerate(message.requests):
            if self._crash == at:
                self._crash = None
                self._cursors.clear()
                raise thrown("0x80010105")
            self.processed.requests += 1
            reply = Reply(request, 3231, STOPPED) if stopped else self._answer(request)
            stopped = stopped or (message.stop and reply.code >= 1000)
            replies.append(reply)
        return replies

    def _answer(self, request: Request) -> Reply:
        try:
            if request.problem is not None:
                raise request.problem
            if request.operation.kind == "Query":
                return self._query(request)
            if self._fails:
                raise self._fails.pop(0)
            with self._store.atomic():
                ret = self._written(request)
        except Refused as refused:
            return Reply(request, refused.code, refused.message)
        self.processed.writes += 1
        return Reply(request, rets=[ret])

    def _query(self, request: Request) -> Reply:
        entity, fields = request.operation.entity, request.fields
        if entity == "Host":
            return Reply(request, rets=[("HostRet", desktop_company.host(self.single_user))])
        if entity == "Company":
            ret = desktop_company.company(self.settings, self.stamps, fields.get("OwnerID", []))
            return Reply(request, rets=[("CompanyRet", ret)])
        if entity == "Preferences":
            return Reply(request, rets=[("PreferencesRet", desktop_company.preferences(self._store, self.settings))])
        reply = desktop_queries.run(self._store, self._cursors, request)
        if self.odd_enums and entity == "Customer":
            reply.rets = [(name, {**one, "PreferredDeliveryMethod": "Mail"}) for name, one in reply.rets]
        return reply

    def _written(self, request: Request) -> tuple[str, Object]:
        store, settings = self._store, self.settings
        operation, fields = request.operation, dict(request.fields)
        ret = f"{operation.entity}Ret"
        if operation.kind == "TxnVoid":
            return "", desktop_payments.void(store, settings, fields)
        if operation.kind == "TxnDel":
            return "", desktop_payments.delete(store, settings, fields, iso(datetime.now(UTC)))
        if operation.entity == "DataExt":
            return ret, desktop_extensions.write(store, self.custom_fields, operation.kind, fields)
        if operation.kind == "Mod":
            return ret, desktop_extensions.shown(desktop_lists.change(store, settings, operation.entity, fields))
        if operation.entity == "ReceivePayment":
            return ret, desktop_payments.receive(store, settings, fields)
        if operation.entity == "ARRefundCreditCard":
            return ret, desktop_payments.refund(store, settings, fields)
        if operation.entity == "Deposit":
            return ret, desktop_deposits.deposit(store, settings, fields)
        if operation.entity == "JournalEntry":
            return ret, desktop_journals.journal(store, settings, fields)
        if operation.entity in ("SalesReceipt", "Invoice", "CreditMemo"):
            one = sales.add(store, settings, operation.entity, fields)
            return ret, {name: value for name, value in one.items() if name != "LinkedTxn"}
        return ret, desktop_lists.add(store, settings, operation.entity, fields)


def thrown(hresult: str) -> Thrown:
    """An HRESULT with QuickBooks' words."""
    return Thrown(hresult, _INTERNAL.get(hresult, "Unexpected error."))
