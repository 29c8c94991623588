"""Magento's REST API, reading: lists of documents page by page, by id, and the shop's store views and groups.

Bodies pass through unparsed, for the staging store to take apart; only ids and counts are looked at here. Nothing is
retried here. Failures are those of `tasks.clients.errors`.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from types import TracebackType
from typing import Self, TypeVar

import httpx

from mappings.json_answer import Answered, trimmed
from tasks.clients import http, magento_answers
from tasks.clients.errors import TryLater
from tasks.clients.magento_search import PATHS, Filter, Kind, Stamp, query, rest_root, window

T = TypeVar("T")

IDS_PER_REQUEST = 100  # addresses over 8 kB are refused by the web server (414)
LONGEST_VERSION = 60  # characters: a web page in its place is none
MOST_NOTICES = 20  # a message may differ from answer to answer; nobody reads more of them
PAGE_BYTES = 1_000_000  # what a page may weigh, so that memory does not depend on how long a shop's orders are


@dataclass(frozen=True, slots=True)
class Page:
    """One search answer as it came. `last_id` is the highest id in it, `total_count` how many documents the request
    matched, this page included, `latest` the newest `updated_at` (UTC), `asked_at` the shop's own time of the reading's
    first answer (UTC). `expected` is how many the whole reading should bring, as the first answer said, and `seen` how
    many came up to and with this page: after the last page they differ if the shop changed meanwhile."""

    body: bytes
    count: int
    last_id: int
    total_count: int
    latest: datetime | None
    expected: int
    seen: int
    asked_at: datetime


class Magento:
    """A shop. Use as `async with`; `calls` counts the requests, for the run's report, and `notices` are the messages
    of PHP that the shop wrote around its answers, each once; `patience` is for who waits when the shop asks for it."""

    def __init__(self, client: httpx.AsyncClient, base_url: str, *, concurrency: int = 4) -> None:
        self._client = client
        self._root = rest_root(base_url)
        self._concurrency = concurrency
        self.calls = 0
        self.notices: dict[str, None] = {}
        self.patience = http.Patience("Magento")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def pages(
        self,
        kind: Kind,
        since: datetime | None = None,
        until: datetime | None = None,
        *,
        page_size: int = 200,
        after_id: int = 0,
        stamp: Stamp = "updated_at",
    ) -> AsyncGenerator[Page]:
        """Every document with its `stamp` in [since, until) and an id above `after_id`, at least one page.

        Pages after the first hold fewer documents where `page_size` of them weigh more than `PAGE_BYTES`. Windows
        larger than a page are cut into ranges of ids that are read at the same time, so pages come in no
        particular order; at most `concurrency` pages wait in memory. Raises `TryLater` when the shop contradicts
        itself (more announced than given, or ids that do not advance) instead of going round for ever.
        """
        filters = window(since, until, stamp)
        first = await self._page(kind, filters, page_size, after_id)
        seen = first.count
        yield first
        if first.total_count <= first.count:
            return
        page_size = min(page_size, max(10, page_size * PAGE_BYTES // len(first.body)))
        parts = min(self._concurrency, -(-(first.total_count - first.count) // page_size))
        newest = await self._newest(kind, filters)
        if newest <= first.last_id:
            raise _stuck(kind)
        ranges = _ranges(first.last_id, newest, parts)
        async with aclosing(self._read_ranges(kind, filters, page_size, ranges)) as rest:
            async for page in rest:
                seen += page.count
                yield replace(page, expected=first.total_count, seen=seen, asked_at=first.asked_at)

    async def by_ids(self, kind: Kind, ids: Iterable[int]) -> AsyncGenerator[Page]:
        """The documents with these ids, a hundred to a request. Ids that do not exist are left out by Magento."""
        wanted = sorted(set(ids))
        seen = 0
        for start in range(0, len(wanted), IDS_PER_REQUEST):
            chunk = wanted[start : start + IDS_PER_REQUEST]
            filters = [Filter("entity_id", ",".join(map(str, chunk)), "in")]
            page = await self._search(kind, query(filters, IDS_PER_REQUEST))
            seen += page.count
            yield replace(page, expected=len(wanted), seen=seen)

    async def count(
        self,
        kind: Kind,
        since: datetime | None = None,
        until: datetime | None = None,
        stamp: Stamp = "updated_at",
    ) -> int:
        """How many documents have their `stamp` in [since, until)."""
        fields = "items[id]" if kind in ("customer", "product") else "items[entity_id]"
        page = await self._search(kind, query(window(since, until, stamp), 1, fields=f"{fields},total_count"))
        return page.total_count

    async def stores(self) -> tuple[bytes, bytes]:
        """The store views twice, as JSON lists: their configuration (zone, currency) and their names."""
        return await self._list("store/storeConfigs"), await self._list("store/storeViews")

    async def groups(self) -> bytes:
        """The customer groups, as a search answer."""
        response = await self._get(f"customerGroups/search?searchCriteria%5BpageSize%5D={IDS_PER_REQUEST}")
        return self._noted(magento_answers.read_search(response)).body

    async def newest(self, kind: Kind, number: int) -> bytes:
        """The `number` newest documents, newest first, as a search answer."""
        return (await self._search(kind, query([], number, newest=True))).body

    async def version(self) -> str:
        """What the shop tells anybody of its version, e.g. `Magento/2.4 (Community)`; empty where that is switched off.
        The address is beside the REST API, not in it (Magento_Version)."""
        self.calls += 1
        root = self._root.partition("/rest/")[0].removesuffix("/V1")
        response = await http.send(
            self._client, self._client.build_request("GET", f"{root}/magento_version"), "Magento"
        )
        text = trimmed(response.content).decode("utf-8", "replace")
        return text if response.is_success and text.startswith("Magento/") and len(text) < LONGEST_VERSION else ""

    async def _read_ranges(
        self, kind: Kind, filters: list[Filter], page_size: int, ranges: list[tuple[int, int]]
    ) -> AsyncGenerator[Page]:
        """Pages of all ranges as they arrive: one request per range under way while the last page is worked on."""

        def turn(low: int, high: int) -> asyncio.Task[Page]:
            within = [*filters, Filter("entity_id", str(high), "lteq")]
            return asyncio.create_task(self._page(kind, within, page_size, low))

        turns = {turn(low, high): high for low, high in ranges}
        try:
            while turns:
                done, _ = await asyncio.wait(turns, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    high, page = turns.pop(task), task.result()
                    if page.total_count > page.count:
                        turns[turn(page.last_id, high)] = high
                    if page.count:
                        yield page
        finally:
            for task in turns:
                task.cancel()
            await asyncio.gather(*turns, return_exceptions=True)

    async def _page(self, kind: Kind, filters: list[Filter], page_size: int, after_id: int) -> Page:
        above = [Filter("entity_id", str(after_id), "gt")] if after_id else []
        page = await self._search(kind, query([*filters, *above], page_size))
        if page.total_count > page.count and page.last_id <= after_id:
            raise _stuck(kind)
        return page

    async def _newest(self, kind: Kind, filters: list[Filter]) -> int:
        fields = "items[id]" if kind in ("customer", "product") else "items[entity_id]"
        page = await self._search(kind, query(filters, 1, newest=True, fields=f"{fields},total_count"))
        return page.last_id

    async def _search(self, kind: Kind, search: str) -> Page:
        response = await self._get(f"{PATHS[kind]}?{search}")
        answer = self._noted(magento_answers.read_search(response))
        found = answer.value
        return Page(
            answer.body,
            found.count,
            found.last_id,
            found.total_count,
            found.latest,
            found.total_count,
            found.count,
            http.answered_at(response),
        )

    async def _list(self, path: str) -> bytes:
        return self._noted(magento_answers.read_list(await self._get(path))).body

    def _noted(self, answer: Answered[T]) -> Answered[T]:
        if answer.notice and len(self.notices) < MOST_NOTICES:
            self.notices[answer.notice] = None
        return answer

    async def _get(self, path: str) -> httpx.Response:
        self.calls += 1
        request = self._client.build_request("GET", f"{self._root}/{path}")
        response = await http.send(self._client, request, "Magento")
        if response.is_success:
            self.patience.well()
        return response


def _stuck(kind: Kind) -> TryLater:
    return TryLater("Magento", f"the list of {kind}s does not get on: more is announced than given")


def _ranges(low: int, high: int, parts: int) -> list[tuple[int, int]]:
    """The ids above `low` up to `high` in `parts` ranges (exclusive, inclusive) of about the same width."""
    bounds = [low + (high - low) * part // parts for part in range(parts + 1)]
    return [pair for pair in pairwise(bounds) if pair[0] < pair[1]]


def connect(
    base_url: str,
    auth: httpx.Auth,
    *,
    concurrency: int = 4,
    timeout: float = 60.0,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Magento:
    """The shop at `base_url` (see `magento_search.rest_root`), with at most `concurrency` requests at a time; `timeout`
    in seconds; `transport` replaces the network."""
    client = http.build(auth=auth, timeout=timeout, connections=concurrency, transport=transport)
    return Magento(client, base_url, concurrency=concurrency)
