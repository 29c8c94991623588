"""Reading a shop: answers recorded from Magento 2.4.7, and a loopback shop that changes while it is read."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import vcr  # type: ignore[import-untyped]

from tasks.clients.errors import NeedsPerson, Refused, TryLater
from tasks.clients.magento import Magento, Page, connect
from tasks.clients.magento_auth import Bearer
from tasks.clients.magento_search import Filter, Kind, query, rest_root, window
from tests.clients.loopback import Loopback, Reply, Seen
from tests.clients.magento_shop import Shop, order, running

CASSETTES = Path(__file__).parent / "cassettes"
SINCE, UNTIL = datetime(2026, 11, 21, 1, tzinfo=UTC), datetime(2026, 11, 21, 3, tzinfo=UTC)


@contextmanager
def recorded(name: str) -> Iterator[Any]:
    with vcr.VCR(record_mode="none").use_cassette(str(CASSETTES / f"{name}.yaml")) as cassette:
        yield cassette


def pages(url: str, kind: Kind = "order", *, concurrency: int = 4, **options: Any) -> list[Page]:
    async def read() -> list[Page]:
        async with connect(url, Bearer("token"), concurrency=concurrency) as magento:
            return [page async for page in magento.pages(kind, **options)]

    return asyncio.run(read())


def ids(found: list[Page]) -> list[int]:
    return [one["entity_id"] for page in found for one in json.loads(page.body)["items"]]


def test_a_window_is_read_whole_in_ranges_of_ids() -> None:
    with recorded("invoices") as cassette:
        found = pages("https://shop.example", "invoice", since=SINCE, until=UNTIL, page_size=12, concurrency=2)
    assert sorted(ids(found)) == list(range(1, 31))
    assert [page.count for page in found] == [12, 9, 9]
    assert (found[-1].seen, found[-1].expected) == (30, 30)
    assert cassette.all_played


def test_an_empty_window_is_one_empty_page() -> None:
    with recorded("empty"):
        assert [
            (page.count, page.last_id, page.total_count) for page in pages("https://shop.example", page_size=50)
        ] == [(0, 0, 0)]


def test_a_count_may_come_with_null_instead_of_an_empty_list() -> None:
    async def count() -> int:
        async with connect("https://shop.example", Bearer("token")) as magento:
            return await magento.count("order")

    with recorded("empty"):
        assert asyncio.run(count()) == 85


def test_store_views_and_groups_are_read_as_they_come() -> None:
    async def read() -> tuple[bytes, bytes, bytes, int]:
        async with connect("https://shop.example/rest/V1/", Bearer("token")) as magento:
            return *await magento.stores(), await magento.groups(), magento.calls

    with recorded("shop"):
        configs, views, groups, calls = asyncio.run(read())
    assert [one["timezone"] for one in json.loads(configs)] == ["America/New_York", "Europe/Berlin"]
    assert [one["name"] for one in json.loads(views)] == ["Default Store View", "Admin", "Deutsch"]
    assert json.loads(groups)["items"][0]["code"] == "NOT LOGGED IN"
    assert calls == 3


def test_customers_and_products_are_known_by_id() -> None:
    async def read() -> list[Page]:
        async with connect("https://shop.example", Bearer("token")) as magento:
            return [page async for page in magento.by_ids("product", [5, 4, 9999, 3, 4])]

    with recorded("customers"):
        assert [page.last_id for page in pages("https://shop.example", "customer", page_size=50)] == [2]
    with recorded("products"):
        assert [(page.count, page.expected) for page in asyncio.run(read())] == [(3, 4)]


def test_more_than_a_hundred_ids_are_asked_in_short_addresses() -> None:
    async def read(url: str) -> list[Page]:
        async with connect(url, Bearer("token")) as magento:
            return [page async for page in magento.by_ids("order", range(1_000_001, 1_000_251))]

    with running(Shop({number: order(number) for number in range(1_000_001, 1_000_251)})) as shop:
        assert [page.count for page in asyncio.run(read(shop.url))] == [100, 100, 50]
        assert max(len(seen.target) for seen in shop.seen) < 2000


@pytest.mark.parametrize("concurrency", [1, 4, 9])
@pytest.mark.parametrize("orders", [0, 1, 5, 6, 47])
def test_every_order_comes_once_whatever_the_size_of_the_window(orders: int, concurrency: int) -> None:
    with running(Shop({number * 7: order(number * 7) for number in range(1, orders + 1)})) as shop:
        found = pages(shop.url, page_size=5, concurrency=concurrency)
    assert sorted(ids(found)) == [number * 7 for number in range(1, orders + 1)]
    assert found[-1].seen == found[-1].expected == orders


def test_the_window_is_half_open_and_in_utc() -> None:
    stamps = ["2026-11-21 00:59:59", "2026-11-21 01:00:00", "2026-11-21 02:59:59", "2026-11-21 03:00:00"]
    berlin = SINCE.astimezone(timezone(timedelta(hours=1)))
    with running(Shop({number: order(number, stamp) for number, stamp in enumerate(stamps, 1)})) as shop:
        assert ids(pages(shop.url, since=berlin, until=UNTIL)) == [2, 3]


def test_the_newest_stamp_of_a_page_is_told_in_utc_and_what_is_no_stamp_is_left_to_the_readers() -> None:
    stamps: list[Any] = ["2026-11-21 01:00:00", "2026-11-21 03:04:05", "soon", "9999-99-99 99:99:99", None, 7]
    documents = {number: order(number) | {"updated_at": stamp} for number, stamp in enumerate(stamps, 1)}
    with running(Shop(documents)) as shop:
        [page] = pages(shop.url)
    assert page.latest == datetime(2026, 11, 21, 3, 4, 5, tzinfo=UTC)


def test_all_pages_of_a_reading_carry_the_shops_time_at_which_it_began() -> None:
    began = datetime(2026, 11, 21, 12, tzinfo=UTC)
    shop = Shop({number: order(number) for number in range(1, 21)})

    def dated(seen: Seen) -> Reply:
        reply = shop.answer(seen)
        reply.headers["Date"] = format_datetime(began + timedelta(minutes=10 * len(asked)), usegmt=True)
        asked.append(seen)
        return reply

    asked: list[Seen] = []
    with Loopback(dated).running() as server:
        found = pages(server.url, page_size=5)
    assert len(asked) > 3
    assert {page.asked_at for page in found} == {began}


def test_a_window_of_naive_times_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        window(datetime(2026, 11, 21), None)  # noqa: DTZ001 - the point


def test_orders_that_leave_the_window_while_it_is_read_hide_no_others() -> None:
    shop = Shop({number: order(number) for number in range(1, 21)})

    def touch(seen: Seen) -> None:
        if len(shop.seen) == 3:
            shop.documents[2]["updated_at"] = shop.documents[12]["updated_at"] = "2026-11-22 00:00:00"

    shop.before = touch
    with running(shop):
        found = pages(shop.url, since=SINCE, until=UNTIL, page_size=5, concurrency=1)
    assert set(ids(found)) >= set(range(1, 21)) - {12}
    assert (found[-1].seen, found[-1].expected) == (19, 20)


def test_a_shop_that_repeats_its_last_page_for_ever_is_not_followed() -> None:
    shop = Shop({number: order(number) for number in range(1, 21)})
    shop.sends = lambda found: list(shop.documents.values())[:5]
    with running(shop), pytest.raises(TryLater, match="does not get on"):
        pages(shop.url, page_size=5)
    assert len(shop.seen) < 10


def test_a_shop_that_announces_more_than_it_gives_is_not_followed() -> None:
    shop = Shop({number: order(number) for number in range(1, 21)}, sends=lambda found: [])
    with running(shop), pytest.raises(TryLater, match="more is announced than given"):
        pages(shop.url, page_size=5)


def test_a_shop_that_gives_smaller_pages_than_asked_for_is_read_to_the_end() -> None:
    shop = Shop({number: order(number) for number in range(1, 21)}, sends=lambda found: found[:3])
    with running(shop):
        assert sorted(ids(pages(shop.url, page_size=5))) == list(range(1, 21))


def test_heavy_orders_come_in_smaller_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.clients.magento.PAGE_BYTES", 2_000)
    with running(Shop({number: order(number) for number in range(1, 101)})) as shop:
        first, *others = pages(shop.url, page_size=40, concurrency=1)
    assert len(first.body) > 3_000
    assert max(len(page.body) for page in others) < 2_200
    assert sorted(ids([first, *others])) == list(range(1, 101))


def test_a_failure_in_one_range_ends_the_others() -> None:
    def fail_late(seen: Seen) -> Reply:
        return Reply(500) if len(server.seen) > 5 else shop.answer(seen)

    shop = Shop({number: order(number) for number in range(1, 201)})
    with Loopback(fail_late).running() as server, pytest.raises(TryLater):
        pages(server.url, page_size=5)


def test_pages_can_be_left_early() -> None:
    async def first(url: str) -> Page:
        async with connect(url, Bearer("token")) as magento:
            found = magento.pages("order", page_size=5)
            pages = [await anext(found), await anext(found)]
            await found.aclose()
            return pages[1]

    with running(Shop({number: order(number) for number in range(1, 101)})) as shop:
        assert asyncio.run(first(shop.url)).count == 5


PHP = b"<br />\n<b>Deprecated</b>:  Foo::bar() in <b>/var/www/foo.php</b> on line <b>3</b><br />\n"


@pytest.mark.parametrize(
    ("before", "behind", "notices"),
    [
        (b"\n", b"", []),
        (b"\r\n\xef\xbb\xbf \n", b"\n\xef\xbb\xbf\n", []),
        (PHP, b"", ["Deprecated: Foo::bar() in /var/www/foo.php on line 3"]),
        (b"\xef\xbb\xbf\n", PHP, ["Deprecated: Foo::bar() in /var/www/foo.php on line 3"]),
    ],
)
def test_what_a_shop_writes_around_its_json_does_not_reach_the_pages(
    before: bytes, behind: bytes, notices: list[str]
) -> None:
    def answer(seen: Seen) -> Reply:
        a_list = seen.path.endswith(("storeConfigs", "storeViews"))
        found = b'[{"id":1}]' if a_list else b'{"items":[{"id":7,"entity_id":7}],"total_count":1}'
        return Reply(body=before + found + behind)

    async def ask(url: str) -> tuple[object, ...]:
        async with connect(url, Bearer("token")) as magento:
            stores, groups = await magento.stores(), await magento.groups()
            [page] = [page async for page in magento.pages("order")]
            return await magento.count("order"), page.last_id, page.body, stores, groups, list(magento.notices)

    with Loopback(answer).running() as server:
        count, last_id, body, stores, groups, found = asyncio.run(ask(server.url))
    assert (count, last_id, found) == (1, 7, notices)
    assert (body, stores) == (groups, (b'[{"id":1}]', b'[{"id":1}]'))
    assert body == b'{"items":[{"id":7,"entity_id":7}],"total_count":1}'


def test_a_refusal_behind_a_message_of_php_keeps_its_words() -> None:
    async def ask(url: str) -> None:
        async with connect(url, Bearer("token")) as magento:
            await magento.count("order")

    reply = Reply(401, PHP + b'{"message":"The consumer isn\'t authorized to access %1","parameters":["A::b"]}')
    with Loopback(lambda _: reply).running() as server, pytest.raises(NeedsPerson, match="authorized to access A::b"):
        asyncio.run(ask(server.url))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"Debug: here\n[]", 'it begins with "Debug: here"'),
        (b"<!doctype html>", "it is a web page"),
        (PHP + b"[", "it begins with a message of PHP: Deprecated: Foo::bar\\(\\) in /var/www/foo.php on line 3"),
        (b"", "it is empty"),
    ],
)
def test_an_answer_that_cannot_be_read_is_described(body: bytes, words: str) -> None:
    async def ask(url: str) -> None:
        async with connect(url, Bearer("token")) as magento:
            await magento.count("order")

    with Loopback(lambda _: Reply(body=body)).running() as server, pytest.raises(TryLater, match=words):
        asyncio.run(ask(server.url))


@pytest.mark.parametrize(
    ("body", "reading"),
    [
        (b"<!doctype html><h1>Down for maintenance</h1>", "count"),
        (b'{"items":[{"entity_id":1},{"entity', "count"),
        (b'{"items":[{"increment_id":"1"}],"total_count":1}', "count"),
        (b'{"items":[]}', "count"),
        (b"[]", "groups"),
        (b'{"items":[]}', "stores"),
        (b"[{", "stores"),
        (b"", "stores"),
    ],
)
def test_a_success_that_is_not_the_api_speaking_is_tried_later(body: bytes, reading: str) -> None:
    calls: dict[str, Callable[[Magento], Any]] = {
        "count": lambda magento: magento.count("order"),
        "groups": lambda magento: magento.groups(),
        "stores": lambda magento: magento.stores(),
    }

    async def ask(url: str) -> None:
        async with connect(url, Bearer("token")) as magento:
            await calls[reading](magento)

    with Loopback(lambda _: Reply(body=body)).running() as server, pytest.raises(TryLater, match="not a complete"):
        asyncio.run(ask(server.url))


@pytest.mark.parametrize(
    ("base", "root"),
    [
        ("https://shop.example", "https://shop.example/rest/V1"),
        ("https://shop.example/", "https://shop.example/rest/V1"),
        ("https://shop.example/de/", "https://shop.example/de/rest/V1"),
        ("https://shop.example/rest/V1", "https://shop.example/rest/V1"),
        ("https://shop.example/rest/V1/", "https://shop.example/rest/V1"),
        ("https://shop.example/rest/de/V1", "https://shop.example/rest/de/V1"),
        ("https://shop.example/rest", "https://shop.example/rest/V1"),
        ("https://shop.example/rest/all", "https://shop.example/rest/all/V1"),
        ("https://na1.api.commerce.adobe.com/AbCdEf123/V1", "https://na1.api.commerce.adobe.com/AbCdEf123/V1"),
    ],
)
def test_every_form_of_the_base_address_leads_to_the_api(base: str, root: str) -> None:
    assert rest_root(base) == root


def test_eleven_filters_are_refused_before_magento_refuses_their_signature() -> None:
    with pytest.raises(ValueError, match="at most 10"):
        query([Filter("entity_id", "1", "gt")] * 11, 1)


def test_nothing_but_percent_encoding_goes_into_the_query() -> None:
    text = query(window(SINCE, UNTIL), 1)
    assert "+" not in text
    assert "[" not in text
    assert "2026-11-21%2001%3A00%3A00" in text


def test_a_refused_page_size_says_what_the_shop_allows() -> None:
    async def ask() -> None:
        async with connect("https://shop.example", Bearer("token")) as magento:
            await magento.count("order")

    with recorded("failures/max50_pagesize_51"), pytest.raises(Refused, match="pageSize is 50"):
        asyncio.run(ask())


@pytest.mark.parametrize("before", ["", "\n", "\ufeff\n", "\u00a0\ufeff"])
def test_the_version_is_read_behind_white_space_and_marks(before: str) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, text=f"{before}Magento/2.4 (Community)\n")

    async def ask() -> str:
        async with connect("https://shop.example", Bearer("t"), transport=httpx.MockTransport(answer)) as magento:
            return await magento.version()

    assert asyncio.run(ask()) == "Magento/2.4 (Community)"
