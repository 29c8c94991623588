"""QuickBooks Online's accounting API, as far as MageBooks needs it: queries, batches, changes, single writes.

Facts: Intuit's REST reference, its "Batch" and "Change data capture" pages, and its article of 2015-04 on request ids.
A batch is no transaction: every item has an answer of its own, and an item without one may have been carried out.
"""

import json
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import httpx

from tasks.clients import quickbooks_query
from tasks.clients.errors import TryLater, Unknown
from tasks.clients.quickbooks_auth import IntuitAuth, TokenEndpoint, TokenStore, utc_now
from tasks.clients.quickbooks_calls import THROTTLE_SECONDS, TIMEOUT, Answer, Call, Calls, Limiter, Line
from tasks.clients.quickbooks_faults import Verdict, failure_of, fault_of, sort

BATCH_ITEMS = 30  # Intuit, "Limits and throttles" page
BID_LENGTH = 10  # Intuit joins request id and bId into at most 50 characters, hence 36 and 10 in a batch
BATCH_REQUEST_ID = 36
REQUEST_ID = 50
CDC_OBJECTS = 1000  # a longer list of changes is cut without a word

_READS = ("Query", "ReportQuery", "CDCQuery")
_NO_ENTITY = "The answer does not name what was written"


@dataclass(frozen=True, slots=True)
class BatchAnswer:
    """What became of a batch: each answered item by its bId, as Intuit wrote it; `missing` names the items of which
    the answer says nothing, so that their outcome is unknown; `tid` is Intuit's trace id, `time` its clock."""

    items: dict[str, dict[str, Any]]
    missing: tuple[str, ...]
    tid: str
    time: str


@dataclass(frozen=True, slots=True)
class Changes:
    """Objects changed since a moment, by entity; deleted ones hold `Id` and `status: "Deleted"` only. `cut` says
    that Intuit's limit was reached and the rest is missing: ask again from a later moment, or compare in full."""

    objects: dict[str, list[dict[str, Any]]]
    cut: bool
    time: str


class QuickBooks:
    """One company. Use it as `async with`; one client serves many concurrent calls of one event loop.

    Every method raises the errors of `tasks.clients.errors`: NeedsPerson, TryLater, Rejected, and for writes Unknown.
    """

    def __init__(
        self,
        api_url: str,
        token_url: str,
        client_id: str,
        client_secret: str,
        tokens: TokenStore,
        limiter: Limiter,
        *,
        concurrency: int = 8,
        timeout: httpx.Timeout = TIMEOUT,
        throttle_seconds: float = THROTTLE_SECONDS,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._endpoint = TokenEndpoint(token_url, client_id, client_secret)
        auth = IntuitAuth(self._endpoint, tokens, now)
        self._line = Line(
            api_url, auth, limiter, concurrency=concurrency, timeout=timeout, throttle_seconds=throttle_seconds
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._line.aclose()
        await self._endpoint.aclose()

    @property
    def calls(self) -> Calls:
        """What this client has spent so far."""
        return self._line.calls

    @property
    def answered_at(self) -> datetime:
        """Intuit's own time of the latest answer (UTC)."""
        return self._line.answered_at

    async def query(self, statement: str) -> list[dict[str, Any]]:
        """The objects that one statement finds; at most what its MAXRESULTS says (100 when it says nothing)."""
        return quickbooks_query.rows(await self._query(statement))

    async def count(self, entity: str, where: str = "") -> int:
        """How many objects there are."""
        return int((await self._query(quickbooks_query.count(entity, where))).get("totalCount", 0))

    async def query_all(
        self, entity: str, where: str = "", page: int = quickbooks_query.PAGE
    ) -> AsyncIterator[list[dict[str, Any]]]:
        """All objects, page by page in the order of their Ids, until a page is short."""
        start = 1
        while rows := await self.query(quickbooks_query.select(entity, where, start=start, page=page)):
            yield rows
            if len(rows) < page:
                return
            start += page

    async def batch_query(self, statements: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
        """Many queries in one call per thirty; the answer is keyed by statement. Each is metered as one read.

        Raises TryLater when one of them got no answer.
        """
        found: dict[str, list[dict[str, Any]]] = {}
        wanted = list(dict.fromkeys(statements))
        for portion in quickbooks_query.chunks(wanted, BATCH_ITEMS):
            items = [{"bId": str(place), "Query": statement} for place, statement in enumerate(portion)]
            body = json.dumps({"BatchItemRequest": items}, ensure_ascii=False).encode()
            # A random id is right here: repeated under the same id, a query would answer what it answered before.
            answer = await self.batch(body, uuid.uuid4().hex)
            for place, statement in enumerate(portion):
                found[statement] = _found(answer, str(place))
        return found

    async def batch(self, body: bytes, request_id: str) -> BatchAnswer:
        """Send a batch as these exact bytes. Sent again under the same id, Intuit answers as it did the first time.

        Raises ValueError, before anything is sent, for more than 30 items, a missing, repeated or too long bId or a
        request id that is empty or too long. Unknown after sending: every item may have been carried out.
        """
        asked = _asked(body, request_id)
        reads = sum(asked.values())
        call = Call("batch", "batch", (_request_id(request_id),), body=body, reads=reads, writes=len(asked) - reads)
        answer = await self._line.call(call)
        items = _items(answer)
        if any(verdict.action == "wait" for item in items.values() if (verdict := fault_in(item)) is not None):
            await self._line.pause(call, None)
        else:
            self._line.patience.well()
        missing = tuple(bid for bid in asked if bid not in items)
        return BatchAnswer(items, missing, answer.tid, str(answer.body.get("time", "")))

    async def cdc(self, entities: Sequence[str], since: datetime) -> Changes:
        """What changed since a moment (aware; Intuit looks back 30 days at most). One metered read."""
        moment = quickbooks_query.encoded(quickbooks_query.timestamp(since))
        query = (f"entities={','.join(entities)}", f"changedSince={moment}")
        answer = await self._line.call(Call("cdc", "cdc", query, reads=1))
        objects: dict[str, list[dict[str, Any]]] = {entity: [] for entity in entities}
        for response in _lists(answer.body.get("CDCResponse")):
            for part in _lists(response.get("QueryResponse")):
                for entity in entities:
                    objects[entity] += _lists(part.get(entity))
        cut = sum(len(rows) for rows in objects.values()) >= CDC_OBJECTS
        return Changes(objects, cut, str(answer.body.get("time", "")))

    async def company(self) -> dict[str, Any]:
        """The company's `CompanyInfo`: name, country, time zone, first month of the fiscal year."""
        return await self._read("CompanyInfo", "companyinfo/{realm}")

    async def preferences(self) -> dict[str, Any]:
        """The company's `Preferences`: tax, currency, numbering, tracking."""
        return await self._read("Preferences", "preferences")

    async def read(self, entity: str, number: str) -> dict[str, Any]:
        """One object by its Id. Raises Rejected with code 610 when there is none."""
        return await self._read(entity, f"{entity.lower()}/{quickbooks_query.encoded(number)}")

    async def create(self, entity: str, body: bytes | str, request_id: str) -> dict[str, Any]:
        """Create (or update, when the body names Id and SyncToken) one object; returns it as QuickBooks kept it."""
        return await self._write(entity, body, request_id)

    async def void(self, entity: str, number: str, sync_token: str, request_id: str) -> dict[str, Any]:
        """Void one document: it keeps its number and loses its amounts."""
        body: dict[str, Any] = {"Id": number, "SyncToken": sync_token}
        if entity == "Invoice":
            return await self._write(entity, json.dumps(body), request_id, "operation=void")
        return await self._write(
            entity, json.dumps(body | {"sparse": True}), request_id, "operation=update&include=void"
        )

    async def _query(self, statement: str) -> dict[str, Any]:
        call = Call("query", "query", (f"query={quickbooks_query.encoded(statement)}",), reads=1)
        response = (await self._line.call(call)).body.get("QueryResponse")
        if not isinstance(response, dict):
            raise TryLater("QuickBooks", "The answer to a query holds no result")
        return response

    async def _read(self, entity: str, path: str) -> dict[str, Any]:
        answer = await self._line.call(Call(f"read {entity}", path, reads=1))
        found = answer.body.get(entity)
        if not isinstance(found, dict):
            raise TryLater("QuickBooks", f"The answer holds no {entity}", request_id=answer.tid)
        return found

    async def _write(self, entity: str, body: bytes | str, request_id: str, *query: str) -> dict[str, Any]:
        if not 0 < len(request_id) <= REQUEST_ID:
            raise ValueError(f"A request id has 1 to {REQUEST_ID} characters, not {len(request_id)}")
        content = body.encode() if isinstance(body, str) else body
        call = Call(f"write {entity}", entity.lower(), (*query, _request_id(request_id)), body=content, writes=1)
        answer = await self._line.call(call)
        written = answer.body.get(entity)
        if not isinstance(written, dict):
            raise Unknown("QuickBooks", _NO_ENTITY, request_id=answer.tid)
        return written


def fault_in(item: Mapping[str, Any]) -> Verdict | None:
    """The verdict on one batch item's fault; None when the item holds none."""
    fault = fault_of(item)
    return None if fault is None else sort(fault, 200)


def written_in(item: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """The entity's name and the object that one batch item was answered with; None for a fault or nothing."""
    if fault_of(item) is not None:
        return None
    return next(((name, value) for name, value in item.items() if isinstance(value, dict)), None)


def _request_id(request_id: str) -> str:
    return f"requestid={quickbooks_query.encoded(request_id)}"


def _asked(body: bytes, request_id: str) -> dict[str, bool]:
    """The bIds of a batch, each with whether it only reads. Raises ValueError for a batch that Intuit would refuse."""
    if not 0 < len(request_id) <= BATCH_REQUEST_ID:
        raise ValueError(f"A batch's request id has 1 to {BATCH_REQUEST_ID} characters, not {len(request_id)}")
    items = _lists(json.loads(body).get("BatchItemRequest"))
    if not 0 < len(items) <= BATCH_ITEMS:
        raise ValueError(f"A batch has 1 to {BATCH_ITEMS} items, not {len(items)}")
    asked: dict[str, bool] = {}
    for item in items:
        bid = str(item.get("bId", ""))
        if not 0 < len(bid) <= BID_LENGTH or bid in asked:
            raise ValueError(f"A bId has 1 to {BID_LENGTH} characters and occurs once; {bid!r} does not fit")
        asked[bid] = any(name in item for name in _READS)
    return asked


def _items(answer: Answer) -> dict[str, dict[str, Any]]:
    """The answered items by bId; an item that holds neither an object nor a fault answers nothing."""
    return {
        str(item["bId"]): item
        for item in _lists(answer.body.get("BatchItemResponse"))
        if "bId" in item and (fault_of(item) is not None or written_in(item) is not None)
    }


def _found(answer: BatchAnswer, bid: str) -> list[dict[str, Any]]:
    item = answer.items.get(bid)
    if item is None:
        raise TryLater("QuickBooks", "A query of a batch got no answer", request_id=answer.tid)
    verdict = fault_in(item)
    if verdict is None:
        return quickbooks_query.rows(item.get("QueryResponse", {}))
    raise failure_of(verdict, request_id=answer.tid)


def _lists(value: object) -> list[dict[str, Any]]:
    """The objects in a list; nothing for anything else."""
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
