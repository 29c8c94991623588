"""Queries of lists and transactions: by id, name or number, or by filter; page by page with an iterator.

An iterator lives in one session: a later one, or other filters, is status 3391 (Intuit, OSR "iterators"). Ids, names
and numbers that are not there are status 500, a warning; a filter without a hit is status 1 (Intuit, status codes).
"""

import itertools
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from deploy.sandbox import desktop_extensions
from deploy.sandbox.desktop_message import Reply, Request
from deploy.sandbox.desktop_shapes import Object
from deploy.sandbox.desktop_status import NO_MATCH, Refused
from deploy.sandbox.desktop_store import ITEMS, TAX_ITEMS, Store

Found = tuple[str, Object]
_GROUPS = {"Item": (*ITEMS, *TAX_ITEMS), "Terms": ("StandardTerms",)}
_KEYS = ("ListID", "TxnID", "FullName", "RefNumber", "RefNumberCaseSensitive")
_INCOMPLETE = (
    'The query request has not been fully completed. There was a required element ("{name}") that could not be found '
    "in QuickBooks."
)


@dataclass(slots=True)
class Cursor:
    """An iterator between two pages: what was asked, and the (entity, id) that are still to be shown."""

    name: str
    asked: Object
    left: list[tuple[str, str]]


def run(store: Store, cursors: dict[str, Cursor], request: Request) -> Reply:
    """The answer to a query. Refused 3150 for an iterator without MaxReturned, 3391 for one that is not known."""
    if request.iterator:
        return _page(store, cursors, request)
    entities = _entities(request)
    fields = request.fields
    for key in _KEYS:
        if key in fields:
            return _named(store, entities, request, key)
    found: Iterable[Found] = _filtered(store, entities, fields)
    if "MaxReturned" in fields:
        found = itertools.islice(found, int(fields["MaxReturned"]))
    return _answer(request, list(found))


def _entities(request: Request) -> tuple[str, ...]:
    return _GROUPS.get(request.operation.entity, (request.operation.entity,))


def _answer(request: Request, found: list[Found]) -> Reply:
    if not found:
        return Reply(request, 1, NO_MATCH)
    return Reply(request, rets=[(f"{entity}Ret", _shown(one, request)) for entity, one in found])


def _shown(one: Object, request: Request) -> Object:
    """Without lines and links, unless they are asked for."""
    if "ListID" in one:
        return desktop_extensions.shown(one, request.fields.get("OwnerID", ()))
    hidden = set() if request.fields.get("IncludeLinkedTxns") == "true" else {"LinkedTxn"}
    if request.fields.get("IncludeLineItems") != "true":
        hidden |= {name for name in one if name.endswith(("LineRet", "ToTxnRet", "DebitLine", "CreditLine"))}
    return {name: value for name, value in one.items() if name not in hidden}


def _named(store: Store, entities: tuple[str, ...], request: Request, key: str) -> Reply:
    found: list[Found] = []
    absent = ""
    for name in request.fields[key]:
        hits = [(entity, one) for entity in entities for one in _hits(store, entity, key, name)]
        found += hits
        absent = absent or ("" if hits else name)
    reply = _answer(request, found)
    if absent:
        reply.code, reply.message = 500, _INCOMPLETE.format(name=absent)
    return reply


def _hits(store: Store, entity: str, key: str, name: str) -> list[Object]:
    if key.startswith("RefNumber"):
        found = store.numbered(entity, name)
        return [one for one in found if key == "RefNumber" or one["RefNumber"] == name]
    hit = store.find(entity, name) if key == "FullName" else store.objects[entity].get(name)
    return [] if hit is None else [hit]


def _page(store: Store, cursors: dict[str, Cursor], request: Request) -> Reply:
    if request.iterator == "Start":
        if "MaxReturned" not in request.fields:
            raise Refused(3150, 'There is a missing element: "MaxReturned".')
        id = f"{{{uuid4()}}}"
        left = [(entity, _id(one)) for entity, one in _filtered(store, _entities(request), request.fields)]
        cursors[id] = Cursor(request.name, _asked(request), left)
    else:
        id = request.iterator_id
        if id not in cursors or cursors[id].name != request.name:
            raise Refused(3391, f'The iterator ID "{id}" is not valid.')
        if request.iterator == "Stop":
            del cursors[id]
            return Reply(request)
        if cursors[id].asked != _asked(request):
            raise Refused(3391, f'The iterator ID "{id}" is not valid for these filters.')
    cursor, most = cursors[id], int(request.fields.get("MaxReturned", "100"))
    page, cursor.left = cursor.left[:most], cursor.left[most:]
    found = [(entity, one) for entity, key in page if (one := store.objects[entity].get(key)) is not None]
    reply = _answer(request, found)
    reply.attributes = {"iteratorRemainingCount": str(len(cursor.left)), "iteratorID": id}
    if not cursor.left:
        del cursors[id]
    return reply


def _asked(request: Request) -> Object:
    return {name: value for name, value in request.fields.items() if name != "MaxReturned"}


def _id(one: Object) -> str:
    return str(one["TxnID"] if "TxnID" in one else one["ListID"])


def _filtered(store: Store, entities: tuple[str, ...], fields: Object) -> Iterator[Found]:
    tests = _tests(fields)
    for entity in entities:
        for one in list(store.objects[entity].values()):
            if all(test(one) for test in tests):
                yield entity, one


def _tests(fields: Object) -> list[Callable[[Object], bool]]:
    """What every object of the answer must fulfil."""
    tests: list[Callable[[Object], bool]] = []
    active = fields.get("ActiveStatus", "ActiveOnly")
    if active != "All":
        wanted = "true" if active == "ActiveOnly" else "false"
        tests.append(lambda one: one.get("IsActive", "true") == wanted)
    changed = {**fields, **fields.get("ModifiedDateRangeFilter", {})}
    if "FromModifiedDate" in changed:
        since = _moment(changed["FromModifiedDate"])
        tests.append(lambda one: datetime.fromisoformat(one["TimeModified"]) >= since)
    if "ToModifiedDate" in changed:
        until = _moment(changed["ToModifiedDate"])
        tests.append(lambda one: datetime.fromisoformat(one["TimeModified"]) <= until)
    if "TxnDateRangeFilter" in fields:
        days = fields["TxnDateRangeFilter"]
        first, last = days.get("FromTxnDate", ""), days.get("ToTxnDate", "9999")
        tests.append(lambda one: first <= one["TxnDate"] <= last)
    if "EntityFilter" in fields:
        ids, names = fields["EntityFilter"].get("ListID", ()), fields["EntityFilter"].get("FullName", ())
        tests.append(lambda one: _is_of(one.get("CustomerRef", {}), ids, names))
    if fields.get("PaidStatus", "All") != "All":
        paid = "true" if fields["PaidStatus"] == "PaidOnly" else "false"
        tests.append(lambda one: one["IsPaid"] == paid)
    return [*tests, *_text_tests(fields)]


def _text_tests(fields: Object) -> Iterator[Callable[[Object], bool]]:
    for name, key in (("NameFilter", "Name"), ("RefNumberFilter", "RefNumber")):
        if name in fields:
            yield _matcher(fields[name]["MatchCriterion"], fields[name][key], key)
    for name, key in (("NameRangeFilter", "Name"), ("RefNumberRangeFilter", "RefNumber")):
        if name in fields:
            first, last = fields[name].get(f"From{key}", ""), fields[name].get(f"To{key}", "\uffff")
            yield _within(first.casefold(), last.casefold(), key)


def _matcher(how: str, text: str, key: str) -> Callable[[Object], bool]:
    wanted = text.casefold()
    test = {"StartsWith": str.startswith, "EndsWith": str.endswith, "Contains": str.__contains__}[how]
    return lambda one: bool(test(str(one.get("FullName", one.get(key, ""))).casefold(), wanted))


def _within(first: str, last: str, key: str) -> Callable[[Object], bool]:
    return lambda one: first <= str(one.get(key, "")).casefold() <= last


def _is_of(customer: Object, ids: Collection[str], names: Collection[str]) -> bool:
    return customer.get("ListID", "") in ids or customer.get("FullName", "").casefold() in {n.casefold() for n in names}


def _moment(text: str) -> datetime:
    """A moment; one without offset is in the time of QuickBooks' computer, here UTC."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
