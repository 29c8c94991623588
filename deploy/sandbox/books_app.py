"""QuickBooks Online over HTTP: tokens, single writes, batches, queries, changes.

A request id is remembered for each write (in a batch: for each of its items): the same id answers the first answer
again, without doing anything. A batch is no transaction: an item's fault leaves the others alone.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from deploy.sandbox.books import Books, Operation, server_time
from deploy.sandbox.books_fault import Fault, gateway_fault
from deploy.sandbox.books_query import ENTITIES
from deploy.sandbox.books_tokens import Tokens

MOST_ITEMS = 30
_ENTITY = {name.lower(): name for name in ENTITIES}
_OPERATIONS: tuple[Operation, ...] = ("create", "update", "delete", "void")


def application(books: Books, tokens: Tokens) -> Starlette:
    """The ASGI application of a company and its token endpoint."""

    async def api(request: Request) -> Response:
        body = await request.body()

        async def carry_out() -> Response:
            return _call(books, tokens, request, body)

        if not books.meter.enter(batch=request.url.path.endswith("/batch")):
            return _refuse(429, None)
        try:
            for hook in books.hooks:
                hook(request.url.path, books.meter.calls)
            return await books.faults.around(request, carry_out, _refuse)
        finally:
            books.meter.leave()

    async def token(request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))

        async def carry_out() -> Response:
            books.meter.tokens += 1
            status, answer = tokens.grant(request.headers.get("authorization", ""), form)
            return _json(answer, status)

        return await books.faults.around(request, carry_out, _refuse)

    return Starlette(
        routes=[
            Route("/oauth2/v1/tokens/bearer", token, methods=["POST"]),
            Route("/v3/company/{realm}/{path:path}", api, methods=["GET", "POST"]),
        ]
    )


def _number(value: object) -> float:
    """A Decimal as JSON number: QuickBooks' amounts have few digits, and a double's shortest repr gives them back."""
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"no JSON for {type(value).__name__}")


def _json(body: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    text = json.dumps(body, separators=(",", ":"), ensure_ascii=False, default=_number)
    tid = {"intuit_tid": f"1-{uuid4().hex[:24]}"}
    return Response(text.encode(), status, {**tid, **(headers or {})}, media_type="application/json")


def _refuse(status: int, retry_after: float | None) -> Response:
    headers = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
    return _json(gateway_fault(status), status, headers)


def _call(books: Books, tokens: Tokens, request: Request, body: bytes) -> Response:
    if not tokens.accepts(request.headers.get("authorization", "")):
        return _refuse(401, None)
    if request.path_params["realm"] != tokens.app.realm_id:
        return _refuse(403, None)
    with books.lock:
        try:
            return _json({**_dispatch(books, request, body), "time": server_time()})
        except Fault as fault:
            return _json({"Fault": fault.body(), "time": server_time()}, fault.status)


def _dispatch(books: Books, request: Request, body: bytes) -> Mapping[str, Any]:
    head, _, rest = request.path_params["path"].strip("/").partition("/")
    query = request.query_params
    if head == "batch" and request.method == "POST":
        if (poison := books.faults.poisoned(body)) is not None:
            raise Fault(poison.code, "The request cannot be carried out", status=poison.status)
        return _batch(books, _parsed(body), query.get("requestid", ""))
    if head == "query":
        books.meter.reads += 1
        return {"QueryResponse": books.query(query.get("query") or body.decode())}
    if head == "cdc":
        books.meter.reads += 1
        since = datetime.fromisoformat(query["changedSince"].replace(" ", "+"))
        return {"CDCResponse": books.changes(query["entities"].split(","), since)}
    if head in ("companyinfo", "preferences") and request.method == "GET":
        books.meter.reads += 1
        return {"CompanyInfo": books.info} if head == "companyinfo" else {"Preferences": books.preferences}
    entity = _ENTITY.get(head)
    if entity is None:
        raise Fault("500", f"Unsupported Operation : {head}")
    if request.method == "GET":
        books.meter.reads += 1
        return {entity: books.read(entity, rest)}
    return _single(books, entity, query, _parsed(body))


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(body.decode(), parse_float=Decimal)
    except UnicodeDecodeError:
        raise Fault("500", "MalformedByteSequenceException: Invalid byte of UTF-8 sequence", status=500) from None
    except ValueError:
        raise Fault("2010", "Request body is not JSON") from None
    if not isinstance(parsed, dict):
        raise Fault("2010", "Request body is not an object")
    return parsed


def _single(books: Books, entity: str, query: Mapping[str, str], body: dict[str, Any]) -> Mapping[str, Any]:
    requestid = query.get("requestid", "")
    if len(requestid) > 50:
        raise Fault("2130", "requestid Max:50")
    options = frozenset(query.get("include", "").split(","))
    operation = query.get("operation") or ("update" if "Id" in body else "create")
    if operation == "update" and "void" in options:
        operation = "void"
    return _once(books, requestid, entity, operation, body, options)


def _batch(books: Books, body: dict[str, Any], requestid: str) -> Mapping[str, Any]:
    items = body.get("BatchItemRequest")
    if not isinstance(items, list) or not items:
        raise Fault("2020", "Required parameter BatchItemRequest is missing in the request")
    if len(items) > MOST_ITEMS:
        raise Fault("1040", f"Batch Size Exceeded : the maximum is {MOST_ITEMS}")
    if len(requestid) > 36 or (requestid and any(len(str(item.get("bId", ""))) > 10 for item in items)):
        raise Fault("2130", "requestid Max:36 and bId Max:10 in a batch")
    return {"BatchItemResponse": [_item(books, item, requestid) for item in items]}


def _item(books: Books, item: dict[str, Any], requestid: str) -> Mapping[str, Any]:
    bid = str(item.get("bId", ""))
    try:
        if "Query" in item:
            books.meter.reads += 1
            return {"bId": bid, "QueryResponse": books.query(item["Query"])}
        entity = next((name for name in item if name in ENTITIES), None)
        if entity is None:
            raise Fault("2020", "Required parameter is missing in the batch item")
        options = frozenset(str(item.get("optionsData", "")).split(","))
        operation = str(item.get("operation", "create"))
        if operation == "update" and "void" in options:
            operation = "void"
        joined = f"{requestid}{bid}" if requestid else ""
        return {"bId": bid, **_once(books, joined, entity, operation, item[entity], options)}
    except Fault as fault:
        return {"bId": bid, "Fault": fault.body()}


def _once(
    books: Books, requestid: str, entity: str, operation: str, body: dict[str, Any], options: frozenset[str]
) -> Mapping[str, Any]:
    """Writes, unless the request id is known: then the first answer comes again, a fault included."""
    if requestid and requestid in books.remembered:
        known = books.remembered[requestid]
        if isinstance(known, Fault):
            raise known
        return {entity: known}
    chosen = next((one for one in _OPERATIONS if one == operation), None)
    if chosen is None:
        raise Fault("500", f"Operation {operation} is not supported")
    books.meter.writes += 1
    planned = books.faults.item_fault()
    try:
        if planned is not None and not planned.done:
            raise Fault(planned.code, "An application error has occurred")
        written = dict(books.write(entity, chosen, body, options))
        if planned is not None:
            raise Fault(planned.code, "An application error has occurred")
    except Fault as fault:
        if requestid:
            books.remembered[requestid] = fault
        raise
    if requestid:
        books.remembered[requestid] = written
    return {entity: written}
