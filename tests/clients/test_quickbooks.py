"""What QuickBooks Online is asked, and how its answers are read."""

import asyncio
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tasks.clients.errors import NeedsPerson, TryLater, Unknown
from tasks.clients.quickbooks import QuickBooks, fault_in, written_in
from tasks.clients.quickbooks_faults import Rejected
from tests.clients.intuit import GOOD, NOW, REALM, company, fault
from tests.clients.loopback import Reply

TID = {"intuit_tid": "1-65e1f0b2-7a"}


def batch(*bids: str, **entity: Any) -> bytes:
    """A batch of creations with these bIds."""
    items = [{"bId": bid, "operation": "create", "SalesReceipt": entity} for bid in bids]
    return json.dumps({"BatchItemRequest": items}, separators=(",", ":")).encode()


def found(*objects: dict[str, Any], entity: str = "Item") -> Reply:
    return Reply(body={"QueryResponse": {entity: list(objects), "startPosition": 1, "maxResults": len(objects)}})


@pytest.mark.parametrize(
    "name",
    [
        "O'Keefe",
        "O’Keefe – Söhne",
        "50% & more",
        "a+b c#d?e=f",
        "back\\slash",
        "%41 %2541",
        'say "hi"',
        "日本 🙂",
        "new\nline",
    ],
)
def test_a_statement_arrives_as_it_was_written(tmp_path: Path, name: str) -> None:
    statement = f"SELECT * FROM Customer WHERE DisplayName = '{name}'"
    with company(tmp_path) as intuit:
        intuit.run(lambda client: client.query(statement))
        [call] = intuit.calls
        assert call.query["query"] == statement
        assert call.query["minorversion"] == "75"
        assert call.path == f"/v3/company/{REALM}/query"
        assert call.headers["accept"] == "application/json"
        assert "+" not in call.target


def test_amounts_in_answers_are_decimals(tmp_path: Path) -> None:
    with company(tmp_path) as intuit:
        intuit.api = [Reply(body=b'{"QueryResponse": {"SalesReceipt": [{"Id": "7", "TotalAmt": 0.10, "Odd": {}}]}}')]
        [receipt] = intuit.run(lambda client: client.query("SELECT * FROM SalesReceipt"))
        assert receipt["TotalAmt"] == Decimal("0.10")
        assert isinstance(receipt["TotalAmt"], Decimal)


def test_an_empty_result_is_an_empty_list_and_rows_can_be_counted(tmp_path: Path) -> None:
    with company(tmp_path) as intuit:
        assert intuit.run(lambda client: client.query("SELECT * FROM Item")) == []
        intuit.api = [Reply(body={"QueryResponse": {"totalCount": 12}})]
        assert intuit.run(lambda client: client.count("Item", "Active = true")) == 12
        assert intuit.calls[-1].query["query"] == "SELECT COUNT(*) FROM Item WHERE Active = true"


def test_an_answer_to_a_query_without_a_result_is_no_empty_list(tmp_path: Path) -> None:
    with company(tmp_path) as intuit:
        intuit.api = [Reply(body={"time": "2026-03-01"})]
        with pytest.raises(TryLater):
            intuit.run(lambda client: client.query("SELECT * FROM Item"))


def test_pages_are_read_in_the_order_of_ids_until_one_is_short(tmp_path: Path) -> None:
    with company(tmp_path) as intuit:
        intuit.api = [found({"Id": "1"}, {"Id": "2"}), found({"Id": "3"}, {"Id": "4"}), found({"Id": "5"})]

        async def work(client: QuickBooks) -> list[list[str]]:
            return [[row["Id"] for row in rows] async for rows in client.query_all("Item", "Active = true", page=2)]

        assert intuit.run(work) == [["1", "2"], ["3", "4"], ["5"]]
        assert [call.query["query"] for call in intuit.calls] == [
            f"SELECT * FROM Item WHERE Active = true ORDERBY Id STARTPOSITION {start} MAXRESULTS 2"
            for start in (1, 3, 5)
        ]


def test_a_last_page_that_is_full_is_followed_by_an_empty_one(tmp_path: Path) -> None:
    with company(tmp_path) as intuit:
        intuit.api = [found({"Id": "1"}), Reply(body=GOOD)]

        async def work(client: QuickBooks) -> int:
            return len([rows async for rows in client.query_all("Item", page=1)])

        assert intuit.run(work) == 1
        assert len(intuit.calls) == 2


def test_a_batch_is_sent_as_its_exact_bytes_under_its_request_id(tmp_path: Path) -> None:
    body = batch("1", PrivateNote="Grüße ’ – 日本")
    with company(tmp_path) as intuit:
        answered = [{"bId": "1", "SalesReceipt": {"Id": "9", "SyncToken": "0"}}]
        intuit.api = [Reply(body={"BatchItemResponse": answered, "time": "2026-03-01T04:00:00-08:00"}, headers=TID)]
        answer = intuit.run(lambda client: client.batch(body, "b-1 &x"))
        [call] = intuit.calls
        assert call.body == body
        assert call.method == "POST"
        assert call.query == {"requestid": "b-1 &x", "minorversion": "75"}
        assert call.headers["content-type"] == "application/json; charset=utf-8"
        assert (answer.tid, answer.time) == (TID["intuit_tid"], "2026-03-01T04:00:00-08:00")
        assert intuit.limiter.taken == [("requests", "batches")]


def test_each_item_has_its_own_outcome_and_a_missing_one_is_told(tmp_path: Path) -> None:
    with company(tmp_path) as intuit:
        answered: list[Any] = [
            {"bId": "1", "SalesReceipt": {"Id": "9"}},
            {"bId": "2", **fault("6140", "Duplicate Document Number Error")},
            {"bId": "3"},
            {"SalesReceipt": {"Id": "10"}},
            "odd",
        ]
        intuit.api = [Reply(body={"BatchItemResponse": answered})]
        answer = intuit.run(lambda client: client.batch(batch("1", "2", "3", "4"), "b-1"))
        assert set(answer.items) == {"1", "2"}
        assert answer.missing == ("3", "4")
        assert written_in(answer.items["1"]) == ("SalesReceipt", {"Id": "9"})
        assert fault_in(answer.items["1"]) is None
        assert written_in(answer.items["2"]) is None
        verdict = fault_in(answer.items["2"])
        assert verdict is not None
        assert (verdict.action, verdict.code) == ("ours_already", "6140")


def test_an_answer_without_items_leaves_all_of_them_unknown(tmp_path: Path) -> None:
    with company(tmp_path) as intuit:
        intuit.api = [Reply(body={"time": "2026-03-01"})]
        answer = intuit.run(lambda client: client.batch(batch("1", "2"), "b-1"))
        assert answer.missing == ("1", "2")


def test_a_throttled_item_pauses_everybody(tmp_path: Path) -> None:
    with company(tmp_path) as intuit:
        intuit.api = [Reply(body={"BatchItemResponse": [{"bId": "1", **fault("3001", "ThrottleExceeded")}]})]
        answer = intuit.run(lambda client: client.batch(batch("1"), "b-1"))
        assert answer.missing == ()
        assert intuit.limiter.pauses == [("requests", 60.0), ("batches", 60.0)]


@pytest.mark.parametrize(
    ("body", "request_id", "words"),
    [
        (batch("1"), "", "1 to 36 characters, not 0"),
        (batch("1"), "x" * 37, "1 to 36 characters, not 37"),
        (batch(), "b", "1 to 30 items, not 0"),
        (b"{}", "b", "1 to 30 items, not 0"),
        (batch(*(str(number) for number in range(31))), "b", "1 to 30 items, not 31"),
        (batch("x" * 11), "b", "1 to 10 characters"),
        (batch("1", "1"), "b", "occurs once"),
        (b'{"BatchItemRequest": [{"Query": "SELECT * FROM Item"}]}', "b", "1 to 10 characters"),
    ],
)
def test_a_batch_that_intuit_would_refuse_is_never_sent(
    tmp_path: Path, body: bytes, request_id: str, words: str
) -> None:
    with company(tmp_path) as intuit:
        with pytest.raises(ValueError, match=words):
            intuit.run(lambda client: client.batch(body, request_id))
        assert not intuit.loopback.seen


def test_a_batch_at_the_limits_is_sent(tmp_path: Path) -> None:
    with company(tmp_path) as intuit:
        bids = [f"{number:010}" for number in range(30)]
        answer = intuit.run(lambda client: client.batch(batch(*bids), "x" * 36))
        assert answer.missing == tuple(bids)


def test_queries_share_batch_calls_and_are_keyed_by_statement(tmp_path: Path) -> None:
    statements = [f"SELECT * FROM Item WHERE Name = 'Büro {number}'" for number in range(31)]
    with company(tmp_path) as intuit:
        first = [{"bId": str(place), "QueryResponse": {"Item": [{"Id": f"i{place}"}]}} for place in range(30)]
        intuit.api = [
            Reply(body={"BatchItemResponse": first[::-1]}),
            Reply(body={"BatchItemResponse": [{"bId": "0", "QueryResponse": {}}]}),
        ]

        async def work(client: QuickBooks) -> dict[str, list[dict[str, Any]]]:
            answer = await client.batch_query([*statements, statements[0]])
            assert (client.calls.calls, client.calls.batches, client.calls.reads, client.calls.writes) == (2, 2, 31, 0)
            return answer

        answer = intuit.run(work)
        assert answer[statements[7]] == [{"Id": "i7"}]
        assert answer[statements[30]] == []
        assert intuit.calls[0].json()["BatchItemRequest"][7] == {"bId": "7", "Query": statements[7]}
        ids = [call.query["requestid"] for call in intuit.calls]
        assert len(set(ids)) == 2
        assert all(len(request_id) <= 36 for request_id in ids)


@pytest.mark.parametrize(
    ("items", "error"),
    [
        ([], TryLater),
        ([{"bId": "0", **fault("4000", "QueryParserError")}], Rejected),
        ([{"bId": "0", **fault("3001", "ThrottleExceeded")}], TryLater),
        ([{"bId": "0", **fault("3200", "Expired")}], NeedsPerson),
    ],
)
def test_a_query_of_a_batch_that_fails_is_no_empty_result(
    tmp_path: Path, items: list[dict[str, Any]], error: type[Exception]
) -> None:
    with company(tmp_path) as intuit:
        intuit.api = [Reply(body={"BatchItemResponse": items})]
        with pytest.raises(error):
            intuit.run(lambda client: client.batch_query(["SELECT * FROM Item"]))


def test_a_batch_of_queries_that_gets_no_answer_is_tried_later(tmp_path: Path) -> None:
    with company(tmp_path) as intuit:
        intuit.api = [Reply(hang_up=True)]
        with pytest.raises(TryLater):
            intuit.run(lambda client: client.batch_query(["SELECT * FROM Item"]))


def test_changes_are_read_by_entity_with_the_deleted_ones(tmp_path: Path) -> None:
    receipt, gone = {"Id": "1", "TotalAmt": 5}, {"Id": "2", "status": "Deleted"}
    with company(tmp_path) as intuit:
        parts = [{"SalesReceipt": [receipt, gone], "startPosition": 1}, {}]
        intuit.api = [Reply(body={"CDCResponse": [{"QueryResponse": parts}], "time": "T"})]
        since = datetime(2026, 2, 28, 23, 0, tzinfo=UTC)
        changes = intuit.run(lambda client: client.cdc(["SalesReceipt", "Customer"], since))
        assert changes.objects == {"SalesReceipt": [receipt, gone], "Customer": []}
        assert not changes.cut
        [call] = intuit.calls
        assert call.path.endswith("/cdc")
        assert call.query["entities"] == "SalesReceipt,Customer"
        assert call.query["changedSince"] == "2026-02-28T23:00:00Z"


def test_a_thousand_changes_are_known_to_be_cut(tmp_path: Path) -> None:
    with company(tmp_path) as intuit:
        rows = [{"Id": str(number)} for number in range(1000)]
        intuit.api = [Reply(body={"CDCResponse": [{"QueryResponse": [{"Customer": rows}]}]})]
        assert intuit.run(lambda client: client.cdc(["Customer"], NOW)).cut


def test_the_company_and_its_preferences_are_read(tmp_path: Path) -> None:
    with company(tmp_path) as intuit:
        intuit.api = [
            Reply(body={"CompanyInfo": {"CompanyName": "Shop"}}),
            Reply(body={"Preferences": {"TaxPrefs": {}}}),
            Reply(body={"Item": {"Id": "4"}}),
            Reply(body={}),
        ]

        async def work(client: QuickBooks) -> None:
            assert await client.company() == {"CompanyName": "Shop"}
            assert await client.preferences() == {"TaxPrefs": {}}
            assert await client.read("Item", "4") == {"Id": "4"}
            with pytest.raises(TryLater):
                await client.preferences()
            assert client.calls.reads == 4

        intuit.run(work)
        below = f"/v3/company/{REALM}"
        assert [call.path for call in intuit.calls] == [
            f"{below}/companyinfo/{REALM}",
            f"{below}/preferences",
            f"{below}/item/4",
            f"{below}/preferences",
        ]


def test_a_single_creation_carries_its_request_id(tmp_path: Path) -> None:
    with company(tmp_path) as intuit:
        intuit.api = [Reply(body={"Account": {"Id": "80"}, "time": "T"}, headers=TID)]

        async def work(client: QuickBooks) -> dict[str, Any]:
            account = await client.create("Account", '{"Name":"Büro"}', "a" * 50)
            assert client.calls.last_tid == TID["intuit_tid"]
            assert (client.calls.reads, client.calls.writes) == (0, 1)
            return account

        assert intuit.run(work) == {"Id": "80"}
        [call] = intuit.calls
        assert call.path.endswith("/account")
        assert call.query == {"requestid": "a" * 50, "minorversion": "75"}
        assert call.body == '{"Name":"Büro"}'.encode()


@pytest.mark.parametrize("request_id", ["", "a" * 51])
def test_a_single_write_needs_a_request_id_that_intuit_takes(tmp_path: Path, request_id: str) -> None:
    with company(tmp_path) as intuit:
        with pytest.raises(ValueError, match="1 to 50 characters"):
            intuit.run(lambda client: client.create("Account", b"{}", request_id))
        assert not intuit.loopback.seen


def test_voiding_follows_the_form_of_each_entity(tmp_path: Path) -> None:
    with company(tmp_path) as intuit:
        intuit.api = [Reply(body={"Invoice": {"Id": "5"}}), Reply(body={"SalesReceipt": {"Id": "6"}})]

        async def work(client: QuickBooks) -> None:
            await client.void("Invoice", "5", "1", "v-1")
            await client.void("SalesReceipt", "6", "0", "v-2")

        intuit.run(work)
        invoice, receipt = intuit.calls
        assert (invoice.query["operation"], invoice.json()) == ("void", {"Id": "5", "SyncToken": "1"})
        assert receipt.query["operation"] == "update"
        assert receipt.query["include"] == "void"
        assert receipt.json() == {"Id": "6", "SyncToken": "0", "sparse": True}


def test_a_refused_write_keeps_intuits_words_for_the_user(tmp_path: Path) -> None:
    with company(tmp_path) as intuit:
        intuit.api = [Reply(400, fault("6240", "Duplicate Name Exists Error", "The name: Jane"), headers=TID)]
        with pytest.raises(Rejected) as refused:
            intuit.run(lambda client: client.create("Customer", b"{}", "c-1"))
        assert refused.value.request_id == TID["intuit_tid"]
        assert refused.value.verdict.words == "Duplicate Name Exists Error: The name: Jane"
        assert "Jane" not in str(refused.value)


def test_a_write_whose_answer_names_nothing_is_unknown(tmp_path: Path) -> None:
    with company(tmp_path) as intuit:
        intuit.api = [Reply(body={"time": "T"})]
        with pytest.raises(Unknown):
            intuit.run(lambda client: client.create("Account", b"{}", "a"))


def test_no_more_calls_run_at_once_than_allowed(tmp_path: Path) -> None:
    with company(tmp_path) as intuit:
        intuit.api = [Reply(body=GOOD, delay=0.05) for _ in range(6)]

        async def work(client: QuickBooks) -> int:
            calls = [asyncio.create_task(client.query("SELECT * FROM Item")) for _ in range(6)]
            most = 0
            while not all(call.done() for call in calls):
                done = sum(call.done() for call in calls)
                most = max(most, len(intuit.calls) - done)
                await asyncio.sleep(0.005)
            await asyncio.gather(*calls)
            return most

        assert intuit.run(work, concurrency=2) <= 2
        assert len(intuit.calls) == 6
