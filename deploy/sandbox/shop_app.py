"""The shop over HTTP: `/rest/V1/…` and `/rest/<store code>/V1/…`, answered as Magento 2.4.7 answers."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import format_datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from deploy.sandbox.shop import Shop
from deploy.sandbox.shop_auth import Denied
from deploy.sandbox.shop_search import BadSearch, Search, internal_error, invalid_attribute, parse, run

STORE_CODES = ("all", "default", "de")
MAX_URL = 8192
TOO_LONG = "<html>\n<head><title>414 Request-URI Too Large</title></head>\n</html>\n"
_SALES = frozenset(
    [
        "entity_id",
        "increment_id",
        "created_at",
        "updated_at",
        "state",
        "store_id",
        "grand_total",
        "base_grand_total",
        "subtotal",
        "tax_amount",
        "order_currency_code",
        "base_currency_code",
        "billing_address_id",
        "shipping_amount",
        "discount_amount",
    ]
)
_ORDER = _SALES | frozenset(
    [
        "status",
        "coupon_code",
        "customer_email",
        "customer_firstname",
        "customer_lastname",
        "customer_id",
        "customer_group_id",
        "customer_is_guest",
        "is_virtual",
        "quote_id",
        "ext_order_id",
        "total_due",
        "total_paid",
        "total_refunded",
        "total_canceled",
        "total_invoiced",
        "relation_parent_id",
        "relation_child_id",
        "original_increment_id",
        "applied_rule_ids",
    ]
)


@dataclass(frozen=True, slots=True)
class Listing:
    """A searchable list: its documents, the right it asks for, its columns, and how an unknown column is refused."""

    kind: str
    resource: str
    columns: frozenset[str]
    unknown: Callable[[str], BadSearch]


LISTINGS: Mapping[str, Listing] = {
    "orders": Listing("orders", "Magento_Sales::actions_view", _ORDER, internal_error),
    "invoices": Listing("invoices", "Magento_Sales::sales_invoice", _SALES | {"order_id"}, internal_error),
    "creditmemos": Listing(
        "creditmemos", "Magento_Sales::sales_creditmemo", _SALES | {"order_id", "invoice_id"}, internal_error
    ),
    "shipments": Listing(
        "shipments",
        "Magento_Sales::shipment",
        frozenset(["entity_id", "increment_id", "created_at", "updated_at", "store_id", "order_id", "total_qty"]),
        internal_error,
    ),
    "customers/search": Listing(
        "customers",
        "Magento_Customer::customer",
        frozenset(
            [
                "entity_id",
                "id",
                "email",
                "firstname",
                "lastname",
                "group_id",
                "store_id",
                "website_id",
                "created_at",
                "updated_at",
            ]
        ),
        invalid_attribute,
    ),
    "products": Listing(
        "products",
        "Magento_Catalog::products",
        frozenset(
            [
                "entity_id",
                "sku",
                "name",
                "price",
                "status",
                "visibility",
                "type_id",
                "created_at",
                "updated_at",
                "weight",
            ]
        ),
        invalid_attribute,
    ),
}
ONE = {"orders": "orders", "invoices": "invoices", "creditmemo": "creditmemos", "shipment": "shipments"}


def application(shop: Shop) -> Starlette:
    """The ASGI application of a shop."""

    async def rest(request: Request) -> Response:
        shop.calls += 1

        async def carry_out() -> Response:
            shop.meanwhile(request.url.path)
            return _answer(shop, request)

        answer = await shop.faults.around(request, carry_out, _refuse)
        if shop.says_date:
            answer.headers["Date"] = format_datetime(shop.now, usegmt=True)
        return answer

    async def version(_: Request) -> Response:
        return Response(shop.version or "", 200 if shop.version else 404, media_type="text/html")

    methods = ["GET", "POST", "PUT", "DELETE"]
    return Starlette(routes=[Route("/rest/{path:path}", rest, methods=methods), Route("/magento_version", version)])


def _refuse(status: int, retry_after: float | None) -> Response:
    headers = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
    return _json({"message": "Too Many Requests" if status == 429 else "Service Unavailable"}, status, headers)


def _json(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    all_headers = {"Cache-Control": "no-store", **(headers or {})}
    return Response(text, status, all_headers, media_type="application/json")


def _answer(shop: Shop, request: Request) -> Response:
    if len(request.url.path) + len(request.url.query) > MAX_URL:
        return Response(TOO_LONG, 414, media_type="text/html")
    try:
        path = _route(request.path_params["path"])
        _check(shop, request, path)
        return _json(_get(shop, request, path))
    except (Denied, BadSearch) as no:
        return _json(no.body, no.status)


def _route(path: str) -> str:
    """The path behind `V1/`. Lists are not scoped by store code: every code shows everything."""
    first, _, rest = path.strip("/").partition("/")
    if first == "V1":
        return rest
    second, _, rest = rest.partition("/")
    if first not in STORE_CODES or second != "V1":
        raise BadSearch(400, "Specified request cannot be processed.")
    return rest


def _check(shop: Shop, request: Request, path: str) -> None:
    head = path.split("/", 1)[0]
    listing = LISTINGS.get(path) or LISTINGS.get(ONE.get(head, ""))
    resource = listing.resource if listing else "Magento_Backend::store"
    url = f"{request.url.scheme}://{request.headers.get('host', '')}{request.scope['raw_path'].decode()}"
    header = request.headers.get("authorization", "")
    shop.guard.check(request.method, url.split("?")[0], request.url.query, header, resource)


def _get(shop: Shop, request: Request, path: str) -> bytes:
    if request.method != "GET":
        raise BadSearch(404, "Request does not match any route.")
    if path == "customerGroups/search":
        parse(request.url.query)
    made = shop.lists(path, f"{request.url.scheme}://{request.headers.get('host', '')}")
    if made is not None:
        return made
    if path in LISTINGS:
        return _list(shop, LISTINGS[path], parse(request.url.query))
    head, _, id = path.partition("/")
    if head in ONE and "/" not in id:
        return _by_id(shop, ONE[head], id)
    raise BadSearch(404, "Request does not match any route.")


def _by_id(shop: Shop, kind: str, id: str) -> bytes:
    for row in shop.rows(kind):
        if id.isdigit() and row["entity_id"] == int(id):
            return shop.body(kind, row)
    raise BadSearch(404, "The entity that was requested doesn't exist. Verify the entity and try again.")


def _list(shop: Shop, listing: Listing, search: Search) -> bytes:
    rows: dict[int, dict[str, Any]] = {}
    for row in shop.rows(listing.kind):
        rows[int(row["entity_id"] if "entity_id" in row else row["id"])] = row
    # Customers and products are searched by `entity_id`, but show it as `id`.
    searched = [row if "entity_id" in row else {**row, "entity_id": id} for id, row in rows.items()]
    page, total = run(search, searched, listing.columns, listing.unknown)
    bodies = [shop.body(listing.kind, rows[row["entity_id"]]) for row in page]
    if search.fields:
        return _projected(search, bodies, total)
    echo = json.dumps(search.echo).encode()
    items = b",".join(bodies)
    return b'{"items":[' + items + b'],"search_criteria":' + echo + b',"total_count":' + str(total).encode() + b"}"


def _projected(search: Search, bodies: list[bytes], total: int) -> bytes:
    """`fields=items[entity_id,updated_at],total_count`: only what is named; an empty list is then null."""
    wanted = _tree(search.fields)
    whole = {"items": [json.loads(body) for body in bodies], "search_criteria": search.echo, "total_count": total}
    shown = _pick(whole, wanted)
    if "items" in shown and not shown["items"]:
        shown["items"] = None
    return json.dumps(shown).encode()


def _tree(text: str) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    stack, word = [tree], ""
    for char in f"{text},":
        if char in ",[]":
            child = stack[-1].setdefault(word, {}) if word else {}
            word = ""
            if char == "[":
                stack.append(child)
            elif char == "]" and len(stack) > 1:
                stack.pop()
        else:
            word += char
    return tree


def _pick(value: Any, tree: dict[str, Any]) -> Any:
    if not tree:
        return value
    if isinstance(value, list):
        return [_pick(one, tree) for one in value]
    if not isinstance(value, dict):
        return value
    return {name: _pick(value[name], inner) for name, inner in tree.items() if name in value}
