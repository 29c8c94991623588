"""The shop answers as the recorded Magento does: searches, signatures, errors, and changes between syncs."""

from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest
import requests
from requests_oauthlib import OAuth1

from deploy.sandbox.world import Sandbox

Params = dict[str, str]


def where(group: int, field: str, condition: str, value: str, place: int = 0) -> Params:
    start = f"searchCriteria[filterGroups][{group}][filters][{place}]"
    return {f"{start}[field]": field, f"{start}[conditionType]": condition, f"{start}[value]": value}


def order_by(field: str, direction: str = "ASC") -> Params:
    start = "searchCriteria[sortOrders][0]"
    return {f"{start}[field]": field, f"{start}[direction]": direction}


def ids(client: httpx.Client, *params: Params, path: str = "orders") -> list[int]:
    merged: Params = {"searchCriteria[pageSize]": "200"}
    for some in params:
        merged |= some
    answer = client.get(path, params=merged)
    assert answer.status_code == 200, answer.text
    return [item["entity_id"] for item in answer.json()["items"]]


def test_groups_are_anded_and_filters_in_a_group_ored(shop: httpx.Client) -> None:
    both = ids(shop, where(0, "entity_id", "gt", "10"), where(1, "entity_id", "lteq", "12"))
    either = ids(shop, where(0, "entity_id", "eq", "10"), where(0, "entity_id", "eq", "12", place=1))
    assert (both, either) == ([11, 12], [10, 12])


@pytest.mark.parametrize(
    ("condition", "value", "found"),
    [
        ("eq", "3", [3]),
        ("in", "3,5", [3, 5]),
        ("lt", "3", [1, 2]),
        ("to", "2", [1, 2]),
        ("from", "40", [40]),
        ("moreq", "40", [40]),
        ("bogus", "7", [7]),
        ("eq", "12abc", [12]),
    ],
)
def test_conditions_mean_what_they_mean_in_magento(
    shop: httpx.Client, condition: str, value: str, found: list[int]
) -> None:
    assert ids(shop, where(0, "entity_id", condition, value)) == found


def test_text_is_compared_without_case(world: Sandbox, shop: httpx.Client) -> None:
    email = world.shop.orders[0]["customer_email"]
    assert 1 in ids(shop, where(0, "customer_email", "eq", email.upper()))


def test_a_time_with_an_offset_is_taken_as_utc_and_nonsense_matches_everything(
    world: Sandbox, shop: httpx.Client
) -> None:
    created = world.shop.orders[20]["created_at"]
    later = ids(shop, where(0, "created_at", "gt", created))
    assert later == ids(shop, where(0, "created_at", "gt", created.replace(" ", "T") + "+01:00"))
    assert len(ids(shop, where(0, "created_at", "gt", "yesterday"))) == 40


def test_a_page_beyond_the_last_is_empty_with_the_right_count(shop: httpx.Client) -> None:
    answer = shop.get("orders", params={"searchCriteria[pageSize]": "20", "searchCriteria[currentPage]": "9"}).json()
    assert (answer["items"], answer["total_count"]) == ([], 40)
    assert answer["search_criteria"] == {"filter_groups": [], "page_size": 20, "current_page": 9}


def test_camel_case_and_snake_case_are_the_same(shop: httpx.Client) -> None:
    snake = {
        "search_criteria[filter_groups][0][filters][0][field]": "entity_id",
        "search_criteria[filter_groups][0][filters][0][value]": "4",
    }
    assert ids(shop, snake) == [4]


@pytest.mark.parametrize(
    ("path", "params", "status", "message"),
    [
        ("orders", {}, 400, '"%fieldName" is required. Enter and try again.'),
        ("orders", {"searchCriteria[pageSize]": "abc"}, 400, 'Error occurred during "pageSize" processing.'),
        ("orders", {"searchCriteria": "", **order_by("nosuch")}, 500, "Internal Error."),
        ("orders", {"searchCriteria": "", **order_by("entity_id", "UP")}, 400, "The sort order has to be"),
        ("orders", where(0, "sku", "eq", "x"), 500, "Internal Error."),
        ("products", where(0, "nope", "eq", "x"), 400, 'The "%1" attribute name is invalid.'),
        ("nosuch", {}, 404, "Request does not match any route."),
        ("orders/999999", {}, 404, "The entity that was requested doesn't exist."),
    ],
)
def test_errors_are_worded_as_recorded(
    shop: httpx.Client, path: str, params: Params, status: int, message: str
) -> None:
    answer = shop.get(path, params=params)
    assert answer.status_code == status
    assert answer.json()["message"].startswith(message)


def test_a_sort_order_without_direction_is_descending(shop: httpx.Client) -> None:
    assert ids(shop, {"searchCriteria[sortOrders][0][field]": "entity_id"})[:2] == [40, 39]


def test_a_projection_sends_only_what_is_named(shop: httpx.Client) -> None:
    answer = shop.get("orders", params={"searchCriteria": "", "fields": "items[entity_id],total_count"}).json()
    assert answer["items"][0] == {"entity_id": 1}
    assert set(answer) == {"items", "total_count"}


@pytest.mark.parametrize("prefix", ["/rest/V1", "/rest/default/V1", "/rest/de/V1", "/rest/all/V1"])
def test_lists_are_the_same_behind_every_store_code(world: Sandbox, shop: httpx.Client, prefix: str) -> None:
    answer = shop.get(f"{world.shop_url}{prefix}/orders?searchCriteria=&fields=total_count")
    assert answer.json() == {"total_count": 40}


def test_store_lists_name_zones_and_groups(shop: httpx.Client) -> None:
    zones = {one["code"]: one["timezone"] for one in shop.get("store/storeConfigs").json()}
    assert zones == {"default": "America/New_York", "de": "Europe/Berlin"}
    assert {one["code"] for one in shop.get("store/storeViews").json()} == {"default", "de", "admin"}
    assert shop.get("customerGroups/search?searchCriteria=").json()["items"][0]["code"] == "NOT LOGGED IN"


def test_a_wrong_token_is_refused_with_the_missing_right(world: Sandbox) -> None:
    answer = httpx.get(f"{world.shop_url}/rest/V1/invoices?searchCriteria=", headers={"Authorization": "Bearer no"})
    assert answer.status_code == 401
    assert answer.json()["parameters"] == {"resources": "Magento_Sales::sales_invoice"}


@pytest.fixture
def signed(world: Sandbox) -> Iterator[requests.Session]:
    keys = world.shop.keys
    with requests.Session() as session:
        session.auth = OAuth1(
            keys.consumer_key, keys.consumer_secret, keys.token, keys.token_secret, signature_method="HMAC-SHA256"
        )
        yield session


def groups(count: int) -> str:
    merged: Params = {"searchCriteria[pageSize]": "1"}
    for group in range(count):
        merged |= where(group, "entity_id", "gt", "0")
    return "&".join(f"{quote(name)}={quote(value)}" for name, value in merged.items())


def test_oauth_signatures_are_verified_and_ten_filters_are_the_most(world: Sandbox, signed: requests.Session) -> None:
    url = f"{world.shop_url}/rest/V1/orders"
    assert signed.get(f"{url}?{groups(10)}").status_code == 200
    refused = signed.get(f"{url}?{groups(11)}")
    assert (refused.status_code, refused.json()) == (
        401,
        {"message": "The signature is invalid. Verify and try again."},
    )


def test_a_space_sent_as_plus_breaks_the_signature(world: Sandbox, signed: requests.Session) -> None:
    start = f"{world.shop_url}/rest/V1/orders?"
    filters = where(0, "created_at", "gteq", "2026-11-01 00:00:00")
    encoded = "&".join(f"{quote(name)}={quote(value)}" for name, value in filters.items())
    assert signed.get(start + encoded).status_code == 200
    assert signed.get(start + encoded.replace("%20", "+")).status_code == 401


def test_the_same_signed_request_is_accepted_once(world: Sandbox) -> None:
    keys = world.shop.keys
    auth = OAuth1(
        keys.consumer_key, keys.consumer_secret, keys.token, keys.token_secret, signature_method="HMAC-SHA256"
    )
    with requests.Session() as session:
        request = session.prepare_request(
            requests.Request("GET", f"{world.shop_url}/rest/V1/store/websites", auth=auth)
        )
        first, second = session.send(request), session.send(request)
    assert (first.status_code, second.status_code) == (200, 401)
    assert second.json()["message"] == "The nonce is already being used by the consumer with ID %1"


def test_an_hmac_sha1_signature_is_not_supported(world: Sandbox) -> None:
    keys = world.shop.keys
    auth = OAuth1(keys.consumer_key, keys.consumer_secret, keys.token, keys.token_secret)
    answer = requests.get(f"{world.shop_url}/rest/V1/store/websites", auth=auth, timeout=10)
    assert (answer.status_code, answer.json()["parameters"]) == (400, ["HMAC-SHA1"])


def test_changes_move_the_order_and_show_at_once(world: Sandbox, shop: httpx.Client) -> None:
    placed = world.shop.place()
    number, before = placed["increment_id"], placed["updated_at"]
    assert shop.get(f"orders/{placed['entity_id']}").json()["state"] == "new"
    invoice = world.shop.invoice(number)
    shown = shop.get(f"orders/{placed['entity_id']}").json()
    assert (shown["total_due"], shown["state"]) == (0, placed["state"])
    assert shown["updated_at"] > before
    assert ids(shop, where(0, "order_id", "eq", str(placed["entity_id"])), path="invoices") == [invoice["entity_id"]]
    memo = world.shop.refund(number)
    assert world.shop.order(number)["state"] == "closed"
    assert memo["base_grand_total"] == placed["base_grand_total"]


def test_a_cancelled_order_keeps_what_was_due(world: Sandbox, shop: httpx.Client) -> None:
    placed = world.shop.place()
    world.shop.cancel(placed["increment_id"])
    shown = shop.get(f"orders/{placed['entity_id']}").json()
    assert shown["state"] == "canceled"
    assert shown["total_due"] == shown["total_canceled"] == shown["grand_total"]


def test_faults_strike_when_told_and_then_stop(world: Sandbox, shop: httpx.Client) -> None:
    path = "orders?searchCriteria=&fields=total_count"
    world.shop.faults.status_next(1, 503, html=True)
    page = shop.get(path)
    assert (page.status_code, page.text[:15]) == (503, "<!doctype html>")
    world.shop.faults.throttle_next(1, retry_after=2)
    throttled = shop.get(path)
    assert (throttled.status_code, throttled.headers["retry-after"]) == (429, "2")
    world.shop.faults.truncate_next(1, after=1)
    assert shop.get(path).json() == {"total_count": 40}
    assert shop.get(path).text != '{"total_count": 40}'
    world.shop.faults.reset_next()
    with pytest.raises(httpx.TransportError):
        shop.get(path)
    assert shop.get(path).json() == {"total_count": 40}
