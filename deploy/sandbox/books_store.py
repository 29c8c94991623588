"""The objects of one QuickBooks company: kept by entity and Id, found by name and by document number."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from deploy.sandbox.books_fault import Fault

Object = dict[str, Any]
TRANSACTIONS = ("SalesReceipt", "Invoice", "CreditMemo", "RefundReceipt", "Payment", "Deposit", "JournalEntry")
PEOPLE = ("Customer", "Vendor", "Employee")
LISTS = (*PEOPLE, "Item", "Account", "PaymentMethod", "Class", "Department", "Term", "TaxCode", "TaxRate", "TaxAgency")
ENTITIES = (*TRANSACTIONS, *LISTS)


def name_property(entity: str) -> str:
    """The property that holds a list object's unique name."""
    return "DisplayName" if entity in PEOPLE else "Name"


class Store:
    """Objects by entity and Id. Customers, vendors and employees share one name space; names ignore case and needless
    blanks."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Object]] = {entity: {} for entity in ENTITIES}
        self.deleted: list[tuple[str, str, datetime]] = []
        self._last: dict[str, int] = {}
        self._names: dict[tuple[str, str], str] = {}
        self._numbers: dict[tuple[str, str], set[str]] = {}

    def new_id(self, entity: str) -> str:
        """The next Id; all transactions count together."""
        kind = "transaction" if entity in TRANSACTIONS else entity
        self._last[kind] = self._last.get(kind, 0) + 1
        return str(self._last[kind])

    def get(self, entity: str, id: str) -> Object | None:
        return self.objects[entity].get(id)

    def find(self, entity: str, name: str) -> Object | None:
        """A list object by its name (case ignored)."""
        holder = self._names.get((_space(entity), _same(name)), "")
        owner, _, id = holder.partition("/")
        return self.objects[owner].get(id) if owner == entity else None

    def taken(self, entity: str, name: str, but: str = "") -> bool:
        """Whether another object of this name space has the name."""
        holder = self._names.get((_space(entity), _same(name)))
        return holder is not None and holder != f"{entity}/{but}"

    def same_number(self, entity: str, number: str, but: str = "") -> set[str]:
        """Ids of other transactions of this type with this document number."""
        return self._numbers.get((entity, number), set()) - {but}

    def put(self, entity: str, one: Object) -> None:
        """Keeps a new or changed object."""
        old = self.objects[entity].get(one["Id"])
        if old is not None:
            self._forget(entity, old)
        self.objects[entity][one["Id"]] = one
        if entity in LISTS and name_property(entity) in one:
            self._names[_space(entity), _same(str(one[name_property(entity)]))] = f"{entity}/{one['Id']}"
        if entity in TRANSACTIONS and one.get("DocNumber"):
            self._numbers.setdefault((entity, one["DocNumber"]), set()).add(one["Id"])

    def remove(self, entity: str, id: str) -> None:
        """Forgets an object; only `changes` still tells that it was there."""
        self._forget(entity, self.objects[entity].pop(id))
        self.deleted.append((entity, id, datetime.now(UTC)))

    def existing(self, entity: str, body: Object) -> Object:
        """The object that a change means. Fault 2020 without Id, 610 when unknown, 5010 with an old SyncToken."""
        if "Id" not in body or "SyncToken" not in body:
            raise Fault("2020", "Required parameter Id or SyncToken is missing in the request", "SyncToken")
        old = self.get(entity, str(body["Id"]))
        if old is None:
            raise Fault("610", f"Object Not Found : {entity} {body['Id']}")
        if str(body["SyncToken"]) != old["SyncToken"]:
            raise Fault("5010", f"Stale Object Error : SyncToken {body['SyncToken']} is not the latest")
        return old

    def changes(self, entity: str, since: datetime) -> Iterator[Object]:
        """Objects of an entity changed since a moment; deleted ones as Id and status only."""
        for one in self.objects[entity].values():
            if datetime.fromisoformat(one["MetaData"]["LastUpdatedTime"]) >= since:
                yield one
        for kind, id, when in self.deleted:
            if kind == entity and when >= since:
                yield {"domain": "QBO", "status": "Deleted", "Id": id, "MetaData": {"LastUpdatedTime": iso(when)}}

    def _forget(self, entity: str, old: Object) -> None:
        if entity in LISTS and name_property(entity) in old:
            self._names.pop((_space(entity), _same(str(old[name_property(entity)]))), None)
        if entity in TRANSACTIONS and old.get("DocNumber"):
            self._numbers[entity, old["DocNumber"]].discard(old["Id"])


def _space(entity: str) -> str:
    return "person" if entity in PEOPLE else entity


def _same(name: str) -> str:
    """A name as QuickBooks compares it: without case and needless blanks."""
    return " ".join(name.split()).casefold()


def iso(moment: datetime) -> str:
    """A moment as QuickBooks writes it, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")


def stamped(entity: str, one: Object, old: Object | None) -> Object:
    """The object with what the server adds: domain, SyncToken, times."""
    now = iso(datetime.now(UTC))
    created = old["MetaData"]["CreateTime"] if old else now
    token = str(int(old["SyncToken"]) + 1) if old else "0"
    meta = {"CreateTime": created, "LastUpdatedTime": now}
    return {**one, "domain": "QBO", "sparse": False, "SyncToken": token, "MetaData": meta}
