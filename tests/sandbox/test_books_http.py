"""The company over HTTP: tokens rotate, request ids replay, batches are no transactions, limits are real."""

import threading
import time
from decimal import Decimal
from typing import Any

import httpx
import pytest

from deploy.sandbox.books_meter import Meter
from deploy.sandbox.world import Sandbox

from .conftest import access_token
from .receipts import sale


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return float(value) if isinstance(value, Decimal) else value


def batch(world: Sandbox, *numbers: str) -> dict[str, Any]:
    items = [
        {"bId": str(at), "operation": "create", "SalesReceipt": plain(sale(world.books, number))}
        for at, number in enumerate(numbers)
    ]
    return {"BatchItemRequest": items}


def test_the_refresh_token_changes_with_every_use_and_the_old_one_is_refused(world: Sandbox) -> None:
    app, old = world.tokens.app, world.tokens.refresh_token
    access_token(world)
    form = {"grant_type": "refresh_token", "refresh_token": old}
    answer = httpx.post(world.token_url, data=form, auth=(app.client_id, app.client_secret))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    wrong = httpx.post(world.token_url, data=form, auth=(app.client_id, "nope"))
    assert (wrong.status_code, wrong.json()) == (401, {"error": "invalid_client"})


def test_an_expired_access_token_is_answered_401_with_code_3200(world: Sandbox, company: httpx.Client) -> None:
    assert company.get("companyinfo/1").status_code == 200
    world.tokens.expire_access()
    answer = company.get("companyinfo/1")
    assert (answer.status_code, answer.json()["fault"]["error"][0]["code"]) == (401, "3200")


def test_another_company_is_forbidden(world: Sandbox, company: httpx.Client) -> None:
    assert company.get(f"{world.books_url}/v3/company/1/companyinfo/1").status_code == 403


def test_items_of_a_batch_succeed_and_fail_on_their_own(world: Sandbox, company: httpx.Client) -> None:
    body = batch(world, "A1", "A1", "A2")
    answer = company.post("batch", params={"requestid": "b1"}, json=body).json()["BatchItemResponse"]
    assert [list(item) for item in answer] == [["bId", "SalesReceipt"], ["bId", "Fault"], ["bId", "SalesReceipt"]]
    assert answer[1]["Fault"]["Error"][0]["code"] == "6140"
    assert [one["DocNumber"] for one in world.books.documents("SalesReceipt")] == ["A1", "A2"]


def test_the_same_request_id_answers_the_first_answer_and_books_nothing(world: Sandbox, company: httpx.Client) -> None:
    body = batch(world, "A1", "A1", "A2")
    first, again = (company.post("batch", params={"requestid": "b1"}, json=body).json() for _ in range(2))
    assert first["BatchItemResponse"] == again["BatchItemResponse"]
    assert len(world.books.documents("SalesReceipt")) == 2
    single = plain(sale(world.books, "A3"))
    one, two = (company.post("salesreceipt", params={"requestid": "s1"}, json=single).json() for _ in range(2))
    assert one["SalesReceipt"]["Id"] == two["SalesReceipt"]["Id"]


def test_a_forgotten_request_id_is_stopped_by_the_number(world: Sandbox, company: httpx.Client) -> None:
    body = batch(world, "A1")
    company.post("batch", params={"requestid": "b1"}, json=body)
    world.books.forget_requestids()
    answer = company.post("batch", params={"requestid": "b1"}, json=body).json()["BatchItemResponse"]
    assert answer[0]["Fault"]["Error"][0]["code"] == "6140"


def test_a_dropped_answer_has_been_carried_out_and_a_reset_has_not(world: Sandbox, company: httpx.Client) -> None:
    world.books.faults.reset_next(only="/batch")
    with pytest.raises(httpx.TransportError):
        company.post("batch", params={"requestid": "b1"}, json=batch(world, "A1"))
    assert world.books.documents("SalesReceipt") == []
    world.books.faults.drop_next(only="/batch")
    with pytest.raises(httpx.TransportError):
        company.post("batch", params={"requestid": "b1"}, json=batch(world, "A1"))
    assert len(world.books.documents("SalesReceipt")) == 1


def test_too_many_items_or_too_long_ids_are_refused(world: Sandbox, company: httpx.Client) -> None:
    many = company.post("batch", json=batch(world, *(str(n) for n in range(31))))
    assert many.json()["Fault"]["Error"][0]["code"] == "1040"
    long = company.post("batch", params={"requestid": "r" * 37}, json=batch(world, "A1"))
    assert long.json()["Fault"]["Error"][0]["code"] == "2130"


def test_queries_find_by_name_count_and_leave_out_the_inactive(world: Sandbox, company: httpx.Client) -> None:
    def ask(statement: str) -> dict[str, Any]:
        answer: dict[str, Any] = company.get("query", params={"query": statement}).json()
        return answer.get("QueryResponse", answer)

    world.books.write("Customer", "create", {"DisplayName": "Conor O'Brien"})
    found = ask("select * from Customer where DisplayName IN ('Conor O\\'Brien', 'nobody') ORDERBY Id MAXRESULTS 10")
    assert [one["DisplayName"] for one in found["Customer"]] == ["Conor O'Brien"]
    assert ask("SELECT COUNT(*) FROM Customer") == {"totalCount": 3}
    one = found["Customer"][0]
    world.books.write("Customer", "update", {"Id": one["Id"], "SyncToken": "0", "sparse": True, "Active": False})
    assert ask("SELECT COUNT(*) FROM Customer") == {"totalCount": 2}
    assert ask("SELECT COUNT(*) FROM Customer WHERE Active IN (true, false)") == {"totalCount": 3}
    assert ask("select * from Account where Name like '%clearing' maxresults 1000")["maxResults"] == 7
    assert ask("select * from customer")["Fault"]["Error"][0]["code"] == "4001"
    assert ask("select * from Customer where")["Fault"]["Error"][0]["code"] == "4000"
    assert ask("select * from Payment where DocNumber = '1'")["Fault"]["Error"][0]["code"] == "4001"
    assert world.books.reads == 8


def test_changes_tell_of_deleted_objects(world: Sandbox, company: httpx.Client) -> None:
    kept = world.books.write("SalesReceipt", "create", sale(world.books))
    world.books.write("SalesReceipt", "delete", {"Id": kept["Id"], "SyncToken": "0"})
    params = {"entities": "SalesReceipt,Customer", "changedSince": "2020-01-01T00:00:00Z"}
    receipts, customers = company.get("cdc", params=params).json()["CDCResponse"][0]["QueryResponse"]
    assert receipts["SalesReceipt"][0] == {
        "domain": "QBO",
        "status": "Deleted",
        "Id": kept["Id"],
        "MetaData": receipts["SalesReceipt"][0]["MetaData"],
    }
    assert len(customers["Customer"]) == 2


def test_preferences_tell_of_automated_sales_tax_and_the_closing_date(world: Sandbox, company: httpx.Client) -> None:
    preferences = company.get("preferences").json()["Preferences"]
    assert preferences["TaxPrefs"]["PartnerTaxEnabled"] is True
    assert "BookCloseDate" not in preferences["AccountingInfoPrefs"]


def test_the_forty_first_batch_of_a_minute_is_throttled(world: Sandbox, company: httpx.Client) -> None:
    body = {"BatchItemRequest": [{"bId": "1", "Query": "select count(*) from Item"}]}
    statuses = [company.post("batch", json=body).status_code for _ in range(41)]
    assert statuses == [200] * 40 + [429]
    assert company.get("companyinfo/1").status_code == 200  # single calls have a limit of their own
    assert (world.books.batches, world.books.violations) == (40, 1)


def test_the_window_slides_and_refused_calls_do_not_count() -> None:
    meter = Meter(minute_seconds=1.0)
    assert meter.enter(batch=True)
    time.sleep(0.6)
    for _ in range(39):
        meter.leave()
        assert meter.enter(batch=True)
    meter.leave()
    assert not meter.enter(batch=True)
    time.sleep(0.5)  # the first batch is out of the window, the other 39 are not
    assert meter.enter(batch=True)
    meter.leave()
    assert not meter.enter(batch=True)


def test_the_eleventh_call_at_the_same_time_is_throttled(world: Sandbox, company: httpx.Client) -> None:
    world.books.faults.slow(0.5)
    statuses: list[int] = []

    def call() -> None:
        statuses.append(company.get("companyinfo/1").status_code)

    threads = [threading.Thread(target=call) for _ in range(11)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] * 10 + [429]
    assert world.books.violations == 1


def test_a_hook_sees_every_call_before_it_is_carried_out(world: Sandbox, company: httpx.Client) -> None:
    seen: list[tuple[str, int]] = []
    world.books.on_call(
        lambda path, number: seen.append((path.rsplit("/", 1)[-1], len(world.books.documents("SalesReceipt"))))
    )
    company.post("batch", json=batch(world, "A1"))
    assert seen == [("batch", 0)]


def test_a_batch_of_thirty_is_quick(world: Sandbox, company: httpx.Client) -> None:
    times = []
    for run in range(5):
        body = batch(world, *(f"{run}-{at}" for at in range(30)))
        start = time.perf_counter()
        assert company.post("batch", json=body).status_code == 200
        times.append(time.perf_counter() - start)
    assert min(times) < 0.05  # a few milliseconds on an idle machine
