"""Every fault of QuickBooks asks for one thing."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import httpx
import pytest

from mappings import catalogue
from tasks.clients.errors import CallFailed, NeedsPerson, TryLater, Unknown
from tasks.clients.quickbooks_codes import CODES
from tasks.clients.quickbooks_faults import Doubted, Rejected, Throttled, Verdict, classify_http, fault_of, parse, sort
from tests.clients.intuit import fault


def verdict(code: str, words: str = "", status: int = 400) -> Verdict:
    return sort({"Message": words, "Detail": words, "code": code}, status)


@pytest.mark.parametrize(
    ("code", "action"),
    [
        ("100", "reconnect"), ("120", "reconnect"), ("3200", "reconnect"), ("3100", "reconnect"),
        ("130", "stop"), ("6190", "stop"), ("10200", "stop"), ("1040", "stop"), ("5020", "stop"),
        ("140", "retry"), ("150", "retry"), ("5010", "retry"), ("10000", "retry"),
        ("3001", "wait"), ("003001", "wait"),
        ("600", "ours_already"), ("630", "ours_already"), ("6140", "ours_already"), ("6240", "ours_already"),
        ("610", "hold"), ("2020", "hold"), ("2500", "hold"), ("6000", "hold"), ("6070", "hold"), ("6540", "hold"),
        ("6210", "hold"), ("4000", "hold"), ("99999", "hold"), ("", "hold"),
    ],
)  # fmt: skip
def test_a_code_asks_for_one_thing(code: str, action: str) -> None:
    assert verdict(code).action == action


def test_every_code_of_intuits_table_is_known() -> None:
    named = """100 110 120 130 140 150 500 600 610 620 630 1040 2010 2020 2030 2040 2050 2060 2070 2080 2090 2100 2110
    2130 2140 2160 2170 2210 2220 2250 2290 2300 2500 2600 3000 3001 3100 3200 3202 4000 4001 4002 5000 5010 5020 5030
    6000 6070 6080 6090 6100 6140 6160 6170 6180 6190 6200 6210 6240 6250 6270 6450 6470 6480 6520 6540 10000 10100
    10200"""
    assert set(named.split()) <= set(CODES)


def test_every_code_has_a_fix_and_a_problem_that_the_catalogue_explains() -> None:
    assert {advice.problem for advice in CODES.values()} <= set(catalogue.CATALOGUE)
    assert all(len(advice.fix) > 20 and advice.fix.endswith((".", ")")) for advice in CODES.values())


@pytest.mark.parametrize(
    ("code", "words", "problem"),
    [
        ("6140", "Duplicate Document Number Error: This number has already been used.", "duplicate-number"),
        ("6210", "Duplicate Document Number Error : DocNumber=1001 is assigned to SalesReceipt", "duplicate-number"),
        ("6210", "Account Period Closed, Please supply a password", "closed-period"),
        ("6140", "The account period has closed and the books cannot be updated", "closed-period"),
        ("6000", "A business validation error: the account period has closed", "closed-period"),
        ("6000", "Unexpected Internal Error. (-30003)", "unknown-reference"),
        ("6000", "You need a reason", "quickbooks-refused"),
        ("6240", "The name supplied already exists. : Jane Doe", "duplicate-name"),
        ("2050", "String length is too long: Max:21 supplied 25. DocNumber", "number-too-long"),
        ("2050", "String length is too long: PrivateNote", "text-too-long"),
        ("2500", "Invalid Reference Id : Names element id 7 not found", "unknown-reference"),
    ],
)
def test_code_and_words_together_name_the_problem(code: str, words: str, problem: str) -> None:
    assert verdict(code, words).problem == problem


def test_the_element_tells_a_long_number_from_a_long_text() -> None:
    error = {"Message": "String length", "Detail": "Max:21", "code": "2050", "element": "DocNumber"}
    assert sort(error, 400).problem == "number-too-long"


@pytest.mark.parametrize("code", ["600", "1000", "1010", "1020", "10000", "2600", "99999", ""])
def test_a_code_that_does_not_say_that_nothing_was_done_leaves_it_open(code: str) -> None:
    assert not verdict(code).not_done


@pytest.mark.parametrize("code", ["610", "2020", "2500", "3001", "3200", "5010", "6000", "6140", "6210", "6240"])
def test_a_code_of_a_check_says_that_nothing_was_done(code: str) -> None:
    assert verdict(code).not_done


def test_a_fault_of_quickbooks_own_system_leaves_it_open_whatever_its_code_and_so_does_one_error_among_several() -> (
    None
):
    system = {"Error": [{"Message": "Field", "code": "2020"}], "type": "SystemFault"}
    assert not sort(system, 400).not_done
    assert sort({**system, "type": "ValidationFault"}, 400).not_done
    assert not sort({"Error": [{"code": "2020"}, {"code": "10000"}], "type": "ValidationFault"}, 400).not_done
    assert sort({"Error": [{"code": "3001"}], "type": "SystemFault"}, 400).not_done


def test_an_unknown_code_of_a_broken_server_is_tried_again_and_a_refused_login_reconnects() -> None:
    assert verdict("77777", status=500).action == "retry"
    assert verdict("77777", status=403).action == "reconnect"
    assert verdict("77777", status=429).action == "wait"
    assert verdict("", "message=ThrottleExceeded; errorCode=003001; statusCode=429", status=200).action == "wait"


@pytest.mark.parametrize(
    "body",
    [
        {"Fault": {"Error": [{"Message": "Stale", "Detail": "of Jane", "code": "5010"}], "type": "ValidationFault"}},
        {"fault": {"error": [{"message": "Stale", "detail": "of Jane", "code": "5010"}], "type": "SERVICE"}},
        {"FAULT": {"Error": {"Message": "Stale", "Detail": "of Jane", "Code": 5010}}},
    ],
)
def test_the_case_of_the_keys_does_not_matter(body: Mapping[str, Any]) -> None:
    found = fault_of(body)
    assert found is not None
    judged = sort(found, 400)
    assert (judged.action, judged.code, judged.words) == ("retry", "5010", "Stale: of Jane")


def test_several_errors_are_judged_by_the_first_and_all_are_shown() -> None:
    errors = [{"Message": "First", "code": "2020"}, {"Message": "Second", "Detail": None, "code": "5010"}, "odd"]
    judged = sort({"Error": errors}, 400)
    assert (judged.code, judged.action, judged.words) == ("2020", "hold", "First Second")


def test_intuits_words_are_in_neither_the_repr_nor_the_error() -> None:
    failure = classify_http(answer(400, fault("6240", "The name supplied already exists: Jane Doe")))
    assert isinstance(failure, Rejected)
    assert "Jane Doe" in failure.verdict.words
    assert "Jane Doe" not in f"{failure} {failure!r} {failure.verdict!r} {failure.args}"


def answer(status: int, body: object = b"", **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    named["intuit_tid"] = "1-abc"
    if isinstance(body, bytes):
        return httpx.Response(status, content=body, headers=named)
    return httpx.Response(status, json=body, headers=named)


PAGE = b"<html><body>Bad gateway</body></html>"


@pytest.mark.parametrize(
    ("status", "body", "reading", "writing"),
    [
        (200, fault("2020"), Rejected, Rejected),
        (400, fault("2020"), Rejected, Rejected),
        (400, fault("5010"), TryLater, TryLater),
        (400, {"message": "no"}, Rejected, Rejected),
        (400, PAGE, TryLater, TryLater),
        (401, fault("3200"), NeedsPerson, NeedsPerson),
        (401, b"", NeedsPerson, NeedsPerson),
        (403, PAGE, NeedsPerson, NeedsPerson),
        (403, fault("6190"), NeedsPerson, NeedsPerson),
        (404, PAGE, NeedsPerson, NeedsPerson),
        (302, b"", NeedsPerson, NeedsPerson),
        (429, PAGE, Throttled, Throttled),
        (429, fault("3001"), Throttled, Throttled),
        (200, fault("3001"), Throttled, Throttled),
        (408, b"", TryLater, Unknown),
        (500, fault("10000"), TryLater, Doubted),
        (503, fault("10000"), TryLater, Unknown),
        (200, fault("10000"), TryLater, Doubted),
        (400, fault("600"), Rejected, Doubted),
        (400, fault("99999"), Rejected, Doubted),
        (413, PAGE, Rejected, Rejected),
        (500, PAGE, TryLater, Unknown),
        (503, b"", TryLater, Unknown),
        (200, PAGE, TryLater, Unknown),
        (200, b'{"BatchItemResponse": [{"bId"', TryLater, Unknown),
        (200, b'{"Amount": NaN}', TryLater, Unknown),
        (200, b"[]", TryLater, Unknown),
    ],
)
def test_an_answer_is_sorted_by_its_body_then_its_status(
    status: int, body: object, reading: type[CallFailed], writing: type[CallFailed]
) -> None:
    for write, expected in ((False, reading), (True, writing)):
        failure = classify_http(answer(status, body), write=write)
        assert type(failure) is expected
        assert failure is not None
        assert (failure.status, failure.request_id) == (status, "1-abc")


def test_a_good_answer_is_no_failure() -> None:
    assert classify_http(answer(200, {"QueryResponse": {}})) is None


@pytest.mark.parametrize("blank", [b"\n", b"\r\n\t ", b"\xef\xbb\xbf", "\n\ufeff\u00a0".encode()])
def test_white_space_and_a_byte_order_mark_around_an_answer_do_not_matter(blank: bytes) -> None:
    assert classify_http(answer(200, blank + b'{"QueryResponse": {}}' + blank)) is None
    refused = classify_http(answer(400, blank + b'{"Fault": {"Error": [{"code": "6240"}]}}' + blank))
    assert isinstance(refused, Rejected)
    assert refused.verdict.code == "6240"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("99999999", 3600.0),
        ("9" * 400, 3600.0),
        ("Wed, 01 Jan 2020 00:01:30 GMT", 90.0),
        ("Wed, 01 Jan 2020 00:01:30 -0000", 90.0),
        ("Tue, 31 Dec 2019 00:00:00 GMT", 0.0),
        ("Fri, 01 Jan 9999 00:00:00 GMT", 3600.0),
        ("soon", None),
        ("-3", None),
    ],
)
def test_the_asked_wait_is_read_in_both_its_forms(header: str, seconds: float | None) -> None:
    asked = answer(503, b"", retry_after=header)
    asked.headers["Date"] = "Wed, 01 Jan 2020 00:00:00 GMT"
    failure = classify_http(asked)
    assert isinstance(failure, TryLater)
    assert failure.retry_after == seconds


def test_amounts_are_read_exactly() -> None:
    body = parse(b'{"TotalAmt": 19.99, "Qty": 3, "New": {"field": 1e2}}')
    assert body == {"TotalAmt": Decimal("19.99"), "Qty": 3, "New": {"field": Decimal("1E+2")}}
