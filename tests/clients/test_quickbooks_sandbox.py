"""The client against a whole company that checks what it is sent and counts what it is asked."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from deploy.sandbox.world import Sandbox
from tasks.clients.consent import Granted, exchange
from tasks.clients.errors import NeedsPerson, TryLater, Unknown
from tasks.clients.quickbooks import QuickBooks, fault_in, written_in
from tasks.clients.quickbooks_auth import Tokens
from tasks.clients.quickbooks_faults import Rejected
from tasks.clients.quickbooks_query import ACTIVE_OR_NOT, one_of, quote, select
from tests.clients.intuit import Notes, TokenFile

T = TypeVar("T")
NAMES = ["Anne O'Keefe", "Zoë O’Brien – Söhne", "50% & more", "back\\slash", 'The "Shop"']


class Company:
    """The sandbox and the tokens to reach it."""

    def __init__(self, world: Sandbox, path: Path) -> None:
        self.world = world
        self.books = world.books
        self.store = TokenFile(path / "tokens.json")
        self.store.put(Tokens(world.tokens.app.realm_id, world.tokens.refresh_token))

    def client(self) -> QuickBooks:
        app = self.world.tokens.app
        return QuickBooks(
            self.world.books_url, self.world.token_url, app.client_id, app.client_secret, self.store, Notes()
        )

    def run(self, work: Callable[[QuickBooks], Awaitable[T]]) -> T:
        async def whole() -> T:
            async with self.client() as client:
                return await work(client)

        return asyncio.run(whole())


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    with Sandbox(orders=0) as world:
        yield Company(world, tmp_path)


def customers(*names: str) -> bytes:
    items = [
        {"bId": str(place), "operation": "create", "Customer": {"DisplayName": name}}
        for place, name in enumerate(names)
    ]
    return json.dumps({"BatchItemRequest": items}, ensure_ascii=False).encode()


async def names_of(client: QuickBooks) -> set[str]:
    pages = client.query_all("Customer", ACTIVE_OR_NOT, page=2)
    return {row["DisplayName"] async for rows in pages for row in rows}


def test_names_of_every_kind_are_written_and_found_again(company: Company) -> None:
    async def work(client: QuickBooks) -> None:
        answer = await client.batch(customers(*NAMES), "c-1")
        assert answer.missing == ()
        assert all(written_in(item) for item in answer.items.values())
        found = await client.batch_query([select("Customer", f"DisplayName = {quote(name)}") for name in NAMES])
        assert [[row["DisplayName"] for row in rows] for rows in found.values()] == [[name] for name in NAMES]
        assert len(await client.query(select("Customer", one_of("DisplayName", NAMES)))) == len(NAMES)
        assert set(NAMES) <= await names_of(client)
        assert await client.count("Customer") == len(company.books.documents("Customer"))

    company.run(work)


def test_what_the_client_counts_is_what_the_company_meters(company: Company) -> None:
    async def work(client: QuickBooks) -> tuple[int, int, int, int]:
        await client.company()
        await client.preferences()
        await client.batch(customers("A", "B", "C"), "c-1")
        await client.batch_query([select("Item"), select("Account")])
        await client.cdc(["Customer"], datetime.now(UTC) - timedelta(days=1))
        calls = client.calls
        return calls.calls, calls.batches, calls.reads, calls.writes

    books = company.books
    assert company.run(work) == (books.calls, books.batches, books.reads, books.writes) == (5, 2, 5, 3)
    assert books.violations == 0


def test_a_batch_whose_answer_was_lost_is_settled_by_the_same_id_and_bytes(company: Company) -> None:
    body = customers("A", "B")
    company.books.faults.drop_next(only="/batch")

    async def work(client: QuickBooks) -> set[str]:
        with pytest.raises(Unknown):
            await client.batch(body, "c-1")
        assert {"A", "B"} <= await names_of(client)
        answer = await client.batch(body, "c-1")
        return {item["Customer"]["DisplayName"] for item in answer.items.values()}

    assert company.run(work) == {"A", "B"}
    assert sorted(one["DisplayName"] for one in company.books.documents("Customer"))[:2] == ["A", "B"]
    assert company.books.writes == 2


@pytest.mark.parametrize("switch", ["reset_next", "truncate_next", "status_next"])
def test_no_failed_write_is_taken_for_not_done(company: Company, switch: str) -> None:
    getattr(company.books.faults, switch)(only="/batch")
    with pytest.raises(Unknown):
        company.run(lambda client: client.batch(customers("A"), "c-1"))


def test_a_proxys_page_and_a_throttled_call_are_tried_later(company: Company) -> None:
    company.books.faults.status_next(only="/query", html=True)
    company.books.faults.throttle_next(retry_after=3, only="/query")

    async def work(client: QuickBooks) -> None:
        with pytest.raises(TryLater):
            await client.query(select("Item"))
        with pytest.raises(TryLater) as throttled:
            await client.query(select("Item"))
        assert throttled.value.retry_after == 3
        assert await client.query(select("Item"))

    company.run(work)


def test_one_bad_document_of_a_batch_leaves_the_others_alone(company: Company) -> None:
    async def work(client: QuickBooks) -> list[str]:
        answer = await client.batch(customers("A", "a", "B:C"), "c-1")
        verdicts = [fault_in(answer.items[bid]) for bid in ("0", "1", "2")]
        return [verdict.code if verdict else "" for verdict in verdicts]

    assert company.run(work) == ["", "6240", "2040"]


def test_a_name_that_is_taken_is_told_from_other_refusals(company: Company) -> None:
    async def work(client: QuickBooks) -> None:
        await client.create("Customer", '{"DisplayName":"A"}', "c-1")
        with pytest.raises(Rejected) as refused:
            await client.create("Customer", '{"DisplayName":"A"}', "c-2")
        assert refused.value.verdict.action == "ours_already"
        assert refused.value.verdict.problem == "duplicate-name"
        again = await client.create("Customer", '{"DisplayName":"A"}', "c-1")
        assert again["DisplayName"] == "A"

    company.run(work)


def test_an_expired_token_is_renewed_in_the_middle_of_many_calls(company: Company) -> None:
    async def work(client: QuickBooks) -> None:
        await client.preferences()
        company.world.tokens.expire_access()
        await asyncio.gather(*(client.query(select("Item")) for _ in range(12)))

    company.run(work)
    assert company.books.token_calls == 2
    assert company.store.read().refresh_token == company.world.tokens.refresh_token


def test_a_disconnected_company_needs_a_person(company: Company) -> None:
    company.world.tokens.disconnect()
    with pytest.raises(NeedsPerson, match="connect quickbooks"):
        company.run(lambda client: client.preferences())


def test_a_person_connects_and_the_first_call_works(company: Company) -> None:
    app = company.world.tokens.app
    company.world.tokens.codes.add("CODE-1")
    granted = exchange(
        Granted("CODE-1", app.realm_id),
        token_url=company.world.token_url,
        client_id=app.client_id,
        client_secret=app.client_secret,
        redirect_uri="http://localhost:8484/callback",
        now=datetime.now(UTC),
    )
    company.store.put(granted)
    info: dict[str, Any] = company.run(lambda client: client.company())
    assert info["CompanyName"]
    assert company.books.token_calls == 1
